//! What can be wrong with packets or bytes.

use media::CodecId;

/// Why packets cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MuxError {
    /// No mapping of the codec into the container exists.
    #[error("{format} cannot carry {codec} (track {track})")]
    UnsupportedCodec {
        /// Name of the container.
        format: &'static str,
        /// The codec.
        codec: CodecId,
        /// Index of the track.
        track: usize,
    },
    /// More tracks of a kind than the container has room for, or none.
    #[error("{format} cannot carry {count} tracks, only {allowed}")]
    TrackCount {
        /// Name of the container.
        format: &'static str,
        /// Tracks given.
        count: usize,
        /// What is allowed, in words.
        allowed: &'static str,
    },
    /// The configuration (parameter sets, AudioSpecificConfig) is missing or damaged.
    #[error("{codec} of track {track} has no usable configuration for {format}: {reason}")]
    Config {
        /// Name of the container.
        format: &'static str,
        /// The codec.
        codec: CodecId,
        /// Index of the track.
        track: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The packet names a track that does not exist.
    #[error("packet of track {track}, but there are {tracks} tracks")]
    NoSuchTrack {
        /// Index in the packet.
        track: usize,
        /// Number of tracks.
        tracks: usize,
    },
    /// The packet is larger than a size field.
    #[error("packet of {len} bytes, {format} allows {limit}")]
    PacketTooLarge {
        /// Name of the container.
        format: &'static str,
        /// Bytes of the packet.
        len: usize,
        /// The most there can be.
        limit: usize,
    },
    /// The packet's time cannot be told in the container.
    #[error("time {time} of track {track} cannot be told in {format}: {reason}")]
    Time {
        /// Name of the container.
        format: &'static str,
        /// Index of the track.
        track: usize,
        /// The time in ticks of the container.
        time: i64,
        /// Why not.
        reason: &'static str,
    },
    /// The bytes of a packet are not what its codec demands.
    #[error("packet of track {track} is no {codec}: {reason}")]
    Bitstream {
        /// Index of the track.
        track: usize,
        /// The codec.
        codec: CodecId,
        /// What is wrong.
        reason: &'static str,
    },
    /// Other tracks were to follow in a container that has one list of tracks for all its length.
    #[error("the tracks of this container cannot change in the middle")]
    FixedTracks,
}

/// Why bytes cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DemuxError {
    /// The bytes break the format.
    #[error("{format} at byte {offset}: {reason}")]
    Malformed {
        /// Name of the container.
        format: &'static str,
        /// Where, in bytes from the start of the source.
        offset: u64,
        /// What was found and what belongs there.
        reason: String,
    },
    /// The format is followed but a part of it is not implemented.
    #[error("{format} at byte {offset}: {feature} is not supported")]
    Unsupported {
        /// Name of the container.
        format: &'static str,
        /// Where, in bytes from the start of the source.
        offset: u64,
        /// What is not supported.
        feature: String,
    },
    /// A length or count in the input is above the limit set here.
    #[error("{format} at byte {offset}: {what} is {value}, the limit is {limit}")]
    Limit {
        /// Name of the container.
        format: &'static str,
        /// Where, in bytes from the start of the source.
        offset: u64,
        /// The field.
        what: &'static str,
        /// Its value.
        value: u64,
        /// The limit.
        limit: u64,
    },
    /// The source ended inside a structure. What was whole before it has been delivered.
    #[error("{format} ends at byte {offset} inside {what}")]
    Truncated {
        /// Name of the container.
        format: &'static str,
        /// Where the source ended.
        offset: u64,
        /// The structure that is cut.
        what: &'static str,
    },
    /// There is no way to find a time in this source.
    #[error("this source cannot be searched by time")]
    NotSeekable,
}
