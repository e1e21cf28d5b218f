//! The buffer between a demuxer and what is pushed into it.

use bytes::{Buf, Bytes, BytesMut};

/// Bytes pushed and not yet consumed, with their place in the source.
#[derive(Debug, Default)]
pub struct InputBuffer {
    buffered: BytesMut,
    /// Offset of the first buffered byte in the source.
    position: u64,
    /// Bytes to drop from what is pushed next.
    skipping: u64,
    ended: bool,
}

impl InputBuffer {
    /// An empty buffer at the start of the source.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        let skipped = usize::try_from(self.skipping)
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        self.skipping -= skipped as u64;
        self.position += skipped as u64;
        self.buffered.extend_from_slice(&bytes[skipped..]);
    }

    /// Marks the end of the source.
    pub const fn push_end(&mut self) {
        self.ended = true;
    }

    /// Whether all bytes of the source have been pushed.
    #[must_use]
    pub const fn ended(&self) -> bool {
        self.ended
    }

    /// Bytes that are consumed but not yet pushed.
    #[must_use]
    pub const fn skipping(&self) -> u64 {
        self.skipping
    }

    /// Offset in the source of the first byte that is not consumed.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// All bytes that are there.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.buffered
    }

    /// The next `len` bytes without consuming them, or `None` if they are not there yet.
    #[must_use]
    pub fn peek(&self, len: usize) -> Option<&[u8]> {
        self.buffered.get(..len)
    }

    /// The next `N` bytes without consuming them, or `None` if they are not there yet.
    #[must_use]
    pub fn peek_array<const N: usize>(&self) -> Option<[u8; N]> {
        self.buffered.first_chunk().copied()
    }

    /// Consumes `len` bytes and returns them, or `None` (consuming none) if they are not there yet.
    pub fn take(&mut self, len: usize) -> Option<Bytes> {
        if self.buffered.len() < len {
            return None;
        }
        self.position += len as u64;
        Some(self.buffered.split_to(len).freeze())
    }

    /// Consumes `len` bytes, also those that are still to be pushed.
    pub fn skip(&mut self, len: u64) {
        let now = usize::try_from(len)
            .unwrap_or(usize::MAX)
            .min(self.buffered.len());
        self.buffered.advance(now);
        self.position += now as u64;
        self.skipping += len - now as u64;
    }

    /// Forgets what is buffered: the next push starts at `offset` of the source.
    pub fn seek(&mut self, offset: u64) {
        self.buffered.clear();
        self.position = offset;
        self.skipping = 0;
        self.ended = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skip_reaches_into_bytes_not_yet_pushed() {
        let mut input = InputBuffer::new();
        input.push(b"abc");
        input.skip(5);
        assert_eq!((input.position(), input.bytes()), (3, &b""[..]));
        input.push(b"d");
        assert_eq!(input.position(), 4);
        input.push(b"efgh");
        assert_eq!((input.position(), input.bytes()), (5, &b"fgh"[..]));
        assert_eq!(input.take(4), None);
        assert_eq!(input.take(2).as_deref(), Some(&b"fg"[..]));
        assert_eq!((input.position(), input.peek(1)), (7, Some(&b"h"[..])));
    }

    #[test]
    fn seek_forgets_everything() {
        let mut input = InputBuffer::new();
        input.push(b"abc");
        input.skip(10);
        input.push_end();
        input.seek(100);
        input.push(b"xy");
        assert!(!input.ended());
        assert_eq!((input.position(), input.bytes()), (100, &b"xy"[..]));
    }
}
