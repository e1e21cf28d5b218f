//! Times that wrap around: FLV's 32 bits of milliseconds, the 33 bits of MPEG systems.

/// Extends a counter of `bits` bits to 64, taking each value as the nearest to the one before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unwrapper {
    bits: u32,
    last: Option<i64>,
}

impl Unwrapper {
    /// An unwrapper that takes the first value as it is. `bits` is 2 to 62.
    pub(crate) const fn new(bits: u32) -> Self {
        Self { bits, last: None }
    }

    /// The extended `value`, of which only the low bits count. The next value is taken as nearest
    /// to this one.
    pub(crate) fn unwrap(&mut self, value: u64) -> i64 {
        let extended = self.peek(value);
        self.last = Some(extended);
        extended
    }

    /// As [`Self::unwrap`], but leaves no trace.
    pub(crate) fn peek(&self, value: u64) -> i64 {
        let modulus = 1_i64 << self.bits;
        // Masked to 62 bits at most, so the sign bit is free.
        let value = (value & (modulus as u64 - 1)) as i64;
        match self.last {
            None => value,
            Some(last) => {
                let ahead = (value - last).rem_euclid(modulus);
                let step = if ahead >= modulus / 2 {
                    ahead - modulus
                } else {
                    ahead
                };
                last.saturating_add(step)
            }
        }
    }

    /// Takes the next value as nearest to `expected`.
    pub(crate) const fn expect_near(&mut self, expected: i64) {
        self.last = Some(expected);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_on_over_the_wrap_in_both_directions() {
        let mut times = Unwrapper::new(33);
        let top = 1_u64 << 33;
        for (name, value, want) in [
            ("first", top - 10, (1_i64 << 33) - 10),
            ("over the wrap", 5, (1 << 33) + 5),
            ("back", top - 1, (1 << 33) - 1),
            (
                "half ahead less one",
                top / 2 - 2,
                (1 << 33) + (1 << 32) - 2,
            ),
            (
                "bits above are ignored",
                top / 2 - 1 + 3 * top,
                (1 << 33) + (1 << 32) - 1,
            ),
        ] {
            assert_eq!(times.unwrap(value), want, "{name}");
        }
        times.expect_near(7 << 33);
        assert_eq!(times.peek(1), (7 << 33) + 1);
        assert_eq!(times.unwrap(top - 1), (7 << 33) - 1);
    }
}
