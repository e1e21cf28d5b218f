//! From the times of an input to the times of a feed.
//!
//! A feed carries absolute time: the wall clock when its session began plus the time since then in
//! the input. Inputs jump (a looped file, a wrapped counter, a spliced transport stream); over a
//! jump the feed's time goes on.

/// Maps input times, in microseconds, to offsets from the start of the session.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    /// Offset of the feed minus time of the input.
    shift: Option<i64>,
    last_offset: i64,
}

impl Timeline {
    /// Takes the next decoding time of the input, of any track, and gives what is to be added to
    /// the input's times from here on to get offsets.
    pub(super) fn shift_at(&mut self, dts_us: i64) -> i64 {
        let shift = *self.shift.get_or_insert(dts_us.saturating_neg());
        let offset = dts_us.saturating_add(shift);
        let step = offset.saturating_sub(self.last_offset);
        if (-MAX_STEP_US..=MAX_STEP_US).contains(&step) {
            self.last_offset = self.last_offset.max(offset);
            return shift;
        }
        let shift = self.last_offset.saturating_sub(dts_us);
        self.shift = Some(shift);
        shift
    }
}

/// The longest step forwards, and the furthest that one track may lie behind another, that is no
/// jump.
const MAX_STEP_US: i64 = 10_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_start_at_zero_and_survive_jumps() {
        for (name, times, want) in [
            (
                "absolute times",
                &[1_700_000_000_000_000, 1_700_000_000_040_000][..],
                &[0, 40_000][..],
            ),
            (
                "tracks a little apart",
                &[0, 300_000, 100_000, 400_000],
                &[0, 300_000, 100_000, 400_000],
            ),
            (
                "file starts over",
                &[0, 20_000_000, 0, 40_000],
                &[0, 0, -20_000_000, -19_960_000],
            ),
            (
                "wrapped counter",
                &[95_000_000_000, 95_000_040_000, 5, 40_005],
                &[0, 40_000, 40_000, 80_000],
            ),
            (
                "negative start",
                &[-80_000, -40_000, 0],
                &[0, 40_000, 80_000],
            ),
            ("ends of the range", &[i64::MIN, i64::MAX, 0], &[0, 0, 0]),
        ] {
            let mut timeline = Timeline::default();
            let got: Vec<i64> = times
                .iter()
                .map(|time| time + timeline.shift_at(*time))
                .collect();
            assert_eq!(got, want, "{name}");
        }
    }
}
