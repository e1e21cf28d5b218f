//! AAC configuration and framing: AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) and ADTS
//! (ISO/IEC 13818-7, 6.2).

use super::bits::BitReader;

/// Sampling rates by `samplingFrequencyIndex` (ISO/IEC 14496-3, table 1.18).
const SAMPLE_RATES_HZ: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
    7_350,
];

/// Samples per channel of an AAC access unit as ADTS carries it.
pub const SAMPLES_PER_FRAME: u32 = 1024;

/// The fields of an AudioSpecificConfig that containers need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AudioSpecificConfig {
    /// `audioObjectType`: 2 is AAC-LC.
    pub object_type: u8,
    /// Sampling rate of the core coder in Hz.
    pub sample_rate_hz: u32,
    /// `channelConfiguration`: 1 mono, 2 stereo, ... 7 is 7.1; 0 is stated in the stream.
    pub channel_config: u8,
}

impl AudioSpecificConfig {
    /// Reads a configuration; `None` if it is cut off or uses reserved values.
    #[must_use]
    pub fn parse(config: &[u8]) -> Option<Self> {
        const ESCAPE: u32 = 31;
        let mut r = BitReader::new(config);
        let mut object_type = r.bits(5)?;
        if object_type == ESCAPE {
            object_type = 32 + r.bits(6)?;
        }
        let sample_rate_hz = match r.bits(4)? {
            15 => r.bits(24)?,
            index => *SAMPLE_RATES_HZ.get(index as usize)?,
        };
        let channel_config = u8::try_from(r.bits(4)?).ok()?;
        if object_type == 0 || sample_rate_hz == 0 {
            return None;
        }
        Some(Self {
            object_type: u8::try_from(object_type).ok()?,
            sample_rate_hz,
            channel_config,
        })
    }

    /// The configuration in two bytes (five for a sampling rate outside the table). Object types
    /// over 30 are not written: AAC in ADTS, FLV and TS has none.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let object_type = u64::from(self.object_type.min(30));
        let channels = u64::from(self.channel_config & 0xf);
        match self.rate_index() {
            Some(index) => {
                let bits = object_type << 11 | u64::from(index) << 7 | channels << 3;
                bits.to_be_bytes()[6..].to_vec()
            }
            None => {
                let rate = u64::from(self.sample_rate_hz & 0xff_ffff);
                let bits = object_type << 35 | 15 << 31 | rate << 7 | channels << 3;
                bits.to_be_bytes()[3..].to_vec()
            }
        }
    }

    /// Number of channels; 0 if the stream itself states them.
    #[must_use]
    pub const fn channels(&self) -> u16 {
        match self.channel_config {
            7 => 8,
            n => n as u16,
        }
    }

    /// The ADTS header for an access unit of `payload_len` bytes; `None` if ADTS cannot say it: an
    /// object type over 4, a sampling rate outside the table, or more than 8184 bytes.
    #[must_use]
    pub fn adts_header(&self, payload_len: usize) -> Option<[u8; AdtsHeader::LEN]> {
        let frame_len = u32::try_from(payload_len + AdtsHeader::LEN)
            .ok()
            .filter(|len| *len < 1 << 13)?;
        let profile = u64::from(
            self.object_type
                .checked_sub(1)
                .filter(|profile| *profile < 4)?,
        );
        let index = u64::from(self.rate_index()?);
        let channels = u64::from(self.channel_config & 7);
        let bits = 0xfff1_u64 << 40 // syncword, MPEG-4, layer 0, no CRC
            | profile << 38
            | index << 34
            | channels << 30
            | u64::from(frame_len) << 13
            | 0x7ff << 2; // buffer fullness of a variable rate; one raw data block
        let [_, header @ ..] = bits.to_be_bytes();
        Some(header)
    }

    fn rate_index(&self) -> Option<u8> {
        let index = SAMPLE_RATES_HZ
            .iter()
            .position(|rate| *rate == self.sample_rate_hz)?;
        u8::try_from(index).ok()
    }
}

/// An ADTS frame header.
///
/// | bit | bits | field                              | meaning                             |
/// |----:|-----:|------------------------------------|-------------------------------------|
/// |   0 |   12 | syncword                           | 0xfff                               |
/// |  12 |    1 | ID                                 | 0 MPEG-4, 1 MPEG-2                  |
/// |  13 |    2 | layer                              | 0                                   |
/// |  15 |    1 | protection_absent                  | 0: a 16-bit CRC follows the header  |
/// |  16 |    2 | profile                            | object type less one                |
/// |  18 |    4 | sampling_frequency_index           | as in AudioSpecificConfig           |
/// |  22 |    1 | private_bit                        |                                     |
/// |  23 |    3 | channel_configuration              | as in AudioSpecificConfig           |
/// |  26 |    4 | original, home, copyright bits     |                                     |
/// |  30 |   13 | frame_length                       | bytes, header included              |
/// |  43 |   11 | adts_buffer_fullness               | 0x7ff: variable rate                |
/// |  54 |    2 | number_of_raw_data_blocks_in_frame | less one                            |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdtsHeader {
    /// The same configuration as MP4 and FLV state it.
    pub config: AudioSpecificConfig,
    /// Bytes of the header: 7, or 9 with CRC.
    pub header_len: usize,
    /// Bytes of the frame, header included.
    pub frame_len: usize,
}

impl AdtsHeader {
    /// Bytes of a header without CRC.
    pub const LEN: usize = 7;

    /// Reads the header at the start of `data`; `None` if there is none or it is cut off.
    #[must_use]
    pub fn parse(data: &[u8]) -> Option<Self> {
        let mut r = BitReader::new(data);
        if r.bits(12)? != 0xfff {
            return None;
        }
        r.skip(1)?; // ID
        if r.bits(2)? != 0 {
            return None;
        }
        let header_len = if r.flag()? { Self::LEN } else { Self::LEN + 2 };
        let object_type = u8::try_from(r.bits(2)? + 1).ok()?;
        let sample_rate_hz = *SAMPLE_RATES_HZ.get(r.bits(4)? as usize)?;
        r.skip(1)?; // private_bit
        let channel_config = u8::try_from(r.bits(3)?).ok()?;
        r.skip(4)?;
        let frame_len = r.bits(13)? as usize;
        r.skip(13)?;
        if frame_len < header_len {
            return None;
        }
        let config = AudioSpecificConfig {
            object_type,
            sample_rate_hz,
            channel_config,
        };
        Some(Self {
            config,
            header_len,
            frame_len,
        })
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn config_bytes() {
        for (name, bytes, object_type, sample_rate_hz, channel_config) in [
            ("LC 44.1 kHz mono", &hex!("1208")[..], 2, 44_100, 1),
            ("LC 48 kHz stereo", &hex!("1190"), 2, 48_000, 2),
            ("LC 8 kHz mono", &hex!("1588"), 2, 8_000, 1),
            (
                "rate outside the table",
                &hex!("17 80 15 f9 08"),
                2,
                11_250,
                1,
            ),
        ] {
            let config = AudioSpecificConfig {
                object_type,
                sample_rate_hz,
                channel_config,
            };
            assert_eq!(AudioSpecificConfig::parse(bytes), Some(config), "{name}");
            assert_eq!(config.write(), bytes, "{name}");
        }
        assert_eq!(AudioSpecificConfig::parse(&hex!("12")), None, "cut off");
        assert_eq!(
            AudioSpecificConfig::parse(&hex!("1708")),
            None,
            "reserved rate"
        );
    }

    #[test]
    fn adts_header_bytes() {
        let config = AudioSpecificConfig {
            object_type: 2,
            sample_rate_hz: 44_100,
            channel_config: 2,
        };
        let header = config.adts_header(0x173).unwrap();
        assert_eq!(header, hex!("fff15080 2f5ffc"));
        let parsed = AdtsHeader::parse(&header).unwrap();
        assert_eq!(
            parsed,
            AdtsHeader {
                config,
                header_len: 7,
                frame_len: 0x173 + 7
            }
        );
        for len in 0..header.len() {
            assert_eq!(AdtsHeader::parse(&header[..len]), None, "{len} bytes");
        }
        assert!(config.adts_header(8184).is_some());
        assert_eq!(config.adts_header(8185), None);
    }
}
