//! Packets to bytes and back: one folder per container, sans-IO.
//!
//! A [`Muxer`] appends to a buffer of its caller; a [`Demuxer`] is given bytes and asks for what it
//! needs next. Neither reads a clock, a file or a socket, neither logs.

mod demux;
mod error;
mod format;
mod input;
mod mp4;
mod mux;

pub use demux::{Demuxed, Demuxer, Need};
pub use error::{DemuxError, MuxError};
pub use format::Format;
pub use input::InputBuffer;
pub use mp4::{Mp4Demuxer, Mp4Muxer, mime_codecs};
pub use mux::{Muxer, Patch};
