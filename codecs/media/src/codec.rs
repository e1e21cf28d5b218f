//! Names of codecs.

use std::fmt;

/// Video or audio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MediaKind {
    /// Pictures.
    Video,
    /// Sound.
    Audio,
}

/// A codec. Tags and numbers of a container stand with that container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CodecId {
    /// AV1.
    Av1,
    /// Sorenson H.263, the first FLV video codec.
    Flv1,
    /// ITU-T H.263.
    H263,
    /// ITU-T H.264.
    H264,
    /// ITU-T H.265.
    Hevc,
    /// Motion JPEG: every packet is a whole JPEG image.
    Mjpeg,
    /// MPEG-1 video.
    Mpeg1Video,
    /// MPEG-2 video.
    Mpeg2Video,
    /// MPEG-4 Part 2.
    Mpeg4,
    /// Microsoft MPEG-4 version 1.
    MsMpeg4V1,
    /// Microsoft MPEG-4 version 2.
    MsMpeg4V2,
    /// Microsoft MPEG-4 version 3.
    MsMpeg4V3,
    /// RealVideo 1.0.
    Rv10,
    /// RealVideo 2.0.
    Rv20,
    /// Theora.
    Theora,
    /// On2 VP8.
    Vp8,
    /// Google VP9.
    Vp9,
    /// Windows Media Video 7.
    Wmv1,
    /// Windows Media Video 8.
    Wmv2,
    /// AAC.
    Aac,
    /// Dolby AC-3.
    Ac3,
    /// IMA ADPCM as FLV's SWF variant.
    AdpcmSwf,
    /// FLAC.
    Flac,
    /// MPEG audio layer II.
    Mp2,
    /// MPEG audio layer III.
    Mp3,
    /// Nellymoser Asao.
    Nellymoser,
    /// Opus.
    Opus,
    /// G.711 A-law.
    PcmALaw,
    /// G.711 mu-law.
    PcmMuLaw,
    /// Signed 16-bit big-endian samples.
    PcmS16Be,
    /// Signed 16-bit little-endian samples.
    PcmS16Le,
    /// Unsigned 8-bit samples.
    PcmU8,
    /// Speex.
    Speex,
    /// Vorbis.
    Vorbis,
    /// Windows Media Audio 1.
    Wma1,
    /// Windows Media Audio 2.
    Wma2,
}

impl CodecId {
    /// The medium it codes.
    #[must_use]
    pub const fn kind(self) -> MediaKind {
        match self {
            Self::Av1
            | Self::Flv1
            | Self::H263
            | Self::H264
            | Self::Hevc
            | Self::Mjpeg
            | Self::Mpeg1Video
            | Self::Mpeg2Video
            | Self::Mpeg4
            | Self::MsMpeg4V1
            | Self::MsMpeg4V2
            | Self::MsMpeg4V3
            | Self::Rv10
            | Self::Rv20
            | Self::Theora
            | Self::Vp8
            | Self::Vp9
            | Self::Wmv1
            | Self::Wmv2 => MediaKind::Video,
            Self::Aac
            | Self::Ac3
            | Self::AdpcmSwf
            | Self::Flac
            | Self::Mp2
            | Self::Mp3
            | Self::Nellymoser
            | Self::Opus
            | Self::PcmALaw
            | Self::PcmMuLaw
            | Self::PcmS16Be
            | Self::PcmS16Le
            | Self::PcmU8
            | Self::Speex
            | Self::Vorbis
            | Self::Wma1
            | Self::Wma2 => MediaKind::Audio,
        }
    }

    /// The short name that `ffprobe` and old configuration files use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Av1 => "av1",
            Self::Flv1 => "flv1",
            Self::H263 => "h263",
            Self::H264 => "h264",
            Self::Hevc => "hevc",
            Self::Mjpeg => "mjpeg",
            Self::Mpeg1Video => "mpeg1video",
            Self::Mpeg2Video => "mpeg2video",
            Self::Mpeg4 => "mpeg4",
            Self::MsMpeg4V1 => "msmpeg4v1",
            Self::MsMpeg4V2 => "msmpeg4v2",
            Self::MsMpeg4V3 => "msmpeg4v3",
            Self::Rv10 => "rv10",
            Self::Rv20 => "rv20",
            Self::Theora => "theora",
            Self::Vp8 => "vp8",
            Self::Vp9 => "vp9",
            Self::Wmv1 => "wmv1",
            Self::Wmv2 => "wmv2",
            Self::Aac => "aac",
            Self::Ac3 => "ac3",
            Self::AdpcmSwf => "adpcm_swf",
            Self::Flac => "flac",
            Self::Mp2 => "mp2",
            Self::Mp3 => "mp3",
            Self::Nellymoser => "nellymoser",
            Self::Opus => "opus",
            Self::PcmALaw => "pcm_alaw",
            Self::PcmMuLaw => "pcm_mulaw",
            Self::PcmS16Be => "pcm_s16be",
            Self::PcmS16Le => "pcm_s16le",
            Self::PcmU8 => "pcm_u8",
            Self::Speex => "speex",
            Self::Vorbis => "vorbis",
            Self::Wma1 => "wmav1",
            Self::Wma2 => "wmav2",
        }
    }

    /// Whether a packet can depend on packets shown after it, so that decoding order and display
    /// order may differ.
    #[must_use]
    pub const fn may_reorder(self) -> bool {
        matches!(
            self,
            Self::H264 | Self::Hevc | Self::Mpeg1Video | Self::Mpeg2Video | Self::Mpeg4
        )
    }
}

impl fmt::Display for CodecId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
