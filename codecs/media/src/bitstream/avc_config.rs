//! AVCDecoderConfigurationRecord, "avcC" (ISO/IEC 14496-15:2017, 5.3.3.1).

use super::nal::{self, NalType};

/// What a decoder needs before the first picture, as MP4 and FLV carry it.
///
/// | byte | bits | field                      | meaning                                   |
/// |-----:|-----:|----------------------------|-------------------------------------------|
/// |    0 |    8 | configurationVersion       | 1                                         |
/// |    1 |    8 | AVCProfileIndication       | profile_idc of the SPS                    |
/// |    2 |    8 | profile_compatibility      | constraint flags of the SPS               |
/// |    3 |    8 | AVCLevelIndication         | level_idc of the SPS                      |
/// |    4 |    2 | lengthSizeMinusOne         | low bits; bytes of a NAL length, less one |
/// |    5 |    5 | numOfSequenceParameterSets | low bits; then u16 length and bytes each  |
/// |      |    8 | numOfPictureParameterSets  | then u16 length and bytes each            |
///
/// For the profiles 100, 110, 122 and 144 four more bytes and SPS extensions may follow; they are
/// neither read nor, being derivable from the SPS, required by any reader known to us, but they are
/// written, since the standard demands them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvcConfig {
    /// Sequence parameter sets, without start codes.
    pub sps: Vec<Vec<u8>>,
    /// Picture parameter sets, without start codes.
    pub pps: Vec<Vec<u8>>,
    /// Bytes of a NAL length prefix in the samples: 1, 2 or 4.
    pub length_size: usize,
}

/// Why bytes are no AVCDecoderConfigurationRecord, or parameter sets make none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AvcConfigError {
    /// The record ends early.
    #[error("avcC record of {len} bytes ends before its parameter sets do")]
    Truncated {
        /// Bytes of the record.
        len: usize,
    },
    /// Another version.
    #[error("avcC version is {version}, only 1 is known")]
    Version {
        /// The version found.
        version: u8,
    },
    /// Length prefixes of 3 bytes do not exist.
    #[error("avcC says NAL lengths of 3 bytes, the standard knows 1, 2 and 4")]
    LengthSize,
    /// No usable SPS or PPS.
    #[error("H.264 parameter sets are missing: {sps} SPS and {pps} PPS")]
    NoParameterSets {
        /// Number of SPS.
        sps: usize,
        /// Number of PPS.
        pps: usize,
    },
}

impl AvcConfig {
    /// Takes the parameter sets out of Annex B bytes (a track's `config`, or a key frame).
    ///
    /// # Errors
    /// [`AvcConfigError::NoParameterSets`] unless there is at least one SPS of 4 bytes and one PPS.
    pub fn from_annex_b(data: &[u8]) -> Result<Self, AvcConfigError> {
        let all = |wanted, min_len| {
            nal::annex_b(data)
                .filter(|nal| NalType::of(nal) == Some(wanted) && nal.len() >= min_len)
                .map(<[u8]>::to_vec)
                .collect::<Vec<_>>()
        };
        let config = Self {
            sps: all(NalType::SPS, 4),
            pps: all(NalType::PPS, 1),
            length_size: 4,
        };
        config.check()?;
        Ok(config)
    }

    /// Reads a record.
    ///
    /// # Errors
    /// [`AvcConfigError`] if it is cut off, of another version, or without parameter sets.
    pub fn parse(record: &[u8]) -> Result<Self, AvcConfigError> {
        let truncated = AvcConfigError::Truncated { len: record.len() };
        let [version, _, _, _, length_size, sets @ ..] = record else {
            return Err(truncated);
        };
        if *version != 1 {
            return Err(AvcConfigError::Version { version: *version });
        }
        let length_size = usize::from(length_size & 3) + 1;
        if length_size == 3 {
            return Err(AvcConfigError::LengthSize);
        }
        let (sps, rest) = read_sets(sets, 0x1f).ok_or(truncated)?;
        let (pps, _extension) = read_sets(rest, 0xff).ok_or(truncated)?;
        let config = Self {
            sps,
            pps,
            length_size,
        };
        config.check()?;
        Ok(config)
    }

    /// Appends the record to `out`, for samples with length prefixes of `length_size` bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        let [_, profile, compatibility, level, ..] = self.sps[0][..] else {
            return; // check() demands 4 bytes
        };
        let length_size_minus_one = u8::try_from(self.length_size - 1).unwrap_or(3);
        out.extend([
            1,
            profile,
            compatibility,
            level,
            0xfc | length_size_minus_one,
        ]);
        write_sets(&self.sps, 0x1f, 0xe0, out);
        write_sets(&self.pps, 0xff, 0, out);
        if matches!(profile, 100 | 110 | 122 | 144)
            && let Ok(sps) = super::sps::Sps::parse(&self.sps[0])
        {
            out.extend([
                0xfc | sps.chroma_format_idc,
                0xf8 | (sps.bit_depth_luma - 8),
                0xf8 | (sps.bit_depth_chroma - 8),
                0, // numOfSequenceParameterSetExt
            ]);
        }
    }

    /// The parameter sets in Annex B form: the `config` of a track.
    #[must_use]
    pub fn to_annex_b(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for set in self.sps.iter().chain(&self.pps) {
            nal::push_annex_b(set, &mut out);
        }
        out
    }

    fn check(&self) -> Result<(), AvcConfigError> {
        if self.sps.first().is_none_or(|sps| sps.len() < 4) || self.pps.is_empty() {
            return Err(AvcConfigError::NoParameterSets {
                sps: self.sps.len(),
                pps: self.pps.len(),
            });
        }
        Ok(())
    }
}

fn read_sets(data: &[u8], count_mask: u8) -> Option<(Vec<Vec<u8>>, &[u8])> {
    let (count, mut rest) = data.split_first()?;
    let mut sets = Vec::new();
    for _ in 0..count & count_mask {
        let (len, after) = rest.split_first_chunk::<2>()?;
        let (set, tail) = after.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
        sets.push(set.to_vec());
        rest = tail;
    }
    Some((sets, rest))
}

fn write_sets(sets: &[Vec<u8>], max: usize, reserved: u8, out: &mut Vec<u8>) {
    let writable = sets
        .iter()
        .filter(|set| set.len() <= usize::from(u16::MAX))
        .take(max);
    let count_at = out.len();
    out.push(reserved);
    for set in writable {
        out[count_at] += 1;
        out.extend(u16::try_from(set.len()).unwrap_or(u16::MAX).to_be_bytes());
        out.extend(set);
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    const BASELINE: [u8; 19] = hex!("01 42c01e ff e1 0004 6742c01e 01 0004 68ce3c80");

    #[test]
    fn record_bytes() {
        let annex_b = hex!("00000001 6742c01e 00000001 68ce3c80");
        let config = AvcConfig::from_annex_b(&annex_b).unwrap();
        let mut record = Vec::new();
        config.write(&mut record);
        assert_eq!(record, BASELINE);
        assert_eq!(AvcConfig::parse(&record).unwrap(), config);
        assert_eq!(config.to_annex_b(), annex_b);
    }

    #[test]
    fn every_prefix_is_an_error() {
        for len in 0..BASELINE.len() {
            assert!(AvcConfig::parse(&BASELINE[..len]).is_err(), "{len} bytes");
        }
    }

    #[test]
    fn records_without_parameter_sets_are_refused() {
        for (name, record, want) in [
            (
                "version 2",
                &hex!("02 42c01e ff e0 00")[..],
                AvcConfigError::Version { version: 2 },
            ),
            (
                "3-byte lengths",
                &hex!("01 42c01e fe e0 00"),
                AvcConfigError::LengthSize,
            ),
            (
                "none",
                &hex!("01 42c01e ff e0 00"),
                AvcConfigError::NoParameterSets { sps: 0, pps: 0 },
            ),
        ] {
            assert_eq!(AvcConfig::parse(record), Err(want), "{name}");
        }
    }
}
