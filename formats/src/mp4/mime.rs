//! What a browser's Media Source Extensions ask for: the `codecs` parameter of the MIME type, RFC
//! 6381 (3.3 for `mp4a` and `mp4v`; ISO/IEC 14496-15, annex E for `avc1`; AV1 binding, 5).

use media::bitstream::{aac::AudioSpecificConfig, sps::Sps};
use media::{CodecId, CodecParameters, Track};

use super::esds;

/// The `codecs` parameter of `video/mp4` for these tracks, such as `avc1.42c01e, mp4a.40.2`.
/// `None` if there are no tracks or the muxer cannot write one of them. Whether a browser plays it
/// is for `MediaSource.isTypeSupported` to say.
#[must_use]
pub fn mime_codecs(tracks: &[Track]) -> Option<String> {
    if tracks.is_empty() {
        return None;
    }
    let codecs = tracks
        .iter()
        .map(|track| codec(&track.params))
        .collect::<Option<Vec<_>>>()?;
    Some(codecs.join(", "))
}

fn codec(params: &CodecParameters) -> Option<String> {
    match params.codec {
        CodecId::H264 => Sps::find(&params.config).map(|sps| sps.rfc6381()),
        CodecId::Av1 => av1(&params.config),
        CodecId::Aac => {
            let config = AudioSpecificConfig::parse(&params.config)?;
            let object_type = esds::object_type(params)?;
            Some(format!("mp4a.{object_type:02x}.{}", config.object_type))
        }
        CodecId::Mpeg4 => {
            let object_type = esds::object_type(params)?;
            Some(match profile_and_level(&params.config) {
                Some(indication) => format!("mp4v.{object_type:02x}.{indication}"),
                None => format!("mp4v.{object_type:02x}"),
            })
        }
        CodecId::Mjpeg => Some(format!("mp4v.{:02x}", esds::object_type(params)?)),
        CodecId::Mp2 | CodecId::Mp3 => Some(format!("mp4a.{:02x}", esds::object_type(params)?)),
        _ => None,
    }
}

/// `profile_and_level_indication` of a visual object sequence (ISO/IEC 14496-2, 6.2.2).
fn profile_and_level(config: &[u8]) -> Option<u8> {
    let at = config
        .windows(4)
        .position(|window| window == [0, 0, 1, 0xb0])?;
    config.get(at + 4).copied()
}

/// `av01.P.LLT.DD` from an AV1CodecConfigurationRecord.
fn av1(record: &[u8]) -> Option<String> {
    let [0x81, profile_and_level, flags, ..] = record else {
        return None;
    };
    let (profile, level) = (profile_and_level >> 5, profile_and_level & 0x1f);
    let tier = if flags & 0x80 == 0 { 'M' } else { 'H' };
    let bit_depth = match (flags & 0x40 != 0, flags & 0x20 != 0) {
        (false, _) => 8,
        (true, false) => 10,
        (true, true) => 12,
    };
    Some(format!("av01.{profile}.{level:02}{tier}.{bit_depth:02}"))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use hex_literal::hex;
    use media::{AudioParameters, MediaKind, MediaParameters, TimeBase, VideoParameters};

    use super::*;

    fn track(codec: CodecId, config: &[u8], rate_hz: u32) -> Track {
        let media = match codec.kind() {
            MediaKind::Video => MediaParameters::Video(VideoParameters {
                width_px: 640,
                height_px: 480,
                frame_rate: None,
            }),
            MediaKind::Audio => MediaParameters::Audio(AudioParameters {
                sample_rate_hz: rate_hz,
                channels: 1,
            }),
        };
        Track {
            time_base: TimeBase::MICROS,
            params: CodecParameters {
                codec,
                bit_rate_bps: None,
                config: Bytes::copy_from_slice(config),
                media,
            },
        }
    }

    #[test]
    fn codecs_parameter_of_each_codec() {
        // The SPS of a 352x288 Baseline stream at level 1.3.
        let avc = hex!("00000001 6742c00d da0582cc80 00000001 68ce3c80");
        for (name, codec, config, rate_hz, want) in [
            (
                "H.264 Baseline",
                CodecId::H264,
                &avc[..],
                0,
                Some("avc1.42c00d"),
            ),
            (
                "AAC-LC",
                CodecId::Aac,
                &hex!("1208"),
                44_100,
                Some("mp4a.40.2"),
            ),
            (
                "HE-AAC",
                CodecId::Aac,
                &hex!("2b0a08"),
                22_050,
                Some("mp4a.40.5"),
            ),
            (
                "MPEG-1 layer III",
                CodecId::Mp3,
                &[],
                44_100,
                Some("mp4a.6b"),
            ),
            (
                "MPEG-2 layer III",
                CodecId::Mp3,
                &[],
                22_050,
                Some("mp4a.69"),
            ),
            (
                "MPEG-4 Simple profile, level 1",
                CodecId::Mpeg4,
                &hex!("000001b0 01 000001b5 09"),
                0,
                Some("mp4v.20.1"),
            ),
            ("JPEG", CodecId::Mjpeg, &[], 0, Some("mp4v.6c")),
            (
                "AV1 Main, level 3.0, 8 bits",
                CodecId::Av1,
                &hex!("81 04 0c 00"),
                0,
                Some("av01.0.04M.08"),
            ),
            (
                "AV1 Main, level 5.1, high tier, 10 bits",
                CodecId::Av1,
                &hex!("81 0d cc 00"),
                0,
                Some("av01.0.13H.10"),
            ),
            ("H.264 without SPS", CodecId::H264, &[], 0, None),
            (
                "a codec MP4 has no entry for here",
                CodecId::Flv1,
                &[],
                0,
                None,
            ),
        ] {
            let got = mime_codecs(&[track(codec, config, rate_hz)]);
            let want = want.map(str::to_owned);
            assert_eq!(got, want, "{name}");
        }
        assert_eq!(mime_codecs(&[]), None, "no tracks");
    }
}
