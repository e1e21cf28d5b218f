//! `strh`, the header of a stream (AVI RIFF File Reference, AVISTREAMHEADER).

use super::riff::{Fields, FourCc};

/// What a stream is and how its chunks count, 56 bytes, little-endian.
///
/// | byte | bits | field                 | meaning                                         |
/// |-----:|-----:|-----------------------|-------------------------------------------------|
/// |    0 |   32 | fccType               | `vids` or `auds`                                |
/// |    4 |   32 | fccHandler            | codec of a video stream                         |
/// |    8 |   32 | dwFlags               | 0                                               |
/// |   12 |   16 | wPriority             | 0                                               |
/// |   14 |   16 | wLanguage             | 0                                               |
/// |   16 |   32 | dwInitialFrames       | 0                                               |
/// |   20 |   32 | dwScale               | dwRate / dwScale is samples per second          |
/// |   24 |   32 | dwRate                | see above                                       |
/// |   28 |   32 | dwStart               | time of the first sample, in samples            |
/// |   32 |   32 | dwLength              | samples in the stream, 0 unknown                |
/// |   36 |   32 | dwSuggestedBufferSize | bytes of the largest chunk, 0 unknown           |
/// |   40 |   32 | dwQuality             | -1: the codec's default                         |
/// |   44 |   32 | dwSampleSize          | bytes of a sample; 0: each chunk is one sample  |
/// |   48 |   64 | rcFrame               | left, top, right, bottom in pixels, 16 bits each |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct StreamHeader {
    pub(super) kind: FourCc,
    pub(super) handler: FourCc,
    pub(super) scale: u32,
    pub(super) rate: u32,
    pub(super) start: u32,
    pub(super) length: u32,
    pub(super) suggested_buffer_size: u32,
    pub(super) sample_size: u32,
    /// Right and bottom of rcFrame.
    pub(super) frame: (u16, u16),
}

impl StreamHeader {
    pub(super) const VIDEO: FourCc = *b"vids";
    pub(super) const AUDIO: FourCc = *b"auds";

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.kind);
        out.extend(self.handler);
        out.extend([0; 12]); // dwFlags, wPriority, wLanguage, dwInitialFrames
        for field in [
            self.scale,
            self.rate,
            self.start,
            self.length,
            self.suggested_buffer_size,
            u32::MAX, // dwQuality
            self.sample_size,
        ] {
            out.extend(field.to_le_bytes());
        }
        for field in [0, 0, self.frame.0, self.frame.1] {
            out.extend(field.to_le_bytes());
        }
    }

    /// Reads the header; `None` if it is cut off before rcFrame, which old writers left out.
    pub(super) fn parse(data: &[u8]) -> Option<Self> {
        let mut fields = Fields(data);
        let kind = fields.four_cc()?;
        let handler = fields.four_cc()?;
        fields.u32()?; // dwFlags
        fields.u32()?; // wPriority, wLanguage
        fields.u32()?; // dwInitialFrames
        let scale = fields.u32()?;
        let rate = fields.u32()?;
        let start = fields.u32()?;
        let length = fields.u32()?;
        let suggested_buffer_size = fields.u32()?;
        fields.u32()?; // dwQuality
        let sample_size = fields.u32()?;
        fields.u32(); // left, top
        Some(Self {
            kind,
            handler,
            scale,
            rate,
            start,
            length,
            suggested_buffer_size,
            sample_size,
            frame: (
                fields.u16().unwrap_or_default(),
                fields.u16().unwrap_or_default(),
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn stream_header_bytes() {
        let header = StreamHeader {
            kind: StreamHeader::VIDEO,
            handler: *b"H264",
            scale: 1,
            rate: 25,
            start: 3,
            length: 100,
            suggested_buffer_size: 0x2c79,
            sample_size: 0,
            frame: (320, 240),
        };
        let mut out = Vec::new();
        header.write(&mut out);
        let want = hex!(
            "76696473 48323634 00000000 0000 0000 00000000 01000000 19000000 03000000 64000000"
            "792c0000 ffffffff 00000000 0000 0000 4001 f000"
        );
        assert_eq!(out, want);
        assert_eq!(StreamHeader::parse(&want), Some(header));
        for len in 0..48 {
            assert_eq!(StreamHeader::parse(&want[..len]), None, "{len} bytes");
        }
        let without_frame = StreamHeader {
            frame: (0, 0),
            ..header
        };
        assert_eq!(StreamHeader::parse(&want[..48]), Some(without_frame));
    }
}
