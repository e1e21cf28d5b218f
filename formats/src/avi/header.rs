//! What stands before the first data chunk, always of the same length for the same streams.

use media::{TimeBase, Timestamp};

use super::file_index::FileIndex;
use super::index::write_super_index;
use super::main_header::MainHeader;
use super::riff::{ChunkHeader, FourCc, UNKNOWN_SIZE, write_chunk, write_list};
use super::stream::Stream;

/// What is known of a file only when it is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Totals {
    /// Whether lengths and sizes of the streams are final.
    complete: bool,
    pub(super) first_riff: RiffSizes,
    /// Video frames in the first RIFF.
    pub(super) first_frames: u32,
    /// Video frames in all.
    pub(super) frames: u32,
}

/// The sizes that stand in front of a RIFF and its `movi` list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RiffSizes {
    pub(super) riff: u32,
    pub(super) movi: u32,
}

impl RiffSizes {
    /// Of a RIFF that is not closed.
    pub(super) const OPEN: Self = Self {
        riff: UNKNOWN_SIZE,
        movi: UNKNOWN_SIZE,
    };

    /// Of a RIFF from `start` to `end` with the list's data from `movi` to `movi_end`; what does not
    /// fit its field stays open.
    pub(super) fn between(start: u64, end: u64, movi: u64, movi_end: u64) -> Self {
        let size = |from: u64, to| u32::try_from(to - from).unwrap_or(UNKNOWN_SIZE);
        Self {
            riff: size(start + ChunkHeader::LEN as u64, end),
            movi: size(movi, movi_end),
        }
    }
}

impl Totals {
    /// Of a file that is being written.
    pub(super) const OPEN: Self = Self {
        complete: false,
        first_riff: RiffSizes::OPEN,
        first_frames: 0,
        frames: 0,
    };

    /// Of a complete file.
    pub(super) const fn complete(first_riff: RiffSizes, first_frames: u32, frames: u32) -> Self {
        Self {
            complete: true,
            first_riff,
            first_frames,
            frames,
        }
    }

    /// Of a file of one RIFF without index, `len` bytes long.
    pub(super) fn without_index(len: u64, header_len: usize, frames: u32) -> Self {
        let movi = header_len as u64 - 4;
        Self::complete(RiffSizes::between(0, len, movi, len), frames, frames)
    }
}

/// Appends all up to the first data chunk. A file has an `index`.
pub(super) fn write(
    streams: &[Stream],
    index: Option<&FileIndex>,
    totals: &Totals,
    out: &mut Vec<u8>,
) {
    let main = main_header(streams, index.is_some(), totals);
    write_riff_start(*b"AVI ", totals.first_riff.riff, out);
    write_list(*b"hdrl", out, |out| {
        write_chunk(*b"avih", out, |out| main.write(out));
        for (number, stream) in streams.iter().enumerate() {
            write_list(*b"strl", out, |out| {
                let header = stream.stream_header(totals.complete);
                write_chunk(*b"strh", out, |out| header.write(out));
                write_chunk(*b"strf", out, |out| out.extend(&stream.format));
                if let Some(index) = index {
                    let entries = index.super_entries(number);
                    write_super_index(stream.chunk_id, entries, FileIndex::MAX_RIFFS, out);
                }
            });
        }
        write_list(*b"odml", out, |out| {
            write_chunk(*b"dmlh", out, |out| out.extend(totals.frames.to_le_bytes()));
        });
    });
    write_movi_start(totals.first_riff.movi, out);
}

/// Appends the 12 bytes a RIFF starts with.
pub(super) fn write_riff_start(kind: FourCc, size: u32, out: &mut Vec<u8>) {
    let id = *b"RIFF";
    ChunkHeader { id, size }.write(out);
    out.extend(kind);
}

/// Appends the 12 bytes the list of data chunks starts with.
pub(super) fn write_movi_start(size: u32, out: &mut Vec<u8>) {
    let id = *b"LIST";
    ChunkHeader { id, size }.write(out);
    out.extend(b"movi");
}

fn main_header(streams: &[Stream], indexed: bool, totals: &Totals) -> MainHeader {
    let video = streams.iter().find(|stream| stream.size_px.is_some());
    let bit_rate: u64 = streams
        .iter()
        .filter_map(|stream| stream.bit_rate_bps.map(u64::from))
        .sum();
    let index_flag = if indexed && totals.complete {
        MainHeader::HAS_INDEX
    } else {
        0
    };
    let largest = streams.iter().map(|stream| stream.largest).max();
    let (width, height) = video.and_then(|video| video.size_px).unwrap_or_default();
    let frame = video.map(|video| Timestamp(1).rescale(video.places.unit(), TimeBase::MICROS));
    MainHeader {
        micro_sec_per_frame: frame.and_then(|t| u32::try_from(t.0).ok()).unwrap_or(0),
        max_bytes_per_sec: u32::try_from(bit_rate.div_ceil(8)).unwrap_or(0),
        flags: MainHeader::IS_INTERLEAVED | MainHeader::TRUST_CHUNK_TYPE | index_flag,
        total_frames: totals.first_frames,
        streams: u32::try_from(streams.len()).unwrap_or(0),
        suggested_buffer_size: largest.filter(|_| totals.complete).unwrap_or(0),
        width,
        height,
    }
}
