//! Flash Video, FLV (Adobe Flash Video File Format Specification version 10.1, annex E).
//!
//! | codec | written | read |
//! |-------|---------|------|
//! | H.264 (CodecID 7), Sorenson H.263 (2) | yes | yes |
//! | AAC (SoundFormat 10), MP3 (2 and 14), PCM (0 and 3), A-law (7), mu-law (8), Speex (11) | yes | yes |
//! | SWF ADPCM (1), Nellymoser (4 to 6) | no | yes |
//!
//! Left out: Screen video, VP6, encrypted tags (annex F), and the extended headers that RTMP
//! servers invented later for other codecs. A reader is told of the first tag of such a track and
//! gets the other track.
//!
//! Times are milliseconds in 24 + 8 bits. They are written modulo 2^32, so a stream may run for
//! ever: after 49.7 days its times start again from 0, and readers that follow (ours does) see a
//! step of one frame. Readers that take the field as signed see the first wrap after 24.8 days.

mod amf;
mod audio;
mod demux;
mod header;
mod metadata;
mod mux;
mod seek;
mod streams;
mod tag;
mod video;

#[cfg(test)]
mod tests;

use media::CodecId;

use header::FileHeader;

pub use demux::FlvDemuxer;
pub use mux::FlvMuxer;

/// The name in messages.
const FORMAT: &str = "flv";

/// Whether the codec has a number that this crate writes.
pub(crate) const fn can_carry(codec: CodecId) -> bool {
    matches!(
        codec,
        CodecId::H264
            | CodecId::Flv1
            | CodecId::Aac
            | CodecId::Mp3
            | CodecId::PcmS16Le
            | CodecId::PcmU8
            | CodecId::PcmALaw
            | CodecId::PcmMuLaw
            | CodecId::Speex
    )
}

/// Whether a file starts like FLV.
pub(crate) fn probe(prefix: &[u8]) -> bool {
    matches!(prefix, [b'F', b'L', b'V', 1, flags, 0, 0, 0, offset, ..]
        if flags & !header::FLAGS == 0 && usize::from(*offset) >= FileHeader::LEN)
}
