//! What the tests of the directives share: one line in a configuration that is right otherwise.

use super::model::{AudioSettings, Config, FeedConfig, StreamConfig, VideoSettings};
use super::{parse, render};

/// Reads a text that must be right.
pub(crate) fn config(text: &str) -> Config {
    let (config, found) = parse(text, "test.conf");
    config.unwrap_or_else(|| panic!("{}", render(&found, text, false)))
}

/// Everything that is said about a text.
pub(crate) fn only(text: &str) -> Vec<String> {
    let (_, found) = parse(text, "test.conf");
    found
        .iter()
        .map(|found| format!("{}: {}", found.severity, found.message))
        .collect()
}

/// Lines in front of the sections.
pub(crate) fn global(lines: &str) -> Config {
    config(&around("", lines))
}

/// Lines in a `<Feed f.ffm>`.
pub(crate) fn feed(lines: &str) -> FeedConfig {
    config(&around("Feed", lines)).feeds.remove(0)
}

/// Lines in a `<Stream s.flv>` of that feed.
pub(crate) fn stream(lines: &str) -> StreamConfig {
    config(&around("Stream", lines)).streams.remove(0)
}

/// The video settings that lines in a `<Stream>` make.
pub(crate) fn video(lines: &str) -> VideoSettings {
    stream(lines).video.expect("the stream has video")
}

/// The audio settings that lines in a `<Stream>` make.
pub(crate) fn audio(lines: &str) -> AudioSettings {
    stream(lines).audio.expect("the stream has audio")
}

/// What is said about lines in a section; `""` is the place in front of all sections.
pub(crate) fn problems(section: &str, lines: &str) -> Vec<String> {
    only(&around(section, lines))
}

fn around(section: &str, lines: &str) -> String {
    let [global, feed, stream, redirect] =
        ["", "Feed", "Stream", "Redirect"].map(|name| if name == section { lines } else { "" });
    let stated = ["port", "httpport"]
        .iter()
        .any(|word| global.to_lowercase().starts_with(word));
    let port = if stated { "" } else { "HTTPPort 8090\n" };
    let redirect = match section {
        "Redirect" => format!("<Redirect r>\n{redirect}\n</Redirect>\n"),
        _ => String::new(),
    };
    let source = if stream.starts_with("Feed") {
        ""
    } else {
        "Feed f.ffm\n"
    };
    format!(
        "{port}{global}\n<Feed f.ffm>\n{feed}\n</Feed>\n\
         <Stream s.flv>\n{source}{stream}\n</Stream>\n{redirect}"
    )
}
