//! Times are values with a time base, never bare integers; they change base only through
//! [`Timestamp::rescale`].

use std::fmt;
use std::num::NonZeroU32;

/// Seconds per tick, as a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeBase {
    num: NonZeroU32,
    den: NonZeroU32,
}

impl TimeBase {
    /// One tick is a microsecond: the feed, the ring and FFM.
    pub const MICROS: Self = Self::per_second(NonZeroU32::new(1_000_000).unwrap());
    /// One tick is a millisecond: FLV.
    pub const MILLIS: Self = Self::per_second(NonZeroU32::new(1_000).unwrap());
    /// One tick is 1/90 000 s: MPEG systems and RTP video.
    pub const MPEG: Self = Self::per_second(NonZeroU32::new(90_000).unwrap());

    /// `num / den` seconds per tick; `None` if either is zero.
    #[must_use]
    pub const fn new(num: u32, den: u32) -> Option<Self> {
        match (NonZeroU32::new(num), NonZeroU32::new(den)) {
            (Some(num), Some(den)) => Some(Self { num, den }),
            _ => None,
        }
    }

    /// `ticks` ticks per second.
    #[must_use]
    pub const fn per_second(ticks: NonZeroU32) -> Self {
        Self {
            num: NonZeroU32::MIN,
            den: ticks,
        }
    }

    /// Numerator of the seconds per tick.
    #[must_use]
    pub const fn num(self) -> u32 {
        self.num.get()
    }

    /// Denominator of the seconds per tick.
    #[must_use]
    pub const fn den(self) -> u32 {
        self.den.get()
    }
}

impl fmt::Display for TimeBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.num, self.den)
    }
}

/// A point in time, or a span between two, in ticks of a [`TimeBase`] stated beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Time zero.
    pub const ZERO: Self = Self(0);

    /// Converts ticks of `from` to ticks of `to`, rounding to nearest with halves away from zero.
    /// A result beyond 64 bits saturates: nobody's media is that long, so only a damaged stream
    /// gets there, and the order of times survives.
    #[must_use]
    pub fn rescale(self, from: TimeBase, to: TimeBase) -> Self {
        if from == to {
            return self;
        }
        // 64 + 32 + 32 bits fit the signed 128 bits but for the sign, hence saturating_mul.
        let num = i128::from(self.0)
            .saturating_mul(i128::from(from.num()))
            .saturating_mul(i128::from(to.den()));
        let den = i128::from(from.den()) * i128::from(to.num());
        let half = if num < 0 { -(den / 2) } else { den / 2 };
        let rounded = num.saturating_add(half) / den;
        Self(i64::try_from(rounded).unwrap_or(if num < 0 { i64::MIN } else { i64::MAX }))
    }

    /// This time plus `ticks`, saturating.
    #[must_use]
    pub const fn plus(self, ticks: i64) -> Self {
        Self(self.0.saturating_add(ticks))
    }

    /// Ticks from `earlier` to this time, saturating; negative if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Frames per second, as a fraction. (A rate, not a period: 25 fps is 25/1.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FrameRate {
    num: NonZeroU32,
    den: NonZeroU32,
}

impl FrameRate {
    /// `num / den` frames per second; `None` if either is zero.
    #[must_use]
    pub const fn new(num: u32, den: u32) -> Option<Self> {
        match (NonZeroU32::new(num), NonZeroU32::new(den)) {
            (Some(num), Some(den)) => Some(Self { num, den }),
            _ => None,
        }
    }

    /// Numerator of the frames per second.
    #[must_use]
    pub const fn num(self) -> u32 {
        self.num.get()
    }

    /// Denominator of the frames per second.
    #[must_use]
    pub const fn den(self) -> u32 {
        self.den.get()
    }

    /// The time base whose tick is one frame.
    #[must_use]
    pub const fn time_base(self) -> TimeBase {
        TimeBase {
            num: self.den,
            den: self.num,
        }
    }

    /// When frame `index` of a steady stream is shown, in ticks of `base`.
    #[must_use]
    pub fn frame_time(self, index: i64, base: TimeBase) -> Timestamp {
        Timestamp(index).rescale(self.time_base(), base)
    }

    /// Frames per second as a floating-point number, for display and rate control.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.num.get()) / f64::from(self.den.get())
    }
}

impl fmt::Display for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.den.get() == 1 {
            write!(f, "{}", self.num)
        } else {
            write!(f, "{}/{}", self.num, self.den)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rescale_rounds_to_nearest_and_saturates() {
        let base = |num, den| TimeBase::new(num, den).unwrap();
        for (name, ticks, from, to, want) in [
            ("same base", 5, TimeBase::MICROS, TimeBase::MICROS, 5),
            (
                "40 ms in 90 kHz",
                40_000,
                TimeBase::MICROS,
                TimeBase::MPEG,
                3_600,
            ),
            ("half rounds away from zero", 1, base(1, 2), base(1, 1), 1),
            (
                "negative half rounds away from zero",
                -1,
                base(1, 2),
                base(1, 1),
                -1,
            ),
            ("third rounds down", 1, base(1, 3), base(1, 1), 0),
            (
                "29.97 fps frame",
                1,
                base(1001, 30_000),
                TimeBase::MICROS,
                33_367,
            ),
            (
                "too large saturates",
                i64::MAX,
                base(1, 1),
                TimeBase::MICROS,
                i64::MAX,
            ),
            (
                "too small saturates",
                i64::MIN,
                base(u32::MAX, 1),
                base(1, u32::MAX),
                i64::MIN,
            ),
        ] {
            assert_eq!(
                Timestamp(ticks).rescale(from, to),
                Timestamp(want),
                "{name}"
            );
        }
    }

    #[test]
    fn zero_is_no_time_base_and_no_frame_rate() {
        assert_eq!(TimeBase::new(0, 1), None);
        assert_eq!(TimeBase::new(1, 0), None);
        assert_eq!(FrameRate::new(0, 1), None);
        assert_eq!(FrameRate::new(1, 0), None);
    }

    #[test]
    fn frame_time_of_ntsc_does_not_drift() {
        let ntsc = FrameRate::new(30_000, 1001).unwrap();
        assert_eq!(
            ntsc.frame_time(30_000, TimeBase::MICROS),
            Timestamp(1_001_000_000)
        );
    }
}
