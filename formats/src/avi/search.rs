//! Finds a time by the indexes of a file.
//!
//! Both kinds are walked from their start, entry by entry, so nothing of them is kept. The place
//! found is the last key frame of the reference stream (the first video stream, or the first) at or
//! before the time; the other streams go on with what the file has behind it.

use media::{TimeBase, Timestamp};

use super::index::{IndexHeader, OldEntry, StandardEntry, SuperEntry};
use super::reader::Count;
use super::riff::ChunkHeader;
use crate::{InputBuffer, Need};

/// Chunks that may stand between the data and `idx1`.
const MAX_CHUNKS_BEFORE_INDEX: u32 = 16;

/// What is known of a stream before its index is read.
#[derive(Debug, Clone)]
pub(super) struct Indexed {
    /// At the start of the stream.
    pub(super) count: Count,
    /// Time from a packet's place to its pts, µs.
    pub(super) delay: i64,
    /// Every chunk is a key frame, whatever the index says.
    pub(super) all_key: bool,
    /// Where its `ix##` are.
    pub(super) indexes: Vec<SuperEntry>,
}

impl Indexed {
    /// Whether the next chunk comes after `time` (µs).
    fn is_after(&self, time: Timestamp) -> bool {
        self.count.time(TimeBase::MICROS).plus(self.delay) > time
    }
}

/// Where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Of the chunk in the file.
    pub(super) offset: u64,
    /// Of each stream, as [`Count::position`].
    pub(super) positions: Vec<u64>,
}

/// What a step of a search came to.
#[derive(Debug)]
pub(super) enum Searched {
    /// Goes on.
    More,
    Need(Need),
    Found(Found),
    /// The index is missing or damaged.
    Failed,
}

/// A search under way.
#[derive(Debug)]
pub(super) struct Search {
    /// µs.
    time: Timestamp,
    /// Where the code `movi` stands.
    movi: u64,
    reference: usize,
    /// `None`: a stream that is not read.
    streams: Vec<Option<Indexed>>,
    best: Found,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Before a chunk that may be `idx1`.
    Old { skipped: u32 },
    /// In `idx1`.
    OldEntries {
        left: u32,
        /// What the offsets count from, once the first has been seen.
        base: Option<u64>,
    },
    /// Before the `number`-th `ix##` of a stream.
    Standard { stream: usize, number: usize },
    /// In it.
    StandardEntries {
        stream: usize,
        number: usize,
        left: u32,
        base: u64,
    },
}

impl Search {
    /// A search in a file whose `movi` code stands at `movi`; with it, what to read first. `None` if
    /// there is no index: `movi_end` is `None` if the size of `movi` is not known.
    pub(super) fn start(
        time: Timestamp,
        movi: u64,
        movi_end: Option<u64>,
        streams: Vec<Option<Indexed>>,
        reference: usize,
    ) -> Option<(Self, Need)> {
        let indexed = streams.get(reference)?.as_ref()?;
        let (state, offset) = match (indexed.indexes.first(), movi_end) {
            (Some(first), _) => (
                State::Standard {
                    stream: reference,
                    number: 0,
                },
                first.offset,
            ),
            (None, Some(end)) => (State::Old { skipped: 0 }, end),
            (None, None) => return None,
        };
        let best = Found {
            offset: movi + 4,
            positions: vec![0; streams.len()],
        };
        let search = Self {
            time,
            movi,
            reference,
            streams,
            best,
            state,
        };
        Some((search, Need::Seek(offset)))
    }

    /// Reads on. After a [`Need::Seek`] `input` must start there.
    pub(super) fn step(&mut self, input: &mut InputBuffer) -> Searched {
        match self.state {
            State::Old { skipped } => self.find_old(skipped, input),
            State::OldEntries { left, base } => self.read_old(left, base, input),
            State::Standard { stream, number } => self.find_standard(stream, number, input),
            State::StandardEntries {
                stream,
                number,
                left,
                base,
            } => self.read_standard(stream, number, left, base, input),
        }
    }

    fn find_old(&mut self, skipped: u32, input: &mut InputBuffer) -> Searched {
        let Some(header) = input.peek_array().map(ChunkHeader::parse) else {
            return starved(input);
        };
        if header.id == *b"idx1" {
            input.skip(ChunkHeader::LEN as u64);
            self.state = State::OldEntries {
                left: header.size / OldEntry::LEN as u32,
                base: None,
            };
            return Searched::More;
        }
        if skipped == MAX_CHUNKS_BEFORE_INDEX || !header.id.iter().all(u8::is_ascii_graphic) {
            return Searched::Failed;
        }
        self.state = State::Old {
            skipped: skipped + 1,
        };
        let next = input.position() + ChunkHeader::LEN as u64 + header.padded();
        input.seek(next);
        Searched::Need(Need::Seek(next))
    }

    fn read_old(&mut self, left: u32, base: Option<u64>, input: &mut InputBuffer) -> Searched {
        let reference = self.streams.get(self.reference).and_then(Option::as_ref);
        if left == 0 || reference.is_none_or(|reference| reference.is_after(self.time)) {
            return Searched::Found(self.best.clone());
        }
        let Some(entry) = input.take(OldEntry::LEN) else {
            return starved(input);
        };
        let Some(entry) = OldEntry::parse(&entry) else {
            return Searched::Failed;
        };
        // Offsets of the file are beyond the code `movi` from the first entry on.
        let absolute = u64::from(entry.offset) >= self.movi;
        let base = base.unwrap_or(if absolute { 0 } else { self.movi });
        self.state = State::OldEntries {
            left: left - 1,
            base: Some(base),
        };
        let header = ChunkHeader {
            id: entry.id,
            size: entry.size,
        };
        if let Some(stream) = header.stream() {
            let offset = base + u64::from(entry.offset);
            self.pass(stream, offset, entry.size, entry.key);
        }
        Searched::More
    }

    /// Counts a chunk; if it is a key frame of the reference stream, it is the best place so far.
    fn pass(&mut self, stream: usize, offset: u64, size: u32, key: bool) {
        let Some(Some(indexed)) = self.streams.get(stream) else {
            return;
        };
        if stream == self.reference && (key || indexed.all_key) && size > 0 {
            self.best = Found {
                offset,
                positions: self.streams.iter().map(position).collect(),
            };
        }
        if let Some(Some(indexed)) = self.streams.get_mut(stream) {
            indexed.count.pass(size.into());
        }
    }

    fn find_standard(&mut self, stream: usize, number: usize, input: &mut InputBuffer) -> Searched {
        const LEN: usize = ChunkHeader::LEN + IndexHeader::LEN;
        let Some(bytes) = input.peek(LEN) else {
            return starved(input);
        };
        let Some(header) = IndexHeader::parse(&bytes[ChunkHeader::LEN..]) else {
            return Searched::Failed;
        };
        let is_index = bytes.starts_with(b"ix") && header.index_type == IndexHeader::OF_CHUNKS;
        if !is_index || header.longs_per_entry != 2 {
            return Searched::Failed;
        }
        input.skip(LEN as u64);
        self.state = State::StandardEntries {
            stream,
            number,
            left: header.entries,
            base: header.base,
        };
        Searched::More
    }

    fn read_standard(
        &mut self,
        stream: usize,
        number: usize,
        left: u32,
        base: u64,
        input: &mut InputBuffer,
    ) -> Searched {
        let Some(Some(indexed)) = self.streams.get(stream) else {
            return Searched::Failed;
        };
        if stream == self.reference && indexed.is_after(self.time) {
            return self.next_stream(None, input);
        }
        if left == 0 {
            return self.next_index(stream, number + 1, input);
        }
        let Some(entry) = input.take(StandardEntry::LEN) else {
            return starved(input);
        };
        let Some(entry) = StandardEntry::parse(&entry) else {
            return Searched::Failed;
        };
        let offset = base
            .saturating_add(entry.offset.into())
            .saturating_sub(ChunkHeader::LEN as u64);
        if stream != self.reference && offset >= self.best.offset {
            return self.next_stream(Some(stream), input);
        }
        self.pass(stream, offset, entry.size, entry.key);
        self.state = State::StandardEntries {
            stream,
            number,
            left: left - 1,
            base,
        };
        Searched::More
    }

    /// Goes to an index of a stream, or if there are no more to the next stream.
    fn next_index(&mut self, stream: usize, number: usize, input: &mut InputBuffer) -> Searched {
        let indexed = self.streams.get(stream).and_then(Option::as_ref);
        match indexed.and_then(|indexed| indexed.indexes.get(number)) {
            Some(index) => {
                self.state = State::Standard { stream, number };
                input.seek(index.offset);
                Searched::Need(Need::Seek(index.offset))
            }
            None if stream == self.reference => self.next_stream(None, input),
            None => self.next_stream(Some(stream), input),
        }
    }

    /// Takes the next stream after `done` that is not the reference, which comes first; `None`: that
    /// is done.
    fn next_stream(&mut self, done: Option<usize>, input: &mut InputBuffer) -> Searched {
        let first = done.map_or(0, |done| done + 1);
        let next = (first..self.streams.len())
            .find(|stream| *stream != self.reference && self.streams[*stream].is_some());
        match next {
            Some(stream) => self.next_index(stream, 0, input),
            None => {
                let reference = self.best.positions.get(self.reference).copied();
                let mut found = self.best.clone();
                found.positions = self.streams.iter().map(position).collect();
                if let (Some(place), Some(at)) =
                    (found.positions.get_mut(self.reference), reference)
                {
                    *place = at;
                }
                Searched::Found(found)
            }
        }
    }
}

fn position(stream: &Option<Indexed>) -> u64 {
    stream.as_ref().map_or(0, |stream| stream.count.position)
}

/// More bytes; if there are none, the index is cut.
fn starved(input: &InputBuffer) -> Searched {
    if input.ended() {
        return Searched::Failed;
    }
    Searched::Need(Need::Bytes)
}
