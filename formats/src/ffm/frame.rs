//! A frame: what the blocks of a feed carry (FORMAT.md, section 4).

use bytes::Bytes;
use media::{Packet, TimeBase, Timestamp};

use crate::MuxError;

/// Largest frame that the 24-bit size field allows, in bytes.
pub const MAX_FRAME_SIZE: usize = 0xff_ffff;

/// Frame header, 16 or 20 bytes, big-endian (FORMAT.md, section 4). It may straddle blocks.
///
/// | byte | bits | field        | meaning                                       |
/// |-----:|-----:|--------------|-----------------------------------------------|
/// |    0 |    8 | stream index | stream of the header block, from 0            |
/// |    1 |    8 | flags        | 1: key frame; 2: "pts - dts" present          |
/// |    2 |   24 | size         | bytes of the coded frame                      |
/// |    5 |   24 | duration     | µs                                            |
/// |    8 |   64 | pts          | µs                                            |
/// |   16 |   32 | pts - dts    | µs, only with flag 2                          |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHeader {
    /// Index of the stream.
    pub stream: u8,
    /// A key frame.
    pub key: bool,
    /// Bytes of the coded frame.
    pub size: usize,
    /// µs the frame lasts, 0 if unknown; at most 24 bits.
    pub duration_us: u32,
    /// Presentation time in µs.
    pub pts_us: i64,
    /// Decoding time in µs; the field is present if it differs from `pts_us`.
    pub dts_us: i64,
}

/// What the start of a frame shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ParsedHeader {
    /// More bytes are needed.
    Short,
    /// No frame header.
    Damaged,
    /// A header and its length in bytes.
    Whole(FrameHeader, usize),
}

impl FrameHeader {
    const KEY: u8 = 1;
    const DTS: u8 = 2;
    /// Bytes of a header without, and with, the DTS field.
    const LEN: usize = 16;
    pub(super) const MAX_LEN: usize = 20;

    /// Reads a header at the start of `bytes`.
    pub(super) fn parse(bytes: &[u8]) -> ParsedHeader {
        if bytes
            .get(1)
            .is_some_and(|flags| flags & !(Self::KEY | Self::DTS) != 0)
        {
            return ParsedHeader::Damaged;
        }
        let Some((fixed, rest)) = bytes.split_first_chunk::<{ Self::LEN }>() else {
            return ParsedHeader::Short;
        };
        let [stream, flags, s0, s1, s2, d0, d1, d2, pts @ ..] = *fixed;
        let pts_us = i64::from_be_bytes(pts);
        let (dts_us, len) = if flags & Self::DTS == 0 {
            (pts_us, Self::LEN)
        } else {
            let Some(delta) = rest.first_chunk() else {
                return ParsedHeader::Short;
            };
            let Some(dts_us) = pts_us.checked_sub(u32::from_be_bytes(*delta).into()) else {
                return ParsedHeader::Damaged;
            };
            (dts_us, Self::MAX_LEN)
        };
        let header = Self {
            stream,
            key: flags & Self::KEY != 0,
            size: usize::from(s0) << 16 | usize::from(s1) << 8 | usize::from(s2),
            duration_us: u32::from_be_bytes([0, d0, d1, d2]),
            pts_us,
            dts_us,
        };
        ParsedHeader::Whole(header, len)
    }

    /// Appends the header to `out`. `None`, with `out` unchanged, if a value does not fit its
    /// field; a longer duration is told as the longest that fits.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> Option<()> {
        if self.size > MAX_FRAME_SIZE {
            return None;
        }
        let size = u32::try_from(self.size).ok()?;
        let delta = u32::try_from(self.pts_us.checked_sub(self.dts_us)?).ok()?;
        let mut flags = 0;
        if self.key {
            flags |= Self::KEY;
        }
        if delta != 0 {
            flags |= Self::DTS;
        }
        out.extend([self.stream, flags]);
        let [_, size @ ..] = size.to_be_bytes();
        out.extend(size);
        let [_, duration @ ..] = self.duration_us.min(0xff_ffff).to_be_bytes();
        out.extend(duration);
        out.extend(self.pts_us.to_be_bytes());
        if delta != 0 {
            out.extend(delta.to_be_bytes());
        }
        Some(())
    }
}

/// A frame with its place in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Index of the stream.
    pub stream: u8,
    /// A key frame.
    pub key: bool,
    /// µs the frame lasts, 0 if unknown.
    pub duration_us: u32,
    /// Presentation time in µs.
    pub pts_us: i64,
    /// Decoding time in µs.
    pub dts_us: i64,
    /// The first frame after the start of a session or after damage.
    pub discontinuity: bool,
    /// The coded bytes.
    pub data: Bytes,
    /// Offset of the frame's header in the source.
    pub start: u64,
    /// Offset behind the frame's last byte.
    pub end: u64,
}

impl Frame {
    /// The header of `packet`, whose times count in `base`.
    ///
    /// # Errors
    /// [`MuxError`] if a field is too small for the packet.
    pub fn header_of(packet: &Packet, base: TimeBase) -> Result<FrameHeader, MuxError> {
        let micros = |time: Timestamp| time.rescale(base, TimeBase::MICROS).0;
        let (pts_us, dts_us) = (micros(packet.pts), micros(packet.dts));
        if packet.data.len() > MAX_FRAME_SIZE {
            return Err(MuxError::PacketTooLarge {
                format: super::NAME,
                len: packet.data.len(),
                limit: MAX_FRAME_SIZE,
            });
        }
        let fits = pts_us
            .checked_sub(dts_us)
            .is_some_and(|delta| u32::try_from(delta).is_ok());
        if !fits {
            return Err(MuxError::Time {
                format: super::NAME,
                track: packet.track,
                time: dts_us,
                reason: "pts must follow dts by at most 71 minutes",
            });
        }
        let duration = Timestamp(i64::try_from(packet.duration).unwrap_or(i64::MAX));
        Ok(FrameHeader {
            stream: u8::try_from(packet.track).unwrap_or(u8::MAX),
            key: packet.key,
            size: packet.data.len(),
            duration_us: u32::try_from(micros(duration)).unwrap_or(u32::MAX),
            pts_us,
            dts_us,
        })
    }

    /// The frame as a packet of `track`, times in µs.
    #[must_use]
    pub fn into_packet(self, track: usize) -> Packet {
        Packet {
            track,
            pts: Timestamp(self.pts_us),
            dts: Timestamp(self.dts_us),
            duration: self.duration_us.into(),
            key: self.key,
            discontinuity: self.discontinuity,
            data: self.data,
        }
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn frame_header_bytes() {
        let key = FrameHeader {
            stream: 0,
            key: true,
            size: 0xc49,
            duration_us: 40_000,
            pts_us: 0,
            dts_us: -80_000,
        };
        let audio = FrameHeader {
            stream: 3,
            key: false,
            size: 0,
            duration_us: 0xff_ffff,
            pts_us: -1,
            dts_us: -1,
        };
        for (name, header, want) in [
            (
                "key frame with dts, from a recorded file",
                key,
                &hex!("00 03 000c49 009c40 0000000000000000 00013880")[..],
            ),
            (
                "without dts, longest duration",
                audio,
                &hex!("03 00 000000 ffffff ffffffffffffffff"),
            ),
        ] {
            let mut out = Vec::new();
            assert_eq!(header.write(&mut out), Some(()), "{name}");
            assert_eq!(out, want, "{name}");
            assert_eq!(
                FrameHeader::parse(&out),
                ParsedHeader::Whole(header, want.len()),
                "{name}"
            );
            for len in 0..want.len() {
                assert_eq!(
                    FrameHeader::parse(&want[..len]),
                    ParsedHeader::Short,
                    "{name} {len}"
                );
            }
        }
        assert_eq!(FrameHeader::parse(&hex!("00 04")), ParsedHeader::Damaged);
    }

    #[test]
    fn values_too_large_for_their_fields_are_refused() {
        let header = FrameHeader {
            stream: 0,
            key: false,
            size: MAX_FRAME_SIZE,
            duration_us: 0x100_0000,
            pts_us: 0xffff_ffff,
            dts_us: 0,
        };
        let mut out = Vec::new();
        assert_eq!(header.write(&mut out), Some(()));
        assert_eq!(
            out,
            hex!("00 02 ffffff ffffff 00000000ffffffff ffffffff"),
            "all fields at their limits"
        );
        for (name, header) in [
            (
                "size",
                FrameHeader {
                    size: MAX_FRAME_SIZE + 1,
                    ..header
                },
            ),
            (
                "delta",
                FrameHeader {
                    pts_us: 0x1_0000_0000,
                    ..header
                },
            ),
            (
                "dts after pts",
                FrameHeader {
                    dts_us: i64::MAX,
                    ..header
                },
            ),
            (
                "difference overflows",
                FrameHeader {
                    dts_us: i64::MIN,
                    ..header
                },
            ),
        ] {
            let mut out = vec![7];
            assert_eq!(header.write(&mut out), None, "{name}");
            assert_eq!(out, [7], "{name}: nothing was written");
        }
    }
}
