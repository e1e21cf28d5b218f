//! Reading FFM: files, rings and the bodies of posts.

use std::collections::VecDeque;

use super::NAME;
use super::block::BLOCK_SIZE;
use super::header::Header;
use super::intake::Intake;
use super::unpacker::{Unpacked, Unpacker};
use crate::{DemuxError, Demuxed, Demuxer, InputBuffer, Need};

/// Reads FFM1 and FFM2.
///
/// A file is read to its end. A ring (its write index is not 0) is read from its oldest block to
/// the newest, which takes two jumps. In what comes in by a post no write index counts.
///
/// Streams with an unknown codec are reported as [`DemuxError::Unsupported`] and left out. Damage is
/// reported once per place and passed over; [`FfmDemuxer::damages`] counts it.
#[derive(Debug)]
pub struct FfmDemuxer {
    input: InputBuffer,
    state: State,
    follow_write_index: bool,
    errors: VecDeque<DemuxError>,
    damages: u64,
}

#[derive(Debug)]
enum State {
    Header,
    Blocks(Box<Blocks>),
    Ended,
}

#[derive(Debug)]
struct Blocks {
    unpacker: Unpacker,
    intake: Intake,
    part: Part,
    first_block: u64,
}

/// The part of a source that is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// From the first block to the end, or to the write index of a ring.
    FromFirst,
    /// A ring from its write index on, where its oldest blocks are, if it has been once around.
    Oldest { write_index: u64 },
}

impl FfmDemuxer {
    /// Reads a file or ring.
    #[must_use]
    pub fn new() -> Self {
        Self {
            input: InputBuffer::new(),
            state: State::Header,
            follow_write_index: true,
            errors: VecDeque::new(),
            damages: 0,
        }
    }

    /// Reads what a feeder posts: an endless source that cannot jump.
    #[must_use]
    pub fn endless() -> Self {
        Self {
            follow_write_index: false,
            ..Self::new()
        }
    }

    /// Number of damaged places passed over so far.
    #[must_use]
    pub const fn damages(&self) -> u64 {
        self.damages
    }

    fn read_header(&mut self) -> Result<Option<Demuxed>, DemuxError> {
        let header = match Header::parse(self.input.bytes()) {
            Ok(Some((header, len))) => {
                self.input.skip(len as u64);
                header
            }
            Ok(None) if self.input.ended() => {
                self.state = State::Ended;
                return Err(self.truncated("the header"));
            }
            Ok(None) => return Ok(Some(Demuxed::Need(Need::Bytes))),
            Err(error) => {
                self.state = State::Ended;
                return Err(error);
            }
        };
        let (intake, unsupported) = Intake::new(&header);
        let error = |feature| DemuxError::Unsupported {
            format: NAME,
            offset: 0,
            feature,
        };
        self.errors.extend(unsupported.into_iter().map(error));
        let first_block = self.input.position();
        let write_index = header.write_index;
        let is_ring = self.follow_write_index
            && write_index > first_block
            && write_index.is_multiple_of(BLOCK_SIZE as u64);
        let streams = u8::try_from(header.streams.len()).unwrap_or(u8::MAX);
        self.state = State::Blocks(Box::new(Blocks {
            unpacker: Unpacker::new(streams),
            intake,
            part: if is_ring {
                Part::Oldest { write_index }
            } else {
                Part::FromFirst
            },
            first_block,
        }));
        if is_ring {
            self.input.seek(write_index);
            return Ok(Some(Demuxed::Need(Need::Seek(write_index))));
        }
        Ok(None)
    }

    fn read_blocks(&mut self) -> Result<Demuxed, DemuxError> {
        let State::Blocks(blocks) = &mut self.state else {
            return Ok(Demuxed::End);
        };
        loop {
            if let Some(ready) = blocks.intake.pop() {
                return Ok(ready);
            }
            match blocks.unpacker.next(&mut self.input) {
                Unpacked::Frame(frame) => {
                    let offset = frame.start;
                    if let Err(reason) = blocks.intake.push(frame) {
                        self.damages += 1;
                        return Err(damaged(offset, reason.into()));
                    }
                }
                Unpacked::Damaged { offset, what } => {
                    self.damages += 1;
                    return Err(damaged(offset, what.to_string()));
                }
                Unpacked::Starved if blocks.unpacker.stopped(&self.input) => return self.end(),
                Unpacked::Starved if !self.input.ended() => return Ok(Demuxed::Need(Need::Bytes)),
                Unpacked::Starved => {
                    let Part::Oldest { write_index } = blocks.part else {
                        return self.end();
                    };
                    // Oldest part read, or there is none: the rest begins at the first block.
                    let first_block = blocks.first_block;
                    if !blocks.unpacker.at_block_start() {
                        blocks.unpacker.restart(); // the last block is cut
                    }
                    blocks.unpacker.stop_at(write_index);
                    blocks.part = Part::FromFirst;
                    self.input.seek(first_block);
                    return Ok(Demuxed::Need(Need::Seek(first_block)));
                }
            }
        }
    }

    /// The source has nothing more: delivers what was held back, tells a cut, then ends.
    fn end(&mut self) -> Result<Demuxed, DemuxError> {
        let State::Blocks(blocks) = &mut self.state else {
            return Ok(Demuxed::End);
        };
        blocks.intake.finish();
        if let Some(ready) = blocks.intake.pop() {
            return Ok(ready);
        }
        let cut = if blocks.unpacker.pending_len() > 0 {
            Some("a frame")
        } else if blocks.unpacker.stopped(&self.input) {
            None
        } else if !blocks.unpacker.at_block_start() || !self.input.bytes().is_empty() {
            Some("a block")
        } else {
            None
        };
        self.state = State::Ended;
        match cut {
            Some(what) => Err(self.truncated(what)),
            None => Ok(Demuxed::End),
        }
    }

    fn truncated(&self, what: &'static str) -> DemuxError {
        DemuxError::Truncated {
            format: NAME,
            offset: self.input.position() + self.input.bytes().len() as u64,
            what,
        }
    }
}

impl Default for FfmDemuxer {
    fn default() -> Self {
        Self::new()
    }
}

impl Demuxer for FfmDemuxer {
    fn push(&mut self, bytes: &[u8]) {
        if !matches!(self.state, State::Ended) {
            self.input.push(bytes);
        }
    }

    fn push_end(&mut self) {
        self.input.push_end();
    }

    fn next(&mut self) -> Result<Demuxed, DemuxError> {
        if let Some(error) = self.errors.pop_front() {
            return Err(error);
        }
        if matches!(self.state, State::Header) {
            if let Some(demuxed) = self.read_header()? {
                return Ok(demuxed);
            }
            if let Some(error) = self.errors.pop_front() {
                return Err(error);
            }
        }
        self.read_blocks()
    }
}

fn damaged(offset: u64, reason: String) -> DemuxError {
    DemuxError::Malformed {
        format: NAME,
        offset,
        reason,
    }
}
