//! How long to wait before the next try: doubling, bounded, and spread so that many feeders do not
//! come back at the same moment.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Waiting times between tries.
#[derive(Debug, Clone)]
pub(super) struct Backoff {
    failures: u32,
    /// State of a xorshift generator, never 0.
    random: u64,
}

impl Backoff {
    /// Starts with the shortest wait; `seed` spreads them.
    pub(super) const fn new(seed: u64) -> Self {
        Self {
            failures: 0,
            random: if seed == 0 { 1 } else { seed },
        }
    }

    /// As [`Backoff::new`] with a seed that differs between processes.
    pub(super) fn unpredictable() -> Self {
        Self::new(RandomState::new().hash_one(std::process::id()))
    }

    /// The wait after one more failure: half to all of 0.5 s, 1 s, 2 s ... up to [`LONGEST`].
    pub(super) fn next_wait(&mut self) -> Duration {
        let full = SHORTEST
            .saturating_mul(1 << self.failures.min(MAX_DOUBLINGS))
            .min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        let half = full / 2;
        half + half.mul_f64(self.next_fraction())
    }

    /// Forgets the failures.
    pub(super) const fn reset(&mut self) {
        self.failures = 0;
    }

    /// 0 to 1.
    fn next_fraction(&mut self) -> f64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let high = u32::try_from(self.random >> 32).unwrap_or(u32::MAX);
        f64::from(high) / f64::from(u32::MAX)
    }
}

/// The first wait, at most.
const SHORTEST: Duration = Duration::from_millis(500);

/// The longest wait.
pub(super) const LONGEST: Duration = Duration::from_secs(10);

const MAX_DOUBLINGS: u32 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_bound_and_start_over() {
        for seed in [0, 1, u64::MAX, 0x1234_5678_9abc] {
            let mut backoff = Backoff::new(seed);
            for full_ms in [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000] {
                let wait = backoff.next_wait().as_millis();
                assert!(
                    (full_ms / 2..=full_ms).contains(&wait),
                    "{wait} of {full_ms}"
                );
            }
            for _ in 0..1000 {
                assert!(backoff.next_wait() <= LONGEST);
            }
            backoff.reset();
            assert!(backoff.next_wait().as_millis() <= 500);
        }
    }

    #[test]
    fn two_feeders_wait_differently() {
        let (mut a, mut b) = (Backoff::new(1), Backoff::new(2));
        let waits = |backoff: &mut Backoff| -> Vec<_> {
            std::iter::repeat_with(|| backoff.next_wait())
                .take(8)
                .collect()
        };
        assert_ne!(waits(&mut a), waits(&mut b));
    }
}
