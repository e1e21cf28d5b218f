//! Moving test pictures with a burnt-in clock, a frame number and a mark that programs read
//! ([`stamp`]).
//!
//! A frame depends on its number and the clock it is given alone, so that tests are repeatable.
//! Colours are limited-range Y'CbCr by ITU-R BT.601.

mod canvas;
mod font;
mod noise;
mod scene;

use std::fmt;
use std::str::FromStr;

use media::{FrameRate, TimeBase, VideoFrame};

use self::noise::Noise;
use self::scene::{Scene, Waves};
use super::stamp::{self, Stamp};

/// Which test picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TestPatternKind {
    /// `testsrc`: colour columns, a grey ramp, a bar that sweeps, a disc that bounces.
    Testsrc,
    /// `testsrc2`: waves that run over the whole picture, two discs that bounce.
    Testsrc2,
    /// `smptebars`: the colour bars of SMPTE EG 1, a block that runs along under them.
    Smptebars,
    /// `noise:LEVEL`: a panning texture under noise.
    Noise {
        /// Largest deviation of a luma sample, 0 to 47.
        level: u8,
    },
}

/// Why there is no such test picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TestPatternError {
    /// No such name.
    #[error("no test picture `{0}`: testsrc, testsrc2, smptebars or noise:LEVEL (0 to 47)")]
    Kind(String),
    /// A side is 0 or too long.
    #[error("test pictures are 1x1 to {max}x{max} pixels, not {width_px}x{height_px}", max = MAX_SIDE_PX)]
    Size {
        /// Width asked for.
        width_px: u32,
        /// Height asked for.
        height_px: u32,
    },
}

impl FromStr for TestPatternKind {
    type Err = TestPatternError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let unknown = || TestPatternError::Kind(name.to_owned());
        match name {
            "testsrc" => Ok(Self::Testsrc),
            "testsrc2" => Ok(Self::Testsrc2),
            "smptebars" => Ok(Self::Smptebars),
            _ => {
                let level = name.strip_prefix("noise:").ok_or_else(unknown)?;
                let level = level.parse().map_err(|_| unknown())?;
                (level <= noise::MAX_LEVEL)
                    .then_some(Self::Noise { level })
                    .ok_or_else(unknown)
            }
        }
    }
}

impl fmt::Display for TestPatternKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Testsrc => f.write_str("testsrc"),
            Self::Testsrc2 => f.write_str("testsrc2"),
            Self::Smptebars => f.write_str("smptebars"),
            Self::Noise { level } => write!(f, "noise:{level}"),
        }
    }
}

/// A moving test picture.
///
/// ```
/// use ferrocast::capture::stamp;
/// use ferrocast::capture::test_pattern::{TestPattern, TestPatternKind};
/// use media::FrameRate;
///
/// let rate = FrameRate::new(25, 1).unwrap();
/// let pattern = TestPattern::new(TestPatternKind::Testsrc, 640, 480, rate)?;
/// let frame = pattern.frame(50, 1_700_000_000_123);
/// assert_eq!(frame.pts.0, 2_000_000);
/// let luma = &frame.planes[0];
/// let stamp = stamp::read(&luma.data, 640, 480, luma.stride_bytes).unwrap();
/// assert_eq!((stamp.frame, stamp.clock_ms), (50, 80_000_123));
/// # Ok::<(), ferrocast::capture::test_pattern::TestPatternError>(())
/// ```
#[derive(Debug)]
pub struct TestPattern {
    scene: Scene,
    width: usize,
    height: usize,
    frame_rate: FrameRate,
}

impl TestPattern {
    /// Draws what does not move.
    ///
    /// # Errors
    /// [`TestPatternError::Size`] if a side is 0 or above 8192 pixels.
    pub fn new(
        kind: TestPatternKind,
        width_px: u32,
        height_px: u32,
        frame_rate: FrameRate,
    ) -> Result<Self, TestPatternError> {
        let sides = 1..=MAX_SIDE_PX;
        if !sides.contains(&width_px) || !sides.contains(&height_px) {
            return Err(TestPatternError::Size {
                width_px,
                height_px,
            });
        }
        Ok(Self {
            scene: match kind {
                TestPatternKind::Testsrc => Scene::Card(scene::card(width_px, height_px)),
                TestPatternKind::Testsrc2 => Scene::Waves(Waves::new(width_px, height_px)),
                TestPatternKind::Smptebars => Scene::Bars(scene::bars(width_px, height_px)),
                TestPatternKind::Noise { level } => {
                    Scene::Noise(Noise::new(width_px, height_px, level))
                }
            },
            width: width_px as usize,
            height: height_px as usize,
            frame_rate,
        })
    }

    /// Frame `index`, counted from 0, made at `unix_ms` milliseconds since 1970-01-01 00:00 UTC. Its
    /// time is that of a steady stream that begins at 0. An I420 frame with tight strides.
    #[must_use]
    pub fn frame(&self, index: u64, unix_ms: u64) -> VideoFrame {
        let number = i64::try_from(index).unwrap_or(i64::MAX);
        let pts = self.frame_rate.frame_time(number, TimeBase::MICROS);
        let mut frame = self.scene.frame(index, pts);
        self.draw_text(&mut frame, index, unix_ms);
        let lines = stamp::lines(self.height);
        // From an even line on, so that no chroma sample is shared with the picture above.
        let top = lines.start / 2 * 2;
        canvas::rectangle(
            &mut frame,
            0..self.width,
            top..lines.end,
            canvas::Colour::BLACK,
        );
        if let Some(luma) = frame.planes.first_mut() {
            let stride = luma.stride_bytes;
            let mark = Stamp::new(index, unix_ms);
            stamp::draw(&mut luma.data, self.width, self.height, stride, mark);
        }
        frame
    }

    /// Writes the clock (UTC) and below it the frame number.
    fn draw_text(&self, frame: &mut VideoFrame, index: u64, unix_ms: u64) {
        let seconds = unix_ms / 1000;
        let (minutes, hours) = (seconds / 60, seconds / 3600);
        let clock = format!(
            "{:02}:{:02}:{:02}.{:03}",
            hours % 24,
            minutes % 60,
            seconds % 60,
            unix_ms % 1000
        );
        let scale = (self.width / (clock.len() * canvas::ADVANCE * 2)).max(1);
        let (left, top) = (self.width / 20, self.height / 12);
        canvas::text(frame, &clock, (left, top), scale);
        canvas::text(
            frame,
            &format!("#{index:08}"),
            (left, top + 10 * scale),
            scale,
        );
    }
}

/// The longest side of a test picture.
const MAX_SIDE_PX: u32 = 8192;

#[cfg(test)]
mod tests;
