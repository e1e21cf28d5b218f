//! FLV to packets.

use std::collections::VecDeque;

use media::Timestamp;

use crate::{DemuxError, Demuxed, Demuxer, InputBuffer, Need};

use super::FORMAT;
use super::header::FileHeader;
use super::seek::{Step, Walk};
use super::streams::Streams;
use super::tag::{self, TagHeader};

/// Script data that is read; more is passed over.
const MAX_SCRIPT_BYTES: u32 = 4 << 20;
/// Where the first tag can start at most.
const MAX_DATA_OFFSET: u32 = 64 << 10;
/// A walk reads over gaps up to this many bytes, and asks to seek over longer ones.
const MAX_SKIP_BYTES: u64 = 64 << 10;

/// Reads FLV. Holds one tag (at most 16 MiB), and until the tracks are known the packets of one
/// second or 4 MiB.
///
/// The tracks are told when all that the file header promises have shown their parameters, video
/// first, and again with the next packet after they change. Times are unwrapped: each is taken as
/// nearest to the one before, whole turns of 2^32 ms added.
#[derive(Debug)]
pub struct FlvDemuxer {
    input: InputBuffer,
    state: State,
    streams: Streams,
    ready: VecDeque<Demuxed>,
    /// Offset of the first tag.
    first_tag: u64,
    /// A time in ms to go to, as soon as the tracks are known.
    wanted_ms: Option<i64>,
}

#[derive(Debug)]
enum State {
    Header,
    /// At PreviousTagSize.
    Between,
    /// At a tag header.
    Tag,
    /// Behind the header of a tag that starts at the offset.
    Data(TagHeader, u64),
    Walk(Walk),
    End,
}

impl Default for FlvDemuxer {
    fn default() -> Self {
        Self::new()
    }
}

impl FlvDemuxer {
    /// A reader at the start of a file.
    #[must_use]
    pub fn new() -> Self {
        Self {
            input: InputBuffer::new(),
            state: State::Header,
            streams: Streams::new(),
            ready: VecDeque::new(),
            first_tag: 0,
            wanted_ms: None,
        }
    }

    /// One step; `None` if it gave nothing to tell but there may be more.
    fn step(&mut self) -> Result<Option<Demuxed>, DemuxError> {
        if self.streams.announced()
            && let Some(target_ms) = self.wanted_ms.take()
        {
            return Ok(Some(self.start_walk(target_ms)));
        }
        match &self.state {
            State::Header => self.read_header(),
            State::Between => match self.input.take(4) {
                Some(_) => {
                    self.state = State::Tag;
                    Ok(None)
                }
                None => self.starved("PreviousTagSize"),
            },
            State::Tag => self.read_tag_header(),
            State::Data(header, offset) => {
                let (header, offset) = (*header, *offset);
                self.read_data(header, offset)
            }
            State::Walk(_) => Ok(self.walk()),
            State::End => Ok(Some(Demuxed::End)),
        }
    }

    fn read_header(&mut self) -> Result<Option<Demuxed>, DemuxError> {
        let Some(bytes) = self.input.peek_array() else {
            return self.starved("the file header");
        };
        let result = FileHeader::parse(bytes)
            .map_err(|reason| DemuxError::Malformed {
                format: FORMAT,
                offset: 0,
                reason,
            })
            .and_then(|header| match header.data_offset {
                0..=MAX_DATA_OFFSET => Ok(header),
                data_offset => Err(DemuxError::Limit {
                    format: FORMAT,
                    offset: 5,
                    what: "DataOffset",
                    value: u64::from(data_offset),
                    limit: u64::from(MAX_DATA_OFFSET),
                }),
            });
        let header = result.inspect_err(|_| self.state = State::End)?;
        self.input.skip(u64::from(header.data_offset));
        self.first_tag = u64::from(header.data_offset) + 4;
        self.streams.expect(header);
        self.state = State::Between;
        Ok(None)
    }

    fn read_tag_header(&mut self) -> Result<Option<Demuxed>, DemuxError> {
        let Some(bytes) = self.input.peek_array() else {
            return self.starved("a tag header");
        };
        let header = TagHeader::parse(bytes);
        let offset = self.input.position();
        self.input.skip(TagHeader::LEN as u64);
        let known = matches!(header.tag_type, tag::AUDIO | tag::VIDEO | tag::SCRIPT);
        let too_large = header.tag_type == tag::SCRIPT && header.data_size > MAX_SCRIPT_BYTES;
        if known && !too_large {
            self.state = State::Data(header, offset);
            return Ok(None);
        }
        self.input.skip(u64::from(header.data_size));
        self.state = State::Between;
        if too_large {
            return Err(DemuxError::Limit {
                format: FORMAT,
                offset,
                what: "script data",
                value: u64::from(header.data_size),
                limit: u64::from(MAX_SCRIPT_BYTES),
            });
        }
        Ok(None)
    }

    fn read_data(&mut self, header: TagHeader, offset: u64) -> Result<Option<Demuxed>, DemuxError> {
        let Some(data) = self.input.take(header.data_size as usize) else {
            return self.starved("a tag");
        };
        self.state = State::Between;
        self.streams
            .handle(&header, &data, offset, &mut self.ready)?;
        Ok(None)
    }

    /// There are not enough bytes for `what`.
    fn starved(&mut self, what: &'static str) -> Result<Option<Demuxed>, DemuxError> {
        if !self.input.ended() {
            return Ok(Some(Demuxed::Need(Need::Bytes)));
        }
        // A writer that died behind a tag, or had not yet written any, is at a clean end.
        let clean = matches!(self.state, State::Between | State::Tag)
            && self.input.bytes().is_empty()
            && self.input.skipping() == 0;
        self.state = State::End;
        self.streams.finish(&mut self.ready);
        if self.streams.announced() && self.wanted_ms.is_some() {
            self.state = State::Tag; // the tracks have become known by the end: now seek
        }
        if clean {
            return Ok(None);
        }
        Err(DemuxError::Truncated {
            format: FORMAT,
            offset: self.input.position(),
            what,
        })
    }

    /// Starts at the nearest of: the index, the first tag.
    fn start_walk(&mut self, target_ms: i64) -> Demuxed {
        let indexed = self
            .streams
            .keyframes()
            .iter()
            .rev()
            .find(|(ms, _)| *ms <= target_ms);
        let indexed = indexed
            .copied()
            .filter(|(_, offset)| *offset >= self.first_tag);
        self.state = State::Walk(Walk::new(
            target_ms,
            self.streams.has_video(),
            indexed.is_some(),
        ));
        match indexed {
            Some((ms, offset)) => self.jump(Some(ms), offset),
            None => self.jump(None, self.first_tag),
        }
    }

    fn jump(&mut self, near_ms: Option<i64>, offset: u64) -> Demuxed {
        self.streams.jump(near_ms);
        self.input.seek(offset);
        Demuxed::Need(Need::Seek(offset))
    }

    fn walk(&mut self) -> Option<Demuxed> {
        let State::Walk(walk) = &mut self.state else {
            return None;
        };
        let header = self.input.peek_array().map(TagHeader::parse);
        let wanted = header.map_or(0, |header| Walk::PEEK.min(header.data_size as usize));
        let whole = self.input.peek(TagHeader::LEN + wanted);
        let (Some(header), Some(bytes)) = (header, whole) else {
            return if self.input.ended() {
                Some(self.end_walk())
            } else {
                Some(Demuxed::Need(Need::Bytes))
            };
        };
        let offset = self.input.position();
        let data = bytes.get(TagHeader::LEN..).unwrap_or_default();
        let coded = matches!(header.tag_type, tag::AUDIO | tag::VIDEO);
        let time_ms = if coded {
            self.streams.time_ms(&header)
        } else {
            0
        };
        match walk.judge(&header, time_ms, data, offset) {
            Step::On => self.pass_tag(&header),
            Step::Found => Some(self.end_walk()),
            Step::Restart => {
                *walk = Walk::new(walk.target_ms(), self.streams.has_video(), false);
                Some(self.jump(None, self.first_tag))
            }
        }
    }

    fn pass_tag(&mut self, header: &TagHeader) -> Option<Demuxed> {
        let len = TagHeader::LEN as u64 + u64::from(header.data_size) + 4;
        let beyond = len.saturating_sub(self.input.bytes().len() as u64);
        if beyond <= MAX_SKIP_BYTES {
            self.input.skip(len);
            return None;
        }
        let offset = self.input.position() + len;
        self.input.seek(offset);
        Some(Demuxed::Need(Need::Seek(offset)))
    }

    fn end_walk(&mut self) -> Demuxed {
        let best = match &self.state {
            State::Walk(walk) => walk.best(),
            _ => None,
        };
        self.state = State::Tag;
        match best {
            Some((offset, ms)) => self.jump(Some(ms), offset),
            None => self.jump(None, self.first_tag),
        }
    }
}

impl Demuxer for FlvDemuxer {
    fn push(&mut self, bytes: &[u8]) {
        self.input.push(bytes);
    }

    fn push_end(&mut self) {
        self.input.push_end();
    }

    fn next(&mut self) -> Result<Demuxed, DemuxError> {
        loop {
            let leaving = self.wanted_ms.is_some() && self.streams.announced();
            while let Some(item) = self.ready.pop_front() {
                if !leaving || matches!(item, Demuxed::Tracks(_)) {
                    return Ok(item);
                }
            }
            if let Some(item) = self.step()? {
                return Ok(item);
            }
        }
    }

    /// Starts from the `keyframes` index in onMetaData, where there is one, else from the first
    /// tag, and walks over the tag headers. Called before the tracks are told, it takes effect then.
    fn seek(&mut self, to: Timestamp) -> Result<(), DemuxError> {
        // Down, since a key frame at the next millisecond would be after `to`.
        self.wanted_ms = Some(to.0.div_euclid(1000));
        Ok(())
    }
}
