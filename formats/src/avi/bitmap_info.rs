//! `strf` of a video stream (Windows GDI, BITMAPINFOHEADER).

use super::riff::{Fields, FourCc};

/// Size and codec of a video stream, 40 bytes, little-endian; the codec's header follows.
///
/// | byte | bits | field           | meaning                                              |
/// |-----:|-----:|-----------------|------------------------------------------------------|
/// |    0 |   32 | biSize          | 40, plus the codec's header                          |
/// |    4 |   32 | biWidth         | pixels                                               |
/// |    8 |   32 | biHeight        | pixels; negative: rows from the top                  |
/// |   12 |   16 | biPlanes        | 1                                                    |
/// |   14 |   16 | biBitCount      | 24                                                   |
/// |   16 |   32 | biCompression   | codec                                                |
/// |   20 |   32 | biSizeImage     | bytes of an uncompressed picture                     |
/// |   24 |   32 | biXPelsPerMeter | 0                                                    |
/// |   28 |   32 | biYPelsPerMeter | 0                                                    |
/// |   32 |   32 | biClrUsed       | 0                                                    |
/// |   36 |   32 | biClrImportant  | 0                                                    |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BitmapInfo<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) compression: FourCc,
    /// The codec's header.
    pub(super) extra: &'a [u8],
}

impl<'a> BitmapInfo<'a> {
    const LEN: u32 = 40;

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        const BIT_COUNT: u32 = 24;
        let extra = u32::try_from(self.extra.len()).unwrap_or(u32::MAX - Self::LEN);
        let image = u64::from(self.width) * u64::from(self.height) * u64::from(BIT_COUNT / 8);
        for field in [Self::LEN + extra, self.width, self.height] {
            out.extend(field.to_le_bytes());
        }
        out.extend((1 | BIT_COUNT << 16).to_le_bytes()); // biPlanes, biBitCount
        out.extend(self.compression);
        out.extend(u32::try_from(image).unwrap_or(0).to_le_bytes());
        out.extend([0; 16]);
        out.extend(self.extra);
    }

    /// Reads the header; `None` if it is cut off.
    pub(super) fn parse(data: &'a [u8]) -> Option<Self> {
        let mut fields = Fields(data);
        fields.u32()?; // biSize: some writers count the codec's header, some do not
        let width = fields.u32()?;
        // The sign tells the order of uncompressed rows only.
        let height = fields.u32()?.cast_signed().unsigned_abs();
        fields.u32()?; // biPlanes, biBitCount
        let compression = fields.four_cc()?;
        let extra = data.get(Self::LEN as usize..)?;
        Some(Self {
            width,
            height,
            compression,
            extra,
        })
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn bitmap_info_bytes() {
        let info = BitmapInfo {
            width: 320,
            height: 240,
            compression: *b"WMV2",
            extra: &hex!("c8c3b480"),
        };
        let mut out = Vec::new();
        info.write(&mut out);
        let want = hex!(
            "2c000000 40010000 f0000000 0100 1800 574d5632 00840300 00000000 00000000 00000000"
            "00000000 c8c3b480"
        );
        assert_eq!(out, want);
        assert_eq!(BitmapInfo::parse(&want), Some(info));
        for len in 0..40 {
            assert_eq!(BitmapInfo::parse(&want[..len]), None, "{len} bytes");
        }
    }

    #[test]
    fn a_negative_height_is_a_row_order() {
        let mut bytes = hex!(
            "28000000 40010000 10ffffff 0100 1800 4d4a5047 00840300 00000000 00000000 00000000"
            "00000000"
        );
        assert_eq!(BitmapInfo::parse(&bytes).map(|info| info.height), Some(240));
        bytes[8..12].copy_from_slice(&0x8000_0000_u32.to_le_bytes());
        assert_eq!(
            BitmapInfo::parse(&bytes).map(|info| info.height),
            Some(0x8000_0000)
        );
    }
}
