//! Brings pictures to the size and range that an encoder was made for.

use std::fmt;

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use media::{PixelFormat, VideoFrame};

use super::{Planar, PlaneRef, range};
use crate::CodecError;

/// Makes every frame one of `width` x `height` in `format`. What fits already is not copied.
pub(crate) struct Fitter {
    width: usize,
    height: usize,
    format: PixelFormat,
    resizer: Resizer,
    /// The last picture that had to be changed, with tight strides.
    planes: [Vec<u8>; 3],
}

impl fmt::Debug for Fitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Fitter({}x{} {:?})",
            self.width, self.height, self.format
        )
    }
}

impl Fitter {
    pub(crate) fn new(width: usize, height: usize, format: PixelFormat) -> Self {
        Self {
            width,
            height,
            format,
            resizer: Resizer::new(),
            planes: Default::default(),
        }
    }

    /// The picture of `frame` as the encoder wants it.
    pub(crate) fn fit<'a>(&'a mut self, frame: &'a VideoFrame) -> Result<Planar<'a>, CodecError> {
        let source = Planar::of(frame)?;
        if (source.width, source.height, frame.format) == (self.width, self.height, self.format) {
            return Ok(source);
        }
        let sizes = self.plane_sizes();
        let (dx, dy) = (
            self.width.wrapping_sub(source.width),
            self.height.wrapping_sub(source.height),
        );
        let only_padding = dx <= 1 && dy <= 1;
        for (index, (plane, (width, height))) in source.planes.iter().zip(sizes).enumerate() {
            let samples = &mut self.planes[index];
            if only_padding {
                pad(*plane, width, height, samples);
            } else {
                scale(&mut self.resizer, *plane, width, height, samples)?;
            }
            range::convert(samples, index, frame.format, self.format);
        }
        let [y, u, v] = &self.planes;
        let plane = |data, (width, height)| PlaneRef {
            data,
            stride: width,
            width,
            height,
        };
        Ok(Planar {
            width: self.width,
            height: self.height,
            planes: [plane(y, sizes[0]), plane(u, sizes[1]), plane(v, sizes[2])],
        })
    }

    fn plane_sizes(&self) -> [(usize, usize); 3] {
        let chroma = (self.width.div_ceil(2), self.height.div_ceil(2));
        [(self.width, self.height), chroma, chroma]
    }
}

/// Copies a plane, repeating its last column and row as far as `width` x `height` need it.
fn pad(plane: PlaneRef<'_>, width: usize, height: usize, out: &mut Vec<u8>) {
    out.clear();
    out.reserve(width * height);
    for row in plane.rows() {
        out.extend_from_slice(row);
        let edge = row.last().copied().unwrap_or_default();
        out.extend(std::iter::repeat_n(edge, width - row.len()));
    }
    for _ in plane.height..height {
        out.extend_from_within(out.len() - width..);
    }
}

/// Scales a plane with a triangle filter: bilinear upwards, area-weighted (no aliasing) downwards.
fn scale(
    resizer: &mut Resizer,
    plane: PlaneRef<'_>,
    width: usize,
    height: usize,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    // The crate wants images without gaps between the rows.
    let mut tight = Vec::new();
    let data = if plane.stride == plane.width {
        &plane.data[..plane.width * plane.height]
    } else {
        pad(plane, plane.width, plane.height, &mut tight);
        &tight
    };
    out.resize(width * height, 0);
    let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
    let failed = |reason: String| CodecError::Scale {
        from_px: (side(plane.width), side(plane.height)),
        to_px: (side(width), side(height)),
        reason,
    };
    // Images of a type known here: the untyped ones would compile the scaler for every type it has.
    let source = TypedImageRef::<U8>::from_buffer(side(plane.width), side(plane.height), data)
        .map_err(|error| failed(error.to_string()))?;
    let mut target = TypedImage::<U8>::from_buffer(side(width), side(height), out)
        .map_err(|error| failed(error.to_string()))?;
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    resizer
        .resize_typed(&source, &mut target, &options)
        .map_err(|error| failed(error.to_string()))
}
