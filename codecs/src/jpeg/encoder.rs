//! Motion JPEG encoder: baseline, 4:2:0, the Huffman tables of T.81, annex K, full range as JFIF
//! wants it, square pixels. Every image is a key frame. Any size up to 16384x16384, odd ones too.

use std::collections::VecDeque;

use bytes::Bytes;
use jpeg_encoder::{ImageBuffer, JpegColorType, SamplingFactor};
use media::{
    CodecId, CodecParameters, MediaParameters, Packet, PixelFormat, TimeBase, VideoFrame,
    VideoParameters,
};

use super::back_end;
use super::rate::RateControl;
use crate::picture::{Fitter, MAX_SIDE_PX, Planar};
use crate::{CodecError, VideoEncoder, VideoEncoderConfig};

/// The Motion JPEG encoder.
#[derive(Debug)]
pub(crate) struct Encoder {
    parameters: CodecParameters,
    fitter: Fitter,
    rate: RateControl,
    /// Tries left to find the quantizer of the first image.
    tries: u32,
    duration: u64,
    packets: VecDeque<Packet>,
}

impl Encoder {
    pub(crate) fn new(config: &VideoEncoderConfig) -> Result<Self, CodecError> {
        let (width_px, height_px) = (config.width_px, config.height_px);
        let sides = 1..=MAX_SIDE_PX;
        if !sides.contains(&width_px) || !sides.contains(&height_px) {
            return Err(CodecError::Size {
                codec: CodecId::Mjpeg,
                width_px,
                height_px,
                reason: "1x1 to 16384x16384",
            });
        }
        let rate = config.frame_rate;
        let duration = rate.frame_time(1, TimeBase::MICROS).0;
        Ok(Self {
            parameters: CodecParameters {
                codec: CodecId::Mjpeg,
                bit_rate_bps: Some(config.bit_rate_bps),
                config: Bytes::new(),
                media: MediaParameters::Video(VideoParameters {
                    width_px,
                    height_px,
                    frame_rate: Some(rate),
                }),
            },
            fitter: Fitter::new(width_px as usize, height_px as usize, PixelFormat::J420),
            rate: RateControl::new(
                f64::from(config.bit_rate_bps) / rate.as_f64(),
                config.quantizer,
            ),
            tries: FIRST_IMAGE_TRIES,
            duration: u64::try_from(duration).unwrap_or(0),
            packets: VecDeque::new(),
        })
    }
}

impl VideoEncoder for Encoder {
    fn parameters(&self) -> &CodecParameters {
        &self.parameters
    }

    fn send_frame(&mut self, frame: &VideoFrame) -> Result<(), CodecError> {
        let picture = self.fitter.fit(frame)?;
        let mut data = encode(picture, self.rate.quality())?;
        while self.tries > 0 && self.rate.tried(bits(&data)) {
            self.tries -= 1;
            data = encode(picture, self.rate.quality())?;
        }
        self.tries = 0;
        self.rate.sent(bits(&data));
        self.packets.push_back(Packet {
            track: 0,
            pts: frame.pts,
            dts: frame.pts,
            duration: self.duration,
            key: true,
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

    fn request_key_frame(&mut self) {} // every image is one
}

/// A picture in the back end's terms: it asks for rows with as many chroma as luma samples and takes
/// every second of every second row, so repeating samples hands over the chroma planes as they are.
struct Image<'a> {
    picture: Planar<'a>,
    width: u16,
    height: u16,
}

impl ImageBuffer for Image<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        JpegColorType::Ycbcr
    }

    fn width(&self) -> u16 {
        self.width
    }

    fn height(&self) -> u16 {
        self.height
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let [luma, cb, cr] = self.picture.planes;
        let y = usize::from(y);
        buffers[0].extend_from_slice(luma.row(y));
        for (buffer, plane) in buffers[1..].iter_mut().zip([cb, cr]) {
            let end = buffer.len() + luma.width;
            buffer.extend(plane.row(y / 2).iter().flat_map(|sample| [*sample; 2]));
            buffer.truncate(end); // odd widths
        }
    }
}

/// Codes a picture of full range as a whole image.
pub(super) fn encode(picture: Planar<'_>, quality: u8) -> Result<Vec<u8>, CodecError> {
    let side = |pixels: usize| u16::try_from(pixels).map_err(|error| back_end("encoder", &error));
    let image = Image {
        picture,
        width: side(picture.width)?,
        height: side(picture.height)?,
    };
    let mut data = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut data, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder
        .encode_image(image)
        .map_err(|error| back_end("encoder", &error))?;
    Ok(data)
}

fn bits(data: &[u8]) -> f64 {
    data.len() as f64 * 8.0
}

const FIRST_IMAGE_TRIES: u32 = 5;
