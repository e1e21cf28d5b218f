//! Pictures and samples that are not encoded.

use std::fmt;
use std::time::Instant;

use crate::Timestamp;

/// Layout of the samples of a [`VideoFrame`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PixelFormat {
    /// Planar 4:2:0, planes Y, U, V, 8 bits a sample, limited ("TV") range. What encoders take.
    I420,
    /// As [`PixelFormat::I420`] but full range, as JPEG decodes.
    J420,
}

/// One plane of a picture: rows of samples from the top.
#[derive(Clone, PartialEq, Eq)]
pub struct Plane {
    /// Samples; row `y` starts at `y * stride_bytes`.
    pub data: Vec<u8>,
    /// Bytes from one row to the next, at least the width of the plane.
    pub stride_bytes: usize,
}

impl fmt::Debug for Plane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Plane({} bytes, stride {})",
            self.data.len(),
            self.stride_bytes
        )
    }
}

/// A picture that is not encoded. Share it by `Arc`.
#[derive(Debug, Clone)]
pub struct VideoFrame {
    /// Layout of the planes.
    pub format: PixelFormat,
    /// Width in pixels.
    pub width_px: u32,
    /// Height in pixels.
    pub height_px: u32,
    /// The planes, in the order of the format's name. Chroma planes of odd sizes round up.
    pub planes: Vec<Plane>,
    /// When it is shown, in microseconds ([`TimeBase::MICROS`](crate::TimeBase::MICROS)).
    pub pts: Timestamp,
    /// When the sensor delivered it, for measuring delays; `None` for files.
    pub captured: Option<Instant>,
}

impl VideoFrame {
    /// A black I420 frame with tight strides.
    #[must_use]
    pub fn black(width_px: u32, height_px: u32, pts: Timestamp) -> Self {
        let (width, height) = (width_px as usize, height_px as usize);
        let (chroma_width, chroma_height) = (width.div_ceil(2), height.div_ceil(2));
        let chroma = || Plane {
            data: vec![128; chroma_width * chroma_height],
            stride_bytes: chroma_width,
        };
        let luma = Plane {
            data: vec![16; width * height],
            stride_bytes: width,
        };
        Self {
            format: PixelFormat::I420,
            width_px,
            height_px,
            planes: vec![luma, chroma(), chroma()],
            pts,
            captured: None,
        }
    }
}

/// Samples that are not encoded.
#[derive(Clone)]
pub struct AudioFrame {
    /// Sampling rate in Hz.
    pub sample_rate_hz: u32,
    /// Number of channels.
    pub channels: u16,
    /// Interleaved signed 16-bit samples.
    pub samples: Vec<i16>,
    /// When its first sample is heard, in microseconds.
    pub pts: Timestamp,
}

impl fmt::Debug for AudioFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudioFrame")
            .field("sample_rate_hz", &self.sample_rate_hz)
            .field("channels", &self.channels)
            .field("samples", &self.samples.len())
            .field("pts", &self.pts.0)
            .finish()
    }
}
