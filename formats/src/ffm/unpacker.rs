//! Blocks into frames.

use super::assembler::{Assembled, FrameAssembler, Rest};
use super::block::{BLOCK_SIZE, BlockHeader};
use super::frame::{Frame, FrameHeader};
use crate::InputBuffer;

/// Takes frames out of blocks.
///
/// It trusts nothing that can be checked: the place where a block says its first frame starts must
/// be the place where the frames before it end. Where it is not, the frame in between is dropped and
/// reading goes on at the place that the block (or the next sound one) tells.
#[derive(Debug)]
pub struct Unpacker {
    state: State,
    frames: FrameAssembler,
    /// Whether the next payload byte belongs to the frame begun, rather than to a frame whose start was
    /// not seen.
    in_step: bool,
    /// Frames were read, so that what is dropped before the next one is a break.
    started: bool,
    broken: bool,
    /// No block that starts here or behind is read.
    stop: u64,
}

/// Where in a block the input stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At its start.
    Start,
    /// In its payload, `left` bytes before the fill.
    Payload { left: usize, fill: usize },
}

/// What there is next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unpacked {
    /// A whole frame.
    Frame(Frame),
    /// Something is broken and has been passed over.
    Damaged {
        /// Offset in the source of the block concerned.
        offset: u64,
        /// What does not fit.
        what: Damage,
    },
    /// Nothing without more input.
    Starved,
}

/// What is broken in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// No block header.
    #[error("no block header where a block starts")]
    BlockHeader,
    /// The block tells another place than the frames before it.
    #[error("the block's first frame starts at {told}, the frame before it ends at {expected}")]
    FrameOffset {
        /// Frame offset of the block; 0: no frame starts.
        told: usize,
        /// Where a frame should start; 0: none.
        expected: usize,
    },
    /// No frame header.
    #[error("no frame header where a frame starts")]
    FrameHeader,
    /// A session begins inside a frame of the one before.
    #[error("a session begins, {lost} bytes into a frame of the one before")]
    Interrupted {
        /// Bytes of the frame that is lost.
        lost: usize,
    },
}

impl Unpacker {
    /// An unpacker at the start of a block of a source with `streams` streams.
    #[must_use]
    pub fn new(streams: u8) -> Self {
        Self {
            state: State::Start,
            frames: FrameAssembler::new(streams),
            in_step: false,
            started: false,
            broken: false,
            stop: u64::MAX,
        }
    }

    /// Blocks that start at `offset` of the source or behind it are not read.
    pub const fn stop_at(&mut self, offset: u64) {
        self.stop = offset;
    }

    /// Whether the place told by [`Unpacker::stop_at`] is reached.
    #[must_use]
    pub fn stopped(&self, input: &InputBuffer) -> bool {
        self.at_block_start() && input.position() >= self.stop
    }

    /// Whether the input stands at the start of a block.
    #[must_use]
    pub fn at_block_start(&self) -> bool {
        self.state == State::Start
    }

    /// Bytes of the frame begun.
    #[must_use]
    pub fn pending_len(&self) -> usize {
        self.frames.pending_len()
    }

    /// The input goes on at the start of another block, which need not follow the one before.
    pub fn restart(&mut self) {
        self.state = State::Start;
        self.lose_step();
    }

    /// The next frame.
    pub fn next(&mut self, input: &mut InputBuffer) -> Unpacked {
        loop {
            match self.frames.next_frame() {
                Assembled::Frame(mut frame) => {
                    self.mark(&mut frame);
                    return Unpacked::Frame(frame);
                }
                Assembled::Damaged => {
                    self.lose_step();
                    let offset = self.skip_block(input);
                    let what = Damage::FrameHeader;
                    return Unpacked::Damaged { offset, what };
                }
                Assembled::Short => {}
            }
            let progress = match self.state {
                State::Start => self.start_block(input),
                State::Payload { left, fill } => self.take_payload(left, fill, input),
            };
            match progress {
                Ok(true) => {}
                Ok(false) => return Unpacked::Starved,
                Err((offset, what)) => return Unpacked::Damaged { offset, what },
            }
        }
    }

    /// Reads a block header and finds the step. `Ok(false)` if input is missing.
    fn start_block(&mut self, input: &mut InputBuffer) -> Result<bool, (u64, Damage)> {
        let offset = input.position();
        if offset >= self.stop {
            return Ok(false);
        }
        let Some(bytes) = input.peek_array() else {
            return Ok(false);
        };
        let Some(block) = BlockHeader::parse(bytes) else {
            self.lose_step();
            input.skip(BLOCK_SIZE as u64);
            return Err((offset, Damage::BlockHeader));
        };
        let payload = block.end() - BlockHeader::LEN;
        // Enough to complete a straddling frame header, so that its size is known.
        let wanted = payload.min(FrameHeader::MAX_LEN);
        let seen = input.bytes().len() - BlockHeader::LEN;
        if seen < wanted && !input.ended() {
            return Ok(false);
        }
        let head = input
            .bytes()
            .get(BlockHeader::LEN..BlockHeader::LEN + wanted.min(seen))
            .unwrap_or_default();
        let damage = self.find_step(&block, payload, head, seen < wanted);
        let first = usize::from(block.frame_offset);
        let skipped = match (self.in_step, first) {
            (true, _) => 0,
            (false, 0) => payload,
            (false, _) => first - BlockHeader::LEN,
        };
        self.in_step |= first != 0;
        input.skip((BlockHeader::LEN + skipped) as u64);
        self.state = State::Payload {
            left: payload - skipped,
            fill: block.fill_size.into(),
        };
        damage.map_or(Ok(true), |what| Err((offset, what)))
    }

    /// Compares what the block tells with where the frame begun ends; loses the step if they
    /// differ. `head` is the start of the payload, `cut` if the source ends in it.
    fn find_step(
        &mut self,
        block: &BlockHeader,
        payload: usize,
        head: &[u8],
        cut: bool,
    ) -> Option<Damage> {
        if block.discontinuity {
            let lost = self.frames.pending_len();
            self.lose_step();
            return (lost != 0).then_some(Damage::Interrupted { lost });
        }
        if !self.in_step {
            return None;
        }
        let rest = match self.frames.rest(head) {
            Rest::Known(rest) => rest,
            Rest::Unknown if cut => return None,
            // The payload is too short even for the header.
            Rest::Unknown => payload,
            Rest::Damaged => {
                self.lose_step();
                return Some(Damage::FrameHeader);
            }
        };
        let expected = if rest < payload {
            BlockHeader::LEN + rest
        } else {
            0
        };
        let told = usize::from(block.frame_offset);
        if told == expected {
            return None;
        }
        self.lose_step();
        Some(Damage::FrameOffset { told, expected })
    }

    fn take_payload(
        &mut self,
        left: usize,
        fill: usize,
        input: &mut InputBuffer,
    ) -> Result<bool, (u64, Damage)> {
        if left == 0 {
            input.skip(fill as u64);
            self.state = State::Start;
            return Ok(true);
        }
        let position = input.position();
        let len = input.bytes().len().min(left);
        let Some(bytes) = input.take(len).filter(|bytes| !bytes.is_empty()) else {
            return Ok(false);
        };
        self.frames.push(position, &bytes);
        self.state = State::Payload {
            left: left - len,
            fill,
        };
        Ok(true)
    }

    /// Marks the first frame after a break.
    fn mark(&mut self, frame: &mut Frame) {
        frame.discontinuity = self.started && self.broken;
        self.started = true;
        self.broken = false;
    }

    /// Passes over the rest of the block; returns the block's offset.
    fn skip_block(&mut self, input: &mut InputBuffer) -> u64 {
        if let State::Payload { left, fill } = self.state {
            let to_end = (left + fill) as u64;
            let offset = (input.position() + to_end).saturating_sub(BLOCK_SIZE as u64);
            input.skip(to_end);
            self.state = State::Start;
            return offset;
        }
        input.position().saturating_sub(BLOCK_SIZE as u64)
    }

    fn lose_step(&mut self) {
        self.frames.clear();
        self.in_step = false;
        self.broken = true;
    }
}
