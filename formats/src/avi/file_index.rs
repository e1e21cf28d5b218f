//! The indexes of a file that is being written, and its division into RIFFs.

use bytes::Bytes;

use super::FORMAT;
use super::header::{RiffSizes, Totals, write_movi_start, write_riff_start};
use super::index::{OldEntry, StandardEntry, SuperEntry, write_standard_index};
use super::riff::{ChunkHeader, FourCc, UNKNOWN_SIZE, write_chunk};
use super::stream::Stream;
use crate::{MuxError, Patch};

/// Chunks of a RIFF, whatever its size: bounds the memory of the index, 28 bytes each.
const MAX_CHUNKS: usize = 1 << 20;

/// Where the chunks of a file are. Only the RIFF that is being written is kept chunk by chunk.
#[derive(Debug)]
pub(super) struct FileIndex {
    /// Bytes of a RIFF after which the file goes on in another.
    limit: u32,
    tracks: Vec<TrackIndex>,
    /// `idx1`, of the first RIFF.
    old: Vec<OldEntry>,
    chunks: usize,
    open: Riff,
    closed: Vec<ClosedRiff>,
    /// Video frames in the first RIFF, once it is closed.
    first_frames: Option<u32>,
}

#[derive(Debug, Default)]
struct TrackIndex {
    /// Chunks of the open RIFF.
    entries: Vec<StandardEntry>,
    /// Indexes of the closed RIFFs.
    supers: Vec<SuperEntry>,
    /// Places of the track before the open RIFF.
    places_before: u64,
}

/// Where a RIFF starts and where its list's data does, both from the start of the file.
#[derive(Debug, Clone, Copy, Default)]
struct Riff {
    start: u64,
    movi: u64,
}

#[derive(Debug, Clone, Copy)]
struct ClosedRiff {
    start: u64,
    sizes: RiffSizes,
}

/// What completes a file.
pub(super) struct Closing {
    pub(super) totals: Totals,
    pub(super) patches: Vec<Patch>,
}

impl FileIndex {
    /// Room in each super index, and so the most RIFFs of a file: 256 GiB.
    pub(super) const MAX_RIFFS: usize = 256;

    pub(super) fn new(tracks: usize, limit: u32) -> Self {
        Self {
            limit,
            tracks: (0..tracks).map(|_| TrackIndex::default()).collect(),
            old: Vec::new(),
            chunks: 0,
            open: Riff::default(),
            closed: Vec::new(),
            first_frames: None,
        }
    }

    /// The header of the file is `header_len` bytes long.
    pub(super) const fn begin(&mut self, header_len: u64) {
        self.open = Riff {
            start: 0,
            movi: header_len - 4,
        };
    }

    /// The indexes of a track's closed RIFFs.
    pub(super) fn super_entries(&self, track: usize) -> &[SuperEntry] {
        self.tracks.get(track).map_or(&[], |track| &track.supers)
    }

    /// Notes a chunk at `position` of the file.
    pub(super) fn record(&mut self, track: usize, id: FourCc, position: u64, size: u32, key: bool) {
        // Offsets within a RIFF fit: it ends at 1 GiB and one packet.
        let from = |start: u64| u32::try_from(position - start).unwrap_or(u32::MAX);
        if self.closed.is_empty() {
            self.old.push(OldEntry {
                id,
                key,
                offset: from(self.open.movi),
                size,
            });
        }
        let offset = from(self.open.start).saturating_add(ChunkHeader::LEN as u32);
        self.tracks[track]
            .entries
            .push(StandardEntry { offset, size, key });
        self.chunks += 1;
    }

    /// Closes the RIFF and opens another if `len` bytes more would make it too large.
    ///
    /// # Errors
    /// [`MuxError::Full`] after [`Self::MAX_RIFFS`].
    pub(super) fn split_if_full(
        &mut self,
        streams: &[Stream],
        position: u64,
        len: usize,
        frames: u32,
        out: &mut Vec<u8>,
    ) -> Result<(), MuxError> {
        let index_len = (self.chunks + self.tracks.len()) * StandardEntry::LEN * 4;
        let size = position - self.open.start + (len + index_len) as u64;
        if self.chunks == 0 || size <= u64::from(self.limit) && self.chunks < MAX_CHUNKS {
            return Ok(());
        }
        if self.closed.len() + 1 == Self::MAX_RIFFS {
            return Err(MuxError::Full {
                format: FORMAT,
                bytes: position,
            });
        }
        let end = self.close(streams, position, frames, true, out);
        self.open = Riff {
            start: end,
            movi: end + 20,
        };
        write_riff_start(*b"AVIX", UNKNOWN_SIZE, out);
        write_movi_start(UNKNOWN_SIZE, out);
        Ok(())
    }

    /// Closes the last RIFF.
    pub(super) fn finish(
        &mut self,
        streams: &[Stream],
        position: u64,
        frames: u32,
        out: &mut Vec<u8>,
    ) -> Closing {
        let several = !self.closed.is_empty();
        self.close(streams, position, frames, several, out);
        let first = self
            .closed
            .first()
            .map_or(RiffSizes::OPEN, |riff| riff.sizes);
        Closing {
            totals: Totals::complete(first, self.first_frames.unwrap_or(frames), frames),
            patches: self.closed.iter().skip(1).map(ClosedRiff::patch).collect(),
        }
    }

    /// Appends what ends the open RIFF at `position`; returns where it ends.
    fn close(
        &mut self,
        streams: &[Stream],
        position: u64,
        frames: u32,
        several: bool,
        out: &mut Vec<u8>,
    ) -> u64 {
        let begin = out.len();
        let at = |out: &Vec<u8>| position + (out.len() - begin) as u64;
        for (track, stream) in self.tracks.iter_mut().zip(streams) {
            if several && !track.entries.is_empty() {
                let offset = at(out);
                track.write_index(stream, self.open.start, offset, out);
            }
            track.entries.clear();
        }
        let movi_end = at(out);
        if self.closed.is_empty() {
            write_chunk(*b"idx1", out, |out| {
                self.old.iter().for_each(|entry| entry.write(out));
            });
            self.old = Vec::new();
            self.first_frames = Some(frames);
        }
        let end = at(out);
        self.closed.push(ClosedRiff {
            start: self.open.start,
            sizes: RiffSizes::between(self.open.start, end, self.open.movi, movi_end),
        });
        self.chunks = 0;
        end
    }
}

impl TrackIndex {
    /// Appends the index of a RIFF that starts at `base`; it gets the offset `offset` in the file.
    fn write_index(&mut self, stream: &Stream, base: u64, offset: u64, out: &mut Vec<u8>) {
        let begin = out.len();
        write_standard_index(stream.index_id(), stream.chunk_id, base, &self.entries, out);
        let places = stream.places.taken();
        self.supers.push(SuperEntry {
            offset,
            size: u32::try_from(out.len() - begin).unwrap_or(u32::MAX),
            duration: u32::try_from(places - self.places_before).unwrap_or(u32::MAX),
        });
        self.places_before = places;
    }
}

impl ClosedRiff {
    /// The start of the RIFF with its sizes.
    fn patch(&self) -> Patch {
        let mut bytes = Vec::new();
        write_riff_start(*b"AVIX", self.sizes.riff, &mut bytes);
        write_movi_start(self.sizes.movi, &mut bytes);
        Patch {
            offset: self.start,
            bytes: Bytes::from(bytes),
        }
    }
}
