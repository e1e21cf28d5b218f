//! Which block lies where.

use formats::ffm::BLOCK_SIZE;

const BLOCK: u64 = BLOCK_SIZE as u64;

/// Places of the blocks. Block after block lies in slot after slot, from slot 0 behind the header;
/// at the end of the ring a new lap starts in slot 0, over the oldest blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    slots: Option<u64>,
    /// Sequence number that slot 0 has in this lap.
    lap_start: u64,
    /// Slots that the lap before this had.
    older_slots: u64,
    oldest: u64,
    newest: u64,
}

/// Blocks in a row, as found in a storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) first_slot: u64,
    pub(super) first: u64,
    pub(super) last_slot: u64,
    pub(super) last: u64,
}

impl Layout {
    /// An empty ring.
    pub(super) fn new(max_size_bytes: Option<u64>) -> Self {
        Self {
            // The last block may begin just below the limit.
            slots: max_size_bytes.map(|size| size.saturating_sub(BLOCK).div_ceil(BLOCK).max(1)),
            lap_start: 1,
            older_slots: 0,
            oldest: 1,
            newest: 0,
        }
    }

    /// The ring of a run that was found.
    pub(super) fn of_run(max_size_bytes: Option<u64>, run: Run) -> Self {
        let lap_start = run.last.saturating_sub(run.last_slot);
        let older_slots = if run.first < lap_start {
            run.first_slot + (lap_start - run.first)
        } else {
            0
        };
        Self {
            lap_start,
            older_slots,
            oldest: run.first,
            newest: run.last,
            ..Self::new(max_size_bytes)
        }
    }

    pub(super) const fn slots(&self) -> Option<u64> {
        self.slots
    }

    /// The oldest block held.
    pub(super) const fn oldest(&self) -> u64 {
        self.oldest
    }

    /// The newest block; below the oldest if there is none.
    pub(super) const fn newest(&self) -> u64 {
        self.newest
    }

    /// Goes on to a new block, which may replace the oldest.
    pub(super) fn advance(&mut self) -> u64 {
        let slot = self.next_slot();
        if slot == 0 && self.newest >= self.lap_start {
            self.older_slots = self.newest + 1 - self.lap_start;
            self.lap_start = self.newest + 1;
        }
        self.newest += 1;
        if slot < self.older_slots {
            let replaced = self.lap_start - self.older_slots + slot;
            self.oldest = self.oldest.max(replaced + 1);
        } else {
            self.oldest = self.oldest.max(self.lap_start.min(self.newest));
        }
        self.newest
    }

    /// Slot behind the last of the older lap.
    pub(super) const fn older_end(&self) -> u64 {
        self.older_slots
    }

    /// Offset of a block that is held.
    pub(super) const fn offset(&self, sequence: u64) -> u64 {
        let slot = if sequence >= self.lap_start {
            sequence - self.lap_start
        } else {
            self.older_slots.saturating_sub(self.lap_start - sequence)
        };
        offset_of(slot)
    }

    /// Offset of the block that comes next.
    pub(super) fn write_index(&self) -> u64 {
        offset_of(self.next_slot())
    }

    fn next_slot(&self) -> u64 {
        let next = (self.newest + 1).saturating_sub(self.lap_start);
        match self.slots {
            Some(slots) if next >= slots => 0,
            _ => next,
        }
    }
}

/// Offset of a slot.
pub(super) const fn offset_of(slot: u64) -> u64 {
    BLOCK + slot * BLOCK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_go_round_and_replace_the_oldest() {
        // A size that is no multiple of a block: the last block begins below it.
        let mut layout = Layout::new(Some(4096 * 4 + 1));
        let mut seen = Vec::new();
        for _ in 0..10 {
            let newest = layout.advance();
            seen.push((layout.oldest(), newest, layout.offset(newest) / 4096));
        }
        assert_eq!(
            seen,
            [
                (1, 1, 1),
                (1, 2, 2),
                (1, 3, 3),
                (1, 4, 4),
                (2, 5, 1),
                (3, 6, 2),
                (4, 7, 3),
                (5, 8, 4),
                (6, 9, 1),
                (7, 10, 2),
            ]
        );
        let places: Vec<_> = (7..=10).map(|block| layout.offset(block) / 4096).collect();
        assert_eq!(places, [3, 4, 1, 2]);
        assert_eq!(layout.write_index(), 4096 * 3);
    }

    #[test]
    fn ring_found_goes_on_where_it_was() {
        for (name, run) in [
            ("one lap", [0, 1, 2, 3]),
            ("one lap with a gap in front", [1, 2, 2, 3]),
            ("in the second lap", [3, 4, 1, 6]),
            ("full lap", [0, 5, 3, 8]),
        ] {
            let [first_slot, first, last_slot, last] = run;
            let run = Run {
                first_slot,
                first,
                last_slot,
                last,
            };
            let mut layout = Layout::of_run(Some(4096 * 5), run);
            assert_eq!((layout.oldest(), layout.newest()), (first, last), "{name}");
            assert_eq!(layout.offset(first), offset_of(first_slot), "{name}");
            assert_eq!(layout.offset(last), offset_of(last_slot), "{name}");
            for _ in 0..9 {
                let newest = layout.advance();
                let slot = (newest - 1) % 4;
                assert_eq!(layout.offset(newest), offset_of(slot), "{name}");
                assert!(newest - layout.oldest() < 4, "{name}");
            }
            assert_eq!(layout.newest() - layout.oldest(), 3, "{name}");
        }
    }

    #[test]
    fn larger_ring_grows_at_its_end() {
        // Four slots so far, in the second lap; now there are six.
        let run = Run {
            first_slot: 2,
            first: 7,
            last_slot: 1,
            last: 10,
        };
        let mut layout = Layout::of_run(Some(4096 * 7), run);
        let seen: Vec<_> = (0..6)
            .map(|_| {
                let newest = layout.advance();
                (layout.oldest(), layout.offset(newest) / 4096)
            })
            .collect();
        assert_eq!(seen, [(8, 3), (9, 4), (9, 5), (9, 6), (10, 1), (11, 2)]);
    }
}
