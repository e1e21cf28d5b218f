//! H.264 NAL units: Annex B byte streams and length-prefixed samples (ITU-T H.264, 7.3.1 and
//! Annex B; ISO/IEC 14496-15, 5.2.3).
//!
//! Inside the program H.264 is Annex B everywhere; formats that want length prefixes convert.

/// The start code this program writes.
pub const START_CODE: [u8; 4] = [0, 0, 0, 1];

/// Type of a NAL unit, `nal_unit_type` (ITU-T H.264, table 7-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NalType(pub u8);

impl NalType {
    /// Coded slice of a picture that is no IDR picture.
    pub const SLICE: Self = Self(1);
    /// Coded slice of an IDR picture.
    pub const IDR: Self = Self(5);
    /// Supplemental enhancement information.
    pub const SEI: Self = Self(6);
    /// Sequence parameter set.
    pub const SPS: Self = Self(7);
    /// Picture parameter set.
    pub const PPS: Self = Self(8);
    /// Access unit delimiter.
    pub const AUD: Self = Self(9);
    /// End of sequence.
    pub const END_OF_SEQUENCE: Self = Self(10);
    /// End of stream.
    pub const END_OF_STREAM: Self = Self(11);
    /// Filler data.
    pub const FILLER: Self = Self(12);

    /// The type of `nal`, a NAL unit without start code; `None` if it is empty.
    #[must_use]
    pub fn of(nal: &[u8]) -> Option<Self> {
        nal.first().map(|byte| Self(byte & 0x1f))
    }

    /// Whether it carries (part of) a coded picture.
    #[must_use]
    pub const fn is_slice(self) -> bool {
        matches!(self.0, 1..=5)
    }
}

/// The NAL units of an Annex B byte stream, without start codes and trailing zeros. Bytes before
/// the first start code are passed over.
pub fn annex_b(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = find_start_code(data).map(|(_, after)| &data[after..]);
    std::iter::from_fn(move || {
        loop {
            let current = rest.take()?;
            let nal = match find_start_code(current) {
                Some((at, after)) => {
                    rest = Some(&current[after..]);
                    &current[..at]
                }
                None => current,
            };
            let nal = trim_trailing_zeros(nal);
            if !nal.is_empty() {
                return Some(nal);
            }
        }
    })
}

/// The first start code in `data`: where `00 00 01` begins and where the NAL unit after it does.
#[must_use]
pub fn find_start_code(data: &[u8]) -> Option<(usize, usize)> {
    // A third byte above 1 rules out three positions at once.
    let mut at = 0;
    while let Some(window) = data.get(at..at + 3) {
        match window[2] {
            1 if window[0] == 0 && window[1] == 0 => return Some((at, at + 3)),
            0 => at += 1,
            _ => at += 3,
        }
    }
    None
}

/// The NAL units of a sample with length prefixes of `length_size` (1, 2 or 4) bytes; a prefix that
/// lies about its length ends the iteration with an error.
pub fn length_prefixed(
    data: &[u8],
    length_size: usize,
) -> impl Iterator<Item = Result<&[u8], BadNalLength>> {
    let mut rest = data;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let error = BadNalLength { left: rest.len() };
        let Some((prefix, after)) = rest.split_at_checked(length_size) else {
            rest = &[];
            return Some(Err(error));
        };
        let length = prefix
            .iter()
            .fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
        match after.split_at_checked(length) {
            Some((nal, tail)) => {
                rest = tail;
                Some(Ok(nal))
            }
            None => {
                rest = &[];
                Some(Err(error))
            }
        }
    })
}

/// A NAL length prefix points past the end of its sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("NAL length prefix points past the {left} bytes left in the sample")]
pub struct BadNalLength {
    /// Bytes left, prefix included.
    pub left: usize,
}

/// Appends `nal` to `out` in Annex B form.
pub fn push_annex_b(nal: &[u8], out: &mut Vec<u8>) {
    out.extend(START_CODE);
    out.extend(nal);
}

/// Rewrites a length-prefixed sample as Annex B, appended to `out`. Empty NAL units are dropped.
///
/// # Errors
/// [`BadNalLength`] if a prefix lies; `out` then holds what came before.
pub fn length_prefixed_to_annex_b(
    data: &[u8],
    length_size: usize,
    out: &mut Vec<u8>,
) -> Result<(), BadNalLength> {
    for nal in length_prefixed(data, length_size) {
        let nal = nal?;
        if !nal.is_empty() {
            push_annex_b(nal, out);
        }
    }
    Ok(())
}

/// Rewrites Annex B as a sample with 4-byte length prefixes, appended to `out`.
pub fn annex_b_to_length_prefixed(data: &[u8], out: &mut Vec<u8>) {
    for nal in annex_b(data) {
        // A NAL unit over 4 GiB cannot come from a packet: packets are limited far below.
        out.extend(u32::try_from(nal.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend(nal);
    }
}

/// Whether an Annex B access unit holds an IDR picture.
#[must_use]
pub fn is_idr(access_unit: &[u8]) -> bool {
    annex_b(access_unit).any(|nal| NalType::of(nal) == Some(NalType::IDR))
}

/// Whether an Annex B access unit holds an SPS.
#[must_use]
pub fn has_sps(access_unit: &[u8]) -> bool {
    annex_b(access_unit).any(|nal| NalType::of(nal) == Some(NalType::SPS))
}

/// The parameter sets (SPS and PPS) of an access unit in Annex B form: the `config` of a track.
#[must_use]
pub fn parameter_sets(access_unit: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for wanted in [NalType::SPS, NalType::PPS] {
        for nal in annex_b(access_unit).filter(|nal| NalType::of(nal) == Some(wanted)) {
            push_annex_b(nal, &mut out);
        }
    }
    out
}

fn trim_trailing_zeros(nal: &[u8]) -> &[u8] {
    let end = nal
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    &nal[..end]
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn annex_b_splits_at_both_start_codes_and_drops_trailing_zeros() {
        for (name, data, want) in [
            ("empty", &hex!("")[..], vec![]),
            ("no start code", &hex!("65 88"), vec![]),
            (
                "one, short code",
                &hex!("000001 65 88"),
                vec![&hex!("6588")[..]],
            ),
            (
                "one, long code",
                &hex!("00000001 65 88"),
                vec![&hex!("6588")],
            ),
            (
                "two, mixed codes",
                &hex!("00000001 67 42 000001 68 ce"),
                vec![&hex!("6742"), &hex!("68ce")],
            ),
            (
                "trailing zeros",
                &hex!("000001 09 10 0000 000001 41"),
                vec![&hex!("0910"), &hex!("41")],
            ),
            ("empty unit", &hex!("000001 000001 41"), vec![&hex!("41")]),
            ("junk first", &hex!("ff 00 000001 41"), vec![&hex!("41")]),
            (
                "cut start code at the end",
                &hex!("000001 41 0000"),
                vec![&hex!("41")],
            ),
        ] {
            assert_eq!(annex_b(data).collect::<Vec<_>>(), want, "{name}");
        }
    }

    #[test]
    fn length_prefixes_are_checked() {
        let sample = hex!("00000002 6588 00000001 41");
        let mut out = Vec::new();
        length_prefixed_to_annex_b(&sample, 4, &mut out).unwrap();
        assert_eq!(out, hex!("00000001 6588 00000001 41"));

        let mut back = Vec::new();
        annex_b_to_length_prefixed(&out, &mut back);
        assert_eq!(back, sample);

        for cut in 1..sample.len() {
            if cut == 6 {
                continue; // exactly the first NAL unit
            }
            let result = length_prefixed_to_annex_b(&sample[..cut], 4, &mut Vec::new());
            assert!(result.is_err(), "prefix of {cut} bytes");
        }
    }

    #[test]
    fn parameter_sets_come_sps_first() {
        let access_unit = hex!("000001 09f0 000001 68ce 000001 6742 000001 6588");
        assert_eq!(
            parameter_sets(&access_unit),
            hex!("00000001 6742 00000001 68ce")
        );
        assert!(is_idr(&access_unit) && has_sps(&access_unit));
        assert!(!is_idr(&hex!("000001 41")));
    }
}
