//! ffmpeg and ffprobe 5.1: the strictest readers. They pass when they return 0 and say nothing.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::{ENOUGH_PICTURES, Played, files_in, picture_dir};
use crate::harness::process::run;
use crate::harness::scratch::Scratch;

/// How long a connection may be silent, in microseconds.
const SILENCE_US: &str = "5000000";

/// Decodes the first seconds, each picture into a file.
pub(super) fn play(url: &str, scratch: &Scratch) -> Result<Played, String> {
    let dir = picture_dir(scratch, "ffmpeg");
    let mut command = Command::new("ffmpeg");
    command
        .args([
            "-nostdin",
            "-v",
            "error",
            "-xerror",
            "-rw_timeout",
            SILENCE_US,
        ])
        .args(["-i", url, "-frames:v", "50", "-fps_mode", "passthrough"])
        .arg(dir.join("%06d.png"));
    let finished = run(&mut command, Duration::from_secs(30));
    let pictures = files_in(&dir, "png");
    if !finished.success() || !finished.stderr.is_empty() {
        return Err(finished.describe());
    }
    if pictures.len() < ENOUGH_PICTURES {
        return Err(format!("{} pictures", pictures.len()));
    }
    Ok(Played { pictures })
}

/// `ffmpeg -v error -xerror INPUT -t SECONDS -f null -`: decodes without writing anything; the
/// number of pictures.
///
/// # Errors
/// What it complained about.
pub(crate) fn decode(input: &[&str], seconds: &str, limit: Duration) -> Result<u64, String> {
    let mut command = Command::new("ffmpeg");
    command
        .args(["-nostdin", "-v", "error", "-xerror"])
        .args(input)
        .args(["-t", seconds, "-progress", "pipe:1", "-f", "null", "-"]);
    let finished = run(&mut command, limit);
    if !finished.success() || !finished.stderr.is_empty() {
        return Err(finished.describe());
    }
    let out = finished.stdout_text();
    let last = out
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("frame="));
    last.and_then(|text| text.trim().parse().ok())
        .ok_or_else(|| format!("no frame count in {out:?}"))
}

/// What ffprobe reads of the first video stream within an interval (`%+2`: 2 s, `%+#9`: 9 packets): `codec_name`, `width`,
/// `height`, `nb_read_packets` and the rest of its entries.
///
/// # Errors
/// What it complained about.
pub(crate) fn probe_packets(url: &str, interval: &str) -> Result<Value, String> {
    let mut command = Command::new("ffprobe");
    command
        .args(["-v", "error", "-rw_timeout", SILENCE_US])
        .args(["-read_intervals", interval, "-count_packets"])
        .args([
            "-select_streams",
            "v:0",
            "-show_streams",
            "-of",
            "json",
            url,
        ]);
    let finished = run(&mut command, Duration::from_secs(30));
    if !finished.success() || !finished.stderr.is_empty() {
        return Err(finished.describe());
    }
    let mut answer: Value =
        serde_json::from_slice(&finished.stdout).map_err(|error| error.to_string())?;
    Ok(answer["streams"][0].take())
}
