//! Finding out what a storage holds, and mending it.

use formats::ffm::{Assembled, BLOCK_SIZE, BlockHeader, FrameAssembler};

use super::error::{Anew, RingError};
use super::header::RingHeader;
use super::keys::{Key, KeyIndex};
use super::layout::{Layout, Run, offset_of};
use super::seal::{Block, Seal, Sealed};
use super::{Opened, RingFile};
use crate::feed::store::Storage;
use media::Timestamp;

/// Blocks read at a time.
const READ_BLOCKS: usize = 64;

impl<S: Storage> RingFile<S> {
    /// Reads the whole storage and takes up what a reader can rely on.
    pub(super) fn load(&mut self) -> Result<Opened, RingError> {
        self.header = None;
        self.in_session = false;
        self.keys = KeyIndex::default();
        self.layout = Layout::new(self.options.max_size_bytes);
        self.head_end = 0;
        let mut opened = Opened::default();
        let header = match self.read_header()? {
            Ok(header) => header,
            Err(anew) => {
                opened.anew = Some(anew);
                return Ok(opened);
            }
        };
        let slots = self.read_seals(header.id)?;
        let mut run = choose_run(&slots, header.synced);
        if let Some(found) = run {
            run = self.fit(found, slots.len());
            if run.is_none() {
                opened.anew = Some(Anew::Shrunk);
                return Ok(opened);
            }
        }
        self.header = Some(header);
        if let Some(run) = run {
            self.layout = Layout::of_run(self.options.max_size_bytes, run);
            opened.frames = self.read_frames()?;
        }
        opened.cut_blocks = self.mend(slots.len() as u64, run)?;
        self.failed = false;
        Ok(opened)
    }

    /// A block that is held, with what its seal says.
    pub(super) fn read_block(&self, sequence: u64) -> Result<Option<(Block, Sealed)>, RingError> {
        let ring = self.header.as_ref().map_or(0, |header| header.id);
        let mut block = [0; BLOCK_SIZE];
        self.storage
            .read_at(self.layout.offset(sequence), &mut block)
            .map_err(RingError::io("read"))?;
        let sealed = Seal::check(ring, &block).filter(|sealed| sealed.sequence == sequence);
        Ok(sealed.map(|sealed| (block, sealed)))
    }

    fn read_header(&self) -> Result<Result<RingHeader, Anew>, RingError> {
        let mut block = [0; BLOCK_SIZE];
        let len = self
            .storage
            .read_at(0, &mut block)
            .map_err(RingError::io("read"))?;
        Ok(match len {
            0 => Err(Anew::Empty),
            _ => RingHeader::parse(&block),
        })
    }

    /// What can be relied on in every slot.
    fn read_seals(&self, ring: u64) -> Result<Vec<Slot>, RingError> {
        let mut slots = Vec::new();
        let mut buf = vec![0; READ_BLOCKS * BLOCK_SIZE];
        loop {
            let offset = offset_of(slots.len() as u64);
            let len = self
                .storage
                .read_at(offset, &mut buf)
                .map_err(RingError::io("read"))?;
            let (blocks, cut) = buf.get(..len).unwrap_or_default().as_chunks::<BLOCK_SIZE>();
            slots.extend(blocks.iter().map(|block| Slot::of(ring, block)));
            if len < buf.len() {
                slots.extend((!cut.is_empty()).then(Slot::default));
                return Ok(slots);
            }
        }
    }

    /// Makes a run fit into a ring that may have become smaller. `None` if it cannot.
    fn fit(&self, run: Run, found: usize) -> Option<Run> {
        let slots = self.layout.slots().unwrap_or(u64::MAX);
        let wrapped = run.first_slot > run.last_slot;
        if found as u64 <= slots || (!wrapped && run.last_slot < slots) {
            return Some(run);
        }
        if run.last_slot >= slots {
            return None;
        }
        // What lies beyond the new end is older than this lap.
        Some(Run {
            first_slot: 0,
            first: run.last - run.last_slot,
            ..run
        })
    }

    /// Goes through the frames of the ring: fills the index of key frames, and counts.
    fn read_frames(&mut self) -> Result<u64, RingError> {
        let streams = u8::try_from(self.tracks().len()).unwrap_or(u8::MAX);
        let mut frames = FrameAssembler::new(streams);
        let mut in_step = false;
        let mut count = 0;
        for sequence in self.layout.oldest()..=self.layout.newest() {
            let Some((block, sealed)) = self.read_block(sequence)? else {
                break; // the storage changed under our hands
            };
            if sealed.discontinuity {
                frames.clear();
            }
            in_step &= !sealed.discontinuity;
            let from = match (in_step, sealed.frame_offset) {
                (true, _) => BlockHeader::LEN,
                (false, 0) => sealed.end,
                (false, offset) => offset,
            };
            in_step |= sealed.frame_offset != 0;
            let bytes = block.get(from..sealed.end).unwrap_or_default();
            frames.push(sequence * BLOCK_SIZE as u64 + from as u64, bytes);
            loop {
                match frames.next_frame() {
                    Assembled::Frame(frame) => {
                        count += 1;
                        let (start, dts) = (frame.start, Timestamp(frame.dts_us));
                        let track = usize::from(frame.stream);
                        let packet = frame.into_packet(track);
                        if self.is_seekable(&packet) {
                            self.keys.push(key(start, dts, track));
                        }
                    }
                    Assembled::Short => break,
                    Assembled::Damaged => {
                        frames.clear();
                        in_step = false;
                        break;
                    }
                }
            }
            if sequence == self.layout.newest() {
                *self.head = block;
                self.head_end = sealed.end;
            }
        }
        Ok(count)
    }

    /// Brings the storage into the state that the layout says, for readers that trust the write
    /// index: cuts what lies behind, empties what lies between, and completes the newest block's
    /// header. Returns the number of blocks that were cut.
    fn mend(&mut self, found: u64, run: Option<Run>) -> Result<u64, RingError> {
        let is_kept = |slot: u64| {
            run.is_some_and(|run| {
                let after_first = slot >= run.first_slot;
                let before_last = slot <= run.last_slot;
                if run.first_slot <= run.last_slot {
                    after_first && before_last
                } else {
                    before_last || (after_first && slot < self.layout.older_end())
                }
            })
        };
        let slots = 0..found;
        let kept_end = slots.clone().filter(|slot| is_kept(*slot)).max();
        let kept_end = kept_end.map_or(0, |last| last + 1);
        let gaps: Vec<_> = (0..kept_end).filter(|slot| !is_kept(*slot)).collect();
        let cut = found - slots.filter(|slot| is_kept(*slot)).count() as u64;

        self.storage
            .set_len(offset_of(kept_end))
            .map_err(RingError::io("cut"))?;
        for slot in gaps {
            self.storage
                .write_at(offset_of(slot), &empty_block())
                .map_err(RingError::io("write"))?;
        }
        if run.is_some() {
            self.mend_head()?;
        }
        self.write_index()?;
        self.sync()?;
        Ok(cut)
    }

    /// A torn write can leave the newest block with the header of a version that is not there.
    fn mend_head(&mut self) -> Result<(), RingError> {
        let ring = self.header.as_ref().map_or(0, |header| header.id);
        let Some(sealed) = Seal::check(ring, &self.head) else {
            return Ok(());
        };
        let header = BlockHeader {
            fill_size: u16::try_from(BLOCK_SIZE - sealed.end).unwrap_or(0),
            dts_us: sealed.dts_us,
            discontinuity: sealed.discontinuity,
            frame_offset: u16::try_from(sealed.frame_offset).unwrap_or(0),
        };
        let bytes = header.to_bytes();
        if self.head.starts_with(&bytes) {
            return Ok(());
        }
        for (to, from) in self.head.iter_mut().zip(bytes) {
            *to = from;
        }
        // One sector, and the seal holds with either header.
        let offset = self.layout.offset(self.layout.newest());
        self.storage
            .write_at(offset, &bytes)
            .map_err(RingError::io("write"))
    }
}

fn key(start: u64, time: Timestamp, track: usize) -> Key {
    const BLOCK: u64 = BLOCK_SIZE as u64;
    Key {
        time,
        track,
        sequence: start / BLOCK,
        offset: usize::try_from(start % BLOCK).unwrap_or(0),
    }
}

/// A block that holds nothing but fill.
fn empty_block() -> Block {
    let header = BlockHeader {
        fill_size: u16::try_from(BLOCK_SIZE - BlockHeader::LEN).unwrap_or(0),
        ..BlockHeader::default()
    };
    let mut block = [0; BLOCK_SIZE];
    for (to, from) in block.iter_mut().zip(header.to_bytes()) {
        *to = from;
    }
    block
}

/// What a slot holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Slot {
    /// Sequence number; 0 if nothing can be relied on.
    sequence: u64,
    last_end: u16,
    end: u16,
}

impl Slot {
    fn of(ring: u64, block: &Block) -> Self {
        Seal::check(ring, block).map_or_else(Self::default, |sealed| Self {
            sequence: sealed.sequence,
            last_end: sealed.last_end,
            end: u16::try_from(sealed.end).unwrap_or(0),
        })
    }

    /// Whether this is the block behind `before`, and nothing that was in `before` is missing.
    const fn follows(&self, before: &Self) -> bool {
        before.sequence != 0 && self.sequence == before.sequence + 1 && self.last_end == before.end
    }
}

/// The blocks in a row that can be relied on.
///
/// A block replaces the one a lap older, so of sound blocks only those count that are less than a
/// lap older than the newest. Where one of those is missing, a write was lost: what is newer is not
/// connected with what is older. The row that holds the block `synced` is the one that a crash
/// cannot have touched; without it, the oldest row is what came before the damage.
fn choose_run(slots: &[Slot], synced: u64) -> Option<Run> {
    let sequences = || slots.iter().map(|slot| slot.sequence);
    let newest = sequences().max().filter(|newest| *newest > 0)?;
    let least = (newest + 1).saturating_sub(slots.len() as u64).max(1);
    let anchor = if synced >= least && sequences().any(|sequence| sequence == synced) {
        synced
    } else {
        sequences().filter(|sequence| *sequence >= least).min()?
    };
    let slot_of = |sequence: u64| sequences().position(|found| found == sequence);
    let at = |slot: usize| slots.get(slot).copied().unwrap_or_default();

    let anchor_slot = slot_of(anchor)?;
    let mut last_slot = anchor_slot;
    while let Some(next) = [last_slot + 1, 0]
        .into_iter()
        .find(|next| at(*next).follows(&at(last_slot)))
    {
        last_slot = next;
    }
    let mut first_slot = anchor_slot;
    while at(first_slot).sequence > least {
        let before = match first_slot {
            0 => slot_of(at(0).sequence - 1),
            slot => Some(slot - 1),
        };
        match before.filter(|before| at(first_slot).follows(&at(*before))) {
            Some(before) => first_slot = before,
            None => break,
        }
    }
    Some(Run {
        first_slot: first_slot as u64,
        first: at(first_slot).sequence,
        last_slot: last_slot as u64,
        last: at(last_slot).sequence,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_before_the_damage_is_chosen() {
        for (name, sequences, synced, want) in [
            ("empty", &[][..], 0, None),
            ("nothing sound", &[0, 0], 0, None),
            ("one lap", &[1, 2, 3], 0, Some([0, 1, 2, 3])),
            ("second lap", &[5, 6, 3, 4], 0, Some([2, 3, 1, 6])),
            ("full", &[1, 2, 3, 4], 0, Some([0, 1, 3, 4])),
            ("newest lost", &[1, 2, 3, 0], 0, Some([0, 1, 2, 3])),
            (
                "one lost before the newest",
                &[1, 2, 0, 4],
                0,
                Some([0, 1, 1, 2]),
            ),
            (
                "lost in the second lap",
                &[5, 2, 7, 4],
                0,
                Some([3, 4, 0, 5]),
            ),
            (
                "oldest being replaced",
                &[5, 0, 3, 4],
                0,
                Some([2, 3, 0, 5]),
            ),
            (
                "one rotten, but synced behind",
                &[1, 0, 3, 4],
                3,
                Some([2, 3, 3, 4]),
            ),
            (
                "synced is long gone",
                &[9, 10, 7, 8],
                2,
                Some([2, 7, 1, 10]),
            ),
            (
                "ring that grew",
                &[9, 10, 11, 12, 13],
                0,
                Some([0, 9, 4, 13]),
            ),
            ("block out of place", &[1, 3, 2], 0, Some([0, 1, 0, 1])),
        ] {
            let run = want.map(|[first_slot, first, last_slot, last]| Run {
                first_slot,
                first,
                last_slot,
                last,
            });
            let slot = |sequence: &u64| Slot {
                sequence: *sequence,
                last_end: 4070,
                end: 4070,
            };
            let slots: Vec<_> = sequences.iter().map(slot).collect();
            assert_eq!(choose_run(&slots, synced), run, "{name}");
        }
    }

    #[test]
    fn block_of_an_older_version_ends_the_run() {
        let slot = |sequence, last_end, end| Slot {
            sequence,
            last_end,
            end,
        };
        let slots = [slot(1, 0, 4070), slot(2, 4070, 900), slot(3, 4070, 200)];
        let run = choose_run(&slots, 0).unwrap();
        assert_eq!((run.first, run.last), (1, 2));
    }
}
