//! Program tables as they come in: which PIDs are what.

use super::packet::PID_PAT;
use super::pat::ProgramEntry;
use super::pmt::ProgramMap;
use super::section::{Section, Sections, TABLE_PAT, TABLE_PMT};

/// Programs whose maps are listened to.
pub(super) const MAX_PROGRAMS: usize = 64;

/// The tables and the program that was chosen: the first whose map comes in whole.
#[derive(Debug, Default)]
pub(super) struct Programs {
    pat: Sections,
    programs: Vec<Program>,
    chosen: Option<u16>,
}

#[derive(Debug)]
struct Program {
    entry: ProgramEntry,
    sections: Sections,
    /// Version and content of the map told last.
    map: Option<(u8, ProgramMap)>,
}

impl Programs {
    /// Whether packets of this PID are tables.
    pub(super) fn listens(&self, pid: u16) -> bool {
        pid == PID_PAT
            || self
                .programs
                .iter()
                .any(|program| program.entry.program_map_pid == pid)
    }

    /// Packets of a PID are missing.
    pub(super) fn lose(&mut self, pid: u16) {
        if pid == PID_PAT {
            self.pat.lose();
        }
        for program in self
            .programs
            .iter_mut()
            .filter(|p| p.entry.program_map_pid == pid)
        {
            program.sections.lose();
        }
    }

    /// Takes the payload of a packet. Gives the map of the chosen program if it is new.
    pub(super) fn push(
        &mut self,
        pid: u16,
        unit_start: bool,
        payload: &[u8],
    ) -> Result<Option<ProgramMap>, &'static str> {
        let mut result = Ok(None);
        if pid == PID_PAT {
            for section in self.pat.push(unit_start, payload) {
                if let Err(reason) = Section::parse(&section).map(|pat| self.take_pat(&pat)) {
                    result = Err(reason);
                }
            }
            return result;
        }
        let chosen = &mut self.chosen;
        for program in self
            .programs
            .iter_mut()
            .filter(|p| p.entry.program_map_pid == pid)
        {
            for section in program.sections.push(unit_start, payload) {
                match Section::parse(&section) {
                    Ok(section) => {
                        if let Some(map) = program.take_map(&section, chosen) {
                            result = Ok(Some(map));
                        }
                    }
                    Err(reason) => result = Err(reason),
                }
            }
        }
        result
    }

    /// Takes one section of the association table. A table of several sections only adds; one that
    /// is alone also removes.
    fn take_pat(&mut self, section: &Section<'_>) {
        if section.table_id != TABLE_PAT || !section.current {
            return;
        }
        let entries: Vec<_> = ProgramEntry::parse_all(section.data).collect();
        if section.last_number == 0 {
            self.programs
                .retain(|program| entries.contains(&program.entry));
        }
        for entry in entries {
            let number = entry.program_number;
            self.programs
                .retain(|p| p.entry == entry || p.entry.program_number != number);
            let known = self.programs.iter().any(|program| program.entry == entry);
            if !known && self.programs.len() < MAX_PROGRAMS {
                self.programs.push(Program {
                    entry,
                    sections: Sections::default(),
                    map: None,
                });
            }
        }
        let numbers = || {
            self.programs
                .iter()
                .map(|program| program.entry.program_number)
        };
        self.chosen = self
            .chosen
            .filter(|chosen| numbers().any(|number| number == *chosen));
    }
}

impl Program {
    /// Takes a section of the map, which is always one section (2.4.4.9).
    fn take_map(&mut self, section: &Section<'_>, chosen: &mut Option<u16>) -> Option<ProgramMap> {
        let number = self.entry.program_number;
        let ours = section.table_id == TABLE_PMT && section.current && section.extension == number;
        if !ours || chosen.is_some_and(|chosen| chosen != number) {
            return None;
        }
        let map = ProgramMap::parse(section.data)?;
        if chosen.is_none() && map.streams.iter().all(|stream| stream.codec().is_none()) {
            return None; // nothing here to show; another program may have it
        }
        let known = self
            .map
            .as_ref()
            .is_some_and(|(version, known)| *version == section.version && *known == map);
        if known && *chosen == Some(number) {
            return None;
        }
        *chosen = Some(number);
        self.map = Some((section.version, map.clone()));
        Some(map)
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    fn section(table_id: u8, extension: u16, version: u8, data: &[u8]) -> Vec<u8> {
        let section = Section {
            table_id,
            extension,
            version,
            current: true,
            number: 0,
            last_number: 0,
            data,
        };
        [&[0][..], &section.to_bytes()].concat()
    }

    const PAT: [u8; 8] = hex!("0001 e100 0002 e200");
    const VIDEO: [u8; 9] = hex!("e101 f000 1b e101 f000");
    const SUBTITLES: [u8; 9] = hex!("e101 f000 06 e102 f000");

    #[test]
    fn first_program_with_something_to_show_is_chosen_and_followed() {
        let mut programs = Programs::default();
        assert!(programs.listens(0) && !programs.listens(0x100));
        assert_eq!(programs.push(0, true, &section(0, 1, 0, &PAT)), Ok(None));
        assert!(programs.listens(0x100) && programs.listens(0x200));
        assert_eq!(
            programs.push(0x100, true, &section(2, 1, 0, &SUBTITLES)),
            Ok(None)
        );
        assert_eq!(
            programs.push(0x100, true, &section(2, 9, 0, &VIDEO)),
            Ok(None),
            "not its number"
        );
        let map = ProgramMap::parse(&VIDEO);
        assert_eq!(
            programs.push(0x200, true, &section(2, 2, 0, &VIDEO)),
            Ok(map.clone())
        );
        assert_eq!(
            programs.push(0x200, true, &section(2, 2, 0, &VIDEO)),
            Ok(None),
            "the same"
        );
        assert_eq!(
            programs.push(0x100, true, &section(2, 1, 1, &VIDEO)),
            Ok(None),
            "not chosen"
        );
        assert_eq!(
            programs.push(0x200, true, &section(2, 2, 1, &VIDEO)),
            Ok(map),
            "next version"
        );
        assert_eq!(
            programs.push(0, true, &section(0, 1, 1, &PAT[..4])),
            Ok(None)
        );
        assert!(!programs.listens(0x200), "the program is gone");
    }

    #[test]
    fn damage_is_told_and_changes_nothing() {
        let mut programs = Programs::default();
        let mut pat = section(0, 1, 0, &PAT);
        pat[10] ^= 1;
        assert_eq!(
            programs.push(0, true, &pat),
            Err("CRC-32 of a section does not match")
        );
        assert!(!programs.listens(0x100));
    }

    #[test]
    fn number_of_programs_is_limited() {
        let mut programs = Programs::default();
        for number in 1..200_u16 {
            let [high, low] = number.to_be_bytes();
            let section = Section {
                table_id: 0,
                extension: 1,
                version: 0,
                current: true,
                number: 0,
                last_number: 1,
                data: &[high, low, 0xe0 | high, low],
            };
            programs
                .push(0, true, &[&[0][..], &section.to_bytes()].concat())
                .unwrap();
        }
        assert_eq!(programs.programs.len(), MAX_PROGRAMS);
    }
}
