//! VLC 3.0. It refuses to run as root, so root runs it as nobody. Its exit status is always 0: what
//! counts is its own count of pictures displayed, and the snapshots it leaves.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::{ENOUGH_PICTURES, Played, files_in, picture_dir};
use crate::harness::process::Program;
use crate::harness::scratch::Scratch;
use crate::harness::wait::within;

/// How often it is asked for its statistics.
const ASK_EVERY: Duration = Duration::from_millis(500);

pub(super) fn play(url: &str, scratch: &Scratch) -> Result<Played, String> {
    let dir = picture_dir(scratch, "vlc");
    let mut program = Program::start(&mut command(url, &dir));
    let mut asked = Instant::now();
    let displayed = within(Duration::from_secs(40), || {
        if asked.elapsed() >= ASK_EVERY {
            program.send_line("stats");
            asked = Instant::now();
        }
        let shown = displayed(&program.stdout());
        let over = program.poll_exit().is_some() || shown >= ENOUGH_PICTURES;
        over.then_some(shown)
    });
    program.send_line("shutdown");
    within(Duration::from_secs(5), || program.poll_exit());
    let log = program.stderr();
    if log.contains("VLC is unable to open the MRL") {
        return Err("VLC is unable to open the MRL".to_owned());
    }
    match displayed {
        Some(shown) if shown >= ENOUGH_PICTURES => {
            let mut pictures = files_in(&dir, "png");
            pictures.pop(); // written while VLC was ending, perhaps not whole
            Ok(Played { pictures })
        }
        shown => Err(format!(
            "{} pictures displayed\n{}",
            shown.unwrap_or(0),
            tail(&log)
        )),
    }
}

fn command(url: &str, dir: &Path) -> Command {
    let mut command = if rustix::process::geteuid().is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "cvlc"]);
        command
    } else {
        Command::new("cvlc")
    };
    command
        .env("HOME", dir)
        .args([
            "-I",
            "oldrc",
            "--rc-fake-tty",
            "--no-color",
            "-v",
            "--no-video-title-show",
        ])
        .args([
            "--play-and-exit",
            "--network-caching=500",
            "--vout=dummy",
            "--aout=dummy",
        ])
        .args([
            "--video-filter=scene",
            "--scene-format=png",
            "--scene-ratio=10",
        ])
        .arg("--scene-prefix=s")
        .arg(format!("--scene-path={}", dir.display()))
        .arg(url);
    command
}

/// The last `frames displayed : N` in its output.
fn displayed(out: &str) -> usize {
    out.lines()
        .rev()
        .find_map(|line| line.split_once("frames displayed")?.1.split_once(':'))
        .and_then(|(_, number)| number.trim().parse().ok())
        .unwrap_or(0)
}

fn tail(log: &str) -> &str {
    let start = log.len().saturating_sub(1500);
    log.get(start..).unwrap_or(log)
}
