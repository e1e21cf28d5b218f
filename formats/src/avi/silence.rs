//! Frames of silence for gaps of framed audio. Readers skip zero-length audio chunks without
//! counting them (ffmpeg 5.1, GStreamer 1.22), so only frames keep sound and picture together.

use bytes::Bytes;
use media::CodecId;
use media::bitstream::aac::AudioSpecificConfig;
use media::bitstream::mpeg_audio::MpegAudioHeader;

/// A frame of silence like `frame`, the first after the gap; `None` for codecs and layouts that
/// none is known of: AC-3, and AAC other than LC with one or two channels.
pub(super) fn silent_frame(codec: CodecId, config: &[u8], frame: &[u8]) -> Option<Bytes> {
    match codec {
        CodecId::Mp2 | CodecId::Mp3 => mpeg_audio(frame),
        CodecId::Aac => aac(config),
        _ => None,
    }
}

/// The header with protection_bit set and padding_bit clear; no bit allocation (layer II) or side
/// information (layer III) but zeros (ISO/IEC 11172-3, 2.4.1).
fn mpeg_audio(frame: &[u8]) -> Option<Bytes> {
    let [sync, version, rate, mode, ..] = *frame else {
        return None;
    };
    let mut out = vec![sync, version | 0x01, rate & !0x02, mode];
    let header = MpegAudioHeader::parse(&out)?;
    out.resize(header.frame_len, 0);
    Some(out.into())
}

/// A raw_data_block of one element without spectrum (ISO/IEC 14496-3, 4.4.2): id_syn_ele 0 or 1,
/// then zeros (global_gain, ONLY_LONG_SEQUENCE, max_sfb 0, no tools) for each channel, then ID_END.
fn aac(config: &[u8]) -> Option<Bytes> {
    const LOW_COMPLEXITY: u8 = 2;
    let config = AudioSpecificConfig::parse(config)?;
    match (config.object_type, config.channel_config) {
        // 3 + 4 + 22 bits, 111.
        (LOW_COMPLEXITY, 1) => Some(Bytes::from_static(&[0, 0, 0, 0b111])),
        // 001, 4 + 1 + 22 + 22 bits, 111, 1 bit of padding.
        (LOW_COMPLEXITY, 2) => Some(Bytes::from_static(&[0b0010_0000, 0, 0, 0, 0, 0, 0b1110])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn silent_frames_have_the_form_of_their_neighbours() {
        let mut layer2 = hex!("fffd 40c4").to_vec();
        layer2.resize(208, 0);
        let mut layer3 = hex!("fffb 9000").to_vec();
        layer3.resize(417, 0);
        for (name, codec, config, frame, want) in [
            (
                "AAC mono",
                CodecId::Aac,
                &hex!("1208")[..],
                &[][..],
                Some(&hex!("00000007")[..]),
            ),
            (
                "AAC stereo",
                CodecId::Aac,
                &hex!("1210"),
                &[],
                Some(&hex!("2000000000000e")),
            ),
            ("AAC 5.1", CodecId::Aac, &hex!("1230"), &[], None),
            (
                "layer II with CRC",
                CodecId::Mp2,
                &[],
                &hex!("fffc 40c4 1234"),
                Some(&layer2),
            ),
            (
                "layer III, padded",
                CodecId::Mp3,
                &[],
                &hex!("fffb 9200 1234"),
                Some(&layer3),
            ),
            ("AC-3", CodecId::Ac3, &[], &hex!("0b77"), None),
        ] {
            let got = silent_frame(codec, config, frame);
            assert_eq!(got.as_deref(), want, "{name}");
        }
    }
}
