//! Pictures on their way into an encoder: checked, brought to its size and range.
//!
//! A picture of another size is stretched to the encoder's, whatever its shape. A picture that is
//! only one column or row short of it (odd sizes) is padded by repeating its edge, so that nothing
//! is cut off and no sample changes.

mod fit;
mod range;

use media::{PixelFormat, VideoFrame};

pub(crate) use fit::Fitter;

use crate::CodecError;

/// The longest side of a picture taken in, in pixels.
pub(crate) const MAX_SIDE_PX: u32 = 16_384;

/// A planar 4:2:0 picture that was checked: each plane holds all its rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Planar<'a> {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) planes: [PlaneRef<'a>; 3],
}

/// One plane of a [`Planar`]: `data` holds at least `stride * (height - 1) + width` bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlaneRef<'a> {
    pub(crate) data: &'a [u8],
    pub(crate) stride: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl<'a> Planar<'a> {
    /// Checks a frame.
    pub(crate) fn of(frame: &'a VideoFrame) -> Result<Self, CodecError> {
        let bad = |reason| CodecError::BadFrame {
            width_px: frame.width_px,
            height_px: frame.height_px,
            reason,
        };
        match frame.format {
            PixelFormat::I420 | PixelFormat::J420 => {}
            _ => return Err(bad("its pixel format cannot be converted")),
        }
        let [y, u, v] = frame.planes.as_slice() else {
            return Err(bad("it does not have three planes"));
        };
        let sides = 1..=MAX_SIDE_PX;
        if !sides.contains(&frame.width_px) || !sides.contains(&frame.height_px) {
            return Err(bad("its sides are not in 1 to 16384"));
        }
        let (width, height) = (frame.width_px as usize, frame.height_px as usize);
        let chroma = (width.div_ceil(2), height.div_ceil(2));
        let check = |plane: &'a media::Plane, (width, height)| {
            PlaneRef::new(&plane.data, plane.stride_bytes, width, height)
                .ok_or_else(|| bad("a plane is shorter than its rows"))
        };
        Ok(Self {
            width,
            height,
            planes: [
                check(y, (width, height))?,
                check(u, chroma)?,
                check(v, chroma)?,
            ],
        })
    }
}

impl<'a> PlaneRef<'a> {
    /// `None` if `data` does not hold all rows. Neither side may be 0.
    fn new(data: &'a [u8], stride: usize, width: usize, height: usize) -> Option<Self> {
        let needed = stride.checked_mul(height - 1)?.checked_add(width)?;
        (stride >= width && data.len() >= needed).then_some(Self {
            data,
            stride,
            width,
            height,
        })
    }

    /// Row `y` from the top, below `height`.
    pub(crate) fn row(self, y: usize) -> &'a [u8] {
        &self.data[y * self.stride..][..self.width]
    }

    /// The rows from the top, `width` samples each.
    pub(crate) fn rows(self) -> impl Iterator<Item = &'a [u8]> {
        let width = self.width;
        self.data
            .chunks(self.stride)
            .take(self.height)
            .map(move |row| &row[..width])
    }
}
