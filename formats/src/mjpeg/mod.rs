//! JPEG images one after the other, and what the other two formats of JPEG images share with it.
//!
//! An image goes from SOI to EOI (ITU-T T.81, B.1.1); bytes between images, as cameras pad with,
//! are passed over. There are no times: the n-th image is shown at n frames of a rate that the
//! caller names or that is taken for 25.

mod demux;
mod images;
mod mux;
mod scan;
#[cfg(test)]
mod tests;

pub use demux::MjpegDemuxer;
pub(crate) use images::ImageTrack;
pub use mux::MjpegMuxer;
pub(crate) use mux::{check_image, check_tracks};
pub(crate) use scan::{ImageScan, MAX_IMAGE};

use media::CodecId;
use media::bitstream::jpeg::SOI;

/// Whether the format has a place for the codec.
pub(crate) const fn can_carry(codec: CodecId) -> bool {
    matches!(codec, CodecId::Mjpeg)
}

/// Whether a file starts as a JPEG image does.
pub(crate) fn probe(prefix: &[u8]) -> bool {
    prefix.starts_with(&SOI) && prefix.get(SOI.len()) == Some(&0xff)
}
