//! Video tags (annex E.4.3).

use media::CodecId;
use media::bitstream::bits::BitReader;

/// What stands before the picture in a video tag.
///
/// | byte | bits | name            | meaning                                                  |
/// |-----:|-----:|-----------------|----------------------------------------------------------|
/// |    0 |    4 | FrameType       | 1 key, 2 inter, 3 disposable inter, 4 server key, 5 info |
/// |      |    4 | CodecID         | 2 Sorenson H.263, 7 AVC; others are not known here       |
/// |    1 |    8 | AVCPacketType   | AVC only: 0 configuration, 1 NAL units, 2 end of sequence |
/// |    2 |   24 | CompositionTime | AVC only, signed: ms from decoding to display            |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct VideoTagHeader {
    /// FrameType.
    pub(super) frame_type: u8,
    /// The codec and what it adds.
    pub(super) codec: VideoCodec,
}

/// CodecID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VideoCodec {
    /// Sorenson H.263.
    Flv1,
    /// AVC.
    Avc {
        /// AVCPacketType.
        packet_type: u8,
        /// CompositionTime in ms.
        composition_time_ms: i32,
    },
    /// Another, or an extended header (highest bit of the FrameType).
    Unknown(u8),
}

/// FrameType.
pub(super) const KEY_FRAME: u8 = 1;
/// FrameType.
pub(super) const INTER_FRAME: u8 = 2;
const GENERATED_KEY_FRAME: u8 = 4;
/// FrameType: the data is a command for the player.
pub(super) const INFO_FRAME: u8 = 5;

/// AVCPacketType.
pub(super) const AVC_SEQUENCE_HEADER: u8 = 0;
/// AVCPacketType.
pub(super) const AVC_NALU: u8 = 1;
/// AVCPacketType.
pub(super) const AVC_END_OF_SEQUENCE: u8 = 2;

/// The least and the most that CompositionTime can say, in ms.
pub(super) const COMPOSITION_TIME_RANGE_MS: std::ops::RangeInclusive<i64> = -0x80_0000..=0x7f_ffff;

const CODEC_FLV1: u8 = 2;
const CODEC_AVC: u8 = 7;

impl VideoTagHeader {
    /// Reads the header and gives what is behind it; `None` if it is cut off.
    pub(super) fn parse(data: &[u8]) -> Option<(Self, &[u8])> {
        let (first, rest) = data.split_first()?;
        let (frame_type, codec_id) = (first >> 4, first & 0xf);
        let (codec, rest) = match codec_id {
            _ if frame_type & 8 != 0 => (VideoCodec::Unknown(codec_id), rest),
            CODEC_FLV1 => (VideoCodec::Flv1, rest),
            CODEC_AVC => {
                let ([packet_type, c2, c1, c0], rest) = rest.split_first_chunk()?;
                // Shifted down with its sign.
                let composition_time_ms = i32::from_be_bytes([*c2, *c1, *c0, 0]) >> 8;
                (
                    VideoCodec::Avc {
                        packet_type: *packet_type,
                        composition_time_ms,
                    },
                    rest,
                )
            }
            other => (VideoCodec::Unknown(other), rest),
        };
        Some((Self { frame_type, codec }, rest))
    }

    /// Appends the header. CompositionTime is cut to its 24 bits.
    pub(super) fn write(self, out: &mut Vec<u8>) {
        match self.codec {
            VideoCodec::Flv1 => out.push(self.frame_type << 4 | CODEC_FLV1),
            VideoCodec::Avc {
                packet_type,
                composition_time_ms,
            } => {
                let [_, time @ ..] = composition_time_ms.to_be_bytes();
                out.extend([self.frame_type << 4 | CODEC_AVC, packet_type]);
                out.extend(time);
            }
            VideoCodec::Unknown(codec_id) => out.push(self.frame_type << 4 | codec_id & 0xf),
        }
    }

    /// Whether a decoder can start here.
    pub(super) const fn is_key(self) -> bool {
        matches!(self.frame_type, KEY_FRAME | GENERATED_KEY_FRAME)
    }
}

/// The CodecID that onMetaData states.
pub(super) const fn codec_id(codec: CodecId) -> Option<u8> {
    match codec {
        CodecId::Flv1 => Some(CODEC_FLV1),
        CodecId::H264 => Some(CODEC_AVC),
        _ => None,
    }
}

/// Width and height in pixels from a Sorenson H.263 picture header (Adobe SWF File Format
/// Specification 19, H263VIDEOPACKET); `None` if it is none.
///
/// | bits | name              | meaning                                                 |
/// |-----:|-------------------|---------------------------------------------------------|
/// |   17 | PictureStartCode  | 1                                                       |
/// |    5 | Version           | 0 or 1                                                  |
/// |    8 | TemporalReference |                                                         |
/// |    3 | PictureSize       | 0: 8 bits each follow, 1: 16 bits each; 2 to 6: a table |
pub(super) fn flv1_size_px(picture: &[u8]) -> Option<(u32, u32)> {
    let mut r = BitReader::new(picture);
    if r.bits(17)? != 1 {
        return None;
    }
    r.skip(13)?;
    let size = match r.bits(3)? {
        0 => (r.bits(8)?, r.bits(8)?),
        1 => (r.bits(16)?, r.bits(16)?),
        2 => (352, 288),
        3 => (176, 144),
        4 => (128, 96),
        5 => (320, 240),
        6 => (160, 120),
        _ => return None,
    };
    (size.0 > 0 && size.1 > 0).then_some(size)
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn header_bytes() {
        let avc = |packet_type, composition_time_ms| VideoCodec::Avc {
            packet_type,
            composition_time_ms,
        };
        for (name, frame_type, codec, want) in [
            ("Sorenson key", 1, VideoCodec::Flv1, &hex!("12")[..]),
            ("Sorenson inter", 2, VideoCodec::Flv1, &hex!("22")),
            ("AVC configuration", 1, avc(0, 0), &hex!("17 00 000000")),
            ("AVC key, 80 ms", 1, avc(1, 80), &hex!("17 01 000050")),
            (
                "AVC before its decoding",
                2,
                avc(1, -1),
                &hex!("27 01 ffffff"),
            ),
            ("AVC most", 2, avc(1, 0x7f_ffff), &hex!("27 01 7fffff")),
            ("AVC least", 2, avc(1, -0x80_0000), &hex!("27 01 800000")),
            ("VP6", 1, VideoCodec::Unknown(4), &hex!("14")),
        ] {
            let header = VideoTagHeader { frame_type, codec };
            let mut out = Vec::new();
            header.write(&mut out);
            assert_eq!(out, want, "{name}");
            out.push(0x5a);
            assert_eq!(
                VideoTagHeader::parse(&out),
                Some((header, &hex!("5a")[..])),
                "{name}"
            );
            for len in 0..want.len() {
                assert_eq!(
                    VideoTagHeader::parse(&out[..len]),
                    None,
                    "{name}, {len} bytes"
                );
            }
        }
        let (extended, _) = VideoTagHeader::parse(&hex!("90 68766331")).unwrap();
        assert_eq!(extended.codec, VideoCodec::Unknown(0));
    }

    #[test]
    fn sorenson_picture_sizes() {
        for (name, picture, want) in [
            (
                "320x240 by table",
                &hex!("0000 8402 92a6")[..],
                Some((320, 240)),
            ),
            ("8 bits each", &hex!("0000 8400 20 3c00"), Some((64, 120))),
            (
                "16 bits each",
                &hex!("0000 8400 8140 00f0 00"),
                Some((640, 480)),
            ),
            ("no start code", &hex!("0001 8402 92a6"), None),
            ("cut off", &hex!("0000 8400 20"), None),
            ("no width", &hex!("0000 8400 00 3c00"), None),
        ] {
            assert_eq!(flv1_size_px(picture), want, "{name}");
        }
    }
}
