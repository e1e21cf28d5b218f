//! The one thing that flows from encoder to client.

use std::fmt;

use bytes::Bytes;

use crate::Timestamp;

/// One encoded access unit (video) or audio frame of one track.
///
/// `pts`, `dts` and `duration` are in the time base of the track.
#[derive(Clone, PartialEq, Eq)]
pub struct Packet {
    /// Index of the track in the source's track list.
    pub track: usize,
    /// When the decoded frame is shown.
    pub pts: Timestamp,
    /// When the packet is decoded; never later than `pts`, and rising within a track.
    pub dts: Timestamp,
    /// Ticks the frame lasts, 0 if unknown.
    pub duration: u64,
    /// A key frame: decodable alone, parameter sets included. Every audio packet is one.
    pub key: bool,
    /// The first packet after a break in the source: times or references may not continue.
    pub discontinuity: bool,
    /// The coded bytes, in the form stated in the crate's documentation.
    pub data: Bytes,
}

impl fmt::Debug for Packet {
    /// Prints the length of the data, not the data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packet")
            .field("track", &self.track)
            .field("pts", &self.pts.0)
            .field("dts", &self.dts.0)
            .field("duration", &self.duration)
            .field("key", &self.key)
            .field("discontinuity", &self.discontinuity)
            .field("len", &self.data.len())
            .finish()
    }
}
