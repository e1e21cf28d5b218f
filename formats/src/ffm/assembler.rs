//! Bytes of blocks into frames.

use bytes::BytesMut;

use super::frame::{Frame, FrameHeader, ParsedHeader};

/// Puts frames together from the payloads of blocks, given in order.
#[derive(Debug)]
pub struct FrameAssembler {
    streams: u8,
    /// Bytes of the frame begun, with its header.
    pending: BytesMut,
    /// Offset in the source of the first pending byte, and behind the last.
    start: u64,
    end: u64,
}

/// What payload bytes gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assembled {
    /// A whole frame.
    Frame(Frame),
    /// More bytes are needed.
    Short,
    /// No frame header where a frame starts; nothing more comes until [`FrameAssembler::clear`].
    Damaged,
}

/// Bytes that a frame begun lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// So many.
    Known(usize),
    /// Its header is not whole.
    Unknown,
    /// It has no header.
    Damaged,
}

impl FrameAssembler {
    /// An assembler at the start of a frame of a source with `streams` streams.
    #[must_use]
    pub fn new(streams: u8) -> Self {
        Self {
            streams,
            pending: BytesMut::new(),
            start: 0,
            end: 0,
        }
    }

    /// Takes payload bytes that begin at `position` of the source.
    pub fn push(&mut self, position: u64, bytes: &[u8]) {
        if self.pending.is_empty() {
            self.start = position;
        }
        self.pending.extend_from_slice(bytes);
        self.end = position + bytes.len() as u64;
    }

    /// The next frame. Call until there is none after each push: what is left then begins in the
    /// bytes pushed last.
    pub fn next_frame(&mut self) -> Assembled {
        let (header, len) = match FrameHeader::parse(&self.pending) {
            ParsedHeader::Whole(header, len) if header.stream < self.streams => (header, len),
            ParsedHeader::Whole(..) | ParsedHeader::Damaged => return Assembled::Damaged,
            ParsedHeader::Short => return Assembled::Short,
        };
        if self.pending.len() < len + header.size {
            return Assembled::Short;
        }
        let mut data = self.pending.split_to(len + header.size);
        let end = self.end - self.pending.len() as u64;
        Assembled::Frame(Frame {
            stream: header.stream,
            key: header.key,
            duration_us: header.duration_us,
            pts_us: header.pts_us,
            dts_us: header.dts_us,
            discontinuity: false,
            data: data.split_off(len).freeze(),
            start: std::mem::replace(&mut self.start, end),
            end,
        })
    }

    /// Bytes of the frame begun.
    #[must_use]
    pub fn pending_len(&self) -> usize {
        self.pending.len()
    }

    /// Forgets the frame begun: the next bytes start a frame.
    pub fn clear(&mut self) {
        self.pending.clear();
    }

    /// Bytes that the frame begun lacks, given those that follow.
    pub(super) fn rest(&self, head: &[u8]) -> Rest {
        if self.pending.is_empty() {
            return Rest::Known(0);
        }
        let start = self.pending.iter().chain(head).copied();
        let start: Vec<u8> = start.take(FrameHeader::MAX_LEN).collect();
        match FrameHeader::parse(&start) {
            ParsedHeader::Short => Rest::Unknown,
            ParsedHeader::Whole(header, len) if header.stream < self.streams => {
                Rest::Known((len + header.size).saturating_sub(self.pending.len()))
            }
            ParsedHeader::Whole(..) | ParsedHeader::Damaged => Rest::Damaged,
        }
    }
}
