//! The program map table (ISO/IEC 13818-1, 2.4.4.8).

use super::stream_type::StreamType;

/// Which PIDs make up a program.
///
/// | byte | bits | name                | meaning                     |
/// |-----:|-----:|---------------------|-----------------------------|
/// |    0 |    3 | reserved            | ones                        |
/// |      |   13 | PCR_PID             | where the clock stands      |
/// |    2 |    4 | reserved            | ones                        |
/// |      |   12 | program_info_length | bytes of descriptors        |
/// |    4 |      | descriptors, then the streams, see [`StreamEntry`] |
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProgramMap {
    /// PCR_PID; 0x1fff if there is no clock.
    pub(super) pcr_pid: u16,
    /// The streams.
    pub(super) streams: Vec<StreamEntry>,
}

/// One elementary stream of a program.
///
/// | byte | bits | name           | meaning                                       |
/// |-----:|-----:|----------------|-----------------------------------------------|
/// |    0 |    8 | stream_type    | see [`StreamType`]                            |
/// |    1 |    3 | reserved       | ones                                          |
/// |      |   13 | elementary_PID |                                               |
/// |    3 |    4 | reserved       | ones                                          |
/// |      |   12 | ES_info_length | bytes of descriptors: tag, length, data each  |
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StreamEntry {
    /// stream_type.
    pub(super) stream_type: StreamType,
    /// elementary_PID.
    pub(super) pid: u16,
    /// The descriptors in bytes.
    pub(super) descriptors: Vec<u8>,
}

impl ProgramMap {
    /// Reads the table data of a section; `None` if a length points past its end.
    pub(super) fn parse(data: &[u8]) -> Option<Self> {
        let ([p1, p0, l1, l0], rest) = data.split_first_chunk()?;
        let pcr_pid = u16::from_be_bytes([p1 & 0x1f, *p0]);
        let (_program_info, mut rest) = rest.split_at_checked(length(*l1, *l0))?;
        let mut streams = Vec::new();
        while let Some(([stream_type, p1, p0, l1, l0], after)) = rest.split_first_chunk() {
            let (descriptors, after) = after.split_at_checked(length(*l1, *l0))?;
            streams.push(StreamEntry {
                stream_type: StreamType(*stream_type),
                pid: u16::from_be_bytes([p1 & 0x1f, *p0]),
                descriptors: descriptors.to_vec(),
            });
            rest = after;
        }
        Some(Self { pcr_pid, streams })
    }

    /// The table data of a section.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let [p1, p0] = self.pcr_pid.to_be_bytes();
        let mut data = vec![0xe0 | p1 & 0x1f, p0, 0xf0, 0];
        for stream in &self.streams {
            let [p1, p0] = stream.pid.to_be_bytes();
            // A handful of bytes, written here.
            let [l1, l0] = ((stream.descriptors.len() & 0xfff) as u16).to_be_bytes();
            data.extend([stream.stream_type.0, 0xe0 | p1 & 0x1f, p0, 0xf0 | l1, l0]);
            data.extend(&stream.descriptors);
        }
        data
    }
}

impl StreamEntry {
    /// The data of the first descriptor with this tag.
    pub(super) fn descriptor(&self, wanted: u8) -> Option<&[u8]> {
        let mut rest = &self.descriptors[..];
        while let [tag, len, after @ ..] = rest {
            let (data, next) = after.split_at_checked(usize::from(*len))?;
            if *tag == wanted {
                return Some(data);
            }
            rest = next;
        }
        None
    }
}

fn length(high: u8, low: u8) -> usize {
    usize::from(u16::from_be_bytes([high & 0xf, low]))
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn table_bytes() {
        let map = ProgramMap {
            pcr_pid: 0x100,
            streams: vec![
                StreamEntry {
                    stream_type: StreamType::H264,
                    pid: 0x100,
                    descriptors: vec![],
                },
                StreamEntry {
                    stream_type: StreamType::AC3,
                    pid: 0x110,
                    descriptors: hex!("05 04 41432d33").to_vec(),
                },
            ],
        };
        let want = hex!("e100 f000  1b e100 f000  81 e110 f006 05 04 41432d33");
        assert_eq!(map.to_bytes(), want);
        assert_eq!(ProgramMap::parse(&want).as_ref(), Some(&map));
        assert_eq!(map.streams[1].descriptor(5), Some(&b"AC-3"[..]));
        assert_eq!(map.streams[1].descriptor(6), None);
        let with_info = hex!("e100 f003 0a0100  0f e101 f000");
        let map = ProgramMap::parse(&with_info).unwrap();
        assert_eq!(
            (map.streams.len(), map.streams[0].stream_type),
            (1, StreamType::AAC_ADTS)
        );
    }

    #[test]
    fn lengths_past_the_end_are_refused() {
        for data in [
            &hex!("e100 f0")[..],
            &hex!("e100 f001"),
            &hex!("e100 f000 1b e100 f001"),
        ] {
            assert_eq!(ProgramMap::parse(data), None);
        }
        let entry = StreamEntry {
            stream_type: StreamType::H264,
            pid: 1,
            descriptors: hex!("0a 05 00").to_vec(),
        };
        assert_eq!(entry.descriptor(0x0a), None);
    }
}
