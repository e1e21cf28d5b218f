//! Frame-rate conversion by timestamps: frames are dropped or repeated so that they come at the
//! exact times of a steady rate.
//!
//! Output frame `n` stands at `origin + n / rate`, computed from `n` each time, so nothing drifts.
//! An input frame goes to the nearest of these times. Left out: blending.

use std::sync::Arc;

use media::{FrameRate, TimeBase, Timestamp, VideoFrame};

/// A frame and the time it is shown at, which may not be the frame's own.
#[derive(Debug, Clone)]
pub struct TimedFrame {
    /// The picture, shared.
    pub frame: Arc<VideoFrame>,
    /// When it is shown, in microseconds.
    pub pts: Timestamp,
}

/// Makes a steady rate of frames.
#[derive(Debug)]
pub struct FrameRateConverter {
    rate: FrameRate,
    origin: Option<Timestamp>,
    /// Index of the next output frame.
    next: i64,
    last: Option<Arc<VideoFrame>>,
    dropped: u64,
    repeated: u64,
}

impl FrameRateConverter {
    /// A converter to `rate`.
    #[must_use]
    pub const fn new(rate: FrameRate) -> Self {
        Self {
            rate,
            origin: None,
            next: 0,
            last: None,
            dropped: 0,
            repeated: 0,
        }
    }

    /// Input frames that had no place in the output.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Output frames that show an input frame again.
    #[must_use]
    pub const fn repeated(&self) -> u64 {
        self.repeated
    }

    /// Takes the next frame, shown at `input.pts`, and appends what is to be shown up to it.
    ///
    /// A gap longer than [`MAX_FILLED_US`] is a break of the source: it stays a gap.
    pub fn push(&mut self, input: TimedFrame, out: &mut Vec<TimedFrame>) {
        let origin = *self.origin.get_or_insert(input.pts);
        let offset = Timestamp(input.pts.since(origin));
        let index = offset.rescale(TimeBase::MICROS, self.rate.time_base()).0;
        if index < self.next {
            self.dropped += 1;
            // What is repeated is the newest picture.
            self.last = Some(input.frame);
            return;
        }
        if let Some(last) = &self.last
            && index - self.next <= self.max_filled()
        {
            for missing in self.next..index {
                self.repeated += 1;
                out.push(TimedFrame {
                    frame: Arc::clone(last),
                    pts: self.time_of(origin, missing),
                });
            }
        }
        out.push(TimedFrame {
            frame: Arc::clone(&input.frame),
            pts: self.time_of(origin, index),
        });
        self.last = Some(input.frame);
        self.next = index.saturating_add(1);
    }

    fn time_of(&self, origin: Timestamp, index: i64) -> Timestamp {
        origin.plus(self.rate.frame_time(index, TimeBase::MICROS).0)
    }

    /// Frames that a gap may be filled with.
    fn max_filled(&self) -> i64 {
        Timestamp(MAX_FILLED_US)
            .rescale(TimeBase::MICROS, self.rate.time_base())
            .0
            .max(1)
    }
}

/// The longest gap that is filled by repeating a frame, in microseconds.
pub const MAX_FILLED_US: i64 = 5_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(num: u32, den: u32) -> FrameRate {
        FrameRate::new(num, den).unwrap()
    }

    /// Converts frames that are told apart by their own pts; gives (own pts, output pts).
    fn convert(to: FrameRate, times: impl IntoIterator<Item = i64>) -> Vec<(i64, i64)> {
        let mut converter = FrameRateConverter::new(to);
        let mut out = Vec::new();
        for time in times {
            let frame = VideoFrame::black(2, 2, Timestamp(time));
            let input = TimedFrame {
                pts: frame.pts,
                frame: Arc::new(frame),
            };
            converter.push(input, &mut out);
        }
        out.iter()
            .map(|timed| (timed.frame.pts.0, timed.pts.0))
            .collect()
    }

    #[test]
    fn frames_are_dropped_and_repeated_by_their_times() {
        for (name, to, times, want) in [
            (
                "same rate",
                rate(25, 1),
                vec![0, 40_000, 80_000],
                vec![(0, 0), (40_000, 40_000), (80_000, 80_000)],
            ),
            (
                "25 to 10",
                rate(10, 1),
                vec![0, 40_000, 80_000, 120_000, 160_000, 200_000],
                vec![(0, 0), (80_000, 100_000), (160_000, 200_000)],
            ),
            (
                "5 to 10",
                rate(10, 1),
                vec![0, 200_000, 400_000],
                vec![
                    (0, 0),
                    (0, 100_000),
                    (200_000, 200_000),
                    (200_000, 300_000),
                    (400_000, 400_000),
                ],
            ),
            (
                "jitter goes to the nearest time",
                rate(25, 1),
                vec![1_000_000, 1_043_000, 1_079_000, 1_125_000],
                vec![
                    (1_000_000, 1_000_000),
                    (1_043_000, 1_040_000),
                    (1_079_000, 1_080_000),
                    (1_125_000, 1_120_000),
                ],
            ),
            (
                "a gap of up to 5 s is filled, a longer one left",
                rate(1, 1),
                vec![0, 2_000_000, 9_000_000],
                vec![
                    (0, 0),
                    (0, 1_000_000),
                    (2_000_000, 2_000_000),
                    (9_000_000, 9_000_000),
                ],
            ),
            (
                "backwards is dropped",
                rate(10, 1),
                vec![500_000, 400_000, 600_000],
                vec![(500_000, 500_000), (600_000, 600_000)],
            ),
        ] {
            assert_eq!(convert(to, times), want, "{name}");
        }
    }

    #[test]
    fn an_hour_of_ntsc_to_25_does_not_drift() {
        let ntsc = rate(30_000, 1001);
        let times = (0..107_893).map(|index| ntsc.frame_time(index, TimeBase::MICROS).0);
        let out = convert(rate(25, 1), times);
        assert_eq!(out.len(), 90_001);
        for (index, (own, shown)) in out.iter().enumerate() {
            assert_eq!(*shown, 40_000 * i64::try_from(index).unwrap());
            assert!((own - shown).abs() <= 20_000, "frame {index}");
        }
    }

    #[test]
    fn times_at_the_ends_of_the_range_do_no_harm() {
        let out = convert(rate(1000, 1), [i64::MIN, 0, i64::MAX, i64::MAX]);
        assert!(!out.is_empty());
    }
}
