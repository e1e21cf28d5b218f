//! AVI, Microsoft's Audio Video Interleave.
//!
//! Sources: AVI RIFF File Reference (Microsoft, DirectShow documentation), OpenDML AVI File Format
//! Extensions 1.02 (Matrox, 1996), RFC 2361 and mmreg.h for audio.
//!
//! ```text
//! RIFF 'AVI '                  size 0xffffffff while it is open
//!   LIST 'hdrl'
//!     avih                     the whole file
//!     LIST 'strl'              each stream
//!       strh strf indx         `indx` (JUNK if unused) in files only
//!     LIST 'odml' dmlh         frames beyond the first RIFF
//!   LIST 'movi'                size 0xffffffff while it is open
//!     00dc 01wb ...            a chunk for each frame
//!     ix00 ix01                files that go on in another RIFF
//!   idx1                       files
//! RIFF 'AVIX' LIST 'movi' ...  files beyond 1 GiB
//! ```
//!
//! AVI has no timestamps: chunks count (see `placement`). What it cannot carry:
//!
//! | lost | what a reader gets |
//! |------|--------------------|
//! | time of the first packet | 0 |
//! | times between frames | multiples of the frame duration |
//! | pts of reordered video | H.264: reckoned from the picture order count; others: dts |
//! | durations | one frame |
//! | several MPEG audio frames in a packet | a packet for each |
//! | H.264 parameter sets in the header | those of the first key frame |
//! | gaps | of up to 10 s: zero-length chunks, silence; longer: nothing |
//!
//! Left out: palettes, text and other stream types, field indexes, key frame tables, packed B frames
//! of MPEG-4 encoders for Video for Windows.

mod bitmap_info;
mod demux;
mod file_index;
mod header;
mod index;
mod key_frame;
mod main_header;
mod mux;
mod placement;
mod reader;
mod riff;
mod search;
mod silence;
mod stream;
mod stream_header;
mod stream_list;
mod tags;
#[cfg(test)]
mod tests;
mod wave_format;

use media::{CodecId, MediaKind};

pub use demux::AviDemuxer;
pub use mux::AviMuxer;

/// Name of the format in errors.
const FORMAT: &str = "avi";

/// Whether AVI has a code for the codec that this crate writes.
pub(crate) fn can_carry(codec: CodecId) -> bool {
    match codec.kind() {
        MediaKind::Video => tags::four_cc(codec).is_some(),
        MediaKind::Audio => tags::audio_tag(codec).is_some(),
    }
}

/// Whether a file starts as AVI does.
pub(crate) fn probe(prefix: &[u8]) -> bool {
    prefix.starts_with(b"RIFF") && prefix.get(8..12) == Some(b"AVI ")
}
