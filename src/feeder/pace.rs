//! When a packet or frame is due, so that a file is sent at the speed it is shown.

use std::time::{Duration, Instant};

/// Turns media time into instants.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pacer {
    start: Instant,
    /// Seconds of media per second; 0: everything is due at once.
    rate: f64,
}

impl Pacer {
    /// What has offset 0 is due at `start`.
    pub(super) const fn new(start: Instant, rate: f64) -> Self {
        Self { start, rate }
    }

    /// How long to wait at `now` for what is shown `offset_us` after the start; `None`: it is due.
    pub(super) fn wait(&self, now: Instant, offset_us: i64) -> Option<Duration> {
        if self.rate <= 0.0 {
            return None;
        }
        let offset = Duration::from_micros(u64::try_from(offset_us).unwrap_or(0));
        let offset = Duration::try_from_secs_f64(offset.as_secs_f64() / self.rate).ok()?;
        let due = self.start.checked_add(offset)?;
        due.checked_duration_since(now)
            .filter(|wait| !wait.is_zero())
    }

    /// How much media time has passed at `now` since what is shown at `offset_us` was due.
    pub(super) fn late(&self, now: Instant, offset_us: i64) -> Option<Duration> {
        let passed = now.checked_duration_since(self.start)?.mul_f64(self.rate);
        passed.checked_sub(Duration::from_micros(u64::try_from(offset_us).unwrap_or(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_is_due_at_its_time_divided_by_the_rate() {
        let start = Instant::now();
        let ms = Duration::from_millis;
        for (name, rate, now_ms, offset_us, want) in [
            ("at once", 1.0, 0, 0, None),
            ("real time", 1.0, 0, 40_000, Some(ms(40))),
            ("partly waited", 1.0, 30, 40_000, Some(ms(10))),
            ("late", 1.0, 50, 40_000, None),
            ("twice as fast", 2.0, 0, 40_000, Some(ms(20))),
            ("unpaced", 0.0, 0, i64::MAX, None),
            ("before the start", 1.0, 0, -1, None),
        ] {
            let pacer = Pacer::new(start, rate);
            assert_eq!(pacer.wait(start + ms(now_ms), offset_us), want, "{name}");
        }
    }

    #[test]
    fn lateness_is_media_time() {
        let start = Instant::now();
        let ms = Duration::from_millis;
        for (rate, now_ms, offset_us, want) in [
            (1.0, 50, 40_000, Some(ms(10))),
            (2.0, 50, 40_000, Some(ms(60))),
            (1.0, 30, 40_000, None),
        ] {
            assert_eq!(
                Pacer::new(start, rate).late(start + ms(now_ms), offset_us),
                want
            );
        }
    }
}
