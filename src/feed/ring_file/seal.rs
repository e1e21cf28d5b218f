//! The seal of a ring block: what tells, after a crash, how much of the block is whole
//! (`formats/src/ffm/FORMAT.md`, section 6).

use formats::ffm::{BLOCK_SIZE, BlockHeader};

/// A block of the ring.
pub(super) type Block = [u8; BLOCK_SIZE];

/// Seal, the last 26 bytes of every block of the ring, big-endian. They count as fill, so other
/// readers pass over them.
///
/// | byte | bits | name      | meaning                                                        |
/// |-----:|-----:|-----------|----------------------------------------------------------------|
/// | 4070 |   32 | tag       | `SEAL`                                                         |
/// | 4074 |   64 | sequence  | number of the block since the ring was made, from 1            |
/// | 4082 |   16 | last end  | where the frames in the block before end for good; 0: no block |
/// | 4084 |   16 | end 0     | where the frames in the block end, from its start; 0: no record |
/// | 4086 |   32 | crc 0     | CRC-32 of what lies before that end                            |
/// | 4090 |   16 | end 1     | the same of the version before or after                        |
/// | 4092 |   32 | crc 1     |                                                                |
///
/// The last block is rewritten in place whenever a packet is appended. Its frames only grow, and
/// each version writes the record that the version before it did not, so whatever mixture of the two
/// a torn write leaves, the record of the older one still holds. Both records lie in one sector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seal {
    sequence: u64,
    last_end: u16,
    records: [Record; 2],
    versions: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Record {
    end: u16,
    crc: u32,
}

/// What a sound seal says of its block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sealed {
    pub(super) sequence: u64,
    /// Where the frames in the block before end; other blocks before are not connected.
    pub(super) last_end: u16,
    /// Where the frames that can be relied on end.
    pub(super) end: usize,
    /// Where the first frame before that end starts; 0 if none does.
    pub(super) frame_offset: usize,
    pub(super) discontinuity: bool,
    pub(super) dts_us: i64,
}

pub(super) const SEAL_SIZE: usize = 26;
const SEAL_AT: usize = BLOCK_SIZE - SEAL_SIZE;
const TAG: [u8; 4] = *b"SEAL";

impl Seal {
    /// The seal of a new block; the frames in the one before end at `last_end`.
    pub(super) fn new(sequence: u64, last_end: usize) -> Self {
        Self {
            sequence,
            last_end: u16::try_from(last_end).unwrap_or(0),
            records: [Record { end: 0, crc: 0 }; 2],
            versions: 0,
        }
    }

    /// Seals a new version of the block, whose frames end at `end`.
    pub(super) fn apply(&mut self, ring: u64, block: &mut Block, end: usize) {
        let record = Record {
            end: u16::try_from(end).unwrap_or(0),
            crc: crc(ring, self.sequence, self.last_end, block, end),
        };
        if let Some(slot) = self.records.get_mut(self.versions % 2) {
            *slot = record;
        }
        self.versions += 1;
        let bytes = TAG.into_iter().chain(self.sequence.to_be_bytes());
        let bytes = bytes.chain(self.last_end.to_be_bytes());
        let records = self.records.iter().flat_map(|record| {
            let end = record.end.to_be_bytes().into_iter();
            end.chain(record.crc.to_be_bytes())
        });
        for (to, from) in block.iter_mut().skip(SEAL_AT).zip(bytes.chain(records)) {
            *to = from;
        }
    }

    /// What of the block can be relied on; `None` if nothing.
    pub(super) fn check(ring: u64, block: &Block) -> Option<Sealed> {
        let (_, seal) = block.split_last_chunk::<SEAL_SIZE>()?;
        let (tag, seal) = seal.split_first_chunk::<4>()?;
        let (sequence, seal) = seal.split_first_chunk::<8>()?;
        let (last_end, records) = seal.split_first_chunk::<2>()?;
        let sequence = u64::from_be_bytes(*sequence);
        let last_end = u16::from_be_bytes(*last_end);
        let header = BlockHeader::parse(*block.first_chunk()?)?;
        if *tag != TAG || sequence == 0 {
            return None;
        }
        let (records, _) = records.as_chunks::<6>();
        let sound = records
            .iter()
            .map(|&[e0, e1, c0, c1, c2, c3]| Record {
                end: u16::from_be_bytes([e0, e1]),
                crc: u32::from_be_bytes([c0, c1, c2, c3]),
            })
            .filter(|record| {
                let end = usize::from(record.end);
                (BlockHeader::LEN..=SEAL_AT).contains(&end)
                    && crc(ring, sequence, last_end, block, end) == record.crc
            });
        let end = sound.map(|record| usize::from(record.end)).max()?;
        Some(Sealed {
            sequence,
            last_end,
            end,
            frame_offset: frame_offset_before(&header, end),
            discontinuity: header.discontinuity,
            dts_us: header.dts_us,
        })
    }
}

/// A torn write can leave the header of a newer version over the frames of an older one.
fn frame_offset_before(header: &BlockHeader, end: usize) -> usize {
    Some(usize::from(header.frame_offset))
        .filter(|offset| *offset < end)
        .unwrap_or(0)
}

/// CRC-32 (ISO 3309) of the ring's number, the block's, the last end, where the block's first frame starts (with the
/// session flag), and the frames up to `end`. The ring's number keeps blocks of a ring that was in
/// the file before from being taken for this one's.
fn crc(ring: u64, sequence: u64, last_end: u16, block: &Block, end: usize) -> u32 {
    let header = block
        .first_chunk()
        .and_then(|bytes| BlockHeader::parse(*bytes));
    let header = header.unwrap_or_default();
    let start = frame_offset_before(&header, end);
    let start = u16::try_from(start).unwrap_or(0) | u16::from(header.discontinuity) << 15;
    let mut crc = crc32fast::Hasher::new();
    crc.update(&ring.to_be_bytes());
    crc.update(&sequence.to_be_bytes());
    crc.update(&last_end.to_be_bytes());
    crc.update(&start.to_be_bytes());
    crc.update(block.get(BlockHeader::LEN..end).unwrap_or_default());
    crc.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two versions of a block: a frame's tail up to 600, then a frame from there to 3000.
    fn versions() -> (Block, Block) {
        let block = |end: usize, frame_offset| {
            let header = BlockHeader {
                fill_size: u16::try_from(BLOCK_SIZE - end).unwrap(),
                dts_us: i64::from(frame_offset),
                discontinuity: false,
                frame_offset,
            };
            let mut block = [0; BLOCK_SIZE];
            block[..14].copy_from_slice(&header.to_bytes());
            for (at, byte) in block.iter_mut().enumerate().take(end).skip(14) {
                *byte = (at % 251) as u8;
            }
            block
        };
        let mut seal = Seal::new(7, 4070);
        let (mut first, mut second) = (block(600, 0), block(3000, 600));
        seal.apply(1, &mut first, 600);
        seal.apply(1, &mut second, 3000);
        (first, second)
    }

    #[test]
    fn every_mixture_of_two_versions_holds_at_least_the_older() {
        let (first, second) = versions();
        // Each sector is of the one or the other.
        for mixture in 0..256_usize {
            let mut block = first;
            for sector in (0..8).filter(|sector| mixture >> sector & 1 == 1) {
                let range = sector * 512..(sector + 1) * 512;
                block[range.clone()].copy_from_slice(&second[range]);
            }
            let sealed = Seal::check(1, &block).unwrap_or_else(|| panic!("mixture {mixture:#b}"));
            // Frames lie in sectors 0 to 5, the seal in 7.
            let whole = mixture & 0b1011_1111 == 0b1011_1111;
            let want = if whole { (3000, 600) } else { (600, 0) };
            assert_eq!(
                (sealed.end, sealed.frame_offset),
                want,
                "mixture {mixture:#b}"
            );
        }
    }

    #[test]
    fn any_changed_byte_before_the_end_is_noticed() {
        let (first, _) = versions();
        assert!(Seal::check(1, &first).is_some());
        assert_eq!(Seal::check(2, &first), None, "another ring");
        for at in (14..600).chain(4070..4090) {
            let mut block = first;
            block[at] ^= 0x10;
            assert_eq!(Seal::check(1, &block), None, "byte {at}");
        }
        for bytes in [0x00, 0xff] {
            assert_eq!(Seal::check(1, &[bytes; BLOCK_SIZE]), None);
        }
    }
}
