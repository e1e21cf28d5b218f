//! A reader of bits, most significant first.

/// Reads bits from a slice. Every read past the end is `None`, never a panic.
#[derive(Debug, Clone)]
pub struct BitReader<'a> {
    data: &'a [u8],
    position: usize,
}

impl<'a> BitReader<'a> {
    /// A reader at the first bit of `data`.
    #[must_use]
    pub const fn new(data: &'a [u8]) -> Self {
        Self { data, position: 0 }
    }

    /// Bits not yet read.
    #[must_use]
    pub const fn remaining(&self) -> usize {
        self.data.len() * 8 - self.position
    }

    /// The next bit.
    pub fn flag(&mut self) -> Option<bool> {
        let byte = *self.data.get(self.position / 8)?;
        let bit = byte >> (7 - self.position % 8) & 1;
        self.position += 1;
        Some(bit == 1)
    }

    /// The next `count` bits as a number, `u(n)`; at most 32.
    pub fn bits(&mut self, count: u32) -> Option<u32> {
        debug_assert!(count <= 32, "bits() reads at most 32");
        let mut value = 0;
        for _ in 0..count {
            value = value << 1 | u32::from(self.flag()?);
        }
        Some(value)
    }

    /// Passes over `count` bits.
    pub fn skip(&mut self, count: usize) -> Option<()> {
        if self.remaining() < count {
            return None;
        }
        self.position += count;
        Some(())
    }

    /// An unsigned Exp-Golomb number, `ue(v)` (ITU-T H.264, 9.1); `None` beyond 32 bits.
    pub fn ue(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1_u32 << zeros) - 1 + self.bits(zeros)?)
    }

    /// A signed Exp-Golomb number, `se(v)` (ITU-T H.264, 9.1.1).
    pub fn se(&mut self) -> Option<i32> {
        let code = self.ue()?;
        let magnitude = i32::try_from(code / 2 + code % 2).ok()?;
        Some(if code % 2 == 1 { magnitude } else { -magnitude })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_golomb_table_of_the_standard() {
        // H.264 table 9-2 and 9-3: bit string, ue(v), se(v).
        for (bits, ue, se) in [
            (0b1000_0000, 0, 0),
            (0b0100_0000, 1, 1),
            (0b0110_0000, 2, -1),
            (0b0010_0000, 3, 2),
            (0b0010_1000, 4, -2),
            (0b0011_0000, 5, 3),
        ] {
            let data = [bits];
            assert_eq!(BitReader::new(&data).ue(), Some(ue), "{bits:08b}");
            assert_eq!(BitReader::new(&data).se(), Some(se), "{bits:08b}");
        }
    }

    #[test]
    fn reads_past_the_end_are_none() {
        let mut reader = BitReader::new(&[0xff]);
        assert_eq!(reader.bits(8), Some(0xff));
        assert_eq!(reader.flag(), None);
        assert_eq!(reader.skip(1), None);
        assert_eq!(
            BitReader::new(&[0; 16]).ue(),
            None,
            "an endless prefix of zeros"
        );
    }
}
