//! Where key frames are.

use std::collections::VecDeque;

use media::Timestamp;

/// A key frame of the ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    /// Its dts in µs.
    pub(super) time: Timestamp,
    pub(super) track: usize,
    /// The block that it starts in, and where.
    pub(super) sequence: u64,
    pub(super) offset: usize,
}

/// The key frames of a ring, oldest first: about 40 bytes each, so far below 1 % of the ring.
#[derive(Debug, Default)]
pub(super) struct KeyIndex {
    keys: VecDeque<Key>,
}

impl KeyIndex {
    pub(super) fn push(&mut self, key: Key) {
        self.keys.push_back(key);
    }

    /// Forgets key frames in blocks before `sequence`.
    pub(super) fn evict_before(&mut self, sequence: u64) {
        while self.keys.front().is_some_and(|key| key.sequence < sequence) {
            self.keys.pop_front();
        }
    }

    /// The last key frame of `track` at or before `to`, else its first. Clocks can be set back
    /// between sessions, so times need not rise: the last that fits counts.
    pub(super) fn find(&self, to: Timestamp, track: usize) -> Option<Key> {
        let of_track = || self.keys.iter().filter(|key| key.track == track);
        let before = of_track().rev().find(|key| key.time <= to);
        before.or_else(|| of_track().next()).copied()
    }

    pub(super) fn oldest(&self) -> Option<Key> {
        self.keys.front().copied()
    }

    pub(super) fn span(&self, track: usize) -> Option<(Timestamp, Timestamp)> {
        let mut of_track = self.keys.iter().filter(|key| key.track == track);
        let first = of_track.next()?;
        let last = of_track.next_back().unwrap_or(first);
        Some((first.time, last.time))
    }
}
