//! The program clock reference (ISO/IEC 13818-1, 2.4.3.5 and 2.4.2.2).

/// A sample of the 27 MHz clock.
///
/// | bits | name                              | meaning                       |
/// |-----:|-----------------------------------|-------------------------------|
/// |   33 | program_clock_reference_base      | ticks of 90 kHz               |
/// |    6 | reserved                          | ones                          |
/// |    9 | program_clock_reference_extension | ticks of 27 MHz, 0 to 299     |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pcr {
    /// program_clock_reference_base, modulo 2^33.
    pub(super) base: u64,
    /// program_clock_reference_extension.
    pub(super) extension: u16,
}

impl Pcr {
    /// Bytes of the field.
    pub(super) const LEN: usize = 6;

    /// The reference for a time in 90 kHz ticks.
    pub(super) const fn at(ticks: i64) -> Self {
        Self {
            base: ticks.cast_unsigned() & 0x1_ffff_ffff,
            extension: 0,
        }
    }

    /// Reads the field.
    pub(super) const fn parse(bytes: [u8; Self::LEN]) -> Self {
        let [b0, b1, b2, b3, b4, b5] = bytes;
        let bits = u64::from_be_bytes([0, 0, b0, b1, b2, b3, b4, b5]);
        Self {
            base: bits >> 15,
            extension: (bits & 0x1ff) as u16,
        }
    }

    /// The field.
    pub(super) fn to_bytes(self) -> [u8; Self::LEN] {
        let bits = (self.base & 0x1_ffff_ffff) << 15 | 0x7e00 | u64::from(self.extension & 0x1ff);
        let [_, _, bytes @ ..] = bits.to_be_bytes();
        bytes
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn field_bytes() {
        for (base, extension, want) in [
            (0, 0, hex!("000000007e00")),
            (1, 299, hex!("00000000ff2b")),
            (0x1_ffff_ffff, 0, hex!("fffffffffe00")),
        ] {
            let pcr = Pcr { base, extension };
            assert_eq!(pcr.to_bytes(), want);
            assert_eq!(Pcr::parse(want), pcr);
        }
        assert_eq!(
            Pcr::at(-1).base,
            0x1_ffff_ffff,
            "before zero is the end of the turn"
        );
        assert_eq!(Pcr::at(1 << 33).base, 0);
    }
}
