//! ffplay 5.1. Its exit status means nothing (0 after a 404), so its status line is read:
//! `  17.15 A-V: -0.011 fd=   1 aq= 0KB vq= 0KB`, where the clock has to advance.

use std::process::Command;
use std::time::Duration;

use super::Played;
use crate::harness::process::Program;
use crate::harness::wait::within;

/// How far the clock must go, in seconds of the stream.
const ENOUGH_S: f64 = 2.0;

pub(super) fn play(url: &str) -> Result<Played, String> {
    let mut program = Program::start(
        Command::new("ffplay")
            .env("SDL_VIDEODRIVER", "dummy")
            .env("SDL_AUDIODRIVER", "dummy")
            .args([
                "-hide_banner",
                "-loglevel",
                "error",
                "-stats",
                "-autoexit",
                url,
            ]),
    );
    let played = within(Duration::from_secs(30), || {
        let over = program.poll_exit().is_some();
        let clocks = clocks(&program.stderr());
        let advance = clocks.last().unwrap_or(&0.0) - clocks.first().unwrap_or(&0.0);
        (advance >= ENOUGH_S || over).then_some(advance)
    });
    program.kill();
    let text = program.stderr();
    let complaints: Vec<&str> = text
        .split(['\r', '\n'])
        .filter(|line| !line.trim().is_empty() && clock(line).is_none())
        .filter(|line| !line.trim_start().starts_with("nan"))
        .collect();
    if !complaints.is_empty() {
        return Err(complaints.join(" / "));
    }
    match played {
        Some(advance) if advance >= ENOUGH_S => Ok(Played {
            pictures: Vec::new(),
        }),
        Some(advance) => Err(format!("ended after {advance:.2} s of the stream")),
        None => Err(format!(
            "the clock did not advance by {ENOUGH_S} s: {text:?}"
        )),
    }
}

/// The clock of every status line.
fn clocks(text: &str) -> Vec<f64> {
    text.split(['\r', '\n']).filter_map(clock).collect()
}

fn clock(line: &str) -> Option<f64> {
    let (clock, rest) = line.trim_start().split_once(' ')?;
    let rest = rest.trim_start();
    let status = ["A-V:", "M-V:", "M-A:"]
        .iter()
        .any(|mark| rest.starts_with(mark));
    status
        .then(|| clock.parse().ok())
        .flatten()
        .filter(|clock: &f64| clock.is_finite())
}

#[test]
fn status_lines_have_a_clock() {
    for (name, line, want) in [
        (
            "video only",
            "  17.15 M-V: -0.011 fd=   1 aq=    0KB vq=    0KB",
            Some(17.15),
        ),
        (
            "both",
            "   0.02 A-V:  0.000 fd=   0 aq= 0KB vq= 0KB sq= 0B f=0/0",
            Some(0.02),
        ),
        (
            "before the first picture",
            "    nan    :  0.000 fd=   0 aq=    0KB",
            None,
        ),
        (
            "an error",
            "[h264 @ 0x7f] error while decoding MB 3 4",
            None,
        ),
    ] {
        assert_eq!(clock(line), want, "{name}");
    }
}
