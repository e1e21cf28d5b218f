//! Images as packets of a track.

use bytes::Bytes;
use media::bitstream::jpeg::JpegHeader;
use media::{
    CodecId, CodecParameters, FrameRate, MediaParameters, Packet, Timestamp, Track, VideoParameters,
};

use crate::Demuxed;

/// Frames per second of images that tell no times.
const DEFAULT_FRAME_RATE: FrameRate = FrameRate::new(25, 1).unwrap();

/// The track that images belong to.
#[derive(Debug)]
pub(crate) struct ImageTrack {
    frame_rate: Option<FrameRate>,
    /// Width and height as told last.
    size_px: Option<(u32, u32)>,
    next: i64,
    /// Mark the next packet.
    pub(crate) discontinuity: bool,
}

impl ImageTrack {
    /// Images at `frame_rate`, or if `None` at 25 per second with the rate told as unknown.
    pub(crate) const fn new(frame_rate: Option<FrameRate>) -> Self {
        Self {
            frame_rate,
            size_px: None,
            next: 0,
            discontinuity: false,
        }
    }

    /// The packet of an image and, if its size is new, the track before it; `None` if it has no
    /// frame header.
    pub(crate) fn add(&mut self, image: Bytes) -> Option<impl Iterator<Item = Demuxed> + use<>> {
        let header = JpegHeader::parse(&image)?;
        let size_px = (header.width_px, header.height_px);
        let is_new = self.size_px.replace(size_px) != Some(size_px);
        let track = is_new.then(|| Demuxed::Tracks(vec![self.track(size_px)]));
        let time = Timestamp(self.next);
        self.next += 1;
        let packet = Packet {
            track: 0,
            pts: time,
            dts: time,
            duration: 1,
            key: true,
            discontinuity: std::mem::take(&mut self.discontinuity),
            data: image,
        };
        Some(track.into_iter().chain([Demuxed::Packet(packet)]))
    }

    fn track(&self, (width_px, height_px): (u32, u32)) -> Track {
        let rate = self.frame_rate.unwrap_or(DEFAULT_FRAME_RATE);
        Track {
            time_base: rate.time_base(),
            params: CodecParameters {
                codec: CodecId::Mjpeg,
                bit_rate_bps: None,
                config: Bytes::new(),
                media: MediaParameters::Video(VideoParameters {
                    width_px,
                    height_px,
                    frame_rate: self.frame_rate,
                }),
            },
        }
    }
}
