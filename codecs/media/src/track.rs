//! What a muxer may know of an elementary stream.

use bytes::Bytes;

use crate::{CodecId, FrameRate, MediaKind, TimeBase};

/// An elementary stream of a source. Fixed for a session; a change starts a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// Unit of the times of this track's packets.
    pub time_base: TimeBase,
    /// How it is coded.
    pub params: CodecParameters,
}

/// How a track is coded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodecParameters {
    /// The codec.
    pub codec: CodecId,
    /// Nominal bit rate in bit/s, if known.
    pub bit_rate_bps: Option<u32>,
    /// Out-of-band configuration in the form stated in the crate's documentation; may be empty.
    pub config: Bytes,
    /// What depends on the medium.
    pub media: MediaParameters,
}

/// What depends on the medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaParameters {
    /// A video track.
    Video(VideoParameters),
    /// An audio track.
    Audio(AudioParameters),
}

/// Parameters of a video track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VideoParameters {
    /// Width of the shown picture in pixels.
    pub width_px: u32,
    /// Height of the shown picture in pixels.
    pub height_px: u32,
    /// Nominal frame rate, if known.
    pub frame_rate: Option<FrameRate>,
}

/// Parameters of an audio track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AudioParameters {
    /// Sampling rate in Hz.
    pub sample_rate_hz: u32,
    /// Number of channels.
    pub channels: u16,
}

impl CodecParameters {
    /// The medium.
    #[must_use]
    pub const fn kind(&self) -> MediaKind {
        match self.media {
            MediaParameters::Video(_) => MediaKind::Video,
            MediaParameters::Audio(_) => MediaKind::Audio,
        }
    }

    /// The video parameters, if this is video.
    #[must_use]
    pub const fn video(&self) -> Option<&VideoParameters> {
        match &self.media {
            MediaParameters::Video(video) => Some(video),
            MediaParameters::Audio(_) => None,
        }
    }

    /// The audio parameters, if this is audio.
    #[must_use]
    pub const fn audio(&self) -> Option<&AudioParameters> {
        match &self.media {
            MediaParameters::Audio(audio) => Some(audio),
            MediaParameters::Video(_) => None,
        }
    }
}
