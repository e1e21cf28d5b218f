//! What can go wrong with a ring.

use std::io;

use formats::MuxError;

/// Why a ring cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RingError {
    /// The storage failed.
    #[error("cannot {what} the ring")]
    Io {
        /// What was tried.
        what: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// `FileMaxSize` is too small.
    #[error(
        "a ring of {size} bytes is too small, the least is {}",
        super::MIN_SIZE_BYTES
    )]
    TooSmall {
        /// The size asked for.
        size: u64,
    },
    /// FFM has no place for the packet or the tracks.
    #[error(transparent)]
    Packet(#[from] MuxError),
    /// The ring is shorter than the frame.
    #[error("a frame of {len} bytes does not fit into a ring of {slots} blocks")]
    FrameTooLarge {
        /// Bytes of the frame.
        len: usize,
        /// Blocks of the ring.
        slots: u64,
    },
    /// The tracks are not known yet.
    #[error("the ring does not know its tracks yet")]
    NoTracks,
    /// A write failed before.
    #[error("the ring takes nothing since a write has failed")]
    Failed,
}

impl RingError {
    pub(super) fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, source }
    }
}

/// Why a ring starts anew.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Anew {
    /// There was none.
    #[error("there was no ring")]
    Empty,
    /// The file is something else, or the ring of another program.
    #[error("the file holds no ring of this program")]
    Foreign,
    /// The header is damaged.
    #[error("its header is damaged")]
    HeaderDamaged,
    /// It holds other tracks.
    #[error("{0}")]
    TracksDiffer(String),
    /// The ring was larger, and its newest part lies beyond the new end.
    #[error("its newest part lies beyond its new size")]
    Shrunk,
}
