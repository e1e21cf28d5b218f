//! The test sources that `-f lavfi -i SOURCE` names, in ffmpeg's filter notation:
//! `testsrc=size=640x480:rate=25:duration=10`.
//!
//! Left out: filters after the source (`,scale=...`), several sources, sound.

use std::time::Duration;

use media::FrameRate;

use super::args::value;
use crate::capture::test_pattern::{TestPatternError, TestPatternKind};

/// A picture that the feeder draws itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TestSource {
    /// Which picture.
    pub(super) kind: TestPatternKind,
    /// Width and height in pixels, 320x240 unless given.
    pub(super) size_px: (u32, u32),
    /// Frames a second, 25 unless given.
    pub(super) frame_rate: FrameRate,
    /// How long; endless unless given.
    pub(super) duration: Option<Duration>,
}

impl TestSource {
    /// Reads the notation. `size_px` and `frame_rate` (`-video_size`, `-framerate`) hold where it
    /// says nothing.
    pub(super) fn parse(
        text: &str,
        size_px: Option<(u32, u32)>,
        frame_rate: Option<FrameRate>,
    ) -> Result<Self, LavfiError> {
        if let Some(filter) = text.find([',', ';', '[']) {
            return Err(LavfiError::Filter {
                rest: text[filter..].to_owned(),
            });
        }
        let (name, options) = text.split_once('=').unwrap_or((text, ""));
        let mut source = Self {
            kind: name.parse()?,
            size_px: size_px.unwrap_or(DEFAULT_SIZE_PX),
            frame_rate: frame_rate.unwrap_or(DEFAULT_FRAME_RATE),
            duration: None,
        };
        for option in options.split(':').filter(|option| !option.is_empty()) {
            source.set(option)?;
        }
        Ok(source)
    }

    fn set(&mut self, option: &str) -> Result<(), LavfiError> {
        let (key, text) = option.split_once('=').unwrap_or((option, ""));
        let bad = |form| LavfiError::Value {
            option: key.to_owned(),
            value: text.to_owned(),
            form,
        };
        match key {
            "size" | "s" => self.size_px = value::size_px(text).ok_or_else(|| bad(SIZE_FORM))?,
            "rate" | "r" => {
                self.frame_rate = value::frame_rate(text).ok_or_else(|| bad(RATE_FORM))?;
            }
            "duration" | "d" => {
                self.duration = Some(value::duration(text).ok_or_else(|| bad(DURATION_FORM))?);
            }
            _ => {
                return Err(LavfiError::Option {
                    kind: self.kind,
                    option: key.to_owned(),
                });
            }
        }
        Ok(())
    }
}

/// Why a test source cannot be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum LavfiError {
    /// Another source.
    #[error(transparent)]
    Source(#[from] TestPatternError),
    /// Filters.
    #[error("filters are not supported after a lavfi source: {rest:?}")]
    Filter {
        /// From the filter on.
        rest: String,
    },
    /// Another option.
    #[error("{kind} has no option {option:?} here; there are size, rate and duration")]
    Option {
        /// The source.
        kind: TestPatternKind,
        /// Its option.
        option: String,
    },
    /// A value that cannot be read.
    #[error("{option}={value:?}: {form}")]
    Value {
        /// The option.
        option: String,
        /// What was read.
        value: String,
        /// What belongs there.
        form: &'static str,
    },
}

const DEFAULT_SIZE_PX: (u32, u32) = (320, 240);
const DEFAULT_FRAME_RATE: FrameRate = FrameRate::new(25, 1).unwrap();
const SIZE_FORM: &str = "a size is WIDTHxHEIGHT, as 640x480";
const RATE_FORM: &str = "a rate is frames a second, as 25 or 30000/1001";
const DURATION_FORM: &str = "a duration is seconds, as 10, 0.5 or 500ms";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources() {
        let source = |kind, size_px, rate, seconds: Option<u64>| TestSource {
            kind,
            size_px,
            frame_rate: FrameRate::new(rate, 1).unwrap(),
            duration: seconds.map(Duration::from_secs),
        };
        for (text, want) in [
            (
                "testsrc",
                Ok(source(TestPatternKind::Testsrc, (320, 240), 25, None)),
            ),
            (
                "testsrc=size=640x480:rate=30:duration=10",
                Ok(source(TestPatternKind::Testsrc, (640, 480), 30, Some(10))),
            ),
            (
                "testsrc2=s=cif:r=10:d=1",
                Ok(source(TestPatternKind::Testsrc2, (352, 288), 10, Some(1))),
            ),
            (
                "smptebars=",
                Ok(source(TestPatternKind::Smptebars, (320, 240), 25, None)),
            ),
            (
                "testsrc=decimals=2",
                Err("testsrc has no option \"decimals\" here; there are size, rate and duration"),
            ),
            (
                "testsrc=size=big",
                Err("size=\"big\": a size is WIDTHxHEIGHT, as 640x480"),
            ),
            (
                "testsrc,hue=s=0",
                Err("filters are not supported after a lavfi source: \",hue=s=0\""),
            ),
        ] {
            let got = TestSource::parse(text, None, None).map_err(|error| error.to_string());
            assert_eq!(got, want.map_err(str::to_owned), "{text}");
        }
        let error = TestSource::parse("sine", None, None)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("sine") && error.contains("testsrc"),
            "{error}"
        );
    }

    #[test]
    fn options_before_the_input_hold_where_the_notation_is_silent() {
        let source = TestSource::parse("testsrc=r=5", Some((64, 48)), FrameRate::new(50, 1));
        let source = source.unwrap();
        assert_eq!(source.size_px, (64, 48));
        assert_eq!(Some(source.frame_rate), FrameRate::new(5, 1));
    }
}
