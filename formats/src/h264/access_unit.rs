//! Access units as the program wants them.

use bytes::Bytes;
use media::bitstream::nal::{self, NalType};

/// An Annex B access unit with parameter sets: if it holds an IDR picture and no SPS, `config` is
/// put in front, behind an access unit delimiter, which has to come first (ITU-T H.264, 7.4.1.2.3).
pub(crate) fn with_parameter_sets(access_unit: Bytes, config: &[u8]) -> Bytes {
    if config.is_empty() || !nal::is_idr(&access_unit) || nal::has_sps(&access_unit) {
        return access_unit;
    }
    let mut out = Vec::with_capacity(config.len() + access_unit.len());
    let delimiter = nal::annex_b(&access_unit)
        .next()
        .filter(|nal| NalType::of(nal) == Some(NalType::AUD));
    if let Some(delimiter) = delimiter {
        nal::push_annex_b(delimiter, &mut out);
    }
    out.extend(config);
    let rest = &access_unit[after_delimiter(&access_unit, delimiter)..];
    out.extend(rest);
    out.into()
}

/// Where the NAL unit after the delimiter starts, start code included.
fn after_delimiter(access_unit: &[u8], delimiter: Option<&[u8]>) -> usize {
    let Some(delimiter) = delimiter else { return 0 };
    let Some((_, start)) = nal::find_start_code(access_unit) else {
        return 0;
    };
    // The delimiter may be followed by zeros, which are no part of it.
    (start + delimiter.len()).min(access_unit.len())
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn parameter_sets_go_before_an_idr_picture_that_has_none() {
        let config = hex!("00000001 6742 00000001 68ce");
        for (name, access_unit, want) in [
            (
                "IDR alone",
                &hex!("00000001 6588")[..],
                &hex!("00000001 6742 00000001 68ce 00000001 6588")[..],
            ),
            (
                "behind a delimiter",
                &hex!("000001 09f0 000001 6588"),
                &hex!("00000001 09f0 00000001 6742 00000001 68ce 000001 6588"),
            ),
            (
                "has its own",
                &hex!("000001 6742 000001 68cd 000001 6588"),
                &hex!("000001 6742 000001 68cd 000001 6588"),
            ),
            ("no IDR", &hex!("000001 419a"), &hex!("000001 419a")),
            ("nothing", &[], &[]),
        ] {
            let got = with_parameter_sets(Bytes::copy_from_slice(access_unit), &config);
            assert_eq!(got, want, "{name}");
        }
        let alone = Bytes::from_static(&hex!("000001 6588"));
        assert_eq!(with_parameter_sets(alone.clone(), &[]), alone);
    }
}
