//! Reading a ring.

use formats::ffm::{Assembled, BLOCK_SIZE, BlockHeader, FrameAssembler};
use media::{Packet, Timestamp};

use super::error::RingError;
use super::seal::{Block, Sealed};
use super::{RingFile, Seal};
use crate::feed::store::Storage;

/// A place in a ring.
#[derive(Debug)]
pub struct RingCursor {
    /// The block, and where in it to go on.
    sequence: u64,
    offset: usize,
    /// Whether `offset` is inside a frame begun, or where one starts.
    in_step: bool,
    frames: FrameAssembler,
    broken: bool,
}

/// What a cursor came upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RingRead {
    /// A packet; times in microseconds.
    Packet(Packet),
    /// Nothing until more is appended.
    CaughtUp,
    /// The ring has gone over the place: packets are lost. The cursor now stands at the oldest key
    /// frame.
    Lapped {
        /// Blocks that were not read.
        blocks: u64,
    },
}

impl<S: Storage> RingFile<S> {
    /// A cursor at the last key frame of `track` at or before `to`; at its oldest if there is none,
    /// and behind the newest packet if there is no key frame at all.
    #[must_use]
    pub fn seek(&self, to: Timestamp, track: usize) -> RingCursor {
        let key = self.keys.find(to, track);
        self.cursor(key.map(|key| (key.sequence, key.offset)))
    }

    /// A cursor at the oldest whole frame.
    #[must_use]
    pub fn rewind(&self) -> RingCursor {
        let mut cursor = self.cursor(None);
        cursor.sequence = self.layout.oldest();
        cursor
    }

    /// What comes at the cursor.
    ///
    /// # Errors
    /// [`RingError::Io`] if the storage fails.
    pub fn read(&self, cursor: &mut RingCursor) -> Result<RingRead, RingError> {
        loop {
            match cursor.frames.next_frame() {
                Assembled::Frame(mut frame) => {
                    frame.discontinuity = std::mem::take(&mut cursor.broken);
                    let track = usize::from(frame.stream);
                    return Ok(RingRead::Packet(frame.into_packet(track)));
                }
                Assembled::Damaged => cursor.lose_step(cursor.sequence + 1),
                Assembled::Short => {}
            }
            if cursor.sequence < self.layout.oldest() {
                return Ok(self.lapped(cursor));
            }
            if cursor.sequence > self.layout.newest() {
                return Ok(RingRead::CaughtUp);
            }
            let is_newest = cursor.sequence == self.layout.newest();
            if is_newest && cursor.offset >= self.head_end {
                return Ok(RingRead::CaughtUp);
            }
            match self.block(cursor.sequence)? {
                Some((block, sealed)) => cursor.take(&block, &sealed, is_newest),
                // Gone bad on the medium: passed over.
                None => cursor.lose_step(cursor.sequence + 1),
            }
        }
    }

    fn cursor(&self, place: Option<(u64, usize)>) -> RingCursor {
        let streams = u8::try_from(self.tracks().len()).unwrap_or(u8::MAX);
        let (sequence, offset) = place.unwrap_or((self.layout.newest() + 1, 0));
        RingCursor {
            sequence,
            offset,
            in_step: place.is_some(),
            frames: FrameAssembler::new(streams),
            broken: false,
        }
    }

    fn block(&self, sequence: u64) -> Result<Option<(Block, Sealed)>, RingError> {
        if sequence == self.layout.newest() {
            let ring = self.header.as_ref().map_or(0, |header| header.id);
            return Ok(Seal::check(ring, &self.head).map(|sealed| (*self.head, sealed)));
        }
        self.read_block(sequence)
    }

    fn lapped(&self, cursor: &mut RingCursor) -> RingRead {
        let place = match self.keys.oldest() {
            Some(key) => (key.sequence, key.offset),
            None => (self.layout.oldest(), 0),
        };
        let blocks = place.0.saturating_sub(cursor.sequence);
        cursor.lose_step(place.0);
        cursor.offset = place.1;
        cursor.in_step = place.1 != 0;
        RingRead::Lapped { blocks }
    }
}

impl RingCursor {
    /// Takes what is new of a block, and goes on to the next unless this is the newest.
    fn take(&mut self, block: &Block, sealed: &Sealed, is_newest: bool) {
        if self.offset == 0 {
            if sealed.discontinuity {
                // The first session read is no break.
                self.broken |= self.in_step;
                self.frames.clear();
                self.in_step = false;
            }
            self.offset = BlockHeader::LEN;
        }
        if !self.in_step {
            // Behind a session's start the frame offset is that of the first frame.
            self.offset = match sealed.frame_offset {
                0 => sealed.end,
                offset => offset.max(self.offset),
            };
            self.in_step = sealed.frame_offset != 0;
        }
        let bytes = block.get(self.offset..sealed.end).unwrap_or_default();
        let position = self.sequence * BLOCK_SIZE as u64 + self.offset as u64;
        self.frames.push(position, bytes);
        self.offset = sealed.end.max(self.offset);
        if !is_newest {
            self.sequence += 1;
            self.offset = 0;
        }
    }

    fn lose_step(&mut self, sequence: u64) {
        self.frames.clear();
        self.sequence = sequence;
        self.offset = 0;
        self.in_step = false;
        self.broken = true;
    }
}
