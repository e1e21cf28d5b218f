//! The program association table (ISO/IEC 13818-1, 2.4.4.3).

/// One entry: which PID has the map of a program.
///
/// | byte | bits | name            | meaning                              |
/// |-----:|-----:|-----------------|--------------------------------------|
/// |    0 |   16 | program_number  | 0: the PID is the network's, no map  |
/// |    2 |    3 | reserved        | ones                                 |
/// |      |   13 | program_map_PID |                                      |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ProgramEntry {
    /// program_number, not 0.
    pub(super) program_number: u16,
    /// program_map_PID.
    pub(super) program_map_pid: u16,
}

impl ProgramEntry {
    /// The entry in bytes.
    pub(super) fn to_bytes(self) -> [u8; 4] {
        let [n1, n0] = self.program_number.to_be_bytes();
        let [p1, p0] = self.program_map_pid.to_be_bytes();
        [n1, n0, 0xe0 | p1 & 0x1f, p0]
    }

    /// The programs in the table data of a section.
    pub(super) fn parse_all(data: &[u8]) -> impl Iterator<Item = Self> {
        data.chunks_exact(4).filter_map(|entry| {
            let [n1, n0, p1, p0] = *entry.first_chunk()?;
            let program_number = u16::from_be_bytes([n1, n0]);
            let program_map_pid = u16::from_be_bytes([p1 & 0x1f, p0]);
            (program_number != 0).then_some(Self {
                program_number,
                program_map_pid,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn entry_bytes() {
        let entry = ProgramEntry {
            program_number: 1,
            program_map_pid: 0x1000,
        };
        assert_eq!(entry.to_bytes(), hex!("0001 f000"));
        let table = hex!("0000 e010 0001 f000 0002 e123 0003");
        let other = ProgramEntry {
            program_number: 2,
            program_map_pid: 0x123,
        };
        assert_eq!(
            ProgramEntry::parse_all(&table).collect::<Vec<_>>(),
            [entry, other]
        );
    }
}
