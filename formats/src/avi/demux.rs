//! Reads AVI.

use std::collections::VecDeque;

use media::{Packet, TimeBase, Timestamp};

use super::FORMAT;
use super::index::SuperEntry;
use super::reader::StreamReader;
use super::riff::{ChunkHeader, UNKNOWN_SIZE};
use super::search::{Found, Search, Searched};
use super::stream_list::StreamList;
use crate::{DemuxError, Demuxed, Demuxer, InputBuffer, Need};

/// Bytes of a list before its first chunk: code, size and the code of its kind.
const LIST_HEADER_LEN: usize = 12;
/// Bytes of `hdrl`; indexes of 256 GiB for 100 streams and their formats fit.
const MAX_HEADER: u32 = 1 << 20;
/// Bytes of a data chunk.
const MAX_CHUNK: u32 = 64 << 20;
/// Bytes of packets that wait for the configuration of a track.
const MAX_HELD: usize = 32 << 20;

/// Reads AVI, of a file or live.
///
/// The sizes of RIFF and `movi` are not relied on, so a live stream's (0 or 0xffffffff) do no harm.
#[derive(Debug, Default)]
pub struct AviDemuxer {
    input: InputBuffer,
    state: State,
    streams: Vec<Option<StreamReader>>,
    /// For each stream, where its indexes are.
    super_indexes: Vec<Vec<SuperEntry>>,
    /// Where the code `movi` stands, and what its size is.
    movi: (u64, u32),
    search: Option<Search>,
    /// To be searched for once the tracks are known, µs.
    target: Option<Timestamp>,
    /// Where to go on if a search fails.
    resume: u64,
    /// The tracks have been told.
    told: bool,
    /// Packets that wait for that.
    held: Vec<Packet>,
    held_bytes: usize,
    ready: VecDeque<Result<Demuxed, DemuxError>>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the start of the file.
    #[default]
    Start,
    /// Before `movi`.
    Header,
    /// In `movi`.
    Data,
    /// In `movi`, looking for a chunk.
    Lost,
    End,
}

/// What a step came to.
enum Step {
    Done,
    Need(Need),
}

impl AviDemuxer {
    /// A demuxer at the start of a file or stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn step(&mut self) -> Result<Step, DemuxError> {
        if self.search.is_some() {
            return self.go_on_searching();
        }
        if self.told
            && let Some(target) = self.target.take()
        {
            return self.start_search(target);
        }
        match self.state {
            State::Start => self.read_start(),
            State::Header => self.read_header(),
            State::Data => self.read_chunk(),
            State::Lost => self.find_chunk(),
            State::End => Ok(Step::Done),
        }
    }

    fn start_search(&mut self, target: Timestamp) -> Result<Step, DemuxError> {
        let (movi, size) = self.movi;
        let end = match size {
            0 | UNKNOWN_SIZE => None,
            size => Some(movi + u64::from(size) + u64::from(size & 1)),
        };
        let mut indexes = self.super_indexes.iter().cloned();
        let streams: Vec<_> = self
            .streams
            .iter()
            .map(|reader| {
                let indexes = indexes.next().unwrap_or_default();
                reader.as_ref().map(|reader| reader.indexed(indexes))
            })
            .collect();
        let is_video =
            |reader: &Option<StreamReader>| reader.as_ref().is_some_and(StreamReader::is_video);
        let video = self.streams.iter().position(is_video);
        let reference = video.or_else(|| self.streams.iter().position(Option::is_some));
        let (search, need) =
            Search::start(target, movi, end, streams, reference.unwrap_or_default())
                .ok_or(DemuxError::NotSeekable)?;
        self.search = Some(search);
        self.resume = self.input.position();
        if let Need::Seek(offset) = need {
            self.input.seek(offset);
        }
        Ok(Step::Need(need))
    }

    fn go_on_searching(&mut self) -> Result<Step, DemuxError> {
        let Some(search) = &mut self.search else {
            return Ok(Step::Done);
        };
        let offset = match search.step(&mut self.input) {
            Searched::More => return Ok(Step::Done),
            Searched::Need(need) => return Ok(Step::Need(need)),
            Searched::Found(Found { offset, positions }) => {
                for (reader, position) in self.streams.iter_mut().zip(positions) {
                    if let Some(reader) = reader {
                        reader.jump(position);
                    }
                }
                self.state = State::Data;
                offset
            }
            Searched::Failed => {
                self.ready.push_back(Err(DemuxError::NotSeekable));
                self.resume
            }
        };
        self.search = None;
        self.input.seek(offset);
        Ok(Step::Need(Need::Seek(offset)))
    }

    /// More bytes, or if there are none the end: with an error if something is cut.
    fn starved(&mut self, what: &'static str) -> Result<Step, DemuxError> {
        if !self.input.ended() {
            return Ok(Step::Need(Need::Bytes));
        }
        self.state = State::End;
        let mut packets = Vec::new();
        for reader in self.streams.iter_mut().flatten() {
            reader.flush(&mut packets);
        }
        self.deliver(packets)?;
        let left = self.input.bytes().len() as u64;
        let offset = self.input.position() + left;
        if !self.told {
            let reason = match self.waiting() {
                Some(stream) => format!("stream {stream} has no configuration"),
                None => "there are no chunks of data".to_owned(),
            };
            return Err(self.malformed(offset, reason));
        }
        if left == 0 {
            return Ok(Step::Done);
        }
        Err(DemuxError::Truncated {
            format: FORMAT,
            offset,
            what,
        })
    }

    fn read_start(&mut self) -> Result<Step, DemuxError> {
        let Some(start) = self.input.peek_array::<12>() else {
            return self.starved("its first 12 bytes");
        };
        if !super::probe(&start) {
            self.state = State::End;
            return Err(self.malformed(0, "it does not start with RIFF and AVI".to_owned()));
        }
        self.input.skip(12);
        self.state = State::Header;
        Ok(Step::Done)
    }

    fn read_header(&mut self) -> Result<Step, DemuxError> {
        let Some((header, kind)) = self.peek_header() else {
            return self.starved("the header");
        };
        match (&header.id, kind) {
            (b"LIST", Some(b"hdrl")) => return self.read_streams(header),
            (b"LIST", Some(b"movi")) => {
                self.movi = (self.input.position() + 8, header.size);
                self.input.skip(12);
                self.state = State::Data;
                if !self.streams.iter().any(Option::is_some) {
                    self.state = State::End;
                    let reason = "no stream that can be read comes before the data".to_owned();
                    return Err(self.malformed(self.input.position(), reason));
                }
                self.tell_tracks();
            }
            (b"LIST", None) => return self.starved("the header"),
            _ => self.input.skip(ChunkHeader::LEN as u64 + header.padded()),
        }
        Ok(Step::Done)
    }

    /// The next chunk header and, if it is there, the code behind it.
    fn peek_header(&self) -> Option<(ChunkHeader, Option<&[u8; 4]>)> {
        let header = ChunkHeader::parse(self.input.peek_array()?);
        let kind = self.input.bytes().get(8..).and_then(<[u8]>::first_chunk);
        Some((header, kind))
    }

    fn read_streams(&mut self, header: ChunkHeader) -> Result<Step, DemuxError> {
        if header.size > MAX_HEADER {
            let error = self.limit("size of hdrl", header.size, MAX_HEADER);
            self.state = State::End;
            return Err(error);
        }
        let Some(len) = self.buffered(header) else {
            return self.starved("the header");
        };
        let offset = self.input.position();
        let data = self.input.take(len).unwrap_or_default();
        // A list that says less than its own kind holds no stream.
        let list = StreamList::parse(data.get(LIST_HEADER_LEN..).unwrap_or_default());
        self.input.skip(header.padded() - u64::from(header.size));
        self.streams = list.readers;
        self.super_indexes = list.super_indexes;
        for feature in list.unsupported {
            self.ready.push_back(Err(DemuxError::Unsupported {
                format: FORMAT,
                offset,
                feature,
            }));
        }
        Ok(Step::Done)
    }

    /// Bytes of a chunk with its header, if they are there.
    fn buffered(&self, header: ChunkHeader) -> Option<usize> {
        let len = ChunkHeader::LEN + usize::try_from(header.size).ok()?;
        self.input.peek(len).map(<[u8]>::len)
    }

    fn read_chunk(&mut self) -> Result<Step, DemuxError> {
        let Some((header, kind)) = self.peek_header() else {
            return self.starved("a chunk header");
        };
        match (&header.id, kind) {
            (b"LIST" | b"RIFF", None) => return self.starved("a chunk header"),
            // Lists of data chunks are stepped into, and never out of: what follows tells itself.
            (b"LIST", Some(b"rec " | b"movi")) | (b"RIFF", Some(b"AVIX")) => self.input.skip(12),
            _ if self.is_data(header) => return self.read_data(header),
            (id, _) if id.iter().all(u8::is_ascii_graphic) || id == b"ISM " => {
                self.input.skip(ChunkHeader::LEN as u64 + header.padded());
            }
            _ => {
                self.state = State::Lost;
                let reason = format!("no chunk starts with {:02x?}", header.id);
                return Err(self.malformed(self.input.position(), reason));
            }
        }
        Ok(Step::Done)
    }

    /// Whether a chunk is of a stream that the header told.
    fn is_data(&self, header: ChunkHeader) -> bool {
        header
            .stream()
            .is_some_and(|stream| stream < self.streams.len())
    }

    fn read_data(&mut self, header: ChunkHeader) -> Result<Step, DemuxError> {
        let stream = header.stream().and_then(|at| self.streams.get_mut(at));
        let Some(Some(_)) = stream else {
            self.input.skip(ChunkHeader::LEN as u64 + header.padded());
            return Ok(Step::Done);
        };
        if header.size > MAX_CHUNK {
            let error = self.limit("size of a chunk", header.size, MAX_CHUNK);
            self.input.skip(ChunkHeader::LEN as u64);
            self.state = State::Lost;
            return Err(error);
        }
        let Some(len) = self.buffered(header) else {
            return self.starved("a chunk of data");
        };
        let data = self.input.take(len).unwrap_or_default();
        self.input.skip(header.padded() - u64::from(header.size));
        let mut packets = Vec::new();
        if let Some(Some(reader)) = header.stream().and_then(|at| self.streams.get_mut(at)) {
            reader.read(data.slice(ChunkHeader::LEN..), &mut packets);
        }
        self.deliver(packets)
    }

    /// Hands out packets, or keeps them until the tracks are known.
    fn deliver(&mut self, packets: Vec<Packet>) -> Result<Step, DemuxError> {
        if self.told {
            let packets = packets
                .into_iter()
                .map(|packet| Ok(Demuxed::Packet(packet)));
            self.ready.extend(packets);
            return Ok(Step::Done);
        }
        self.held_bytes += packets
            .iter()
            .map(|packet| packet.data.len())
            .sum::<usize>();
        self.held.extend(packets);
        self.tell_tracks();
        if !self.told && self.held_bytes > MAX_HELD {
            self.state = State::End;
            self.held = Vec::new();
            let stream = self.waiting().unwrap_or_default();
            let reason = format!("stream {stream} has no configuration in {MAX_HELD} bytes");
            return Err(self.malformed(self.input.position(), reason));
        }
        Ok(Step::Done)
    }

    /// Hands out the tracks, and what waited for them, once all are known.
    fn tell_tracks(&mut self) {
        let readers = self.streams.iter().flatten();
        let Some(tracks) = readers.map(StreamReader::track).collect::<Option<Vec<_>>>() else {
            return;
        };
        self.told = true;
        if tracks.is_empty() {
            let reason = "there is no stream that can be read".to_owned();
            let error = self.malformed(self.input.position(), reason);
            self.ready.push_back(Err(error));
            return;
        }
        // What a track with an order to find out held back came late.
        let micros = |packet: &Packet| {
            let base = tracks.get(packet.track).map(|track| track.time_base);
            base.map(|base| packet.dts.rescale(base, TimeBase::MICROS))
        };
        self.held.sort_by_key(micros);
        self.ready.push_back(Ok(Demuxed::Tracks(tracks)));
        let held = self.held.drain(..);
        self.ready
            .extend(held.map(|packet| Ok(Demuxed::Packet(packet))));
        self.held_bytes = 0;
    }

    /// The number of a stream whose configuration has not come.
    fn waiting(&self) -> Option<usize> {
        let waits = |reader: &Option<StreamReader>| {
            reader
                .as_ref()
                .is_some_and(|reader| reader.track().is_none())
        };
        self.streams.iter().position(waits)
    }

    /// Steps to the next bytes that look like a data chunk.
    fn find_chunk(&mut self) -> Result<Step, DemuxError> {
        let bytes = self.input.bytes();
        let found = bytes.windows(ChunkHeader::LEN).position(|window| {
            let header = window.first_chunk().copied().map(ChunkHeader::parse);
            header.is_some_and(|header| self.is_data(header) && header.size <= MAX_CHUNK)
        });
        match found {
            Some(at) => {
                self.input.skip(at as u64);
                self.state = State::Data;
                for reader in self.streams.iter_mut().flatten() {
                    reader.discontinuity = true;
                }
                Ok(Step::Done)
            }
            None => {
                let passed = bytes.len().saturating_sub(ChunkHeader::LEN - 1);
                self.input.skip(passed as u64);
                self.starved("bytes that are no chunk")
            }
        }
    }

    const fn malformed(&self, offset: u64, reason: String) -> DemuxError {
        DemuxError::Malformed {
            format: FORMAT,
            offset,
            reason,
        }
    }

    fn limit(&self, what: &'static str, value: u32, limit: u32) -> DemuxError {
        DemuxError::Limit {
            format: FORMAT,
            offset: self.input.position(),
            what,
            value: value.into(),
            limit: limit.into(),
        }
    }
}

impl Demuxer for AviDemuxer {
    fn push(&mut self, bytes: &[u8]) {
        self.input.push(bytes);
    }

    fn push_end(&mut self) {
        self.input.push_end();
    }

    fn next(&mut self) -> Result<Demuxed, DemuxError> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return ready;
            }
            let searching = self.search.is_some() || self.told && self.target.is_some();
            if self.state == State::End && !searching {
                return Ok(Demuxed::End);
            }
            if let Step::Need(need) = self.step()? {
                return Ok(Demuxed::Need(need));
            }
        }
    }

    /// By the `ix##` of a file that has them, else by `idx1`, which is asked for only now.
    fn seek(&mut self, to: Timestamp) -> Result<(), DemuxError> {
        let has_super_index = self.super_indexes.iter().any(|indexes| !indexes.is_empty());
        let is_open = matches!(self.movi.1, 0 | UNKNOWN_SIZE);
        let hopeless = self.told && is_open && !has_super_index;
        if hopeless || self.state == State::End && !self.told {
            return Err(DemuxError::NotSeekable);
        }
        self.target = Some(to);
        if let Some(search) = self.search.take() {
            drop(search);
            self.input.seek(self.resume);
        }
        self.ready
            .retain(|ready| !matches!(ready, Ok(Demuxed::Packet(_))));
        Ok(())
    }
}
