//! A ring in a file.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use super::Storage;

/// A file of its own. Descriptors close on exec (the standard library opens all files so), and a
/// file that is made here can be read by its owner alone.
#[derive(Debug)]
pub struct FileStorage {
    file: File,
}

impl FileStorage {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// As the file system has them; [`io::ErrorKind::InvalidInput`] if the path is no plain file.
    pub fn open(path: &Path) -> io::Result<Self> {
        // Without O_NONBLOCK a FIFO at the path would hold the server up here.
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(O_NONBLOCK)
            .open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the ring must be a plain file",
            ));
        }
        Ok(Self { file })
    }
}

/// `rustix` has the number for every platform.
const O_NONBLOCK: i32 = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();

impl Storage for FileStorage {
    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while let Some(rest) = buf.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.file.read_at(rest, offset + done as u64) {
                Ok(0) => break,
                Ok(len) => done += len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync(&mut self) -> io::Result<()> {
        // The length counts too, which sync_data guarantees where it matters for reading.
        self.file.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn file_is_private_and_keeps_what_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ring");
        let mut storage = FileStorage::open(&path).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        storage.write_at(3, b"abc").unwrap();
        storage.sync().unwrap();

        let mut storage = FileStorage::open(&path).unwrap();
        let mut buf = [9; 8];
        assert_eq!(storage.read_at(1, &mut buf).unwrap(), 5);
        assert_eq!(buf, [0, 0, b'a', b'b', b'c', 9, 9, 9]);
        assert_eq!(storage.read_at(7, &mut buf).unwrap(), 0);
        storage.set_len(4).unwrap();
        assert_eq!(storage.len().unwrap(), 4);
        assert!(FileStorage::open(folder.path()).is_err(), "a folder");
    }
}
