//! What a feed asks for.

use media::{CodecId, FrameRate};

/// One encoding that a feed asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// The codec; `None` where its number is unknown.
    pub(super) codec: Option<CodecId>,
    /// Bit rate in bit/s, if told.
    pub(super) bit_rate_bps: Option<u32>,
    /// What depends on the medium.
    pub(super) media: AskedMedia,
}

/// What depends on the medium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AskedMedia {
    /// Pictures.
    Video(AskedVideo),
    /// Sound.
    Audio {
        /// Sampling rate in Hz, if told.
        sample_rate_hz: Option<u32>,
        /// Number of channels, if told.
        channels: Option<u16>,
    },
}

/// Settings of a video encoding, as far as they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct AskedVideo {
    /// Width and height in pixels.
    pub(super) size_px: Option<(u32, u32)>,
    /// Frames a second.
    pub(super) frame_rate: Option<FrameRate>,
    /// Frames from key frame to key frame.
    pub(super) gop_size: Option<u32>,
    /// Bounds of the quantizer.
    pub(super) quantizer: Option<(u8, u8)>,
}

impl Asked {
    /// The codec in words.
    pub(super) fn codec_name(&self) -> &'static str {
        self.codec.map_or("an unknown codec", CodecId::name)
    }
}
