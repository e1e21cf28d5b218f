//! Motion JPEG decoder: baseline and progressive, grey or colour with any chroma sampling. Frames are
//! J420 of the image's size, whatever its sampling. Images without Huffman tables, as cameras and AVI
//! files have them, get the standard ones.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt::Display;
use std::sync::OnceLock;

use media::bitstream::jpeg::{JpegHeader, SOI};
use media::{CodecId, Packet, PixelFormat, Plane, Timestamp, VideoFrame};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::encoder::encode;
use crate::picture::{MAX_SIDE_PX, Planar};
use crate::{CodecError, VideoDecoder};

/// The Motion JPEG decoder.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    frames: VecDeque<VideoFrame>,
}

impl VideoDecoder for Decoder {
    fn send_packet(&mut self, packet: &Packet) -> Result<(), CodecError> {
        self.frames.push_back(decode(&packet.data, packet.pts)?);
        Ok(())
    }

    fn receive_frame(&mut self) -> Result<Option<VideoFrame>, CodecError> {
        Ok(self.frames.pop_front())
    }

    fn flush(&mut self) -> Result<(), CodecError> {
        Ok(()) // nothing is held back
    }
}

fn decode(image: &[u8], pts: Timestamp) -> Result<VideoFrame, CodecError> {
    let bad = |reason: &dyn Display| CodecError::BadPacket {
        codec: CodecId::Mjpeg,
        len: image.len(),
        reason: reason.to_string(),
    };
    let header = JpegHeader::parse(image).ok_or_else(|| bad(&"no image header before the scan"))?;
    let components = match header.components {
        1 => 1,
        3 => 3,
        count => {
            return Err(CodecError::Feature {
                codec: CodecId::Mjpeg,
                feature: format!("{count} colour components"),
            });
        }
    };
    let data = if header.has_huffman_tables {
        Cow::Borrowed(image)
    } else {
        Cow::Owned([&SOI, standard_huffman_tables(), &image[SOI.len()..]].concat())
    };
    let colours = if components == 1 {
        ColorSpace::Luma
    } else {
        ColorSpace::YCbCr
    };
    let options = DecoderOptions::default()
        .jpeg_set_out_colorspace(colours)
        .set_max_width(MAX_SIDE_PX as usize)
        .set_max_height(MAX_SIDE_PX as usize);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&*data), options);
    let samples = decoder.decode().map_err(|error| bad(&error))?;
    let (width, height) = (header.width_px as usize, header.height_px as usize);
    if samples.len() != width * height * components {
        return Err(bad(&"it has two image headers that differ"));
    }
    let mut frame = VideoFrame::black(header.width_px, header.height_px, pts);
    frame.format = PixelFormat::J420;
    if components == 1 {
        frame.planes[0].data = samples;
    } else {
        let (luma, chroma) = (header.luma_sampling, header.chroma_sampling);
        let halved = (luma.0 == 2 * chroma.0, luma.1 == 2 * chroma.1);
        separate(&samples, width, halved, &mut frame.planes);
    }
    Ok(frame)
}

/// Splits packed Y, Cb, Cr into planes.
///
/// The back end hands out chroma at full resolution. Where the image has it at half of that, the
/// back end put samples between with the weights 3 and 1 (the "triangle filter"), which two
/// neighbours undo; the mean of both would blur. `halved` says it across and down.
fn separate(samples: &[u8], width: usize, halved: (bool, bool), planes: &mut [Plane]) {
    let [luma, chroma @ ..] = planes else {
        return;
    };
    for (pixel, out) in samples.chunks_exact(PACKED).zip(&mut luma.data) {
        *out = pixel[0];
    }
    let height = luma.data.len() / width;
    let columns: Vec<Taps> = (0..width.div_ceil(2))
        .map(|index| Taps::new(index, width, halved.0))
        .collect();
    for (component, plane) in (1..).zip(chroma) {
        for (y, out) in plane.data.chunks_exact_mut(columns.len()).enumerate() {
            let row = Taps::new(y, height, halved.1);
            let rows = row
                .at
                .map(|y| &samples[y * width * PACKED..][..width * PACKED]);
            for (column, out) in columns.iter().zip(out) {
                let sum = row.apply(rows.map(|row| {
                    column.apply(column.at.map(|x| i32::from(row[x * PACKED + component])))
                }));
                *out = ((sum + 2) / 4).clamp(0, 255) as u8; // just clipped
            }
        }
    }
}

/// The two samples of a line that one of half the resolution is made of.
struct Taps {
    at: [usize; 2],
    /// They add up to 2.
    weights: [i32; 2],
}

impl Taps {
    /// For sample `index` of the halved line. A line that was doubled before is undone: with the
    /// next sample's neighbour, at the end with the previous one's.
    const fn new(index: usize, line_len: usize, doubled: bool) -> Self {
        let first = 2 * index;
        let (at, weights) = if doubled && first + 2 < line_len {
            ([first + 1, first + 2], [3, -1])
        } else if doubled && first > 0 {
            ([first, first - 1], [3, -1])
        } else if first + 1 < line_len {
            ([first, first + 1], [1, 1])
        } else {
            ([first, first], [1, 1])
        };
        Self { at, weights }
    }

    const fn apply(&self, samples: [i32; 2]) -> i32 {
        self.weights[0] * samples[0] + self.weights[1] * samples[1]
    }
}

/// Bytes of a packed pixel.
const PACKED: usize = 3;

/// The Huffman tables of T.81, K.3.3, as DHT segments: those that the encoder's back end writes.
fn standard_huffman_tables() -> &'static [u8] {
    static TABLES: OnceLock<Vec<u8>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let pixel = VideoFrame::black(1, 1, Timestamp::ZERO);
        let image = Planar::of(&pixel).and_then(|picture| encode(picture, 50));
        dht_segments(&image.unwrap_or_default()) // one pixel cannot fail
    })
}

/// The DHT segments of an image that starts with SOI, up to its scan.
fn dht_segments(image: &[u8]) -> Vec<u8> {
    const DHT: u8 = 0xc4;
    const SOS: u8 = 0xda;
    let mut tables = Vec::new();
    let mut rest = image.get(SOI.len()..).unwrap_or_default();
    while let [0xff, marker, high, low, ..] = *rest {
        let len = 2 + usize::from(u16::from_be_bytes([high, low]));
        let Some((segment, after)) = rest.split_at_checked(len) else {
            break;
        };
        match marker {
            DHT => tables.extend_from_slice(segment),
            SOS => break,
            _ => {}
        }
        rest = after;
    }
    tables
}
