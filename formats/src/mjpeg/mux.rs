//! Writes images one after the other.

use media::bitstream::jpeg::{EOI, SOI};
use media::{CodecId, Packet, Timestamp, Track};

use crate::{MuxError, Muxer, Patch};

/// Writes JPEG images one after the other.
#[derive(Debug)]
pub struct MjpegMuxer(());

impl MjpegMuxer {
    /// A muxer for one MJPEG track.
    ///
    /// # Errors
    /// [`MuxError`] if there is another number of tracks or another codec.
    pub fn new(tracks: &[Track]) -> Result<Self, MuxError> {
        check_tracks("mjpeg", tracks)?;
        Ok(Self(()))
    }
}

impl Muxer for MjpegMuxer {
    fn write_header(&self, _start: Timestamp, _out: &mut Vec<u8>) -> Result<(), MuxError> {
        Ok(())
    }

    fn write_packet(&mut self, packet: &Packet, out: &mut Vec<u8>) -> Result<(), MuxError> {
        out.extend(check_image(packet)?);
        Ok(())
    }

    fn finish(&mut self, _out: &mut Vec<u8>) -> Result<Vec<Patch>, MuxError> {
        Ok(Vec::new())
    }

    /// Images tell their size themselves.
    fn new_tracks(
        &mut self,
        tracks: &[Track],
        _at: Timestamp,
        _out: &mut Vec<u8>,
    ) -> Result<(), MuxError> {
        check_tracks("mjpeg", tracks)
    }
}

/// Checks that there is one track and that it is MJPEG.
pub(crate) fn check_tracks(format: &'static str, tracks: &[Track]) -> Result<(), MuxError> {
    match tracks {
        [track] if track.params.codec == CodecId::Mjpeg => Ok(()),
        [track] => Err(MuxError::UnsupportedCodec {
            format,
            codec: track.params.codec,
            track: 0,
        }),
        _ => Err(MuxError::TrackCount {
            format,
            count: tracks.len(),
            allowed: "1",
        }),
    }
}

/// The image of a packet of the only track.
pub(crate) fn check_image(packet: &Packet) -> Result<&[u8], MuxError> {
    let error = |reason| MuxError::Bitstream {
        track: packet.track,
        codec: CodecId::Mjpeg,
        reason,
    };
    if packet.track != 0 {
        return Err(MuxError::NoSuchTrack {
            track: packet.track,
            tracks: 1,
        });
    }
    if !packet.data.starts_with(&SOI) {
        return Err(error("it does not start with SOI"));
    }
    if !packet.data.ends_with(&EOI) {
        return Err(error("it does not end with EOI"));
    }
    Ok(&packet.data)
}
