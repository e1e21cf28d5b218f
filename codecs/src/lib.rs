//! Frames to packets and back: encoders and decoders behind two traits, one file per back end;
//! pixel conversion and scaling.
//!
//! Encoders and decoders block. They run on threads of their own, never on an executor.

mod error;
mod h264;
mod jpeg;
mod picture;

pub use error::CodecError;
use media::{CodecId, CodecParameters, FrameRate, Packet, VideoFrame};

/// Makes an encoder.
///
/// | codec | back end | sizes in pixels | odd sizes |
/// |-------|----------|-----------------|-----------|
/// | H.264 | OpenH264, constrained baseline | 16x16 to 3840x2160 or 2160x3840 | coded one pixel larger, edge repeated |
/// | MJPEG | jpeg-encoder, baseline 4:2:0, full range | 1x1 to 16384x16384 | coded as they are |
///
/// MJPEG holds its bit rate by the quantizer of each image, within the configured bounds; H.264 codes
/// its bounds in its own scale, step for step. Pixels are square and colours are not described:
/// players take BT.601 for MJPEG and guess by size for H.264.
///
/// # Errors
/// [`CodecError::Unsupported`] if there is no encoder for `codec`, [`CodecError::Size`] if it cannot
/// code the size.
pub fn video_encoder(
    codec: CodecId,
    config: &VideoEncoderConfig,
) -> Result<Box<dyn VideoEncoder>, CodecError> {
    match codec {
        CodecId::H264 => Ok(Box::new(h264::Encoder::new(config)?)),
        CodecId::Mjpeg => Ok(Box::new(jpeg::Encoder::new(config)?)),
        _ => Err(CodecError::Unsupported {
            codec,
            direction: "encoder",
        }),
    }
}

/// Makes a decoder. `config` is the track's [`CodecParameters::config`].
///
/// | codec | back end | what it decodes |
/// |-------|----------|-----------------|
/// | H.264 | OpenH264 | Baseline, Main and High profile; 4:2:0, 8 bits, progressive; B frames |
/// | MJPEG | zune-jpeg | baseline and progressive, grey or YCbCr, any sampling |
///
/// # Errors
/// [`CodecError::Unsupported`] if there is no decoder for `codec`, [`CodecError::Feature`] if the
/// configuration asks for what it cannot decode, [`CodecError::BadPacket`] if it is damaged.
pub fn video_decoder(codec: CodecId, config: &[u8]) -> Result<Box<dyn VideoDecoder>, CodecError> {
    match codec {
        CodecId::H264 => Ok(Box::new(h264::Decoder::new(config)?)),
        CodecId::Mjpeg => Ok(Box::new(jpeg::Decoder::default())),
        _ => Err(CodecError::Unsupported {
            codec,
            direction: "decoder",
        }),
    }
}

/// Whether the assembly of the H.264 encoder and decoder is in this program and this processor can
/// run it. Asks the back end itself, so it is true whatever happened at build time.
#[must_use]
pub fn simd() -> bool {
    h264::simd()
}

/// Turns frames into packets of one track.
///
/// Send and receive are apart because some encoders look ahead: after each `send_frame` call
/// `receive_packet` until it says `None`.
pub trait VideoEncoder: Send + std::fmt::Debug {
    /// How the packets are coded; valid before the first frame, out-of-band configuration included.
    fn parameters(&self) -> &CodecParameters;

    /// Takes a frame of any size and format: it is converted to the size the encoder was made for.
    /// Packets carry the frame's time, in microseconds.
    ///
    /// # Errors
    /// [`CodecError`] if the frame cannot be encoded; the encoder can go on with the next.
    fn send_frame(&mut self, frame: &VideoFrame) -> Result<(), CodecError>;

    /// The next packet, or `None` until more frames were sent.
    ///
    /// # Errors
    /// [`CodecError`] if encoding failed.
    fn receive_packet(&mut self) -> Result<Option<Packet>, CodecError>;

    /// No more frames will be sent: `receive_packet` then gives all that is left.
    ///
    /// # Errors
    /// [`CodecError`] if encoding failed.
    fn flush(&mut self) -> Result<(), CodecError>;

    /// The next frame sent becomes a key frame.
    fn request_key_frame(&mut self);
}

/// Turns packets of one video track into frames.
pub trait VideoDecoder: Send + std::fmt::Debug {
    /// Takes a packet. Times of the frames are those of the packets, in microseconds.
    ///
    /// # Errors
    /// [`CodecError`] if the packet cannot be decoded; the decoder can go on with the next.
    fn send_packet(&mut self, packet: &Packet) -> Result<(), CodecError>;

    /// The next frame in display order, or `None` until more packets were sent.
    ///
    /// # Errors
    /// [`CodecError`] if decoding failed.
    fn receive_frame(&mut self) -> Result<Option<VideoFrame>, CodecError>;

    /// No more packets will be sent: `receive_frame` then gives all that is left.
    ///
    /// # Errors
    /// [`CodecError`] if decoding failed.
    fn flush(&mut self) -> Result<(), CodecError>;
}

/// What an encoder is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VideoEncoderConfig {
    /// Width of the coded picture in pixels. Odd sizes: see the encoder.
    pub width_px: u32,
    /// Height of the coded picture in pixels.
    pub height_px: u32,
    /// Frame rate that the rate control counts with. Frames come at their own times.
    pub frame_rate: FrameRate,
    /// Target bit rate in bit/s.
    pub bit_rate_bps: u32,
    /// Frames from one key frame to the next; 1 makes every frame one.
    pub gop_size: u32,
    /// Quality bounds as MPEG-like quantizers 1 (best) to 31, if the encoder has such.
    pub quantizer: Option<(u8, u8)>,
    /// The encoder may leave out frames to hold its rate.
    pub skip_frames: bool,
}
