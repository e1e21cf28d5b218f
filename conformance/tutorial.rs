//! The tutorial, as it stands in the original's documentation pages: its configuration, its two
//! commands, its names.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::harness::feeder::Feeder;
use crate::harness::player::{decode, probe_packets};
use crate::harness::process::run;
use crate::harness::scratch::{Scratch, corpus};
use crate::harness::server::{Server, access_log, binary};
use crate::harness::skip::has_tools;
use crate::harness::wait::wait_for;

/// How long a command of the tutorial may take.
const LIMIT: Duration = Duration::from_secs(40);

/// The program under the names that the tutorial uses.
fn link(scratch: &Scratch, name: &str) -> PathBuf {
    let path = scratch.file(name);
    if fs::hard_link(binary(), &path).is_err() {
        fs::copy(binary(), &path).expect("a copy on another file system");
    }
    path
}

/// The tutorial's configuration after `check --fix`, on ports and paths that this test may use.
fn configuration(scratch: &Scratch) -> String {
    let printed = corpus("conf/tutorial_verbatim.conf");
    let fixed = run(
        Command::new(binary()).args(["check", "--fix"]).arg(printed),
        LIMIT,
    );
    let text = fixed.stdout_text();
    let media = corpus("media/source_flv1_352x288.flv");
    let mut out = String::new();
    for line in text.lines() {
        let directive = line
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        match directive.as_str() {
            "port" | "httpport" => out.push_str("Port 0"),
            "rtspport" => {} // a fixed port
            "customlog" => out.push_str(&format!(
                "Customlog {}",
                scratch.file("access.log").display()
            )),
            "file" if line.contains("feed1.ffm") => {
                out.push_str(&format!("File {}", scratch.file("feed1.ffm").display()));
            }
            "file" => out.push_str(&format!("File \"{}\"", media.display())),
            _ => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

fn server(scratch: &Scratch) -> Server {
    let path = scratch.write("tutorial.conf", configuration(scratch));
    Server::start_command(Command::new(link(scratch, "ffserver")).arg("-f").arg(path))
}

/// `ffmpeg -i INPUT http://localhost:PORT/feed1.ffm`, with our program as ffmpeg.
fn feed(scratch: &Scratch, server: &Server, args: &[&str]) -> Feeder {
    let url = format!("http://localhost:{}/feed1.ffm", server.http().port());
    Feeder::start_command(Command::new(link(scratch, "ffmpeg")).args(args).arg(url))
}

/// Makes an input by the real ffmpeg.
fn make(scratch: &Scratch, name: &str, seconds: u32, output: &[&str]) -> String {
    let path = scratch.file(name);
    let source = format!("testsrc=size=640x480:rate=25:duration={seconds}");
    let made = run(
        Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-f", "lavfi", "-i", &source])
            .args(output)
            .arg(&path),
        LIMIT,
    );
    assert!(made.success(), "{}", made.describe());
    path.to_str().expect("a path that is text").to_owned()
}

/// Feeds, reads 5 s of `test.avi` with the real ffmpeg, and looks at the log.
fn follow(make_input: impl Fn(&Scratch) -> Vec<String>) {
    if !has_tools(&["ffmpeg", "ffprobe"]) {
        return;
    }
    let scratch = Scratch::new();
    let input = make_input(&scratch);
    let args: Vec<&str> = input.iter().map(String::as_str).collect();
    let server = server(&scratch);
    let mut feeder = feed(&scratch, &server, &args);
    let url = server.url("/test.avi");
    wait_live(&server, &mut feeder);

    let pictures = decode(&["-i", &url], "5", LIMIT).expect("a clean stream");
    assert!(
        (48..=52).contains(&pictures),
        "5 s at 10 a second: {pictures} pictures"
    );
    let video = probe_packets(&url, "%+#9").expect("a clean stream");
    assert_eq!(
        (&video["width"], &video["height"]),
        (&352.into(), &288.into())
    );

    assert!(feeder.wait(LIMIT), "{}", feeder.output());
    let log = wait_for("the log of the post", LIMIT, || {
        let lines = access_log(&scratch.file("access.log"), "/feed1.ffm");
        (lines.len() >= 2).then_some(lines)
    });
    assert_eq!(log.len(), 2, "{log:?}");
    for (line, method) in log.iter().zip(["GET", "POST"]) {
        let request = format!("\"{method} /feed1.ffm HTTP/1.1\" 200 ");
        assert!(line.contains(&request), "{line}");
    }
}

fn wait_live(server: &Server, feeder: &mut Feeder) {
    wait_for("a live test.avi", LIMIT, || {
        feeder.assert_running();
        crate::harness::page::feed_is_live(server, "feed1.ffm").then_some(())
    });
}

fn of_file(path: String) -> Vec<String> {
    vec!["-i".to_owned(), path]
}

#[test]
fn from_an_mp4_with_b_frames() {
    follow(|scratch| {
        let x264 = [
            "-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-pix_fmt", "yuv420p",
        ];
        of_file(make(scratch, "input.mp4", 14, &x264))
    });
}

#[test]
fn from_an_mjpeg_avi() {
    follow(|scratch| {
        of_file(make(
            scratch,
            "input.avi",
            14,
            &["-c:v", "mjpeg", "-q:v", "4"],
        ))
    });
}

#[test]
fn from_a_y4m() {
    follow(|scratch| of_file(make(scratch, "input.y4m", 14, &["-pix_fmt", "yuv420p"])));
}

#[test]
fn from_the_test_source() {
    follow(|_| {
        let source = "testsrc=size=640x480:rate=25:duration=14";
        ["-f", "lavfi", "-i", source].map(str::to_owned).to_vec()
    });
}

#[test]
fn from_ten_minutes_of_simulated_time() {
    if !has_tools(&["ffmpeg"]) {
        return;
    }
    let scratch = Scratch::new();
    let server = server(&scratch);
    let source = "testsrc=size=352x288:rate=10:duration=600";
    let mut feeder = feed(
        &scratch,
        &server,
        &["-readrate", "0", "-f", "lavfi", "-i", source],
    );
    wait_live(&server, &mut feeder);
    let pictures = decode(&["-i", &server.url("/test.avi")], "5", LIMIT).expect("a clean stream");
    assert!(
        (48..=52).contains(&pictures),
        "5 s at 10 a second: {pictures} pictures"
    );
    assert!(feeder.wait(Duration::from_secs(240)), "{}", feeder.output());
    let log = access_log(&scratch.file("access.log"), "/feed1.ffm");
    assert_eq!(log.len(), 2, "{log:?}");
}

#[test]
fn the_file_stream_is_served_as_it_is() {
    let scratch = Scratch::new();
    let server = server(&scratch);
    let want = fs::read(corpus("media/source_flv1_352x288.flv")).expect("a clip of the corpus");
    let reply = server.get("/test.flv");
    assert_eq!(reply.head.status, 200);
    assert!(
        reply.body == want,
        "{} bytes instead of {}",
        reply.body.len(),
        want.len()
    );
}

#[test]
fn the_page_as_printed_is_refused_with_every_typo_named() {
    let printed = corpus("conf/tutorial_verbatim.conf");
    let checked = run(Command::new(binary()).arg("check").arg(&printed), LIMIT);
    assert_eq!(checked.status.and_then(|status| status.code()), Some(1));
    let said = format!("{}{}", checked.stdout_text(), checked.stderr);
    for typo in [
        "0.0.0.0,",
        "Customlog-",
        "File/tmp/feed1.ffm",
        "1 m",
        "<Stream test. Avi>",
        "<Stream test. FLV>",
    ] {
        assert!(said.contains(typo), "{typo} is not named in:\n{said}");
    }
    let served = run(
        Command::new(binary()).args(["serve", "-f"]).arg(&printed),
        LIMIT,
    );
    assert_eq!(
        served.status.and_then(|status| status.code()),
        Some(1),
        "{}",
        served.describe()
    );
}

#[test]
fn the_repaired_page_has_no_problem_left() {
    let scratch = Scratch::new();
    let repaired = run(
        Command::new(binary())
            .args(["check", "--fix"])
            .arg(corpus("conf/tutorial_verbatim.conf")),
        LIMIT,
    );
    let path: &Path = &scratch.write("tutorial.conf", &repaired.stdout);
    let checked = run(Command::new(binary()).arg("check").arg(path), LIMIT);
    assert!(
        checked.success(),
        "{}\n{}",
        repaired.stdout_text(),
        checked.describe()
    );
    for name in ["<Stream test.avi>", "<Stream test.flv>"] {
        assert!(
            repaired.stdout_text().contains(name),
            "{}",
            repaired.stdout_text()
        );
    }
}
