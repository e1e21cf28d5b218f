//! Where a ring lives: a file, memory, or (in tests) a double that loses and tears writes.

mod file;
mod memory;

#[cfg(test)]
pub(crate) mod faulty;

use std::io;

pub use file::FileStorage;
pub use memory::MemoryStorage;

/// Bytes that can be read and written anywhere. All calls block.
///
/// Nothing is promised of a crash but what [`Storage::sync`] says: until then each write may be on
/// the medium in whole, in part or not at all, whatever became of later ones.
pub trait Storage: Send + std::fmt::Debug {
    /// Length in bytes.
    ///
    /// # Errors
    /// As the medium has them.
    fn len(&self) -> io::Result<u64>;

    /// Whether there are no bytes.
    ///
    /// # Errors
    /// As [`Storage::len`].
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Reads up to `buf.len()` bytes from `offset`; fewer only at the end.
    ///
    /// # Errors
    /// As the medium has them.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;

    /// Writes all of `bytes` at `offset`; what lies between the old end and `offset` becomes zeros.
    ///
    /// # Errors
    /// As the medium has them. What was written until then is undefined.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts or extends with zeros.
    ///
    /// # Errors
    /// As the medium has them.
    fn set_len(&mut self, len: u64) -> io::Result<()>;

    /// Returns when all that was written stays written, come what may.
    ///
    /// # Errors
    /// As the medium has them.
    fn sync(&mut self) -> io::Result<()>;
}
