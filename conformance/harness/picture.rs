//! Pictures as a viewer saw them: decoded by ffmpeg to gray samples.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use ferrocast::capture::stamp::{self, Stamp};

use super::process::run;

/// A picture in shades of gray.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) width_px: usize,
    pub(crate) height_px: usize,
    /// One byte a pixel, row by row.
    pub(crate) gray: Vec<u8>,
}

impl Picture {
    /// The first pictures of what ffmpeg can read, damaged or cut off as it may be; brightness over
    /// the full range, nothing scaled.
    pub(crate) fn decode(input: &[&str], limit: usize) -> Vec<Self> {
        let mut command = Command::new("ffmpeg");
        command
            .args(["-nostdin", "-v", "quiet"])
            .args(input)
            .args(["-frames:v", &limit.to_string()])
            .args(["-fps_mode", "passthrough", "-pix_fmt", "gray"])
            .args(["-c:v", "pgm", "-f", "image2pipe", "-"]);
        Self::parse_pgm(&run(&mut command, Duration::from_secs(30)).stdout)
    }

    /// All pictures of what ffmpeg can read, which must be without fault.
    ///
    /// # Errors
    /// What ffmpeg said of it.
    pub(crate) fn decode_all(input: &[&str], limit: usize) -> Result<Vec<Self>, String> {
        let mut command = Command::new("ffmpeg");
        command
            .args(["-nostdin", "-v", "error", "-xerror"])
            .args(input)
            .args(["-frames:v", &limit.to_string()])
            .args(["-fps_mode", "passthrough", "-pix_fmt", "gray"])
            .args(["-c:v", "pgm", "-f", "image2pipe", "-"]);
        let output = run(&mut command, Duration::from_secs(60));
        let said = output.stderr.trim();
        if said.is_empty() {
            Ok(Self::parse_pgm(&output.stdout))
        } else {
            Err(said.to_owned())
        }
    }

    /// The picture in an image file.
    pub(crate) fn open(path: &Path) -> Option<Self> {
        Self::decode(&["-i", path.to_str()?], 1).pop()
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

    /// The frame number and clock burnt into it.
    pub(crate) fn stamp(&self) -> Option<Stamp> {
        stamp::read(&self.gray, self.width_px, self.height_px, self.width_px)
    }
}

/// How long ago a picture was made, by the clock burnt into it.
pub(crate) fn age_ms(stamp: Stamp) -> i32 {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("after 1970");
    let now_ms = u64::try_from(since.as_millis()).expect("before the year 292 million");
    Stamp::new(0, now_ms).ms_since(stamp)
}

/// The frame numbers burnt into saved pictures, of which `unreadable_limit` may have none; those are
/// named on standard error.
///
/// # Errors
/// Names the first picture too many that has none.
pub(crate) fn frame_numbers(
    pictures: &[PathBuf],
    unreadable_limit: usize,
) -> Result<Vec<u32>, String> {
    let number = |path: &PathBuf| Some(Picture::open(path)?.stamp()?.frame);
    let mut numbers = Vec::new();
    let mut unreadable = 0;
    for path in pictures {
        match number(path) {
            Some(number) => numbers.push(number),
            None if unreadable < unreadable_limit => {
                unreadable += 1;
                eprintln!("{}", no_stamp(path));
            }
            None => return Err(no_stamp(path)),
        }
    }
    Ok(numbers)
}

fn no_stamp(path: &Path) -> String {
    format!("no frame number can be read in {}", path.display())
}

#[test]
fn pgm_images_follow_each_other() {
    let two = b"P5\n2 1\n255\n\x01\x02P5 1 2 255 \x03\x04";
    let pictures = Picture::parse_pgm(two);
    assert_eq!(pictures.len(), 2);
    assert_eq!((pictures[0].width_px, pictures[0].height_px), (2, 1));
    assert_eq!(pictures[1].gray, [3, 4]);
}
