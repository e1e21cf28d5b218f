//! H.264 decoder: Baseline, Main and High profile, 4:2:0, 8 bits, progressive, B frames included.
//!
//! Interlaced pictures, other chroma formats and more bits are refused by name. Errors are not
//! concealed: after a damaged or lost picture nothing comes out before the next IDR picture.

use std::collections::VecDeque;
use std::fmt;

use media::bitstream::nal::{self, NalType};
use media::bitstream::sps::Sps;
use media::{CodecId, Packet, PixelFormat, Plane, Timestamp, VideoFrame};
use openh264::OpenH264API;
use openh264::decoder::DecoderConfig;

use super::back_end;
use super::foreign::{self, DecodedPicture};
use crate::{CodecError, VideoDecoder};

/// The H.264 decoder.
pub(crate) struct Decoder {
    back_end: openh264::decoder::Decoder,
    /// What the newest SPS says.
    stream: Stream,
    frames: VecDeque<VideoFrame>,
}

/// What of an SPS matters here.
#[derive(Debug, Clone, Copy)]
struct Stream {
    format: PixelFormat,
    /// Frames leave in the order they come: none has to be held back.
    in_order: bool,
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("h264::Decoder")
            .field("stream", &self.stream)
            .field("frames", &self.frames.len())
            .finish_non_exhaustive()
    }
}

impl Decoder {
    /// Makes a decoder. `config` is SPS and PPS in Annex B form, or empty if they come in band.
    pub(crate) fn new(config: &[u8]) -> Result<Self, CodecError> {
        let api = OpenH264API::from_source();
        let mut decoder = Self {
            back_end: openh264::decoder::Decoder::with_api_config(api, DecoderConfig::new())
                .map_err(|error| back_end("decoder", &error))?,
            stream: Stream {
                format: PixelFormat::I420,
                in_order: false,
            },
            frames: VecDeque::new(),
        };
        if !config.is_empty() {
            decoder.decode(config, Timestamp::ZERO)?;
        }
        Ok(decoder)
    }

    fn decode(&mut self, data: &[u8], pts: Timestamp) -> Result<(), CodecError> {
        for nal in nal::annex_b(data) {
            if NalType::of(nal) == Some(NalType::SPS)
                && let Ok(sps) = Sps::parse(nal)
            {
                self.stream = stream(&sps)?;
            }
        }
        let decoded = foreign::decode(&mut self.back_end, data, pts.0.cast_unsigned());
        let state = decoded.state;
        if let Some(picture) = decoded.picture {
            self.frames.push_back(frame(&picture, self.stream.format));
        }
        if self.stream.in_order {
            self.release();
        }
        if state == 0 {
            return Ok(());
        }
        Err(CodecError::BadPacket {
            codec: CodecId::H264,
            len: data.len(),
            reason: reason(state),
        })
    }

    /// Takes out all pictures that the back end holds back.
    fn release(&mut self) {
        while let Some(picture) = foreign::flush(&mut self.back_end) {
            self.frames.push_back(frame(&picture, self.stream.format));
        }
    }
}

impl VideoDecoder for Decoder {
    fn send_packet(&mut self, packet: &Packet) -> Result<(), CodecError> {
        self.decode(&packet.data, packet.pts)
    }

    fn receive_frame(&mut self) -> Result<Option<VideoFrame>, CodecError> {
        Ok(self.frames.pop_front())
    }

    fn flush(&mut self) -> Result<(), CodecError> {
        self.release();
        Ok(())
    }
}

/// Checks that the back end can decode what an SPS announces; it would fail without saying why.
fn stream(sps: &Sps) -> Result<Stream, CodecError> {
    let feature = if !sps.frame_mbs_only {
        "interlaced pictures".to_owned()
    } else if sps.chroma_format_idc != 1 {
        const NAMES: [&str; 4] = ["monochrome", "4:2:0", "4:2:2", "4:4:4"];
        let name = NAMES.get(usize::from(sps.chroma_format_idc));
        format!("{} samples", name.unwrap_or(&"unknown"))
    } else if sps.bit_depth_luma != 8 || sps.bit_depth_chroma != 8 {
        format!(
            "{} bits a sample",
            sps.bit_depth_luma.max(sps.bit_depth_chroma)
        )
    } else {
        return Ok(Stream {
            format: if sps.full_range {
                PixelFormat::J420
            } else {
                PixelFormat::I420
            },
            in_order: sps.max_num_reorder_frames == Some(0),
        });
    };
    Err(CodecError::Feature {
        codec: CodecId::H264,
        feature,
    })
}

/// Copies a picture out of the decoder's memory.
fn frame(picture: &DecodedPicture<'_>, format: PixelFormat) -> VideoFrame {
    let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
    let plane = |index: usize, width: usize| {
        let (samples, stride) = picture.planes[index];
        let mut data = Vec::with_capacity(width * samples.len().div_ceil(stride));
        for row in samples.chunks(stride) {
            data.extend_from_slice(&row[..width]);
        }
        Plane {
            data,
            stride_bytes: width,
        }
    };
    let chroma_width = picture.width.div_ceil(2);
    VideoFrame {
        format,
        width_px: side(picture.width),
        height_px: side(picture.height),
        planes: vec![
            plane(0, picture.width),
            plane(1, chroma_width),
            plane(2, chroma_width),
        ],
        pts: Timestamp(picture.time.cast_signed()),
        captured: None,
    }
}

/// The meaning of the bits of `DECODING_STATE` (`codec/api/wels/codec_app_def.h`).
fn reason(state: i32) -> String {
    const REASONS: [(i32, &str); 9] = [
        (0x01, "incomplete picture"),
        (0x02, "reference picture lost"),
        (0x04, "damaged bit stream"),
        (0x08, "dependent layer lost"),
        (0x10, "no parameter sets"),
        (0x20, "errors concealed"),
        (0x40, "no reference pictures"),
        (0x1000, "invalid argument"),
        (0x4000, "out of memory"),
    ];
    let known = REASONS.iter().filter(|(bit, _)| state & bit != 0);
    let words: Vec<&str> = known.map(|(_, reason)| *reason).collect();
    if words.is_empty() {
        format!("decoding state {state:#x}")
    } else {
        words.join(", ")
    }
}
