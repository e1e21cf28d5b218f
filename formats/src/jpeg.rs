//! One JPEG image, then the end (ITU-T T.81).

use media::{CodecId, Packet, Timestamp, Track};

use crate::mjpeg::{self, ImageScan, MjpegDemuxer, check_image, check_tracks};
use crate::{DemuxError, Demuxed, Demuxer, MuxError, Muxer, Patch};

/// Name of the format in errors.
const FORMAT: &str = "jpeg";

/// Writes the first image and refuses all after it.
#[derive(Debug)]
pub struct JpegMuxer {
    /// Bytes of the image that was written.
    written: Option<usize>,
}

impl JpegMuxer {
    /// A muxer for one MJPEG track.
    ///
    /// # Errors
    /// [`MuxError`] if there is another number of tracks or another codec.
    pub fn new(tracks: &[Track]) -> Result<Self, MuxError> {
        check_tracks(FORMAT, tracks)?;
        Ok(Self { written: None })
    }
}

impl Muxer for JpegMuxer {
    fn write_header(&self, _start: Timestamp, _out: &mut Vec<u8>) -> Result<(), MuxError> {
        Ok(())
    }

    /// # Errors
    /// [`MuxError::Full`] for every packet after the first: the file is complete.
    fn write_packet(&mut self, packet: &Packet, out: &mut Vec<u8>) -> Result<(), MuxError> {
        if let Some(written) = self.written {
            return Err(MuxError::Full {
                format: FORMAT,
                bytes: written as u64,
            });
        }
        let image = check_image(packet)?;
        out.extend(image);
        self.written = Some(image.len());
        Ok(())
    }

    fn finish(&mut self, _out: &mut Vec<u8>) -> Result<Vec<Patch>, MuxError> {
        Ok(Vec::new())
    }
}

/// Reads one image; what follows it is not looked at.
#[derive(Debug, Default)]
pub struct JpegDemuxer {
    images: MjpegDemuxer,
    done: bool,
}

impl JpegDemuxer {
    /// A demuxer at the start of the image.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Demuxer for JpegDemuxer {
    fn push(&mut self, bytes: &[u8]) {
        if !self.done {
            self.images.push(bytes);
        }
    }

    fn push_end(&mut self) {
        self.images.push_end();
    }

    fn next(&mut self) -> Result<Demuxed, DemuxError> {
        if self.done {
            return Ok(Demuxed::End);
        }
        let next = self.images.next()?;
        self.done = matches!(next, Demuxed::Packet(_) | Demuxed::End);
        Ok(next)
    }
}

/// Whether the format has a place for the codec.
pub(crate) const fn can_carry(codec: CodecId) -> bool {
    mjpeg::can_carry(codec)
}

/// Whether all of a file is a JPEG image. A longer image is taken for the first of several, which
/// the reader of `mjpeg` reads as well.
pub(crate) fn probe(prefix: &[u8]) -> bool {
    matches!(ImageScan::default().advance(prefix), Ok(Some(len)) if !mjpeg::probe(&prefix[len..]))
}
