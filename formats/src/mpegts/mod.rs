//! MPEG transport stream (ISO/IEC 13818-1:2019, ITU-T H.222.0).
//!
//! | codec | stream_type | in the PES packets |
//! |-------|------------:|--------------------|
//! | MPEG-1, MPEG-2 video | 0x01, 0x02 | pictures, sequence header before each I picture |
//! | MP2, MP3 | 0x03; 0x04 below 32 kHz | frames |
//! | AAC | 0x0f | ADTS frames |
//! | MPEG-4 Part 2 | 0x10 | VOPs, configuration before each I-VOP |
//! | H.264 | 0x1b | Annex B, an access unit delimiter first (2.14.1) |
//! | H.265 | 0x24 | Annex B, an access unit delimiter first (2.17.1) |
//! | AC-3 | 0x81 | frames; read also as private data (0x06) with its descriptor |
//!
//! Left out: other stream types (AAC in LATM, subtitles, data), scrambled streams, and of several
//! programs all but the first whose map arrives. Service names (SDT) are neither written nor read.
//!
//! Times are 33 bits of 90 kHz. They are written modulo 2^33, so a stream may run for ever; each
//! 26.5 h they start again from 0, which every reader of the format has to follow.

mod ac3;
mod adaptation;
mod crc;
mod demux;
mod frames;
mod hevc;
mod mux;
mod packet;
mod pat;
mod payload;
mod pcr;
mod pes;
mod pmt;
mod programs;
mod reassembly;
mod search;
mod section;
mod stream_type;
mod streams;
mod sync;
mod units;

#[cfg(test)]
mod tests;

use media::CodecId;

pub use demux::TsDemuxer;
pub use mux::TsMuxer;

/// The name in messages.
const FORMAT: &str = "mpegts";

/// Whether the codec has a stream type that this crate writes.
pub(crate) const fn can_carry(codec: CodecId) -> bool {
    matches!(
        codec,
        CodecId::Mpeg1Video
            | CodecId::Mpeg2Video
            | CodecId::Mpeg4
            | CodecId::H264
            | CodecId::Hevc
            | CodecId::Mp2
            | CodecId::Mp3
            | CodecId::Aac
            | CodecId::Ac3
    )
}

/// Whether a file starts like a transport stream.
pub(crate) fn probe(prefix: &[u8]) -> bool {
    sync::probe(prefix)
}
