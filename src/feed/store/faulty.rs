//! A storage for crash tests: it logs what is done to it, can fail on demand, and tells what the
//! medium may hold after a crash.

use std::io;

use super::{MemoryStorage, Storage};

/// Something done to the storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Op {
    Write { offset: u64, bytes: Vec<u8> },
    SetLen(u64),
    Sync,
}

/// A storage in memory with a log.
#[derive(Debug, Default)]
pub(crate) struct FaultyStorage {
    now: MemoryStorage,
    pub(crate) log: Vec<Op>,
    /// Fails every write that would reach beyond this length, as a full disk does.
    pub(crate) capacity: Option<u64>,
}

/// Sectors are written whole.
pub(crate) const SECTOR: usize = 512;

/// What becomes of an operation in a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Done,
    Lost,
    /// Only so many bytes of a write are done.
    Torn(usize),
}

impl FaultyStorage {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self {
            now: MemoryStorage::new(bytes),
            ..Self::default()
        }
    }
}

/// What the medium holds when the operations of a log have met their fates.
pub(crate) fn replay<'a>(start: &[u8], ops: impl IntoIterator<Item = (&'a Op, Fate)>) -> Vec<u8> {
    let mut medium = MemoryStorage::new(start.to_vec());
    for (op, fate) in ops {
        match (op, fate) {
            (_, Fate::Lost) | (Op::Sync, _) => {}
            (Op::SetLen(len), _) => medium.set_len(*len).unwrap(),
            (Op::Write { offset, bytes }, Fate::Done) => medium.write_at(*offset, bytes).unwrap(),
            (Op::Write { offset, bytes }, Fate::Torn(len)) => {
                medium.write_at(*offset, &bytes[..len]).unwrap();
            }
        }
    }
    medium.bytes().to_vec()
}

/// Where a write can be torn: at each sector border of the medium inside it.
pub(crate) fn tears(op: &Op) -> Vec<usize> {
    let Op::Write { offset, bytes } = op else {
        return Vec::new();
    };
    let first = SECTOR - usize::try_from(*offset).unwrap() % SECTOR;
    (first..bytes.len()).step_by(SECTOR).collect()
}

impl Storage for FaultyStorage {
    fn len(&self) -> io::Result<u64> {
        self.now.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.now.read_at(offset, buf)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let room = self
            .capacity
            .map(|capacity| capacity.saturating_sub(offset));
        if let Some(room) = room.filter(|room| *room < bytes.len() as u64) {
            // As a full disk does: a part is written.
            let part = usize::try_from(room).unwrap();
            self.now.write_at(offset, &bytes[..part])?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.log.push(Op::Write {
            offset,
            bytes: bytes.to_vec(),
        });
        self.now.write_at(offset, bytes)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.log.push(Op::SetLen(len));
        self.now.set_len(len)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.log.push(Op::Sync);
        Ok(())
    }
}
