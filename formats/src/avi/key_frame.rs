//! Which packets are key frames: AVI tells it in its index only, which comes last.

use media::CodecId;
use media::bitstream::bits::BitReader;
use media::bitstream::{mpeg_video, mpeg4, nal};

/// Whether a video packet can be decoded alone, as far as its first bytes tell.
///
/// The Microsoft codecs have no public specification: the bits are those seen to tell intra from
/// predicted pictures in streams of every version.
pub(super) fn is_key(codec: CodecId, data: &[u8]) -> bool {
    match codec {
        CodecId::H264 => nal::is_idr(data),
        CodecId::Mpeg4 => mpeg4::is_key(data),
        CodecId::Mpeg1Video | CodecId::Mpeg2Video => mpeg_video::is_key(data),
        CodecId::Mjpeg => true,
        CodecId::Flv1 => flv1_is_key(data).unwrap_or(false),
        CodecId::H263 => h263_is_key(data).unwrap_or(false),
        // A 32-bit start code and 5 bits come first.
        CodecId::MsMpeg4V1 => bits_at(data, 37, 2) == Some(0),
        CodecId::MsMpeg4V2 | CodecId::MsMpeg4V3 | CodecId::Wmv1 => bits_at(data, 0, 2) == Some(0),
        CodecId::Wmv2 => bits_at(data, 0, 1) == Some(0),
        CodecId::Av1 => has_sequence_header(data),
        _ => false,
    }
}

fn bits_at(data: &[u8], at: usize, count: u32) -> Option<u32> {
    let mut r = BitReader::new(data);
    r.skip(at)?;
    r.bits(count)
}

/// PictureType of an H263VIDEOPACKET (Adobe FLV/F4V v10.1, E.4.3.2): 0 is an intra frame.
fn flv1_is_key(data: &[u8]) -> Option<bool> {
    let mut r = BitReader::new(data);
    if r.bits(17)? != 1 {
        return None; // PictureStartCode
    }
    r.skip(5 + 8)?; // Version, TemporalReference
    match r.bits(3)? {
        0 => r.skip(8 + 8)?,
        1 => r.skip(16 + 16)?,
        _ => {}
    }
    Some(r.bits(2)? == 0)
}

/// Picture coding type of an H.263 picture header (ITU-T H.263, 5.1.3 and 5.1.4).
fn h263_is_key(data: &[u8]) -> Option<bool> {
    const EXTENDED: u32 = 7;
    let mut r = BitReader::new(data);
    if r.bits(22)? != 0x20 {
        return None; // PSC
    }
    r.skip(8 + 5)?; // TR; bits 1 to 5 of PTYPE
    if r.bits(3)? != EXTENDED {
        return Some(!r.flag()?); // bit 9 of PTYPE: 0 INTRA
    }
    if r.bits(3)? == 1 {
        r.skip(18)?; // UFEP 001: OPPTYPE
    }
    Some(r.bits(3)? == 0) // MPPTYPE: 000 I-picture
}

/// Whether a temporal unit has a sequence header OBU, as each that starts a coded video sequence
/// must (AV1 Bitstream and Decoding Process Specification, 5.3.2 and 7.5).
fn has_sequence_header(data: &[u8]) -> bool {
    const SEQUENCE_HEADER: u8 = 1;
    let mut rest = data;
    while let [header, after @ ..] = rest {
        if header >> 3 & 0xf == SEQUENCE_HEADER {
            return true;
        }
        let extension = usize::from(header >> 2 & 1);
        if header & 2 == 0 {
            return false; // without a size it is the last
        }
        let Some((size, size_len)) = after.get(extension..).and_then(leb128) else {
            return false;
        };
        let Some(next) = after.get((extension + size_len).saturating_add(size)..) else {
            return false;
        };
        rest = next;
    }
    false
}

/// `leb128()` (AV1 specification, 4.10.5): the value and its length in bytes.
fn leb128(data: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0_u64;
    for (at, byte) in data.iter().take(8).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((usize::try_from(value).ok()?, at + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn picture_types() {
        for (name, codec, data, want) in [
            ("any JPEG", CodecId::Mjpeg, &hex!("ffd8")[..], true),
            ("H.264 IDR", CodecId::H264, &hex!("000001 6588"), true),
            ("H.264 other", CodecId::H264, &hex!("000001 419a"), false),
            ("MPEG-4 I", CodecId::Mpeg4, &hex!("000001b6 10"), true),
            ("MPEG-4 P", CodecId::Mpeg4, &hex!("000001b6 50"), false),
            (
                "MPEG-2 I",
                CodecId::Mpeg2Video,
                &hex!("00000100 000f fff8"),
                true,
            ),
            (
                "MPEG-2 P",
                CodecId::Mpeg2Video,
                &hex!("00000100 0017 fff8"),
                false,
            ),
            (
                "FLV1 I, custom size",
                CodecId::Flv1,
                &hex!("00008400 20180800"),
                true,
            ),
            ("MSMPEG4v2 I", CodecId::MsMpeg4V2, &hex!("0775 7f0f"), true),
            ("MSMPEG4v2 P", CodecId::MsMpeg4V2, &hex!("4531 60dc"), false),
            ("MSMPEG4v3 I", CodecId::MsMpeg4V3, &hex!("077b a101"), true),
            ("MSMPEG4v3 P", CodecId::MsMpeg4V3, &hex!("45f4 1003"), false),
            ("WMV1 I", CodecId::Wmv1, &hex!("077c 8c3a"), true),
            ("WMV1 P", CodecId::Wmv1, &hex!("457a 0801"), false),
            ("WMV2 I", CodecId::Wmv2, &hex!("0018 5080"), true),
            ("WMV2 P", CodecId::Wmv2, &hex!("8823 0401"), false),
            ("AV1 key", CodecId::Av1, &hex!("1200 0a01 00 3201 10"), true),
            ("AV1 other", CodecId::Av1, &hex!("1200 3201 30"), false),
            ("AV1 without sizes", CodecId::Av1, &hex!("30 0a"), false),
            ("nothing", CodecId::Wmv1, &[], false),
            ("audio", CodecId::Mp2, &hex!("fffd"), false),
        ] {
            assert_eq!(is_key(codec, data), want, "{name}");
        }
    }
}
