//! `avih`, the main header (AVI RIFF File Reference, AVIMAINHEADER).

use super::riff::Fields;

/// Facts of the whole file, 56 bytes, little-endian.
///
/// | byte | bits | field                 | meaning                                        |
/// |-----:|-----:|-----------------------|------------------------------------------------|
/// |    0 |   32 | dwMicroSecPerFrame    | length of a video frame in µs                  |
/// |    4 |   32 | dwMaxBytesPerSec      | highest data rate, bytes per second            |
/// |    8 |   32 | dwPaddingGranularity  | 0: no padding beyond the even length           |
/// |   12 |   32 | dwFlags               | the flags below                                |
/// |   16 |   32 | dwTotalFrames         | video frames of the first RIFF                 |
/// |   20 |   32 | dwInitialFrames       | 0                                              |
/// |   24 |   32 | dwStreams             | number of `strl` lists                         |
/// |   28 |   32 | dwSuggestedBufferSize | bytes of the largest chunk, 0 unknown          |
/// |   32 |   32 | dwWidth               | pixels                                         |
/// |   36 |   32 | dwHeight              | pixels                                         |
/// |   40 |  128 | dwReserved            | 0                                              |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct MainHeader {
    pub(super) micro_sec_per_frame: u32,
    pub(super) max_bytes_per_sec: u32,
    pub(super) flags: u32,
    pub(super) total_frames: u32,
    pub(super) streams: u32,
    pub(super) suggested_buffer_size: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl MainHeader {
    /// AVIF_HASINDEX: `idx1` follows the data.
    pub(super) const HAS_INDEX: u32 = 0x10;
    /// AVIF_ISINTERLEAVED.
    pub(super) const IS_INTERLEAVED: u32 = 0x100;
    /// AVIF_TRUSTCKTYPE: the flags of the index tell key frames.
    pub(super) const TRUST_CHUNK_TYPE: u32 = 0x800;

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        for field in [
            self.micro_sec_per_frame,
            self.max_bytes_per_sec,
            0, // dwPaddingGranularity
            self.flags,
            self.total_frames,
            0, // dwInitialFrames
            self.streams,
            self.suggested_buffer_size,
            self.width,
            self.height,
        ] {
            out.extend(field.to_le_bytes());
        }
        out.extend([0; 16]);
    }

    /// Reads the header; `None` if it is cut off before the reserved fields.
    pub(super) fn parse(data: &[u8]) -> Option<Self> {
        let mut fields = Fields(data);
        let micro_sec_per_frame = fields.u32()?;
        let max_bytes_per_sec = fields.u32()?;
        fields.u32()?; // dwPaddingGranularity
        let flags = fields.u32()?;
        let total_frames = fields.u32()?;
        fields.u32()?; // dwInitialFrames
        Some(Self {
            micro_sec_per_frame,
            max_bytes_per_sec,
            flags,
            total_frames,
            streams: fields.u32()?,
            suggested_buffer_size: fields.u32()?,
            width: fields.u32()?,
            height: fields.u32()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn main_header_bytes() {
        let header = MainHeader {
            micro_sec_per_frame: 40_000,
            max_bytes_per_sec: 25_000,
            flags: MainHeader::HAS_INDEX
                | MainHeader::IS_INTERLEAVED
                | MainHeader::TRUST_CHUNK_TYPE,
            total_frames: 100,
            streams: 2,
            suggested_buffer_size: 7875,
            width: 320,
            height: 240,
        };
        let mut out = Vec::new();
        header.write(&mut out);
        let want = hex!(
            "409c0000 a8610000 00000000 10090000 64000000 00000000 02000000 c31e0000"
            "40010000 f0000000 00000000 00000000 00000000 00000000"
        );
        assert_eq!(out, want);
        assert_eq!(MainHeader::parse(&want), Some(header));
        for len in 0..40 {
            assert_eq!(MainHeader::parse(&want[..len]), None, "{len} bytes");
        }
    }
}
