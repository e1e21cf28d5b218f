//! Pictures as a viewer saw them: decoded by ffmpeg to gray samples.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use super::process::run;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// A picture in shades of gray.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) width_px: usize,
    pub(crate) height_px: usize,
    /// One byte a pixel, row by row.
    pub(crate) gray: Vec<u8>,
}

impl Picture {
    /// Every picture of what ffmpeg can read, at most `limit` of them. The samples are those of the
    /// luma plane, nothing is scaled.
    ///
    /// # Errors
    /// What ffmpeg said.
    pub(crate) fn decode_all(input: &[&str], limit: usize) -> Result<Vec<Self>, String> {
        let mut command = Command::new("ffmpeg");
        command
            .args(["-nostdin", "-v", "error", "-xerror"])
            .args(input)
            .args(["-frames:v", &limit.to_string()])
            .args(["-fps_mode", "passthrough", "-pix_fmt", "gray"])
            .args(["-c:v", "pgm", "-f", "image2pipe", "-"]);
        let finished = run(&mut command, Duration::from_secs(30));
        if !finished.success() {
            return Err(finished.describe());
        }
        Ok(Self::parse_pgm(&finished.stdout))
    }

    /// The picture in an image file.
    ///
    /// # Errors
    /// What ffmpeg said.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let path = path.to_str().ok_or("a path that is no text")?;
        let mut pictures = Self::decode_all(&["-i", path], 1)?;
        pictures
            .pop()
            .ok_or_else(|| format!("no picture in {path}"))
    }

    /// Binary PGM images, one after the other (netpbm's `pgm(5)`: `P5 WIDTH HEIGHT MAXIMUM`, one
    /// white space, the samples).
    fn parse_pgm(mut bytes: &[u8]) -> Vec<Self> {
        let mut pictures = Vec::new();
        while let Some((width_px, height_px, rest)) = Self::parse_pgm_head(bytes) {
            let (gray, rest) = rest.split_at(width_px * height_px);
            pictures.push(Self {
                width_px,
                height_px,
                gray: gray.to_vec(),
            });
            bytes = rest;
        }
        pictures
    }

    fn parse_pgm_head(bytes: &[u8]) -> Option<(usize, usize, &[u8])> {
        let mut rest = bytes.strip_prefix(b"P5")?;
        let mut numbers = [0; 3];
        for number in &mut numbers {
            rest = rest.trim_ascii_start();
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            *number = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
            rest = &rest[digits..];
        }
        Some((numbers[0], numbers[1], rest.get(1..)?))
    }

    /// Mean of all samples.
    pub(crate) fn brightness(&self) -> f64 {
        let sum: u64 = self.gray.iter().map(|&sample| u64::from(sample)).sum();
        sum as f64 / self.gray.len().max(1) as f64
    }
}

/// Milliseconds since midnight, UTC.
pub(crate) fn clock_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("after 1970");
    i64::try_from(since.as_millis()).expect("before the year 292 million") % DAY_MS
}

/// How long ago a time of day was, midnight in between or not.
pub(crate) fn age_ms(stamp_ms: i64, now_ms: i64) -> i64 {
    (now_ms - stamp_ms + DAY_MS / 2).rem_euclid(DAY_MS) - DAY_MS / 2
}

#[test]
fn ages_cross_midnight() {
    for (name, stamp_ms, now_ms, want) in [
        ("same moment", 5, 5, 0),
        ("half a second ago", 500, 1000, 500),
        ("before midnight", DAY_MS - 100, 200, 300),
        ("a clock ahead of ours", 200, 100, -100),
    ] {
        assert_eq!(age_ms(stamp_ms, now_ms), want, "{name}");
    }
}

#[test]
fn pgm_images_follow_each_other() {
    let two = b"P5\n2 1\n255\n\x01\x02P5 1 2 255 \x03\x04";
    let pictures = Picture::parse_pgm(two);
    assert_eq!(pictures.len(), 2);
    assert_eq!((pictures[0].width_px, pictures[0].height_px), (2, 1));
    assert_eq!(pictures[1].gray, [3, 4]);
}
