//! Writes multipart JPEG.

use media::{Packet, Timestamp, Track};

use super::{BOUNDARY, FORMAT};
use crate::mjpeg::{check_image, check_tracks};
use crate::{MuxError, Muxer, Patch};

/// Writes multipart JPEG.
#[derive(Debug)]
pub struct MpJpegMuxer(());

impl MpJpegMuxer {
    /// A muxer for one MJPEG track.
    ///
    /// # Errors
    /// [`MuxError`] if there is another number of tracks or another codec.
    pub fn new(tracks: &[Track]) -> Result<Self, MuxError> {
        check_tracks(FORMAT, tracks)?;
        Ok(Self(()))
    }
}

impl Muxer for MpJpegMuxer {
    fn write_header(&self, _start: Timestamp, out: &mut Vec<u8>) -> Result<(), MuxError> {
        out.extend(format!("--{BOUNDARY}\r\n").as_bytes());
        Ok(())
    }

    fn write_packet(&mut self, packet: &Packet, out: &mut Vec<u8>) -> Result<(), MuxError> {
        let image = check_image(packet)?;
        let head = format!(
            "Content-type: image/jpeg\r\nContent-length: {}\r\n\r\n",
            image.len()
        );
        out.extend(head.as_bytes());
        out.extend(image);
        out.extend(format!("\r\n--{BOUNDARY}\r\n").as_bytes());
        Ok(())
    }

    /// Nothing: the delimiter that could be the last has been written.
    fn finish(&mut self, _out: &mut Vec<u8>) -> Result<Vec<Patch>, MuxError> {
        Ok(Vec::new())
    }

    /// Images tell their size themselves.
    fn new_tracks(
        &mut self,
        tracks: &[Track],
        _at: Timestamp,
        _out: &mut Vec<u8>,
    ) -> Result<(), MuxError> {
        check_tracks(FORMAT, tracks)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use media::{CodecId, CodecParameters, MediaParameters, TimeBase, VideoParameters};

    use super::*;
    use crate::Format;

    #[test]
    fn body_bytes() {
        let track = Track {
            time_base: TimeBase::MILLIS,
            params: CodecParameters {
                codec: CodecId::Mjpeg,
                bit_rate_bps: None,
                config: Bytes::new(),
                media: MediaParameters::Video(VideoParameters {
                    width_px: 16,
                    height_px: 8,
                    frame_rate: None,
                }),
            },
        };
        let packet = Packet {
            track: 0,
            pts: Timestamp::ZERO,
            dts: Timestamp::ZERO,
            duration: 0,
            key: true,
            discontinuity: false,
            data: Bytes::from_static(b"\xff\xd8...\xff\xd9"),
        };
        let mut muxer = MpJpegMuxer::new(std::slice::from_ref(&track)).unwrap();
        let mut out = Vec::new();
        muxer.write_header(Timestamp::ZERO, &mut out).unwrap();
        muxer.write_packet(&packet, &mut out).unwrap();
        assert_eq!(muxer.finish(&mut out), Ok(vec![]));
        assert_eq!(
            out,
            b"--ffserver\r\nContent-type: image/jpeg\r\nContent-length: 7\r\n\r\n\xff\xd8...\xff\xd9\
              \r\n--ffserver\r\n"
        );
        let mime = Format::MpJpeg.mime_type();
        assert!(mime.ends_with(&format!("boundary={BOUNDARY}")), "{mime}");
    }
}
