//! Sections of program specific information (ISO/IEC 13818-1, 2.4.4).

use super::crc::crc32;
use super::packet::write_packet;

/// table_id of the program association section.
pub(super) const TABLE_PAT: u8 = 0;
/// table_id of the program map section.
pub(super) const TABLE_PMT: u8 = 2;
/// The most that section_length may be for these tables.
pub(super) const MAX_SECTION_LENGTH: usize = 1021;

/// A section with the long header, CRC checked.
///
/// | byte | bits | name                     | meaning                               |
/// |-----:|-----:|--------------------------|---------------------------------------|
/// |    0 |    8 | table_id                 | 0 PAT, 2 PMT                          |
/// |    1 |    1 | section_syntax_indicator | 1                                     |
/// |      |    3 | '0', reserved            | 0, ones                               |
/// |      |   12 | section_length           | bytes that follow, at most 1021       |
/// |    3 |   16 | table_id_extension       | transport_stream_id or program_number |
/// |    5 |    2 | reserved                 | ones                                  |
/// |      |    5 | version_number           | rises when the table changes          |
/// |      |    1 | current_next_indicator   | 1: holds now                          |
/// |    6 |    8 | section_number           | from 0                                |
/// |    7 |    8 | last_section_number      |                                       |
/// |    8 |      | table data               |                                       |
/// |      |   32 | CRC_32                   | over all of the above                 |
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section<'a> {
    /// table_id.
    pub(super) table_id: u8,
    /// table_id_extension.
    pub(super) extension: u16,
    /// version_number.
    pub(super) version: u8,
    /// current_next_indicator.
    pub(super) current: bool,
    /// section_number.
    pub(super) number: u8,
    /// last_section_number.
    pub(super) last_number: u8,
    /// Table data.
    pub(super) data: &'a [u8],
}

impl<'a> Section<'a> {
    /// Reads a whole section (as [`Sections`] gives them); the reason if it is none.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, &'static str> {
        if crc32(bytes) != 0 {
            return Err("CRC-32 of a section does not match");
        }
        let [
            table_id,
            length_high,
            _,
            e1,
            e0,
            version,
            number,
            last_number,
            rest @ ..,
        ] = bytes
        else {
            return Err("section is shorter than its header");
        };
        let data = rest.len().checked_sub(4).and_then(|len| rest.get(..len));
        match data {
            Some(data) if length_high & 0x80 != 0 => Ok(Self {
                table_id: *table_id,
                extension: u16::from_be_bytes([*e1, *e0]),
                version: version >> 1 & 0x1f,
                current: version & 1 != 0,
                number: *number,
                last_number: *last_number,
                data,
            }),
            _ => Err("section without the long header"),
        }
    }

    /// The section in bytes, CRC included.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let section_length = self.data.len() + 9;
        debug_assert!(
            section_length <= MAX_SECTION_LENGTH,
            "the tables written here are small"
        );
        let [length_high, length_low] = ((section_length & 0xfff) as u16).to_be_bytes();
        let [extension_high, extension_low] = self.extension.to_be_bytes();
        let mut bytes = vec![
            self.table_id,
            0xb0 | length_high,
            length_low,
            extension_high,
            extension_low,
            0xc0 | (self.version & 0x1f) << 1 | u8::from(self.current),
            self.number,
            self.last_number,
        ];
        bytes.extend(self.data);
        bytes.extend(crc32(&bytes).to_be_bytes());
        bytes
    }
}

/// Appends transport packets with one section, filled up with 0xff.
pub(super) fn write_section(pid: u16, section: &[u8], counter: &mut u8, out: &mut Vec<u8>) {
    const ROOM: usize = 184;
    let mut payload = vec![0]; // pointer_field: the section starts at once
    payload.extend(section);
    payload.resize(payload.len().next_multiple_of(ROOM), 0xff);
    for (index, part) in payload.chunks(ROOM).enumerate() {
        write_packet(pid, index == 0, counter, None, [part, &[]], out);
    }
}

/// Collects the sections of one PID.
#[derive(Debug, Default)]
pub(super) struct Sections {
    partial: Vec<u8>,
    /// Whether the place in the stream of sections is known.
    synced: bool,
}

impl Sections {
    /// Forgets a section that is not whole: packets are missing.
    pub(super) fn lose(&mut self) {
        self.partial.clear();
        self.synced = false;
    }

    /// Takes the payload of a packet and gives the sections that it completes.
    pub(super) fn push(&mut self, unit_start: bool, payload: &[u8]) -> Vec<Vec<u8>> {
        let mut whole = Vec::new();
        if !unit_start {
            if self.synced {
                self.partial.extend(payload);
                self.take(&mut whole);
            }
            return whole;
        }
        let split = payload
            .split_first()
            .and_then(|(pointer, rest)| rest.split_at_checked(usize::from(*pointer)));
        let Some((tail, start)) = split else {
            self.lose();
            return whole;
        };
        if self.synced {
            self.partial.extend(tail);
            self.take(&mut whole);
        }
        self.partial.clear();
        self.partial.extend(start);
        self.synced = true;
        self.take(&mut whole);
        whole
    }

    fn take(&mut self, whole: &mut Vec<Vec<u8>>) {
        const STUFFING: u8 = 0xff;
        let mut rest = &self.partial[..];
        while let [table_id, length_high, length_low, ..] = rest {
            let section_length = usize::from(u16::from_be_bytes([length_high & 0xf, *length_low]));
            if *table_id == STUFFING || section_length > MAX_SECTION_LENGTH {
                // What follows is stuffing, or a length that these tables cannot have.
                return self.lose();
            }
            let Some((section, after)) = rest.split_at_checked(3 + section_length) else {
                break;
            };
            whole.push(section.to_vec());
            rest = after;
        }
        if rest.first() == Some(&STUFFING) {
            return self.lose();
        }
        self.partial = rest.to_vec();
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    /// The PAT of a capture: one program, its map on PID 0x1000.
    const PAT: [u8; 16] = hex!("00 b00d 0001 c1 00 00 0001 f000 2ab104b2");

    #[test]
    fn section_bytes() {
        let section = Section {
            table_id: TABLE_PAT,
            extension: 1,
            version: 0,
            current: true,
            number: 0,
            last_number: 0,
            data: &hex!("0001 f000"),
        };
        assert_eq!(section.to_bytes(), PAT);
        assert_eq!(Section::parse(&PAT), Ok(section));
        for bit in 0..PAT.len() * 8 {
            let mut damaged = PAT;
            damaged[bit / 8] ^= 0x80 >> (bit % 8);
            assert!(Section::parse(&damaged).is_err(), "bit {bit}");
        }
        for len in 0..PAT.len() {
            assert!(Section::parse(&PAT[..len]).is_err(), "{len} bytes");
        }
    }

    #[test]
    fn long_section_spans_packets_and_two_share_one() {
        let long = Section {
            data: &[0x11; 300],
            ..Section::parse(&PAT).unwrap()
        }
        .to_bytes();
        let mut out = Vec::new();
        let mut counter = 15;
        write_section(0, &long, &mut counter, &mut out);
        assert_eq!((out.len(), counter), (376, 1));
        assert_eq!(
            (&out[..5], &out[188..192]),
            (&hex!("47 4000 10 00")[..], &hex!("47 0000 11")[..])
        );
        let mut sections = Sections::default();
        assert_eq!(sections.push(true, &out[4..188]), Vec::<Vec<u8>>::new());
        assert_eq!(
            sections.push(false, &out[192..]),
            std::slice::from_ref(&long)
        );

        let mut payload = vec![0];
        payload.extend(PAT);
        payload.extend(&long[..100]);
        assert_eq!(sections.push(true, &payload), [PAT.to_vec()]);
        let mut rest = vec![u8::try_from(long.len() - 100).unwrap()];
        rest.extend(&long[100..]);
        rest.extend(PAT);
        rest.push(0xff);
        assert_eq!(sections.push(true, &rest), [long, PAT.to_vec()]);
    }

    #[test]
    fn sections_wait_for_a_start_and_survive_nonsense() {
        let mut sections = Sections::default();
        assert!(sections.push(false, &PAT).is_empty(), "no start yet");
        assert!(sections.push(true, &[]).is_empty(), "no pointer");
        assert!(
            sections.push(true, &hex!("b8 00")).is_empty(),
            "pointer past the end"
        );
        assert!(
            sections.push(true, &hex!("00 00 bfff")).is_empty(),
            "too long a section"
        );
        let start = [&[0][..], &PAT[..5]].concat();
        assert!(sections.push(true, &start).is_empty());
        sections.lose();
        assert!(
            sections.push(false, &PAT[5..]).is_empty(),
            "lost in between"
        );
        let whole = [&[0][..], &PAT].concat();
        assert_eq!(sections.push(true, &whole), [PAT.to_vec()]);
    }
}
