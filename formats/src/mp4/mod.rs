//! MP4, the ISO base media file format (ISO/IEC 14496-12:2015), with the sample entries of
//! ISO/IEC 14496-14 (`mp4a`, `mp4v`), 14496-15 (`avc1`, `avc3`) and the AV1 binding of AOM
//! (`av01`).
//!
//! [`Mp4Muxer`] writes live fragments, one `moof` and `mdat` per packet. [`Mp4Demuxer`] reads files
//! with the index in front, with the index at the end, in fragments, or with the first samples in
//! the `moov` and the others in fragments.
//!
//! Left out: encryption, HEVC, PCM, subtitles, QuickTime reference movies, several `edts` segments
//! (the first one that shows media gives the shift, the track plays to its end), `sidx` and `mfra`
//! (never needed to read on).
//!
//! # Who reads and who writes the boxes
//! All boxes written, and the small fixed ones read (`mvhd`, `mdhd`, `hdlr`, `elst`, `trex`,
//! `tfhd`, `tfdt`), go through the crate `mp4-atom`. Around it the tree is walked here, at fixed
//! levels and with checked sizes, so that a damaged or unknown box costs a track and not the file,
//! and the sample tables and `trun` stay as they stand in the file: an entry is read when its
//! sample is due. `esds` is read here too, because `mp4-atom` 0.17 enters nested descriptors by
//! recursion without a limit: 400 kB of them overflow the stack and end the process.
//!
//! The crate `mp4` (0.14) has no part in it: it wants a `Read + Seek` of the whole file, unpacks
//! every table, knows neither `mp4v` nor `av01`, does not return from a child box of size 0, and
//! its writer makes no fragments. The tests use it as a reader and writer of its own mind.

mod boxes;
mod demuxer;
mod description;
mod edit_list;
mod esds;
mod fragment;
mod mime;
mod moov;
mod movie;
mod muxer;
mod reader;
mod sample;
mod sample_entry;
mod sample_table;
mod window;

pub use demuxer::Mp4Demuxer;
pub use mime::mime_codecs;
pub use muxer::Mp4Muxer;

use media::CodecId;

/// The name of this format in errors.
const FORMAT: &str = "mp4";

/// Whether the muxer has a sample entry for the codec.
pub(crate) const fn can_carry(codec: CodecId) -> bool {
    matches!(
        codec,
        CodecId::Av1
            | CodecId::H264
            | CodecId::Mjpeg
            | CodecId::Mpeg4
            | CodecId::Aac
            | CodecId::Mp2
            | CodecId::Mp3
    )
}

/// Whether a file starts as MP4 or QuickTime files do: with a whole box header of a kind that
/// stands at the top level.
pub(crate) fn probe(prefix: &[u8]) -> bool {
    let Ok(Some(header)) = boxes::BoxHeader::parse(prefix) else {
        return false;
    };
    match &header.kind {
        b"ftyp" | b"styp" | b"moov" | b"moof" => header.size.is_some(),
        b"mdat" | b"free" | b"skip" | b"wide" | b"sidx" | b"pnot" => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
