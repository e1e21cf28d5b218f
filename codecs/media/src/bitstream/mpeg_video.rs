//! MPEG-1 and MPEG-2 video: sequence header and picture kind (ISO/IEC 11172-2, 2.4.2.3; ISO/IEC
//! 13818-2, 6.2.2).

use crate::FrameRate;

/// A sequence header, `000001b3`.
///
/// | bit | bits | field                 | meaning                         |
/// |----:|-----:|-----------------------|---------------------------------|
/// |   0 |   12 | horizontal_size_value | pixels                          |
/// |  12 |   12 | vertical_size_value   | pixels                          |
/// |  24 |    4 | aspect_ratio          |                                 |
/// |  28 |    4 | frame_rate_code       | table 6-4                       |
/// |  32 |   18 | bit_rate_value        | in 400 bit/s; 0x3ffff: variable |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SequenceHeader {
    /// Width in pixels.
    pub width_px: u32,
    /// Height in pixels.
    pub height_px: u32,
    /// Frame rate.
    pub frame_rate: FrameRate,
    /// Bit rate in bit/s; `None` if variable.
    pub bit_rate_bps: Option<u32>,
    /// MPEG-2: a sequence extension (`000001b5`, identifier 1) follows.
    pub mpeg2: bool,
}

impl SequenceHeader {
    /// Finds and reads the first sequence header; `None` if there is none or it is cut off.
    #[must_use]
    pub fn find(data: &[u8]) -> Option<Self> {
        let at = data
            .windows(4)
            .position(|window| window == [0, 0, 1, 0xb3])?;
        let fields: [u8; 8] = *data.get(at + 4..)?.first_chunk()?;
        let word = u64::from_be_bytes(fields);
        let rate_code = (word >> 32 & 0xf) as usize;
        let (num, den) = *FRAME_RATES.get(rate_code.checked_sub(1)?)?;
        let bit_rate_value = u32::try_from(word >> 14 & 0x3_ffff).ok()?;
        let header = Self {
            width_px: u32::try_from(word >> 52).ok()?,
            height_px: u32::try_from(word >> 40 & 0xfff).ok()?,
            frame_rate: FrameRate::new(num, den)?,
            bit_rate_bps: (bit_rate_value != 0x3_ffff).then(|| bit_rate_value * 400),
            mpeg2: data[at..]
                .windows(5)
                .any(|window| window[..4] == [0, 0, 1, 0xb5] && window[4] >> 4 == 1),
        };
        (header.width_px > 0 && header.height_px > 0).then_some(header)
    }
}

/// Frames per second by `frame_rate_code`, 1 to 8 (ISO/IEC 13818-2, table 6-4).
const FRAME_RATES: [(u32, u32); 8] = [
    (24_000, 1001),
    (24, 1),
    (25, 1),
    (30_000, 1001),
    (30, 1),
    (50, 1),
    (60_000, 1001),
    (60, 1),
];

/// Whether the first picture of a packet (`00000100`) is an I picture: a key frame.
#[must_use]
pub fn is_key(data: &[u8]) -> bool {
    const I_PICTURE: u8 = 1;
    data.windows(6)
        .find(|window| window[..4] == [0, 0, 1, 0])
        .is_some_and(|window| window[5] >> 3 & 7 == I_PICTURE)
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn sequence_header_fields() {
        let data = hex!("000001b3 1600f0 13 00fa 23a0 000001b5 14 8a");
        let header = SequenceHeader::find(&data).unwrap();
        assert_eq!((header.width_px, header.height_px), (352, 240));
        assert_eq!(header.frame_rate, FrameRate::new(25, 1).unwrap());
        assert_eq!(header.bit_rate_bps, Some(400 * 0x3e8));
        assert!(header.mpeg2);
        for len in 0..12 {
            assert_eq!(SequenceHeader::find(&data[..len]), None, "{len} bytes");
        }
    }

    #[test]
    fn picture_coding_type() {
        assert!(is_key(&hex!("00000100 000f fff8")));
        assert!(!is_key(&hex!("00000100 0017 fff8")));
        assert!(!is_key(&hex!("00000100 00")));
    }
}
