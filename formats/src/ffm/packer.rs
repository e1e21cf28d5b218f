//! Frames into blocks.

use super::block::{BLOCK_SIZE, BlockHeader};
use super::frame::FrameHeader;

/// Packs frames densely into blocks: a frame begins where the one before it ends, and runs on into
/// as many blocks as it needs.
///
/// The block that is being filled can be looked at ([`BlockPacker::partial`]) or closed with fill
/// ([`BlockPacker::flush`]) at any time.
#[derive(Debug)]
pub struct BlockPacker {
    block: Vec<u8>,
    /// Bytes at the end of every block that are kept free of frames.
    reserved: usize,
    header: BlockHeader,
    frame_header: Vec<u8>,
}

impl BlockPacker {
    /// A packer at the start of a session.
    #[must_use]
    pub fn new() -> Self {
        Self::with_reserved(0)
    }

    /// A packer at the start of a session that leaves the last `reserved` bytes of every block to
    /// its caller; they count as fill. At most half a block can be reserved.
    #[must_use]
    pub fn with_reserved(reserved: usize) -> Self {
        Self {
            block: Vec::with_capacity(BLOCK_SIZE),
            reserved: reserved.min(BLOCK_SIZE / 2),
            header: BlockHeader {
                discontinuity: true,
                ..BlockHeader::default()
            },
            frame_header: Vec::with_capacity(FrameHeader::MAX_LEN),
        }
    }

    /// A packer that goes on within a session, at the start of a block whose predecessor tells
    /// `dts_us`.
    #[must_use]
    pub fn resume(dts_us: i64) -> Self {
        let mut packer = Self::new();
        packer.header.dts_us = dts_us;
        packer.header.discontinuity = false;
        packer
    }

    /// The next block begins a session. What is in the current one should have been flushed.
    pub const fn start_session(&mut self) {
        self.header.discontinuity = true;
    }

    /// Packs a frame and appends the blocks that it fills to `out`. `None`, with nothing changed,
    /// if the header cannot be written ([`super::Frame::header_of`] says why).
    pub fn push(&mut self, header: &FrameHeader, data: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let mut frame_header = std::mem::take(&mut self.frame_header);
        frame_header.clear();
        let written = header.write(&mut frame_header);
        if written.is_some() {
            self.begin_block();
            if self.header.frame_offset == 0 {
                self.header.frame_offset = u16::try_from(self.block.len()).unwrap_or(0);
                self.header.dts_us = header.dts_us;
            }
            self.push_bytes(&frame_header, out);
            self.push_bytes(data, out);
        }
        self.frame_header = frame_header;
        written
    }

    /// Packs bytes that belong to a frame begun before.
    pub fn push_bytes(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        while !bytes.is_empty() {
            self.begin_block();
            let room = BLOCK_SIZE - self.reserved - self.block.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.block.extend(now);
            bytes = later;
            if self.block.len() == BLOCK_SIZE - self.reserved {
                self.flush(out);
            }
        }
    }

    /// Appends the block begun, filled up, to `out`; nothing if none is.
    pub fn flush(&mut self, out: &mut Vec<u8>) {
        if let Some(block) = self.partial() {
            out.extend(block);
            self.block.clear();
            self.header = BlockHeader {
                fill_size: 0,
                dts_us: self.header.dts_us,
                discontinuity: false,
                frame_offset: 0,
            };
        }
    }

    /// The block begun, filled up, as a reader would have it now; `None` if none is.
    #[must_use]
    pub fn partial(&self) -> Option<[u8; BLOCK_SIZE]> {
        if self.block.is_empty() {
            return None;
        }
        let fill = BLOCK_SIZE - self.block.len();
        let header = BlockHeader {
            fill_size: u16::try_from(fill).unwrap_or(u16::MAX),
            ..self.header
        };
        let mut block = [0; BLOCK_SIZE];
        let bytes = header.to_bytes().into_iter();
        let bytes = bytes.chain(self.block.iter().skip(BlockHeader::LEN).copied());
        for (to, from) in block.iter_mut().zip(bytes) {
            *to = from;
        }
        Some(block)
    }

    /// Where the frames in the block begun end, from the start of the block; 0 if none is begun.
    #[must_use]
    pub const fn partial_end(&self) -> usize {
        self.block.len()
    }

    fn begin_block(&mut self) {
        if self.block.is_empty() {
            self.block.resize(BlockHeader::LEN, 0);
        }
    }
}

impl Default for BlockPacker {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(size: usize, dts_us: i64) -> (FrameHeader, Vec<u8>) {
        let header = FrameHeader {
            stream: 0,
            key: true,
            size,
            duration_us: 0,
            pts_us: dts_us,
            dts_us,
        };
        (header, vec![0xaa; size])
    }

    fn headers(blocks: &[u8]) -> Vec<BlockHeader> {
        let (blocks, rest) = blocks.as_chunks::<BLOCK_SIZE>();
        assert!(rest.is_empty());
        let header = |block: &[u8; BLOCK_SIZE]| BlockHeader::parse(*block.first_chunk().unwrap());
        blocks.iter().map(|block| header(block).unwrap()).collect()
    }

    #[test]
    fn block_headers_tell_where_frames_start() {
        // 16 bytes of frame header and 4082 of payload in a block.
        for (name, sizes, want) in [
            ("one that fits", &[4065][..], &[(1, true, 14)][..]),
            ("one that fills", &[4066], &[(0, true, 14)]),
            ("one byte more", &[4067], &[(0, true, 14), (4081, false, 0)]),
            (
                "two blocks and no start",
                &[8148],
                &[(0, true, 14), (0, false, 0)],
            ),
            (
                "header straddles",
                &[4062, 10],
                &[(0, true, 14), (4060, false, 0)],
            ),
            (
                "second starts after the first's tail",
                &[4067, 0],
                &[(0, true, 14), (4065, false, 15)],
            ),
        ] {
            let mut packer = BlockPacker::new();
            let mut out = Vec::new();
            for size in sizes {
                let (header, data) = frame(*size, 5);
                packer.push(&header, &data, &mut out).unwrap();
            }
            packer.flush(&mut out);
            packer.flush(&mut out);
            let found = headers(&out);
            let found: Vec<_> = found
                .iter()
                .map(|header| (header.fill_size, header.discontinuity, header.frame_offset))
                .collect();
            assert_eq!(found, want, "{name}");
        }
    }

    #[test]
    fn reserved_bytes_are_fill_of_every_block() {
        let mut packer = BlockPacker::with_reserved(24);
        let mut out = Vec::new();
        let (header, data) = frame(4066, 5);
        packer.push(&header, &data, &mut out).unwrap();
        assert_eq!(headers(&out)[0].fill_size, 24);
        assert_eq!(out[4072..], [0; 24]);
        assert_eq!(
            packer.partial_end(),
            14 + 24,
            "24 bytes went to the next block"
        );
    }

    #[test]
    fn partial_block_is_a_block_with_a_shrinking_fill() {
        let mut packer = BlockPacker::new();
        assert_eq!(packer.partial(), None);
        let mut out = Vec::new();
        let mut fills = Vec::new();
        for dts_us in 0..3 {
            let (header, data) = frame(84, dts_us);
            packer.push(&header, &data, &mut out).unwrap();
            let header = headers(&packer.partial().unwrap())[0];
            fills.push((header.fill_size, header.dts_us, header.frame_offset));
        }
        assert_eq!(fills, [(3982, 0, 14), (3882, 0, 14), (3782, 0, 14)]);
        assert!(out.is_empty());
    }
}
