//! The header of a data block (FORMAT.md, section 3).

/// Bytes of a block, header blocks included. Readers reject any other size.
pub const BLOCK_SIZE: usize = 4096;

/// Bytes that a data block has for frames and fill.
pub const PAYLOAD_SIZE: usize = BLOCK_SIZE - BlockHeader::LEN;

/// Data block header, 14 bytes, big-endian (FORMAT.md, section 3).
///
/// | byte | bits | field         | meaning                                                     |
/// |-----:|-----:|---------------|-------------------------------------------------------------|
/// |    0 |   16 | magic         | 0x666d, "fm"                                                |
/// |    2 |   16 | fill size     | bytes at the end of the block that belong to no frame       |
/// |    4 |   64 | dts           | µs, of the first frame that starts here; else of the last block |
/// |   12 |    1 | discontinuity | first block of a session                                    |
/// |   12 |   15 | frame offset  | of the first frame that starts here, from the block's start; 0: none |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BlockHeader {
    /// Bytes at the end of the block that belong to no frame, at most [`PAYLOAD_SIZE`].
    pub fill_size: u16,
    /// Decoding time in µs of the first frame that starts here, else that of the block before.
    pub dts_us: i64,
    /// The first block of a session: a frame left open by the block before is lost.
    pub discontinuity: bool,
    /// Where the first frame starts, from the start of the block; 0 if none starts here.
    pub frame_offset: u16,
}

impl BlockHeader {
    /// Bytes of the header.
    pub const LEN: usize = 14;

    const MAGIC: [u8; 2] = *b"fm";
    const DISCONTINUITY: u16 = 0x8000;

    /// Reads a header; `None` if it is none or contradicts itself.
    #[must_use]
    pub fn parse(bytes: [u8; Self::LEN]) -> Option<Self> {
        let [m0, m1, f0, f1, d0, d1, d2, d3, d4, d5, d6, d7, o0, o1] = bytes;
        let offset = u16::from_be_bytes([o0, o1]);
        let header = Self {
            fill_size: u16::from_be_bytes([f0, f1]),
            dts_us: i64::from_be_bytes([d0, d1, d2, d3, d4, d5, d6, d7]),
            discontinuity: offset & Self::DISCONTINUITY != 0,
            frame_offset: offset & !Self::DISCONTINUITY,
        };
        let in_payload = |offset: usize| offset >= Self::LEN && offset < header.end();
        let sound = [m0, m1] == Self::MAGIC
            && usize::from(header.fill_size) <= PAYLOAD_SIZE
            && (header.frame_offset == 0 || in_payload(header.frame_offset.into()));
        sound.then_some(header)
    }

    /// The header's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let flag = if self.discontinuity {
            Self::DISCONTINUITY
        } else {
            0
        };
        let mut bytes = [0; Self::LEN];
        let fields = Self::MAGIC
            .into_iter()
            .chain(self.fill_size.to_be_bytes())
            .chain(self.dts_us.to_be_bytes())
            .chain((self.frame_offset | flag).to_be_bytes());
        for (byte, field) in bytes.iter_mut().zip(fields) {
            *byte = field;
        }
        bytes
    }

    /// Where the payload ends, from the start of the block.
    #[must_use]
    pub fn end(&self) -> usize {
        BLOCK_SIZE.saturating_sub(self.fill_size.into())
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn block_header_bytes() {
        let header = |fill_size, dts_us, discontinuity, frame_offset| BlockHeader {
            fill_size,
            dts_us,
            discontinuity,
            frame_offset,
        };
        for (name, bytes, want) in [
            (
                "first of a session, from a recorded ring",
                hex!("666d 0000 ffffffffffff63c0 800e"),
                header(0, -40_000, true, 14),
            ),
            (
                "no frame starts",
                hex!("666d 0000 0000000000000001 0000"),
                header(0, 1, false, 0),
            ),
            (
                "nothing but fill",
                hex!("666d 0ff2 0000000000000001 0000"),
                header(4082, 1, false, 0),
            ),
            (
                "last of a session, from a recorded ring",
                hex!("666d 0859 000660d7b2d3f5f5 0158"),
                header(2137, 1_795_329_394_734_581, false, 344),
            ),
        ] {
            assert_eq!(BlockHeader::parse(bytes), Some(want), "{name}");
            assert_eq!(want.to_bytes(), bytes, "{name}");
        }
    }

    #[test]
    fn contradictions_are_no_header() {
        for (name, bytes) in [
            ("zeros", hex!("0000 0000 0000000000000000 0000")),
            (
                "fill larger than the payload",
                hex!("666d 0ff3 0000000000000000 0000"),
            ),
            (
                "frame inside the header",
                hex!("666d 0000 0000000000000000 000d"),
            ),
            (
                "frame inside the fill",
                hex!("666d 0ff2 0000000000000000 000e"),
            ),
            (
                "frame past the block",
                hex!("666d 0000 0000000000000000 1000"),
            ),
        ] {
            assert_eq!(BlockHeader::parse(bytes), None, "{name}");
        }
    }
}
