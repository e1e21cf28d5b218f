//! Numbers of codecs in the program map (ISO/IEC 13818-1, table 2-34).

use media::{CodecId, CodecParameters};

use super::pmt::StreamEntry;

/// stream_type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StreamType(pub(super) u8);

impl StreamType {
    /// MPEG-1 video.
    pub(super) const MPEG1_VIDEO: Self = Self(0x01);
    /// MPEG-2 video.
    pub(super) const MPEG2_VIDEO: Self = Self(0x02);
    /// MPEG-1 audio, any layer.
    pub(super) const MPEG1_AUDIO: Self = Self(0x03);
    /// MPEG-2 audio: half the sampling rates.
    pub(super) const MPEG2_AUDIO: Self = Self(0x04);
    /// PES packets of private data; descriptors tell more.
    pub(super) const PRIVATE: Self = Self(0x06);
    /// AAC with ADTS headers.
    pub(super) const AAC_ADTS: Self = Self(0x0f);
    /// MPEG-4 Part 2.
    pub(super) const MPEG4: Self = Self(0x10);
    /// H.264.
    pub(super) const H264: Self = Self(0x1b);
    /// H.265.
    pub(super) const HEVC: Self = Self(0x24);
    /// AC-3 (ATSC A/53 Part 3, 6.6).
    pub(super) const AC3: Self = Self(0x81);

    /// The number for a track.
    pub(super) fn of(params: &CodecParameters) -> Option<Self> {
        Some(match params.codec {
            CodecId::Mpeg1Video => Self::MPEG1_VIDEO,
            CodecId::Mpeg2Video => Self::MPEG2_VIDEO,
            CodecId::Mp2 | CodecId::Mp3 => {
                let rate_hz = params.audio().map_or(0, |audio| audio.sample_rate_hz);
                if rate_hz < 32_000 {
                    Self::MPEG2_AUDIO
                } else {
                    Self::MPEG1_AUDIO
                }
            }
            CodecId::Aac => Self::AAC_ADTS,
            CodecId::Mpeg4 => Self::MPEG4,
            CodecId::H264 => Self::H264,
            CodecId::Hevc => Self::HEVC,
            CodecId::Ac3 => Self::AC3,
            _ => return None,
        })
    }
}

/// registration_descriptor (2.6.8).
const REGISTRATION: u8 = 5;
/// AC-3_descriptor (ETSI EN 300 468, annex D): how DVB names AC-3 in private data.
const DVB_AC3: u8 = 0x6a;

impl StreamEntry {
    /// The entry of a track.
    pub(super) fn of(params: &CodecParameters, pid: u16) -> Option<Self> {
        let stream_type = StreamType::of(params)?;
        // 0x81 belongs to AC-3 only together with its registration.
        let registration: &[u8] = match params.codec {
            CodecId::Ac3 => &[REGISTRATION, 4, b'A', b'C', b'-', b'3'],
            _ => &[],
        };
        Some(Self {
            stream_type,
            pid,
            descriptors: registration.to_vec(),
        })
    }

    /// The codec; MP2 stands for all layers of MPEG audio. `None` if it is none that is known here.
    pub(super) fn codec(&self) -> Option<CodecId> {
        Some(match self.stream_type {
            StreamType::MPEG1_VIDEO => CodecId::Mpeg1Video,
            StreamType::MPEG2_VIDEO => CodecId::Mpeg2Video,
            StreamType::MPEG1_AUDIO | StreamType::MPEG2_AUDIO => CodecId::Mp2,
            StreamType::AAC_ADTS => CodecId::Aac,
            StreamType::MPEG4 => CodecId::Mpeg4,
            StreamType::H264 => CodecId::H264,
            StreamType::HEVC => CodecId::Hevc,
            StreamType::AC3 => CodecId::Ac3,
            StreamType::PRIVATE if self.is_private_ac3() => CodecId::Ac3,
            _ => return None,
        })
    }

    fn is_private_ac3(&self) -> bool {
        self.descriptor(DVB_AC3).is_some() || self.descriptor(REGISTRATION) == Some(b"AC-3")
    }
}
