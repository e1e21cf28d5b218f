//! What can be wrong with coding.

use media::CodecId;

/// Why a frame or packet cannot be coded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// There is no back end for the codec in this build.
    #[error("no {direction} for {codec} in this build")]
    Unsupported {
        /// The codec.
        codec: CodecId,
        /// "encoder" or "decoder".
        direction: &'static str,
    },
    /// The back end knows the codec, but not this use of it.
    #[error("{codec} with {feature} cannot be decoded")]
    Feature {
        /// The codec.
        codec: CodecId,
        /// What it uses, in words.
        feature: String,
    },
    /// The picture size is outside what the back end can do.
    #[error("{codec} cannot code {width_px}x{height_px} pixels: {reason}")]
    Size {
        /// The codec.
        codec: CodecId,
        /// Width asked for.
        width_px: u32,
        /// Height asked for.
        height_px: u32,
        /// The bounds, in words.
        reason: &'static str,
    },
    /// A frame contradicts itself or has a format that no conversion is known for.
    #[error("frame of {width_px}x{height_px} pixels cannot be used: {reason}")]
    BadFrame {
        /// Width it states.
        width_px: u32,
        /// Height it states.
        height_px: u32,
        /// What is wrong, in words.
        reason: &'static str,
    },
    /// A plane cannot be scaled.
    #[error("plane of {from_px:?} pixels cannot be scaled to {to_px:?}: {reason}")]
    Scale {
        /// Width and height it has.
        from_px: (u32, u32),
        /// Width and height it should get.
        to_px: (u32, u32),
        /// What the scaler said.
        reason: String,
    },
    /// The input is damaged.
    #[error("{codec} packet of {len} bytes cannot be decoded: {reason}")]
    BadPacket {
        /// The codec.
        codec: CodecId,
        /// Bytes of the packet.
        len: usize,
        /// What the back end said.
        reason: String,
    },
    /// The back end failed.
    #[error("{codec} {direction}: {reason}")]
    BackEnd {
        /// The codec.
        codec: CodecId,
        /// "encoder" or "decoder".
        direction: &'static str,
        /// What the back end said.
        reason: String,
    },
}
