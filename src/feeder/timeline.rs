//! From the times of an input to the times of a feed.
//!
//! A feed carries absolute time: the wall clock when its session began plus the time since then in
//! the input. Inputs jump (a looped file, a wrapped counter, a spliced transport stream); over a
//! jump the feed's time goes on.

/// Maps input times, in microseconds, to offsets from the start of the session.
#[derive(Debug)]
pub(super) struct Timeline {
    /// Offset of the feed minus time of the input.
    shift: Option<i64>,
    last_offset: i64,
    /// The last step forwards, which a jump becomes.
    last_step: i64,
}

impl Default for Timeline {
    fn default() -> Self {
        Self {
            shift: None,
            last_offset: 0,
            last_step: FIRST_STEP_US,
        }
    }
}

impl Timeline {
    /// Takes the next decoding time of the input, of any track, and gives what is to be added to
    /// the input's times from here on to get offsets.
    pub(super) fn shift_at(&mut self, dts_us: i64) -> i64 {
        let shift = *self.shift.get_or_insert(dts_us.saturating_neg());
        let offset = dts_us.saturating_add(shift);
        let step = offset.saturating_sub(self.last_offset);
        if (-MAX_STEP_US..=MAX_STEP_US).contains(&step) {
            if step > 0 {
                self.last_offset = offset;
                self.last_step = step.min(MAX_JUMP_US);
            }
            return shift;
        }
        self.last_offset = self.last_offset.saturating_add(self.last_step);
        let shift = self.last_offset.saturating_sub(dts_us);
        self.shift = Some(shift);
        shift
    }
}

/// The longest step forwards, and the furthest that one track may lie behind another, that is no
/// jump.
const MAX_STEP_US: i64 = 10_000_000;

/// The step of a jump before any other step was seen.
const FIRST_STEP_US: i64 = 40_000;

/// The longest step that a jump becomes.
const MAX_JUMP_US: i64 = 1_000_000;

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
                "a step over 10 s, and a file that starts over",
                &[0, 40_000, 20_000_000, 20_020_000, 0, 40_000],
                &[0, 40_000, 80_000, 100_000, 100_000 + 20_000, 160_000],
            ),
            (
                "wrapped counter",
                &[95_000_000_000, 95_000_040_000, 5, 40_005],
                &[0, 40_000, 80_000, 120_000],
            ),
            (
                "negative start",
                &[-80_000, -40_000, 0],
                &[0, 40_000, 80_000],
            ),
            (
                "ends of the range",
                &[i64::MIN + 1, i64::MAX, 0],
                &[0, 40_000, 80_000],
            ),
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
