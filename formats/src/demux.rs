//! The reading half of a container.

use media::{Packet, Timestamp, Track};

use crate::DemuxError;

/// Reads a container. It asks; the caller has the file or socket.
///
/// ```text
/// loop {
///     match demuxer.next()? {
///         Demuxed::Tracks(tracks) => ...,
///         Demuxed::Packet(packet) => ...,
///         Demuxed::Need(Need::Bytes) => demuxer.push(&more) or, at the end, demuxer.push_end(),
///         Demuxed::Need(Need::Seek(offset)) => the next push starts at `offset`,
///         Demuxed::End => break,
///     }
/// }
/// ```
///
/// An error concerns what was read just now: the demuxer has passed over it or, if it cannot find
/// its way any more, answers every later call with [`Demuxed::End`]. Any split of the input gives
/// the same packets, and no input makes it panic or hold more than its stated limits.
pub trait Demuxer: Send + std::fmt::Debug {
    /// Takes the bytes that follow those pushed before, or that start at the offset asked for.
    fn push(&mut self, bytes: &[u8]);

    /// The source has no more bytes after those pushed.
    fn push_end(&mut self);

    /// Tells how many bytes the source has, where that is known: formats that search by bisection
    /// can then [`seek`](Self::seek). May be called at any time; the others ignore it.
    fn set_source_len(&mut self, len: u64) {
        let _ = len;
    }

    /// What comes next.
    ///
    /// # Errors
    /// [`DemuxError`] if the input breaks its format or a limit.
    fn next(&mut self) -> Result<Demuxed, DemuxError>;

    /// Makes the next packet of a video track the last key frame at or before `to` (microseconds;
    /// the first packet's time where there is none), of the others what belongs to it. Without an
    /// index in the file, the formats that can be searched answer with [`Need::Seek`] until found.
    ///
    /// # Errors
    /// [`DemuxError::NotSeekable`] where the container or this file gives no way to find it.
    fn seek(&mut self, to: Timestamp) -> Result<(), DemuxError> {
        let _ = to;
        Err(DemuxError::NotSeekable)
    }
}

/// What a demuxer has next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Demuxed {
    /// The tracks; before any packet, and again when they change.
    Tracks(Vec<Track>),
    /// A packet of the tracks told last.
    Packet(Packet),
    /// Nothing before this is met.
    Need(Need),
    /// The source is exhausted. Every later call says the same.
    End,
}

/// What a demuxer needs to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// More bytes, or word that there are none.
    Bytes,
    /// Bytes from this offset of the source. What was buffered is forgotten.
    Seek(u64),
}
