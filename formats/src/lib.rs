//! Packets to bytes and back: one folder per container, sans-IO.
//!
//! A [`Muxer`] appends to a buffer of its caller; a [`Demuxer`] is given bytes and asks for what it
//! needs next. Neither reads a clock, a file or a socket, neither logs.

mod avi;
mod demux;
mod error;
pub mod ffm;
pub mod flv;
mod format;
mod h264;
mod input;
mod jpeg;
mod lineup;
mod mjpeg;
mod mp4;
pub mod mpegts;
mod mpjpeg;
mod mux;
#[cfg(test)]
mod testing;
mod unwrap;

pub use avi::{AviDemuxer, AviMuxer};
pub use demux::{Demuxed, Demuxer, Need};
pub use error::{DemuxError, MuxError};
pub use format::Format;
pub use h264::{H264Demuxer, H264Muxer};
pub use input::InputBuffer;
pub use jpeg::{JpegDemuxer, JpegMuxer};
pub use mjpeg::{MjpegDemuxer, MjpegMuxer};
pub use mp4::{Mp4Demuxer, Mp4Muxer, mime_codecs};
pub use mpjpeg::{MpJpegDemuxer, MpJpegMuxer};
pub use mux::{Muxer, Patch};
