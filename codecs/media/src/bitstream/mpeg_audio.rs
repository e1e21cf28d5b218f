//! MPEG audio frame header, layers I to III (ISO/IEC 11172-3, 2.4.1.3; ISO/IEC 13818-3, 2.4.2.3).

use crate::CodecId;

/// A frame header of four bytes.
///
/// | bit | bits | field              | meaning                                  |
/// |----:|-----:|--------------------|------------------------------------------|
/// |   0 |   11 | syncword           | 0x7ff                                    |
/// |  11 |    2 | version            | 3 MPEG-1, 2 MPEG-2, 0 MPEG-2.5           |
/// |  13 |    2 | layer              | 3 layer I, 2 layer II, 1 layer III       |
/// |  15 |    1 | protection_bit     | 0: a CRC follows                         |
/// |  16 |    4 | bitrate_index      | tables below; 0 free format              |
/// |  20 |    2 | sampling_frequency | 44.1, 48, 32 kHz; halved, quartered      |
/// |  22 |    1 | padding_bit        | one slot more                            |
/// |  23 |    1 | private_bit        |                                          |
/// |  24 |    2 | mode               | 3 is mono                                |
/// |  26 |    6 | others             |                                          |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MpegAudioHeader {
    /// Layer, 1 to 3.
    pub layer: u8,
    /// Sampling rate in Hz.
    pub sample_rate_hz: u32,
    /// Number of channels, 1 or 2.
    pub channels: u16,
    /// Bit rate in bit/s.
    pub bit_rate_bps: u32,
    /// Bytes of the frame, header included.
    pub frame_len: usize,
    /// Samples per channel of the frame.
    pub samples: u32,
}

impl MpegAudioHeader {
    /// Reads the header at the start of `data`; `None` if there is none, it is cut off, reserved
    /// values are used, or the rate is free.
    #[must_use]
    pub fn parse(data: &[u8]) -> Option<Self> {
        let word = u32::from_be_bytes(*data.first_chunk::<4>()?);
        if word >> 21 != 0x7ff {
            return None;
        }
        let version = word >> 19 & 3;
        let layer = match word >> 17 & 3 {
            3 => 1,
            2 => 2,
            1 => 3,
            _ => return None,
        };
        let rate_shift = match version {
            3 => 0,
            2 => 1,
            0 => 2,
            _ => return None,
        };
        let mpeg1 = version == 3;
        let kbps = u32::from(bit_rates_kbps(mpeg1, layer)[(word >> 12 & 0xf) as usize]);
        let sample_rate_hz =
            *[44_100, 48_000, 32_000].get((word >> 10 & 3) as usize)? >> rate_shift;
        if kbps == 0 {
            return None;
        }
        let padding = word >> 9 & 1;
        let samples = match (layer, mpeg1) {
            (1, _) => 384,
            (3, false) => 576,
            _ => 1152,
        };
        let bit_rate_bps = kbps * 1000;
        let frame_len = match layer {
            1 => (12 * bit_rate_bps / sample_rate_hz + padding) * 4,
            _ => samples / 8 * bit_rate_bps / sample_rate_hz + padding,
        };
        Some(Self {
            layer,
            sample_rate_hz,
            channels: if word >> 6 & 3 == 3 { 1 } else { 2 },
            bit_rate_bps,
            frame_len: frame_len as usize,
            samples,
        })
    }

    /// MP2 or MP3. (Layer I is told as MP2: every decoder of layer II reads it.)
    #[must_use]
    pub const fn codec(&self) -> CodecId {
        if self.layer == 3 {
            CodecId::Mp3
        } else {
            CodecId::Mp2
        }
    }
}

/// kbit/s by `bitrate_index`; 0 is free format or forbidden (ISO/IEC 11172-3, 2.4.2.3; 13818-3,
/// 2.4.2.3).
const fn bit_rates_kbps(mpeg1: bool, layer: u8) -> &'static [u16; 16] {
    match (mpeg1, layer) {
        (true, 1) => &[
            0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 0,
        ],
        (true, 2) => &[
            0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 0,
        ],
        (true, _) => &[
            0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0,
        ],
        (false, 1) => &[
            0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256, 0,
        ],
        (false, _) => &[
            0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0,
        ],
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn headers() {
        for (name, bytes, layer, sample_rate_hz, channels, kbps, frame_len) in [
            (
                "layer II 44.1 kHz mono 64k",
                hex!("fffd40c4"),
                2,
                44_100,
                1,
                64,
                208,
            ),
            (
                "layer III 44.1 kHz stereo 128k, padded",
                hex!("fffb9200"),
                3,
                44_100,
                2,
                128,
                418,
            ),
            (
                "layer III 22.05 kHz mono 64k",
                hex!("fff380c4"),
                3,
                22_050,
                1,
                64,
                208,
            ),
        ] {
            let header = MpegAudioHeader::parse(&bytes).expect(name);
            assert_eq!(header.layer, layer, "{name}");
            assert_eq!(header.sample_rate_hz, sample_rate_hz, "{name}");
            assert_eq!(header.channels, channels, "{name}");
            assert_eq!(header.bit_rate_bps, kbps * 1000, "{name}");
            assert_eq!(header.frame_len, frame_len, "{name}");
        }
    }

    #[test]
    fn no_header() {
        for (name, bytes) in [
            ("cut off", &hex!("fffd40")[..]),
            ("no sync", &hex!("fefd40c4")),
            ("reserved version", &hex!("ffed40c4")),
            ("reserved layer", &hex!("fff940c4")),
            ("free format", &hex!("fffd00c4")),
            ("reserved rate", &hex!("fffd4cc4")),
        ] {
            assert_eq!(MpegAudioHeader::parse(bytes), None, "{name}");
        }
    }
}
