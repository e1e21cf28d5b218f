//! RIFF chunks and lists (Multimedia Programming Interface and Data Specifications 1.0, IBM and
//! Microsoft 1991, chapter 2).

/// A four-character code.
pub(super) type FourCc = [u8; 4];

/// The size of a chunk whose end is not known yet: a live stream.
pub(super) const UNKNOWN_SIZE: u32 = u32::MAX;

/// What stands before the data of a chunk. The data is padded to an even length; the pad byte is
/// not counted.
///
/// | byte | bits | field  | meaning                                     |
/// |-----:|-----:|--------|---------------------------------------------|
/// |    0 |   32 | ckID   | four-character code                         |
/// |    4 |   32 | ckSize | bytes of data that follow, little-endian    |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ChunkHeader {
    pub(super) id: FourCc,
    pub(super) size: u32,
}

impl ChunkHeader {
    pub(super) const LEN: usize = 8;

    pub(super) fn parse(bytes: [u8; Self::LEN]) -> Self {
        let [i0, i1, i2, i3, s0, s1, s2, s3] = bytes;
        Self {
            id: [i0, i1, i2, i3],
            size: u32::from_le_bytes([s0, s1, s2, s3]),
        }
    }

    pub(super) fn write(self, out: &mut Vec<u8>) {
        out.extend(self.id);
        out.extend(self.size.to_le_bytes());
    }

    /// Bytes of data with the pad byte.
    pub(super) fn padded(self) -> u64 {
        u64::from(self.size) + u64::from(self.size & 1)
    }

    /// The number of the stream that the two digits of a data chunk's code name (`00dc`: 0).
    pub(super) fn stream(self) -> Option<usize> {
        let [tens, units, _, _] = self.id;
        let digit = |byte: u8| char::from(byte).to_digit(10);
        usize::try_from(digit(tens)? * 10 + digit(units)?).ok()
    }
}

/// Appends a chunk whose data `body` appends, padded.
pub(super) fn write_chunk(id: FourCc, out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    ChunkHeader { id, size: 0 }.write(out);
    body(out);
    let len = out.len() - start - ChunkHeader::LEN;
    // Whoever writes a body of a size that its input decides checks it before.
    let size = u32::try_from(len).unwrap_or(UNKNOWN_SIZE);
    out[start + 4..start + 8].copy_from_slice(&size.to_le_bytes());
    if len % 2 == 1 {
        out.push(0);
    }
}

/// Appends a list: a chunk `LIST` whose data starts with the kind of the list.
pub(super) fn write_list(kind: FourCc, out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    write_chunk(*b"LIST", out, |out| {
        out.extend(kind);
        body(out);
    });
}

/// The chunks in `data`: code, data, and where the data starts. A chunk that reaches past the end
/// is given as far as it is there.
pub(super) fn chunks(data: &[u8]) -> impl Iterator<Item = (FourCc, &[u8], usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let header = ChunkHeader::parse(*data.get(at..)?.first_chunk()?);
        let start = at + ChunkHeader::LEN;
        let size = usize::try_from(header.size).unwrap_or(usize::MAX);
        let end = start.saturating_add(size).min(data.len());
        at = end.saturating_add(size & 1);
        Some((header.id, data.get(start..end)?, start))
    })
}

/// Reads little-endian fields one after the other; `None` once the data is used up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl Fields<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn four_cc(&mut self) -> Option<FourCc> {
        self.array()
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn chunks_are_padded_to_even_lengths() {
        let mut out = Vec::new();
        write_list(*b"strl", &mut out, |out| {
            write_chunk(*b"abcd", out, |out| out.extend([1, 2, 3]));
            write_chunk(*b"efgh", out, |out| out.extend([4, 5]));
        });
        assert_eq!(
            out,
            hex!("4c495354 1a000000 7374726c 61626364 03000000 01020300 65666768 02000000 0405")
        );
        let found: Vec<_> = chunks(&out[12..]).collect();
        assert_eq!(
            found,
            [(*b"abcd", &[1, 2, 3][..], 8), (*b"efgh", &[4, 5][..], 20)]
        );
    }

    #[test]
    fn a_chunk_past_the_end_is_given_as_far_as_it_is_there() {
        for (name, data, want) in [
            ("no header", &hex!("61626364 030000")[..], vec![]),
            ("no data", &hex!("61626364 03000000"), vec![&[][..]]),
            (
                "cut data",
                &hex!("61626364 ffffffff 0102"),
                vec![&[1, 2][..]],
            ),
            ("missing pad", &hex!("61626364 01000000 01"), vec![&[1][..]]),
        ] {
            let found: Vec<_> = chunks(data).map(|(_, data, _)| data).collect();
            assert_eq!(found, want, "{name}");
        }
    }

    #[test]
    fn stream_numbers_are_two_decimal_digits() {
        for (id, want) in [
            (b"00dc", Some(0)),
            (b"01wb", Some(1)),
            (b"99tx", Some(99)),
            (b"JUNK", None),
            (b"ix00", None),
            (b"0adc", None),
        ] {
            let header = ChunkHeader { id: *id, size: 0 };
            assert_eq!(header.stream(), want, "{id:?}");
        }
    }
}
