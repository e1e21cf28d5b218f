//! The part of the source that is in memory.

use std::ops::Range;

use bytes::Bytes;

use crate::{InputBuffer, Need};

/// Bytes behind the window's start at which a sample is waited for rather than sought: what tracks
/// may lie apart in an interleaved file.
const MAX_SPAN: u64 = 8 << 20;

/// Bytes between those on hand and those wanted that are read through rather than jumped over.
const MAX_GAP: u64 = 1 << 20;

/// Bytes of the source around those that are needed next.
#[derive(Debug, Default)]
pub(super) struct Window {
    input: InputBuffer,
}

impl Window {
    /// Appends bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.input.push(bytes);
    }

    /// Marks the end of the source.
    pub(super) const fn push_end(&mut self) {
        self.input.push_end();
    }

    /// Whether the source ends behind the window.
    pub(super) const fn ended(&self) -> bool {
        self.input.ended()
    }

    /// Offset of the first byte.
    pub(super) const fn start(&self) -> u64 {
        self.input.position()
    }

    /// Offset behind the last byte.
    pub(super) fn end(&self) -> u64 {
        self.start().saturating_add(self.bytes().len() as u64)
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        self.input.bytes()
    }

    /// The bytes from an offset on, if they are there.
    pub(super) fn bytes_from(&self, offset: u64) -> Option<&[u8]> {
        let skipped = usize::try_from(offset.checked_sub(self.start())?).ok()?;
        self.bytes().get(skipped..)
    }

    /// Where in [`Self::bytes`] a range of the source is, if it is there.
    pub(super) fn range(&self, start: u64, end: u64) -> Option<Range<usize>> {
        let from = usize::try_from(start.checked_sub(self.start())?).ok()?;
        let to = usize::try_from(end.checked_sub(self.start())?).ok()?;
        (to <= self.bytes().len()).then_some(from..to)
    }

    /// Takes bytes off the start.
    pub(super) fn take(&mut self, len: usize) -> Bytes {
        self.input.take(len).unwrap_or_default()
    }

    /// Drops what is before `offset`, as far as it is there.
    pub(super) fn drop_to(&mut self, offset: u64) {
        let len = offset.min(self.end()).saturating_sub(self.start());
        self.input.skip(len);
    }

    /// Whether bytes at `offset` are in the window, or will be when it is read on.
    pub(super) fn reaches(&self, offset: u64) -> bool {
        offset
            .checked_sub(self.start())
            .is_some_and(|ahead| ahead <= MAX_SPAN)
            && offset.saturating_sub(self.end()) <= MAX_GAP
    }

    /// Empties the window and lets it start at `offset`.
    pub(super) fn seek(&mut self, offset: u64) -> Need {
        self.input.seek(offset);
        Need::Seek(offset)
    }

    /// Lets the window start at `offset`; says what is needed if it does not yet.
    pub(super) fn go_to(&mut self, offset: u64) -> Option<Need> {
        self.drop_to(offset);
        if self.start() == offset {
            None
        } else if self.ended() && offset > self.end() || self.reaches(offset) {
            Some(Need::Bytes)
        } else {
            Some(self.seek(offset))
        }
    }
}
