//! The writing half of a container.

use bytes::Bytes;
use media::{Packet, Timestamp, Track};

use crate::MuxError;

/// Writes packets of a fixed list of tracks as one container.
///
/// A muxer is made by its format from the tracks, and refuses then what it cannot carry. One muxer
/// serves all viewers of a live stream: the header is written for each viewer, the packets once.
/// What `write_packet` appends for a key frame is therefore a place where a viewer can start, given
/// the header.
///
/// Packets come in decoding order of their track, tracks interleaved by dts, times in the time base
/// of the track as given to the constructor. On an error `out` is left as it was.
pub trait Muxer: Send + std::fmt::Debug {
    /// Appends what a reader needs before the first packet. `start` is the dts of the first packet
    /// that this reader will get, in microseconds of the stream's time; containers that can tell
    /// their reader where time starts use it.
    ///
    /// # Errors
    /// [`MuxError`] if the header cannot hold the tracks.
    fn write_header(&self, start: Timestamp, out: &mut Vec<u8>) -> Result<(), MuxError>;

    /// Appends one packet, with all that has to stand before it.
    ///
    /// # Errors
    /// [`MuxError`] if the container cannot hold this packet. The stream can go on with the next.
    fn write_packet(&mut self, packet: &Packet, out: &mut Vec<u8>) -> Result<(), MuxError>;

    /// Appends what closes the stream. The patches complete what was left open before; a file gets
    /// them, a live reader cannot.
    ///
    /// # Errors
    /// [`MuxError`] if the container cannot be closed.
    fn finish(&mut self, out: &mut Vec<u8>) -> Result<Vec<Patch>, MuxError>;

    /// Goes on with other tracks in the middle of the stream: appends what a reader that is already
    /// there needs to follow. Packets given from now on are of the new tracks, and headers written
    /// from now on are for readers that start after this point. `at` is the dts of the next packet
    /// in microseconds of the stream's time, which goes on. The formats for which
    /// [`survives_new_tracks`](crate::Format::survives_new_tracks) holds can do this.
    ///
    /// # Errors
    /// [`MuxError::FixedTracks`] where the container cannot change its tracks; what the constructor
    /// refuses. The muxer then goes on with the old tracks.
    fn new_tracks(
        &mut self,
        tracks: &[Track],
        at: Timestamp,
        out: &mut Vec<u8>,
    ) -> Result<(), MuxError> {
        let _ = (tracks, at, out);
        Err(MuxError::FixedTracks)
    }
}

/// Bytes that replace earlier ones of the same file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// Where, in bytes from the start of the header.
    pub offset: u64,
    /// The new bytes.
    pub bytes: Bytes,
}
