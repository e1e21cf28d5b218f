//! H.264 encoder.
//!
//! Constrained baseline profile: no B frames, so packets leave in display order, one per frame, at
//! once. Every key frame is an IDR picture with its SPS and PPS in front.

use std::collections::VecDeque;
use std::fmt;

use bytes::Bytes;
use media::bitstream::nal;
use media::{
    CodecId, CodecParameters, MediaParameters, Packet, PixelFormat, TimeBase, Timestamp,
    VideoFrame, VideoParameters,
};
use openh264::OpenH264API;
use openh264::encoder::{
    BitRate, Complexity, EncodedBitStream, EncoderConfig, FrameRate as RateHz, QpRange,
    RateControlMode,
};
use openh264::formats::YUVSource;

use super::{back_end, foreign};
use crate::picture::{Fitter, Planar};
use crate::{CodecError, VideoEncoder, VideoEncoderConfig};

/// The H.264 encoder.
pub(crate) struct Encoder {
    back_end: openh264::encoder::Encoder,
    parameters: CodecParameters,
    fitter: Fitter,
    key_frames: KeyFrames,
    duration: u64,
    /// Time of the first frame: the back end's clock starts at 0.
    first_pts: Option<Timestamp>,
    packets: VecDeque<Packet>,
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("h264::Encoder")
            .field("parameters", &self.parameters)
            .field("key_frames", &self.key_frames)
            .finish_non_exhaustive()
    }
}

/// Decides which frames become key frames.
#[derive(Debug)]
struct KeyFrames {
    gop_size: u32,
    /// Frames since the last key frame, itself included; 0 before the first.
    since: u32,
    wanted: bool,
}

impl Encoder {
    /// Makes an encoder. Odd sizes are coded one pixel larger.
    pub(crate) fn new(config: &VideoEncoderConfig) -> Result<Self, CodecError> {
        let (width, height) = coded_size(config)?;
        let settings = settings(config);
        let parameter_sets = parameter_sets(settings, width, height)?;
        let rate = config.frame_rate;
        let duration = rate.frame_time(1, TimeBase::MICROS).0;
        Ok(Self {
            back_end: open(settings)?,
            parameters: CodecParameters {
                codec: CodecId::H264,
                bit_rate_bps: Some(config.bit_rate_bps),
                config: Bytes::from(parameter_sets),
                media: MediaParameters::Video(VideoParameters {
                    width_px: width,
                    height_px: height,
                    frame_rate: Some(rate),
                }),
            },
            fitter: Fitter::new(width as usize, height as usize, PixelFormat::I420),
            key_frames: KeyFrames {
                gop_size: config.gop_size.max(1),
                since: 0,
                wanted: true,
            },
            duration: u64::try_from(duration).unwrap_or(0),
            first_pts: None,
            packets: VecDeque::new(),
        })
    }
}

impl VideoEncoder for Encoder {
    fn parameters(&self) -> &CodecParameters {
        &self.parameters
    }

    fn send_frame(&mut self, frame: &VideoFrame) -> Result<(), CodecError> {
        let picture = Picture(self.fitter.fit(frame)?);
        if self.key_frames.next_is_key() {
            self.back_end.force_intra_frame();
        }
        let first_pts = *self.first_pts.get_or_insert(frame.pts);
        let since_first_ms = u64::try_from(frame.pts.since(first_pts) / 1000).unwrap_or(0);
        let encoded = self
            .back_end
            .encode_at(&picture, openh264::Timestamp::from_millis(since_first_ms))
            .map_err(|error| back_end("encoder", &error))?;
        let data = access_unit(&encoded);
        if data.is_empty() {
            self.key_frames.coded(false);
            return Ok(()); // skipped, to hold the rate
        }
        let key = nal::is_idr(&data);
        self.key_frames.coded(key);
        self.packets.push_back(Packet {
            track: 0,
            pts: frame.pts,
            dts: frame.pts,
            duration: self.duration,
            key,
            discontinuity: false,
            data: Bytes::from(data),
        });
        Ok(())
    }

    fn receive_packet(&mut self) -> Result<Option<Packet>, CodecError> {
        Ok(self.packets.pop_front())
    }

    fn flush(&mut self) -> Result<(), CodecError> {
        Ok(()) // nothing is held back
    }

    fn request_key_frame(&mut self) {
        self.key_frames.wanted = true;
    }
}

impl KeyFrames {
    fn next_is_key(&self) -> bool {
        self.wanted || self.since >= self.gop_size
    }

    fn coded(&mut self, key: bool) {
        if key {
            self.wanted = false;
            self.since = 0;
        }
        self.since = self.since.saturating_add(1);
    }
}

/// A picture in the wrapper's terms.
struct Picture<'a>(Planar<'a>);

impl YUVSource for Picture<'_> {
    fn dimensions(&self) -> (usize, usize) {
        (self.0.width, self.0.height)
    }

    fn strides(&self) -> (usize, usize, usize) {
        let [y, u, v] = self.0.planes;
        (y.stride, u.stride, v.stride)
    }

    fn y(&self) -> &[u8] {
        self.0.planes[0].data
    }

    fn u(&self) -> &[u8] {
        self.0.planes[1].data
    }

    fn v(&self) -> &[u8] {
        self.0.planes[2].data
    }
}

/// The size that is coded: even, within what the back end does.
fn coded_size(config: &VideoEncoderConfig) -> Result<(u32, u32), CodecError> {
    let even = |side: u32| side.saturating_add(side & 1);
    let (width, height) = (even(config.width_px), even(config.height_px));
    if width.min(height) < MIN_SIDE_PX
        || width.max(height) > MAX_LONG_SIDE_PX
        || width.min(height) > MAX_SHORT_SIDE_PX
    {
        return Err(CodecError::Size {
            codec: CodecId::H264,
            width_px: config.width_px,
            height_px: config.height_px,
            reason: "16x16 to 3840x2160 or 2160x3840",
        });
    }
    Ok((width, height))
}

fn settings(config: &VideoEncoderConfig) -> EncoderConfig {
    let rate_hz = config.frame_rate.as_f64();
    // The rate control counts with 1 to 60 frames a second; beyond, bits per frame are kept right.
    let counted_hz = rate_hz.clamp(1.0, 60.0);
    let bit_rate_bps = f64::from(config.bit_rate_bps) * counted_hz / rate_hz;
    EncoderConfig::new()
        .bitrate(BitRate::from_bps(
            bit_rate_bps.clamp(1.0, MAX_BIT_RATE_BPS) as u32
        ))
        .max_frame_rate(RateHz::from_hz(counted_hz as f32))
        .rate_control_mode(RateControlMode::Bitrate)
        .skip_frames(config.skip_frames)
        // Both faster and better by PSNR than `Medium` with its adaptive quantisation.
        .complexity(Complexity::Low)
        .adaptive_quantization(false)
        .background_detection(false)
        .scene_change_detect(false)
        .qp(qp_range(config.quantizer))
}

/// The range of H.264's QP for bounds in MPEG's quantizer scale, whose step is twice its value,
/// while H.264's is 0.625 * 2^(QP/6) (8.5.9, table 8-15). The ends of one scale are the ends of the
/// other. A lower bound of 0 would make the back end replace both bounds by its own.
fn qp_range(quantizer: Option<(u8, u8)>) -> QpRange {
    let (min, max) = quantizer.unwrap_or((1, 31));
    let qp = |quantizer: u8| match quantizer {
        0 | 1 => 1,
        31.. => 51,
        _ => (6.0 * (2.0 * f64::from(quantizer) / 0.625).log2()).round() as u8, // 17 to 39
    };
    QpRange::new(qp(min.min(max)), qp(max.max(min)))
}

fn open(settings: EncoderConfig) -> Result<openh264::encoder::Encoder, CodecError> {
    let mut encoder =
        openh264::encoder::Encoder::with_api_config(OpenH264API::from_source(), settings)
            .map_err(|error| back_end("encoder", &error))?;
    foreign::silence(&mut encoder);
    Ok(encoder)
}

/// SPS and PPS in Annex B form. They depend on the settings alone, so a second encoder tells them
/// by coding one black picture; the first keeps its rate control untouched.
fn parameter_sets(settings: EncoderConfig, width: u32, height: u32) -> Result<Vec<u8>, CodecError> {
    let black = VideoFrame::black(width, height, Timestamp::ZERO);
    let mut encoder = open(settings)?;
    let encoded = encoder
        .encode(&Picture(Planar::of(&black)?))
        .map_err(|error| back_end("encoder", &error))?;
    Ok(nal::parameter_sets(&access_unit(&encoded)))
}

/// The NAL units of a coded picture, each behind a start code of four bytes.
fn access_unit(encoded: &EncodedBitStream<'_>) -> Vec<u8> {
    let mut data = Vec::new();
    for layer in (0..encoded.num_layers()).filter_map(|index| encoded.layer(index)) {
        for unit in (0..layer.nal_count()).filter_map(|index| layer.nal_unit(index)) {
            // What the back end calls a NAL unit is one, with its start code.
            for unit in nal::annex_b(unit) {
                nal::push_annex_b(unit, &mut data);
            }
        }
    }
    data
}

const MIN_SIDE_PX: u32 = 16;
const MAX_LONG_SIDE_PX: u32 = 3840;
const MAX_SHORT_SIDE_PX: u32 = 2160;
/// H.264 level 5.2 allows 288 Mbit/s in baseline (table A-1, with cpbBrVclFactor 1000: 240 000).
const MAX_BIT_RATE_BPS: f64 = 240_000_000.0;
