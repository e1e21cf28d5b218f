//! Writes raw H.264.

use media::bitstream::nal::{self, NalType};
use media::{CodecId, Packet, Timestamp, Track};

use super::{FORMAT, with_parameter_sets};
use crate::{MuxError, Muxer, Patch};

/// Writes access units one after the other, parameter sets before every IDR picture.
#[derive(Debug)]
pub struct H264Muxer {
    config: bytes::Bytes,
}

impl H264Muxer {
    /// A muxer for one H.264 track.
    ///
    /// # Errors
    /// [`MuxError`] if there is another number of tracks or another codec.
    pub fn new(tracks: &[Track]) -> Result<Self, MuxError> {
        match tracks {
            [track] if track.params.codec == CodecId::H264 => Ok(Self {
                config: track.params.config.clone(),
            }),
            [track] => Err(MuxError::UnsupportedCodec {
                format: FORMAT,
                codec: track.params.codec,
                track: 0,
            }),
            _ => Err(MuxError::TrackCount {
                format: FORMAT,
                count: tracks.len(),
                allowed: "1",
            }),
        }
    }
}

impl Muxer for H264Muxer {
    fn write_header(&self, _start: Timestamp, _out: &mut Vec<u8>) -> Result<(), MuxError> {
        Ok(())
    }

    fn write_packet(&mut self, packet: &Packet, out: &mut Vec<u8>) -> Result<(), MuxError> {
        if packet.track != 0 {
            return Err(MuxError::NoSuchTrack {
                track: packet.track,
                tracks: 1,
            });
        }
        if !matches!(packet.data[..], [0, 0, 1, ..] | [0, 0, 0, 1, ..]) {
            return Err(MuxError::Bitstream {
                track: packet.track,
                codec: CodecId::H264,
                reason: "it does not start with a start code",
            });
        }
        out.extend(with_parameter_sets(packet.data.clone(), &self.config));
        Ok(())
    }

    /// Appends an end of stream NAL unit (7.3.2.6), so that a reader shows the last picture at once.
    fn finish(&mut self, out: &mut Vec<u8>) -> Result<Vec<Patch>, MuxError> {
        nal::push_annex_b(&[NalType::END_OF_STREAM.0], out);
        Ok(Vec::new())
    }

    /// The new parameter sets stand before the next IDR picture.
    fn new_tracks(
        &mut self,
        tracks: &[Track],
        _at: Timestamp,
        _out: &mut Vec<u8>,
    ) -> Result<(), MuxError> {
        *self = Self::new(tracks)?;
        Ok(())
    }
}
