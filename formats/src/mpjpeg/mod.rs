//! Multipart JPEG, as browsers show in an `<img>`: images as the parts of a
//! `multipart/x-mixed-replace` body (RFC 2046, 5.1; the subtype is Netscape's of 1995).
//!
//! ```text
//! --ffserver CRLF                                     header
//! Content-type: image/jpeg CRLF                       each image
//! Content-length: 8442 CRLF CRLF (image) CRLF
//! --ffserver CRLF
//! ```
//!
//! The delimiter follows each image at once, since browsers show an image when its part ends. The
//! body has therefore no closing delimiter: it ends with the connection. There are no times.

mod demux;
mod mux;

pub use demux::MpJpegDemuxer;
pub use mux::MpJpegMuxer;

use media::CodecId;

use crate::mjpeg;

/// Name of the format in errors.
const FORMAT: &str = "mpjpeg";
/// The boundary that is written, as in the MIME type. ffserver's clients know this one.
const BOUNDARY: &str = "ffserver";

/// Whether the format has a place for the codec.
pub(crate) const fn can_carry(codec: CodecId) -> bool {
    mjpeg::can_carry(codec)
}

/// Whether a file starts as a multipart body with headers does.
pub(crate) fn probe(prefix: &[u8]) -> bool {
    let prefix = prefix.strip_prefix(b"\r\n").unwrap_or(prefix);
    let mut lines = prefix.split(|byte| *byte == b'\n');
    let delimiter = lines.next().unwrap_or_default();
    let header = lines.next().unwrap_or_default();
    let field = b"content-";
    delimiter.starts_with(b"--")
        && delimiter.len() > 3
        && header.len() >= field.len()
        && header[..field.len()].eq_ignore_ascii_case(field)
}
