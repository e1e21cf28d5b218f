//! Whole files: the corpus, misprints, and text that is no configuration.

mod hostile;

use std::fs;
use std::path::PathBuf;

use expect_test::expect_file;
use formats::Format;

use super::model::{StreamFormat, StreamSource};
use super::testing::only;
use super::{Severity, fix, parse, render};

/// A file of the corpus.
fn corpus(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("conformance/corpus/ffserver/conf");
    fs::read_to_string(folder.join(name)).unwrap()
}

/// All that is said about a file of the corpus, as people see it.
fn explained(name: &str) -> String {
    let text = corpus(name);
    let (_, found) = parse(&text, name);
    let shown = render(&found, &text, false);
    // Trailing spaces of the drawing would not survive in a repository.
    shown
        .lines()
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect()
}

#[test]
fn problems_of_real_files_are_shown_like_this() {
    expect_file!["snapshots/tutorial_verbatim.txt"].assert_eq(&explained("tutorial_verbatim.conf"));
    expect_file!["snapshots/bad08.txt"].assert_eq(&explained("bad08.conf"));
    expect_file!["snapshots/bad32.txt"].assert_eq(&explained("bad32.conf"));
    expect_file!["snapshots/crash.txt"].assert_eq(&explained("crash.conf"));
    expect_file!["snapshots/up.txt"].assert_eq(&explained("up.conf"));
}

#[test]
fn configurations_that_ran_on_ffserver_are_understood() {
    for name in [
        "t08.conf",
        "t32.conf",
        "last.conf",
        "perf.conf",
        "lat.conf",
        "up.conf",
        "crash.conf",
    ] {
        let text = corpus(name);
        let (config, found) = parse(&text, name);
        assert!(config.is_some(), "{}", render(&found, &text, false));
    }
    for name in ["bad08.conf", "bad32.conf", "tutorial_verbatim.conf"] {
        assert!(parse(&corpus(name), name).0.is_none(), "{name}");
    }
}

#[test]
fn the_configuration_of_the_demo_has_no_problem() {
    let text = include_str!("../cli/demo.conf")
        .replace("{port}", "8090")
        .replace("{directory}", "/tmp");
    assert_eq!(only(&text), [""; 0]);
}

#[test]
fn t08_means_what_its_author_meant() {
    let (config, _) = parse(&corpus("t08.conf"), "t08.conf");
    let config = config.unwrap();
    assert_eq!(config.http_port, Some(10535));
    assert_eq!(config.http_bind, Some("127.0.0.1".parse().unwrap()));
    assert_eq!(
        (config.max_clients, config.max_bandwidth_kbps),
        (1000, 1000)
    );
    assert_eq!(config.feeds[0].max_size_bytes, Some(1 << 20));
    let text: Vec<_> = config
        .streams
        .iter()
        .map(|stream| {
            let video = stream
                .video
                .as_ref()
                .map(|video| (video.size_px, video.bit_rate_bps));
            let audio = stream.audio.as_ref().map(|audio| audio.sample_rate_hz);
            format!(
                "{} {:?} {:?} {video:?} {audio:?}",
                stream.name, stream.source, stream.format
            )
        })
        .collect();
    expect_file!["snapshots/t08_streams.txt"].assert_eq(&(text.join("\n") + "\n"));
}

#[test]
fn the_repaired_tutorial_runs() {
    let fixed = fix(&corpus("tutorial_verbatim.conf"));
    expect_file!["snapshots/tutorial.conf"].assert_eq(&fixed);
    assert_eq!(fix(&fixed), fixed, "nothing is left to repair");
    let (config, found) = parse(&fixed, "tutorial.conf");
    assert!(found.iter().all(|found| found.severity < Severity::Error));
    let config = config.unwrap();
    assert_eq!(config.feeds[0].file.to_str(), Some("/tmp/feed1.ffm"));
    let [live, file] = &config.streams[..] else {
        panic!("two streams")
    };
    assert_eq!(
        (live.name.as_str(), live.format),
        ("test.avi", StreamFormat::Container(Format::Avi))
    );
    assert_eq!(live.source, StreamSource::Feed("feed1.ffm".to_owned()));
    assert_eq!(
        (file.name.as_str(), file.format),
        ("test.flv", StreamFormat::Container(Format::Flv))
    );
    assert_eq!(
        file.source,
        StreamSource::File("/project/apps/ffserver/test.flv".into())
    );
}

/// A feed and a stream of it, which are right.
const RIGHT: &str = "HTTPPort 8090\n<Feed f>\n</Feed>\n<Stream s.flv>\nFeed f\n</Stream>\n";

#[test]
fn misprints_are_named_and_repaired() {
    let curly = "<Feed f>\nFile \u{201c}/a b\u{201d}\n</Feed>\n";
    for (name, wrong, problem, right) in [
        (
            "sign",
            "Port = 80\n",
            "error: `=` behind a keyword",
            "Port 80\n",
        ),
        (
            "glued sign",
            "Port=8090\n",
            "error: a space is missing behind `Port`",
            "Port 8090\n",
        ),
        (
            "colon",
            "Port: 8090\n",
            "error: a space is missing behind `Port`",
            "Port 8090\n",
        ),
        (
            "glued number",
            "Port8090\n",
            "error: a space is missing behind `Port`",
            "Port 8090\n",
        ),
        (
            "comma",
            "Port 8090,\n",
            "error: `,` behind the value `8090`",
            "Port 8090\n",
        ),
        (
            "glued name",
            "<Feed/f>\n</Feed>\n",
            "error: a space is missing behind the section's keyword",
            "<Feed f>\n</Feed>\n",
        ),
        (
            "open tag",
            "<Feed f\n</Feed>\n",
            "error: the tag is not closed",
            "<Feed f>\n</Feed>\n",
        ),
        (
            "open end",
            "<Feed f>\n</Feed\n",
            "error: the tag is not closed",
            "<Feed f>\n</Feed>\n",
        ),
        (
            "other end",
            "<Feed f>\n</Stream>\n",
            "error: `</Stream>` ends a `<Feed>`",
            "<Feed f>\n</Feed>\n",
        ),
        (
            "no end",
            "<Feed f>\n",
            "error: `</Feed>` is missing",
            "<Feed f>\n</Feed>\n",
        ),
        (
            "no end, no line end",
            "<Feed f>",
            "error: `</Feed>` is missing",
            "<Feed f>\n</Feed>\n",
        ),
        (
            "no end before a section",
            "<Feed f>\n# s\n<Stream s.flv>\nFeed f\n</Stream>\n",
            "error: `</Feed>` is missing",
            "<Feed f>\n# s\n</Feed>\n<Stream s.flv>\nFeed f\n</Stream>\n",
        ),
        (
            "spaces in a name",
            "<Feed a. Ffm>\n</Feed>\n",
            "error: spaces inside the name `a. Ffm`",
            "<Feed a.ffm>\n</Feed>\n",
        ),
        (
            "slash",
            "<Feed /f>\n</Feed>\n",
            "error: the name begins with `/`",
            "<Feed f>\n</Feed>\n",
        ),
        (
            "curly quotes",
            curly,
            "error: typographic quotes do not quote",
            "<Feed f>\nFile \"/a b\"\n</Feed>\n",
        ),
        (
            "open quote",
            "CustomLog \"/a\n",
            "error: the quote is not closed",
            "CustomLog \"/a\"\n",
        ),
        (
            "no-break space",
            "Port\u{a0}8090\n",
            "warning: a no-break or other special space, as web pages and word processors use",
            "Port 8090\n",
        ),
        (
            "unit",
            "<Feed f>\nFileMaxSize 5MB\n</Feed>\n",
            "error: FileMaxSize `5MB`: a size is a number with K, M or G behind it, such as `5M`; `0` sets no limit",
            "<Feed f>\nFileMaxSize 5M\n</Feed>\n",
        ),
    ] {
        let found = only(wrong);
        assert!(
            found.iter().any(|found| found == problem),
            "{name}: {found:#?}"
        );
        assert_eq!(fix(wrong), right, "{name}");
        assert!(
            only(right).iter().all(|found| !found.starts_with("error")),
            "{name}"
        );
    }
}

#[test]
fn what_needs_a_decision_is_named_and_left() {
    for (name, wrong, problem) in [
        ("stray end", "</Feed>\n", "error: `</Feed>` closes nothing"),
        (
            "no name",
            "<Feed>\n</Feed>\n",
            "error: the section has no name",
        ),
        (
            "unknown section",
            "<Steam a>\n</Steam>\n",
            "error: unknown section `Steam`",
        ),
        (
            "unknown keyword",
            "Prot 8090\n",
            "error: unknown keyword `Prot`",
        ),
        (
            "other section",
            "VideoSize cif\n",
            "error: `VideoSize` does not stand here",
        ),
        (
            "spaces in a name",
            "<Feed my feed>\n</Feed>\n",
            "error: spaces inside the name `my feed`",
        ),
        (
            "query in a name",
            "<Feed a?b>\n</Feed>\n",
            "error: `?` cannot stand in a name",
        ),
        (
            "same name",
            "<Feed f>\n</Feed>\n<Feed f>\n</Feed>\n",
            "error: the name `f` is taken",
        ),
        (
            "same name elsewhere",
            "<Redirect s.flv>\nURL /\n</Redirect>\n",
            "error: the name `s.flv` is taken",
        ),
        (
            "no feed",
            "<Stream a.flv>\nFeed g\n</Stream>\n",
            "error: no feed `g`",
        ),
        (
            "no source",
            "<Stream a.flv>\n</Stream>\n",
            "error: the stream `a.flv` publishes nothing",
        ),
        (
            "no format",
            "<Stream a>\nFeed f\n</Stream>\n",
            "error: the stream `a` has no format",
        ),
        (
            "unused feed",
            "<Feed g>\n</Feed>\n",
            "warning: no stream publishes the feed `g`",
        ),
        (
            "same port",
            "RTSPPort 8090\n",
            "error: HTTP and RTSP on the same port 8090",
        ),
        (
            "behind a tag",
            "<Feed g> x\n</Feed>\n",
            "warning: `x` behind the tag is ignored",
        ),
        (
            "file with settings",
            "<Stream a.flv>\nFile /a\nVideoSize cif\n</Stream>\n",
            "warning: settings for an encoder in a stream without a feed",
        ),
        (
            "sound in pictures",
            "<Stream a.jpg>\nFeed f\nAudioBitRate 64\n</Stream>\n",
            "warning: the format has no place for audio",
        ),
    ] {
        // Lines of no section stand in front, sections behind.
        let text = if wrong.starts_with('<') {
            RIGHT.to_owned() + wrong
        } else {
            wrong.to_owned() + RIGHT
        };
        let found = only(&text);
        assert!(
            found.iter().any(|found| found == problem),
            "{name}: {found:#?}"
        );
        assert_eq!(fix(&text), text, "{name}");
    }
}

#[test]
fn nearest_spellings_are_offered() {
    for (wrong, help) in [
        ("Prot 8090\n", "did you mean `Port`?"),
        ("<Steam a>\n</Stream>\n", "did you mean `Stream`?"),
        (
            "<Feed feed1.ffm>\n</Feed>\n<Stream a.flv>\nFeed fed1.ffm\n</Stream>",
            "did you mean `feed1.ffm`?",
        ),
        (
            "<Stream a.flv>\nFormat flvv\n</Stream>",
            "did you mean `flv`?",
        ),
        (
            "<Stream a.flv>\nVideoCodec libx246\n</Stream>",
            "did you mean `libx264`?",
        ),
        (
            "<Stream a.flv>\nVidoSize cif\n</Stream>",
            "did you mean `VideoSize`?",
        ),
        (
            "<Feed f>\nACL alow 1.2.3.4\n</Feed>",
            "did you mean `allow`?",
        ),
        (
            "VideoSize cif\n",
            "write it inside `<Stream>`\u{2026}`</Stream>`",
        ),
    ] {
        let (_, found) = parse(wrong, "");
        assert!(
            found
                .iter()
                .any(|found| found.help.as_deref() == Some(help)),
            "{wrong}: {found:#?}"
        );
    }
}

#[test]
fn line_ends_and_a_byte_order_mark_do_not_matter() {
    let (unix, _) = parse(RIGHT, "");
    assert!(unix.is_some());
    assert_eq!(parse(&RIGHT.replace('\n', "\r\n"), "").0, unix);
    assert_eq!(parse(&format!("\u{feff}{RIGHT}"), "").0, unix);
    assert_eq!(parse(RIGHT.trim_end(), "").0, unix);
}
