//! Tags (annex E.4.1): everything after the file header.

use crate::MuxError;

use super::FORMAT;

/// Type of a tag.
pub(super) const AUDIO: u8 = 8;
/// Type of a tag.
pub(super) const VIDEO: u8 = 9;
/// Type of a tag.
pub(super) const SCRIPT: u8 = 18;

/// What stands before the data of a tag, big-endian. After the data follows PreviousTagSize, 32
/// bits: the bytes of data and header.
///
/// | byte | bits | name              | meaning                                 |
/// |-----:|-----:|-------------------|-----------------------------------------|
/// |    0 |    2 | Reserved          | 0                                       |
/// |      |    1 | Filter            | 1: the data is encrypted                |
/// |      |    5 | TagType           | 8 audio, 9 video, 18 script data        |
/// |    1 |   24 | DataSize          | bytes after this header                 |
/// |    4 |   24 | Timestamp         | ms, low 24 bits                         |
/// |    7 |    8 | TimestampExtended | ms, high 8 bits                         |
/// |    8 |   24 | StreamID          | 0                                       |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TagHeader {
    /// TagType.
    pub(super) tag_type: u8,
    /// The data is encrypted.
    pub(super) filter: bool,
    /// Bytes after the header.
    pub(super) data_size: u32,
    /// Decoding time in ms, modulo 2^32.
    pub(super) timestamp_ms: u32,
}

impl TagHeader {
    /// Bytes of the header.
    pub(super) const LEN: usize = 11;
    /// The most that DataSize can say.
    pub(super) const MAX_DATA_SIZE: usize = 0xff_ffff;

    /// Reads a header.
    pub(super) fn parse(bytes: [u8; Self::LEN]) -> Self {
        let [first, s2, s1, s0, t2, t1, t0, t3, _, _, _] = bytes;
        Self {
            tag_type: first & 0x1f,
            filter: first & 0x20 != 0,
            data_size: u32::from_be_bytes([0, s2, s1, s0]),
            timestamp_ms: u32::from_be_bytes([t3, t2, t1, t0]),
        }
    }

    fn write(self) -> [u8; Self::LEN] {
        let [_, s2, s1, s0] = self.data_size.to_be_bytes();
        let [t3, t2, t1, t0] = self.timestamp_ms.to_be_bytes();
        let filter = if self.filter { 0x20 } else { 0 };
        [self.tag_type | filter, s2, s1, s0, t2, t1, t0, t3, 0, 0, 0]
    }
}

/// Appends a tag whose data `write_data` appends. On an error `out` is left as it was.
pub(super) fn write_tag(
    tag_type: u8,
    timestamp_ms: u32,
    out: &mut Vec<u8>,
    write_data: impl FnOnce(&mut Vec<u8>),
) -> Result<(), MuxError> {
    let start = out.len();
    out.extend([0; TagHeader::LEN]);
    write_data(out);
    let len = out.len() - start - TagHeader::LEN;
    let data_size = u32::try_from(len)
        .ok()
        .filter(|_| len <= TagHeader::MAX_DATA_SIZE);
    let Some(data_size) = data_size else {
        out.truncate(start);
        return Err(MuxError::PacketTooLarge {
            format: FORMAT,
            len,
            limit: TagHeader::MAX_DATA_SIZE,
        });
    };
    let header = TagHeader {
        tag_type,
        filter: false,
        data_size,
        timestamp_ms,
    }
    .write();
    out[start..start + TagHeader::LEN].copy_from_slice(&header);
    out.extend((data_size + header.len() as u32).to_be_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn tag_bytes() {
        for (name, tag_type, timestamp_ms, data, want) in [
            (
                "first video tag",
                VIDEO,
                0,
                &hex!("22 0102")[..],
                &hex!("09 000003 000000 00 000000  22 0102  0000000e")[..],
            ),
            (
                "100 s",
                AUDIO,
                100_000,
                &hex!("2f"),
                &hex!("08 000001 0186a0 00 000000  2f  0000000c"),
            ),
            (
                "needs the extended byte (4 h 40 min)",
                VIDEO,
                0x0100_0000,
                &hex!("22"),
                &hex!("09 000001 000000 01 000000  22  0000000c"),
            ),
            (
                "the last millisecond",
                SCRIPT,
                u32::MAX,
                &hex!(""),
                &hex!("12 000000 ffffff ff 000000  0000000b"),
            ),
        ] {
            let mut out = vec![0xaa];
            write_tag(tag_type, timestamp_ms, &mut out, |out| out.extend(data)).unwrap();
            assert_eq!(out[1..], *want, "{name}");
            let header = TagHeader::parse(*out[1..].first_chunk().unwrap());
            let data_size = u32::try_from(data.len()).unwrap();
            assert_eq!(
                header,
                TagHeader {
                    tag_type,
                    filter: false,
                    data_size,
                    timestamp_ms
                },
                "{name}"
            );
        }
    }

    #[test]
    fn largest_tag_is_written_and_one_byte_more_refused() {
        let mut out = Vec::new();
        write_tag(VIDEO, 0, &mut out, |out| out.resize(11 + 0xff_ffff, 0)).unwrap();
        assert_eq!(out[..4], hex!("09 ffffff"));
        assert_eq!(out[out.len() - 4..], hex!("0100000a"));

        let mut out = vec![7];
        let error = write_tag(VIDEO, 0, &mut out, |out| out.resize(1 + 11 + 0x100_0000, 0));
        assert_eq!(
            error.unwrap_err().to_string(),
            "packet of 16777216 bytes, flv allows 16777215"
        );
        assert_eq!(out, [7], "what stood there is left alone");
    }

    #[test]
    fn reserved_bits_and_encryption_are_told_apart() {
        let header = TagHeader::parse(hex!("e9 000010 000001 02 000003"));
        assert_eq!((header.tag_type, header.filter), (VIDEO, true));
        assert_eq!((header.data_size, header.timestamp_ms), (16, 0x0200_0001));
    }
}
