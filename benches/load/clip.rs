//! A prepared clip: 640x360, 25 pictures a second, a key frame every 2 s, H.264 at 1 Mbit/s, from a
//! noise-graded source that needs the rate.

use std::time::Duration;

use codecs::{VideoEncoderConfig, video_encoder};
use ferrocast::capture::test_pattern::{TestPattern, TestPatternKind};
use formats::{Format, MuxError};
use media::{CodecId, FrameRate, Packet, TimeBase, Timestamp, Track};

/// From one picture to the next.
pub(crate) const INTERVAL: Duration = Duration::from_millis(40);

const INTERVAL_US: u64 = 40_000;
const GOP_PICTURES: u32 = 50;
const BIT_RATE_BPS: u32 = 1_000_000;

/// One group of pictures that can be repeated for ever; so all its key frames are the same one.
#[derive(Debug)]
pub(crate) struct Clip {
    pub(crate) tracks: [Track; 1],
    packets: Vec<Packet>,
}

/// The clip in a container: what is written to each viewer once, and a chunk per picture.
#[derive(Debug, Clone)]
pub(crate) struct Muxed {
    pub(crate) header: Vec<u8>,
    pub(crate) pictures: Vec<Picture>,
}

/// One picture in a container.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    pub(crate) bytes: Vec<u8>,
    pub(crate) key: bool,
}

impl Clip {
    /// Encodes it: the second group, as the rate control needs the first to settle.
    pub(crate) fn encode() -> Self {
        let frame_rate = FrameRate::new(25, 1).expect("not 0");
        let config = VideoEncoderConfig {
            width_px: 640,
            height_px: 360,
            frame_rate,
            bit_rate_bps: BIT_RATE_BPS,
            gop_size: GOP_PICTURES,
            quantizer: None,
            skip_frames: false,
        };
        let kind = TestPatternKind::Noise { level: 6 };
        let source = TestPattern::new(kind, 640, 360, frame_rate).expect("a size");
        let mut encoder = video_encoder(CodecId::H264, &config).expect("an encoder");
        let mut packets = Vec::new();
        for index in 0..u64::from(2 * GOP_PICTURES) {
            let frame = source.frame(index, index * INTERVAL_US / 1000);
            encoder.send_frame(&frame).expect("encoded");
            while let Some(packet) = encoder.receive_packet().expect("a packet") {
                packets.push(packet);
            }
        }
        packets.drain(..GOP_PICTURES as usize);
        assert!(packets[0].key, "a group starts with a key frame");
        let track = Track {
            time_base: TimeBase::MICROS,
            params: encoder.parameters().clone(),
        };
        Self {
            tracks: [track],
            packets,
        }
    }

    /// Packet `index` of the endless repetition.
    pub(crate) fn packet(&self, index: usize) -> Packet {
        let at_us = i64::try_from(index as u64 * INTERVAL_US).expect("less than 292,000 years");
        Packet {
            pts: Timestamp(at_us),
            dts: Timestamp(at_us),
            duration: INTERVAL_US,
            ..self.packets[index % self.packets.len()].clone()
        }
    }

    /// Pictures until it repeats.
    pub(crate) fn len(&self) -> usize {
        self.packets.len()
    }

    /// Its mean rate in bit/s, the bytes of the pictures alone.
    pub(crate) fn bit_rate_bps(&self) -> f64 {
        let bytes: usize = self.packets.iter().map(|packet| packet.data.len()).sum();
        bytes as f64 * 8.0 / (self.len() as f64 * INTERVAL.as_secs_f64())
    }

    /// One repetition of it in a container.
    pub(crate) fn mux(&self, format: Format) -> Result<Muxed, MuxError> {
        let mut muxer = format.muxer(&self.tracks)?;
        let mut header = Vec::new();
        muxer.write_header(Timestamp::ZERO, &mut header)?;
        let pictures: Result<Vec<Picture>, MuxError> = (0..self.len())
            .map(|index| {
                let packet = self.packet(index);
                let mut bytes = Vec::new();
                muxer.write_packet(&packet, &mut bytes)?;
                let key = packet.key;
                Ok(Picture { bytes, key })
            })
            .collect();
        Ok(Muxed {
            header,
            pictures: pictures?,
        })
    }
}

impl Muxed {
    /// Mean bytes of a picture.
    pub(crate) fn mean_bytes(&self) -> f64 {
        let bytes: usize = self
            .pictures
            .iter()
            .map(|picture| picture.bytes.len())
            .sum();
        bytes as f64 / self.pictures.len() as f64
    }

    /// Bytes of header and key frame: a viewer that has them has its first picture.
    pub(crate) fn first_picture_bytes(&self) -> usize {
        let key = self.pictures.iter().find(|picture| picture.key);
        self.header.len() + key.map_or(0, |key| key.bytes.len())
    }
}
