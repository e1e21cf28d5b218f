//! The little of H.265 that a container has to know (ITU-T H.265, 7.3.1 and 7.3.2).

use media::bitstream::bits::BitReader;
use media::bitstream::{nal, sps};

/// nal_unit_type of a video parameter set.
const VPS: u8 = 32;
/// nal_unit_type of a sequence parameter set.
const SPS: u8 = 33;
/// nal_unit_type of a picture parameter set.
const PPS: u8 = 34;
/// nal_unit_type of an access unit delimiter.
pub(super) const DELIMITER: u8 = 35;

/// nal_unit_type from the first byte of a NAL unit header.
pub(super) const fn nal_type(first: u8) -> u8 {
    first >> 1 & 0x3f
}

/// Whether NAL units of this type hold a part of a picture.
pub(super) const fn is_slice(nal_type: u8) -> bool {
    nal_type < 32
}

/// Whether an access unit is an intra random access point (types 16 to 23).
pub(super) fn is_key(access_unit: &[u8]) -> bool {
    types(access_unit).any(|nal_type| matches!(nal_type, 16..=23))
}

/// Whether an access unit has a sequence parameter set.
pub(super) fn has_sps(access_unit: &[u8]) -> bool {
    types(access_unit).any(|nal_type| nal_type == SPS)
}

/// The types of the NAL units of an access unit.
pub(super) fn types(access_unit: &[u8]) -> impl Iterator<Item = u8> {
    nal::annex_b(access_unit).filter_map(|nal| nal.first().copied().map(nal_type))
}

/// The parameter sets of an access unit in Annex B form, and width and height in pixels; `None`
/// unless there is each kind and the size can be read.
pub(super) fn parameters(access_unit: &[u8]) -> Option<(Vec<u8>, u32, u32)> {
    let mut config = Vec::new();
    let mut size_px = None;
    for wanted in [VPS, SPS, PPS] {
        let mut found = false;
        let nals = nal::annex_b(access_unit);
        for nal in nals.filter(|nal| nal.first().copied().map(nal_type) == Some(wanted)) {
            nal::push_annex_b(nal, &mut config);
            found = true;
            if wanted == SPS {
                size_px = size_px.or_else(|| parse_size_px(&sps::unescape(nal.get(2..)?)));
            }
        }
        if !found {
            return None;
        }
    }
    size_px.map(|(width_px, height_px)| (config, width_px, height_px))
}

/// Width and height after cropping from the payload of a sequence parameter set (7.3.2.2.1).
fn parse_size_px(rbsp: &[u8]) -> Option<(u32, u32)> {
    /// Bits of the profile and of the level in profile_tier_level (7.3.3).
    const PROFILE: usize = 88;
    const LEVEL: usize = 8;
    let mut r = BitReader::new(rbsp);
    r.skip(4)?; // sps_video_parameter_set_id
    let sub_layers = r.bits(3)?; // sps_max_sub_layers_minus1
    r.skip(1 + PROFILE + LEVEL)?;
    let mut bits = 0;
    for _ in 0..sub_layers {
        let profile = r.flag()?;
        let level = r.flag()?;
        bits += usize::from(profile) * PROFILE + usize::from(level) * LEVEL;
    }
    if sub_layers > 0 {
        bits += 2 * (8 - sub_layers as usize); // reserved_zero_2bits, at most 7 times
    }
    r.skip(bits)?;
    r.ue()?; // sps_seq_parameter_set_id
    let chroma_format_idc = r.ue()?;
    let separate_planes = chroma_format_idc == 3 && r.flag()?;
    let (width, height) = (r.ue()?, r.ue()?);
    let mut crop = [0; 4];
    if r.flag()? {
        for offset in &mut crop {
            *offset = r.ue()?;
        }
    }
    let (unit_x, unit_y) = match chroma_format_idc {
        1 if !separate_planes => (2, 2),
        2 => (2, 1),
        _ => (1, 1),
    };
    let [left, right, top, bottom] = crop;
    let cropped = |size: u32, before: u32, after: u32, unit: u32| {
        let cut = before.checked_add(after)?.checked_mul(unit)?;
        size.checked_sub(cut)
            .filter(|size| (1..=65_535).contains(size))
    };
    Some((
        cropped(width, left, right, unit_x)?,
        cropped(height, top, bottom, unit_y)?,
    ))
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    /// Parameter sets of a 322x242 stream by x265.
    const SETS: [u8; 86] = hex!(
        "00000001 40010c01ffff01600000030090000003000003003c959809"
        "00000001 42010101600000030090000003000003003ca00a480f9c9265959a4932bc05a02000000300200000030321"
        "00000001 4401c172b46240"
    );

    #[test]
    fn size_of_a_cropped_stream_is_read() {
        let (config, width_px, height_px) = parameters(&SETS).unwrap();
        assert_eq!((width_px, height_px), (322, 242));
        assert_eq!(config, SETS);
        assert!(has_sps(&SETS) && !is_key(&SETS));
    }

    #[test]
    fn every_prefix_is_no_set_of_parameters_or_the_same() {
        for len in 0..SETS.len() {
            let size_px =
                parameters(&SETS[..len]).map(|(_, width_px, height_px)| (width_px, height_px));
            assert!(matches!(size_px, None | Some((322, 242))), "{len} bytes");
        }
    }

    #[test]
    fn random_access_points_are_keys() {
        for (name, unit, want) in [
            ("IDR_W_RADL", hex!("000001 2601"), true),
            ("CRA", hex!("000001 2a01"), true),
            ("trailing picture", hex!("000001 0201"), false),
            ("delimiter", hex!("000001 4601"), false),
        ] {
            assert_eq!(is_key(&unit), want, "{name}");
        }
    }
}
