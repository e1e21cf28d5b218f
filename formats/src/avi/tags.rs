//! Codecs and the codes AVI knows them by.
//!
//! Video: FOURCCs of biCompression as registered with Microsoft, or in general use where no
//! registration is known (`FMP4`, `FLV1`). Audio: wFormatTag (RFC 2361, appendix A; mmreg.h).

use media::CodecId;

use super::riff::FourCc;

/// Video codecs: the FOURCC written first, then others that stand for the same bitstream.
const VIDEO: [(CodecId, &[&FourCc]); 13] = [
    (
        CodecId::H264,
        &[b"H264", b"AVC1", b"X264", b"DAVC", b"VSSH"],
    ),
    (CodecId::Mjpeg, &[b"MJPG", b"JPEG", b"DMB1", b"AVDJ"]),
    (
        CodecId::Mpeg4,
        &[
            b"FMP4", b"XVID", b"DIVX", b"DX50", b"MP4V", b"MP4S", b"M4S2", b"3IV2", b"RMP4",
        ],
    ),
    (CodecId::Mpeg1Video, &[b"MPG1", b"MPEG", b"PIM1"]),
    (CodecId::Mpeg2Video, &[b"MPG2", b"EM2V", b"MMES"]),
    (CodecId::MsMpeg4V1, &[b"MPG4", b"MP41", b"DIV1"]),
    (CodecId::MsMpeg4V2, &[b"MP42", b"DIV2"]),
    (
        CodecId::MsMpeg4V3,
        &[
            b"MP43", b"DIV3", b"DIV4", b"MPG3", b"DVX3", b"AP41", b"COL1",
        ],
    ),
    (CodecId::Wmv1, &[b"WMV1"]),
    (CodecId::Wmv2, &[b"WMV2"]),
    (CodecId::Flv1, &[b"FLV1"]),
    (CodecId::H263, &[b"H263", b"S263", b"L263"]),
    (CodecId::Av1, &[b"AV01"]),
];

/// The FOURCC that is written for a codec. Lower case for MPEG-1 and MPEG-2: the players that know
/// them know `mpg1` and `mpg2`.
pub(super) fn four_cc(codec: CodecId) -> Option<FourCc> {
    let (_, codes) = VIDEO.iter().find(|(known, _)| *known == codec)?;
    let code = **codes.first()?;
    Some(match codec {
        CodecId::Mpeg1Video | CodecId::Mpeg2Video => code.map(|byte| byte.to_ascii_lowercase()),
        _ => code,
    })
}

/// The codec of a FOURCC, in any case.
pub(super) fn video_codec(code: FourCc) -> Option<CodecId> {
    VIDEO
        .iter()
        .find(|(_, codes)| codes.iter().any(|known| known.eq_ignore_ascii_case(&code)))
        .map(|(codec, _)| *codec)
}

/// How an audio codec stands in AVI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AudioTag {
    pub(super) codec: CodecId,
    /// wFormatTag.
    pub(super) tag: u16,
    /// wBitsPerSample.
    pub(super) bits_per_sample: u16,
}

const AUDIO: [AudioTag; 8] = [
    audio(CodecId::PcmU8, 0x0001, 8),
    audio(CodecId::PcmS16Le, 0x0001, 16),
    audio(CodecId::PcmALaw, 0x0006, 8),
    audio(CodecId::PcmMuLaw, 0x0007, 8),
    audio(CodecId::Mp2, 0x0050, 0),
    audio(CodecId::Mp3, 0x0055, 0),
    audio(CodecId::Aac, 0x00ff, 16),
    audio(CodecId::Ac3, 0x2000, 0),
];

const fn audio(codec: CodecId, tag: u16, bits_per_sample: u16) -> AudioTag {
    AudioTag {
        codec,
        tag,
        bits_per_sample,
    }
}

/// What is written for a codec.
pub(super) fn audio_tag(codec: CodecId) -> Option<AudioTag> {
    AUDIO.into_iter().find(|known| known.codec == codec)
}

/// The codec of a wFormatTag.
pub(super) fn audio_codec(tag: u16, bits_per_sample: u16) -> Option<CodecId> {
    /// WAVE_FORMAT_MPEG_ADTS_AAC: like 0xff, each access unit with an ADTS header.
    const ADTS_AAC: u16 = 0x1600;
    if tag == ADTS_AAC {
        return Some(CodecId::Aac);
    }
    AUDIO
        .into_iter()
        .find(|known| {
            known.tag == tag && (tag != 0x0001 || known.bits_per_sample == bits_per_sample)
        })
        .map(|known| known.codec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_as_the_same_codec() {
        for (codec, _) in VIDEO {
            assert_eq!(four_cc(codec).and_then(video_codec), Some(codec), "{codec}");
        }
        for AudioTag {
            codec,
            tag,
            bits_per_sample,
        } in AUDIO
        {
            assert_eq!(audio_codec(tag, bits_per_sample), Some(codec), "{codec}");
        }
    }

    #[test]
    fn codes_of_others_are_read_in_any_case() {
        for (code, want) in [
            (b"avc1", Some(CodecId::H264)),
            (b"xvid", Some(CodecId::Mpeg4)),
            (b"DivX", Some(CodecId::Mpeg4)),
            (b"DIV3", Some(CodecId::MsMpeg4V3)),
            (b"mpg2", Some(CodecId::Mpeg2Video)),
            (b"IV50", None),
            (b"\0\0\0\0", None),
        ] {
            assert_eq!(video_codec(*code), want, "{code:?}");
        }
        assert_eq!(audio_codec(0x1600, 0), Some(CodecId::Aac));
        assert_eq!(audio_codec(0x0001, 24), None, "24-bit samples");
        assert_eq!(audio_codec(0x0161, 16), None, "Windows Media Audio");
    }
}
