//! Reads images one after the other.

use std::collections::VecDeque;

use media::FrameRate;
use media::bitstream::jpeg::SOI;

use super::images::ImageTrack;
use super::scan::{ImageScan, MAX_IMAGE};
use crate::{DemuxError, Demuxed, Demuxer, InputBuffer, Need};

/// Name of the format in errors.
const FORMAT: &str = "mjpeg";

/// Reads JPEG images one after the other.
#[derive(Debug)]
pub struct MjpegDemuxer {
    input: InputBuffer,
    track: ImageTrack,
    /// Of the image at the start of the buffer; `None` while that is looked for.
    scan: Option<ImageScan>,
    ready: VecDeque<Demuxed>,
    ended: bool,
}

impl MjpegDemuxer {
    /// A demuxer that takes the images for 25 per second.
    #[must_use]
    pub fn new() -> Self {
        Self::build(None)
    }

    /// A demuxer that gives the images times of this rate.
    #[must_use]
    pub fn with_frame_rate(rate: FrameRate) -> Self {
        Self::build(Some(rate))
    }

    fn build(rate: Option<FrameRate>) -> Self {
        Self {
            input: InputBuffer::new(),
            track: ImageTrack::new(rate),
            scan: None,
            ready: VecDeque::new(),
            ended: false,
        }
    }

    /// Passes over bytes up to SOI; whether it has come.
    fn find_image(&mut self) -> bool {
        let bytes = self.input.bytes();
        let found = bytes.windows(SOI.len()).position(|window| window == SOI);
        let keep = usize::from(bytes.last() == Some(&SOI[0]));
        let passed = found.unwrap_or(bytes.len() - keep);
        self.input.skip(passed as u64);
        found.is_some()
    }

    fn step(&mut self) -> Result<Option<Demuxed>, DemuxError> {
        let Some(scan) = &mut self.scan else {
            if self.find_image() {
                self.scan = Some(ImageScan::default());
                return Ok(None);
            }
            return Ok(Some(self.starved()));
        };
        let offset = self.input.position();
        let buffered = self.input.bytes().len();
        match scan.advance(self.input.bytes()) {
            Ok(Some(len)) => {
                self.scan = None;
                let image = self.input.take(len).unwrap_or_default();
                let packets = self.track.add(image).ok_or_else(|| DemuxError::Malformed {
                    format: FORMAT,
                    offset,
                    reason: "an image without frame header".to_owned(),
                })?;
                self.ready.extend(packets);
                Ok(None)
            }
            Ok(None) if buffered > MAX_IMAGE => {
                self.drop_image(SOI.len());
                Err(DemuxError::Limit {
                    format: FORMAT,
                    offset,
                    what: "size of an image",
                    value: buffered as u64,
                    limit: MAX_IMAGE as u64,
                })
            }
            Ok(None) if self.input.ended() => {
                self.ended = true;
                Err(DemuxError::Truncated {
                    format: FORMAT,
                    offset: offset + buffered as u64,
                    what: "an image",
                })
            }
            Ok(None) => Ok(Some(Demuxed::Need(Need::Bytes))),
            Err(no_marker) => {
                self.drop_image(no_marker.at.max(SOI.len()));
                Err(DemuxError::Malformed {
                    format: FORMAT,
                    offset: offset + no_marker.at as u64,
                    reason: "no JPEG marker where one belongs".to_owned(),
                })
            }
        }
    }

    /// Gives up the image at the start of the buffer and looks for another behind `len` bytes.
    fn drop_image(&mut self, len: usize) {
        self.input.skip(len as u64);
        self.scan = None;
        self.track.discontinuity = true;
    }

    const fn starved(&mut self) -> Demuxed {
        if self.input.ended() {
            self.ended = true;
            return Demuxed::End;
        }
        Demuxed::Need(Need::Bytes)
    }
}

impl Default for MjpegDemuxer {
    fn default() -> Self {
        Self::new()
    }
}

impl Demuxer for MjpegDemuxer {
    fn push(&mut self, bytes: &[u8]) {
        self.input.push(bytes);
    }

    fn push_end(&mut self) {
        self.input.push_end();
    }

    fn next(&mut self) -> Result<Demuxed, DemuxError> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Ok(ready);
            }
            if self.ended {
                return Ok(Demuxed::End);
            }
            if let Some(demuxed) = self.step()? {
                return Ok(demuxed);
            }
        }
    }
}
