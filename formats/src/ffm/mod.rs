//! FFM, the feed format of ffserver: FFM1 and FFM2, read; FFM2, and the header of FFM1, written.
//!
//! No standard exists. FORMAT.md in this folder describes the format field by field from recorded
//! bytes; "FORMAT.md, section N" in the code means that file. Left out: FFM1 data as output, and
//! headers of more than one block as output.

mod assembler;
mod block;
mod codec_ids;
mod demuxer;
mod feed_header;
mod ffm1;
mod ffm2;
mod fields;
mod frame;
mod header;
mod intake;
mod muxer;
pub mod options;
mod packer;
mod tracks;
mod unpacker;

#[cfg(test)]
mod tests;

pub use assembler::{Assembled, FrameAssembler};
pub use block::{BLOCK_SIZE, BlockHeader, PAYLOAD_SIZE};
pub use demuxer::FfmDemuxer;
pub use feed_header::{AudioEncoding, Encoding, EncodingKind, FeedHeader, VideoEncoding};
pub use fields::{AudioFields, VideoFields};
pub use frame::{Frame, FrameHeader, MAX_FRAME_SIZE};
pub use header::{
    Chunk, Header, MAX_HEADER_SIZE, MAX_STREAMS, Settings, Stream, StreamKind, Syntax,
};
pub use muxer::{FfmMuxer, can_carry};
pub use packer::BlockPacker;
pub use unpacker::{Damage, Unpacked, Unpacker};

/// Name of the format in errors.
const NAME: &str = "FFM";

/// Whether the first bytes of a file are those of FFM.
#[must_use]
pub fn probe(prefix: &[u8]) -> bool {
    header::has_magic(prefix)
}
