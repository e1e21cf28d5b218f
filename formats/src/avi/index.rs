//! The three indexes: `idx1` of AVI 1.0 (AVI RIFF File Reference, AVIOLDINDEX), `ix##` and `indx`
//! of OpenDML AVI File Format Extensions 1.02 (section 3, AVISTDINDEX and AVISUPERINDEX).

use super::riff::{Fields, FourCc, write_chunk};

/// An entry of `idx1`, 16 bytes, little-endian.
///
/// | byte | bits | field     | meaning                                                        |
/// |-----:|-----:|-----------|----------------------------------------------------------------|
/// |    0 |   32 | dwChunkId | code of the chunk                                              |
/// |    4 |   32 | dwFlags   | 0x10: key frame                                                |
/// |    8 |   32 | dwOffset  | of the chunk, from the code `movi` (some writers: of the file) |
/// |   12 |   32 | dwSize    | bytes of data                                                  |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OldEntry {
    pub(super) id: FourCc,
    pub(super) key: bool,
    pub(super) offset: u32,
    pub(super) size: u32,
}

impl OldEntry {
    pub(super) const LEN: usize = 16;
    /// AVIIF_KEYFRAME.
    const KEY_FRAME: u32 = 0x10;

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.id);
        let flags = if self.key { Self::KEY_FRAME } else { 0 };
        for field in [flags, self.offset, self.size] {
            out.extend(field.to_le_bytes());
        }
    }

    /// Reads an entry; `None` if it is cut off.
    pub(super) fn parse(data: &[u8]) -> Option<Self> {
        let mut fields = Fields(data);
        Some(Self {
            id: fields.four_cc()?,
            key: fields.u32()? & Self::KEY_FRAME != 0,
            offset: fields.u32()?,
            size: fields.u32()?,
        })
    }
}

/// An entry of `ix##`, 8 bytes, little-endian.
///
/// | byte | bits | field    | meaning                                                |
/// |-----:|-----:|----------|--------------------------------------------------------|
/// |    0 |   32 | dwOffset | of the data (not the chunk header), from qwBaseOffset  |
/// |    4 |   32 | dwSize   | bytes of data; bit 31: no key frame                    |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StandardEntry {
    pub(super) offset: u32,
    pub(super) size: u32,
    pub(super) key: bool,
}

impl StandardEntry {
    pub(super) const LEN: usize = 8;
    const NO_KEY_FRAME: u32 = 0x8000_0000;

    fn write(&self, out: &mut Vec<u8>) {
        let delta = if self.key { 0 } else { Self::NO_KEY_FRAME };
        out.extend(self.offset.to_le_bytes());
        out.extend((self.size & !Self::NO_KEY_FRAME | delta).to_le_bytes());
    }

    /// Reads an entry; `None` if it is cut off.
    pub(super) fn parse(data: &[u8]) -> Option<Self> {
        let mut fields = Fields(data);
        let offset = fields.u32()?;
        let size = fields.u32()?;
        Some(Self {
            offset,
            size: size & !Self::NO_KEY_FRAME,
            key: size & Self::NO_KEY_FRAME == 0,
        })
    }
}

/// What `ix##` (and, but for the base, `indx`) starts with, 24 bytes, little-endian.
///
/// | byte | bits | field         | meaning                                        |
/// |-----:|-----:|---------------|------------------------------------------------|
/// |    0 |   16 | wLongsPerEntry | entry size in 32-bit words: 2, `indx` 4       |
/// |    2 |    8 | bIndexSubType | 0; 1: field index                              |
/// |    3 |    8 | bIndexType    | 1 AVI_INDEX_OF_CHUNKS, 0 AVI_INDEX_OF_INDEXES  |
/// |    4 |   32 | nEntriesInUse | entries                                        |
/// |    8 |   32 | dwChunkId     | code of the chunks                             |
/// |   12 |   64 | qwBaseOffset  | what the offsets count from; `indx` 0          |
/// |   20 |   32 | dwReserved    | 0                                              |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IndexHeader {
    pub(super) longs_per_entry: u16,
    pub(super) index_type: u8,
    pub(super) entries: u32,
    pub(super) chunk_id: FourCc,
    pub(super) base: u64,
}

impl IndexHeader {
    pub(super) const LEN: usize = 24;
    /// AVI_INDEX_OF_CHUNKS.
    pub(super) const OF_CHUNKS: u8 = 1;
    /// AVI_INDEX_OF_INDEXES.
    pub(super) const OF_INDEXES: u8 = 0;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.longs_per_entry.to_le_bytes());
        out.extend([0, self.index_type]);
        out.extend(self.entries.to_le_bytes());
        out.extend(self.chunk_id);
        out.extend(self.base.to_le_bytes());
        out.extend([0; 4]);
    }

    /// Reads the header; `None` if it is cut off.
    pub(super) fn parse(data: &[u8]) -> Option<Self> {
        let mut fields = Fields(data);
        let longs_per_entry = fields.u16()?;
        fields.u8()?; // bIndexSubType
        let header = Self {
            longs_per_entry,
            index_type: fields.u8()?,
            entries: fields.u32()?,
            chunk_id: fields.four_cc()?,
            base: fields.u64()?,
        };
        fields.u32()?; // dwReserved
        Some(header)
    }
}

/// Appends an `ix##` chunk over `entries`.
pub(super) fn write_standard_index(
    id: FourCc,
    chunk_id: FourCc,
    base: u64,
    entries: &[StandardEntry],
    out: &mut Vec<u8>,
) {
    write_chunk(id, out, |out| {
        let header = IndexHeader {
            longs_per_entry: 2,
            index_type: IndexHeader::OF_CHUNKS,
            entries: u32::try_from(entries.len()).unwrap_or(u32::MAX),
            chunk_id,
            base,
        };
        header.write(out);
        for entry in entries {
            entry.write(out);
        }
    });
}

/// An entry of `indx`, 16 bytes, little-endian: where an `ix##` is.
///
/// | byte | bits | field      | meaning                                       |
/// |-----:|-----:|------------|-----------------------------------------------|
/// |    0 |   64 | qwOffset   | of the `ix##` chunk, from the file's start    |
/// |    8 |   32 | dwSize     | bytes of the `ix##` chunk with its header     |
/// |   12 |   32 | dwDuration | length of what it covers, in the stream's samples |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SuperEntry {
    pub(super) offset: u64,
    pub(super) size: u32,
    pub(super) duration: u32,
}

impl SuperEntry {
    pub(super) const LEN: usize = 16;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.offset.to_le_bytes());
        out.extend(self.size.to_le_bytes());
        out.extend(self.duration.to_le_bytes());
    }

    /// Reads an entry; `None` if it is cut off.
    pub(super) fn parse(data: &[u8]) -> Option<Self> {
        let mut fields = Fields(data);
        Some(Self {
            offset: fields.u64()?,
            size: fields.u32()?,
            duration: fields.u32()?,
        })
    }
}

/// Appends an `indx` chunk with room for `room` entries; without entries a `JUNK` chunk of the same
/// size, since readers that find an `indx` trust it.
pub(super) fn write_super_index(
    chunk_id: FourCc,
    entries: &[SuperEntry],
    room: usize,
    out: &mut Vec<u8>,
) {
    let unused = room.saturating_sub(entries.len()) * SuperEntry::LEN;
    if entries.is_empty() {
        write_chunk(*b"JUNK", out, |out| {
            out.resize(out.len() + IndexHeader::LEN + unused, 0);
        });
        return;
    }
    write_chunk(*b"indx", out, |out| {
        let header = IndexHeader {
            longs_per_entry: 4,
            index_type: IndexHeader::OF_INDEXES,
            entries: u32::try_from(entries.len()).unwrap_or(u32::MAX),
            chunk_id,
            base: 0,
        };
        header.write(out);
        for entry in entries {
            entry.write(out);
        }
        out.resize(out.len() + unused, 0);
    });
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn old_entry_bytes() {
        let entry = OldEntry {
            id: *b"00dc",
            key: true,
            offset: 4,
            size: 0x1ec3,
        };
        let mut out = Vec::new();
        entry.write(&mut out);
        let want = hex!("30306463 10000000 04000000 c31e0000");
        assert_eq!(out, want);
        assert_eq!(OldEntry::parse(&want), Some(entry));
        assert_eq!(OldEntry::parse(&want[..15]), None);
    }

    #[test]
    fn standard_index_bytes() {
        let entries = [
            StandardEntry {
                offset: 0x100,
                size: 7,
                key: true,
            },
            StandardEntry {
                offset: 0x110,
                size: 9,
                key: false,
            },
        ];
        let mut out = Vec::new();
        write_standard_index(*b"ix00", *b"00dc", 0x1_2000_0000, &entries, &mut out);
        let want = hex!(
            "69783030 28000000 0200 00 01 02000000 30306463 0000002001000000 00000000"
            "00010000 07000000 10010000 09000080"
        );
        assert_eq!(out, want);
        let header = IndexHeader::parse(&want[8..]).unwrap();
        assert_eq!((header.entries, header.base), (2, 0x1_2000_0000));
        assert_eq!(StandardEntry::parse(&want[32..]), Some(entries[0]));
        assert_eq!(StandardEntry::parse(&want[40..]), Some(entries[1]));
    }

    #[test]
    fn super_index_bytes() {
        let entry = SuperEntry {
            offset: 0x1_0000_0010,
            size: 0x28,
            duration: 25,
        };
        let mut out = Vec::new();
        write_super_index(*b"01wb", &[entry], 2, &mut out);
        let want = hex!(
            "696e6478 38000000 0400 00 00 01000000 30317762 0000000000000000 00000000"
            "1000000001000000 28000000 19000000 0000000000000000 00000000 00000000"
        );
        assert_eq!(out, want);
        assert_eq!(SuperEntry::parse(&want[32..]), Some(entry));

        let mut unused = Vec::new();
        write_super_index(*b"01wb", &[], 2, &mut unused);
        assert_eq!(unused[..8], hex!("4a554e4b 38000000"));
        assert_eq!(unused.len(), want.len());
    }
}
