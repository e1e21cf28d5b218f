//! The markers of a JPEG image that containers need (ITU-T T.81, annex B).

/// What a container has to know of a JPEG image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JpegHeader {
    /// Width in pixels.
    pub width_px: u32,
    /// Height in pixels.
    pub height_px: u32,
    /// Sampling factors of the first component (luma), horizontal and vertical.
    pub luma_sampling: (u8, u8),
    /// Sampling factors of the second component, as those of luma if there is none. The resolution
    /// of chroma is their ratio: 4:2:2 is (2, 1) to (1, 1), or (2, 2) to (1, 2) in ffmpeg's images.
    pub chroma_sampling: (u8, u8),
    /// Number of components: 1 grey, 3 colour.
    pub components: u8,
    /// Whether Huffman tables are in the image; cameras leave out the standard ones.
    pub has_huffman_tables: bool,
}

/// Start of image.
pub const SOI: [u8; 2] = [0xff, 0xd8];
/// End of image.
pub const EOI: [u8; 2] = [0xff, 0xd9];

impl JpegHeader {
    /// Reads the segments up to the first scan; `None` if `image` is cut off before it or is none.
    #[must_use]
    pub fn parse(image: &[u8]) -> Option<Self> {
        const DHT: u8 = 0xc4;
        const SOS: u8 = 0xda;
        let mut rest = image.strip_prefix(&SOI)?;
        let mut frame = None;
        let mut has_huffman_tables = false;
        loop {
            let (marker, body, after) = next_segment(rest)?;
            match marker {
                DHT => has_huffman_tables = true,
                SOS => break,
                marker if is_frame_header(marker) => frame = Some(parse_frame_header(body)?),
                _ => {}
            }
            rest = after;
        }
        let (height_px, width_px, components, [luma_sampling, chroma_sampling]) = frame?;
        Some(Self {
            width_px,
            height_px,
            luma_sampling,
            chroma_sampling,
            components,
            has_huffman_tables,
        })
    }
}

/// Finds the images in a raw stream of JPEGs: given `data` that starts with SOI, the length of the
/// image up to and with its EOI, or `None` if that has not come yet. Segments are stepped over by
/// their length, so that an EOI inside a thumbnail does not count.
#[must_use]
pub fn image_len(data: &[u8]) -> Option<usize> {
    const SOS: u8 = 0xda;
    let mut rest = data.strip_prefix(&SOI)?;
    loop {
        if rest.starts_with(&EOI) {
            return Some(data.len() - rest.len() + EOI.len());
        }
        let (marker, _, after) = next_segment(rest)?;
        rest = after;
        if marker == SOS {
            rest = skip_entropy_coded(rest)?;
        }
    }
}

/// The next marker segment: marker, body without its length, and what follows.
fn next_segment(data: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    const TEM: u8 = 0x01;
    let mut rest = data;
    // Any number of fill bytes 0xff may come before a marker (B.1.1.2).
    while let [0xff, 0xff, ..] = rest {
        rest = &rest[1..];
    }
    let [0xff, marker, after @ ..] = rest else {
        return None;
    };
    if matches!(*marker, TEM | 0xd0..=0xd7) {
        return Some((*marker, &[], after));
    }
    let (len, _) = after.split_first_chunk::<2>()?;
    let (segment, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
    Some((*marker, segment.get(2..)?, after))
}

/// Steps to the marker that ends a scan: not a stuffed 0xff00, a restart marker or a fill byte.
fn skip_entropy_coded(data: &[u8]) -> Option<&[u8]> {
    let mut at = 0;
    loop {
        at += data.get(at..)?.iter().position(|byte| *byte == 0xff)?;
        match data.get(at + 1)? {
            0x00 | 0xd0..=0xd7 => at += 2,
            0xff => at += 1,
            _ => return data.get(at..),
        }
    }
}

const fn is_frame_header(marker: u8) -> bool {
    // SOF0 to SOF15 without DHT (c4), JPG (c8) and DAC (cc).
    matches!(marker, 0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf)
}

/// Sampling factors of a component, horizontal and vertical.
type Sampling = (u8, u8);

/// Height, width, number of components and sampling factors of the first two (B.2.2).
fn parse_frame_header(body: &[u8]) -> Option<(u32, u32, u8, [Sampling; 2])> {
    let [
        _precision,
        h1,
        h0,
        w1,
        w0,
        components,
        _id,
        luma,
        _table,
        ref more @ ..,
    ] = *body
    else {
        return None;
    };
    let chroma = match *more {
        [_id, chroma, ..] => chroma,
        _ => luma,
    };
    let height_px = u32::from(u16::from_be_bytes([h1, h0]));
    let width_px = u32::from(u16::from_be_bytes([w1, w0]));
    (height_px > 0 && width_px > 0).then_some((
        height_px,
        width_px,
        components,
        [luma, chroma].map(|factors| (factors >> 4, factors & 0xf)),
    ))
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    // SOI, APP0 with an EOI inside, SOF0 16x8 4:2:2, SOS, data with stuffing and a restart, EOI.
    const IMAGE: [u8; 44] = hex!(
        "ffd8 ffe0 0006 ffd90000 ffc0 0011 08 0008 0010 03 01 21 00 02 11 01 03 11 01"
        "ffda 0003 00 12ff00 34ffd0 56 ffd9 aa"
    );

    #[test]
    fn header_fields() {
        let want = JpegHeader {
            width_px: 16,
            height_px: 8,
            luma_sampling: (2, 1),
            chroma_sampling: (1, 1),
            components: 3,
            has_huffman_tables: false,
        };
        assert_eq!(JpegHeader::parse(&IMAGE), Some(want));
    }

    #[test]
    fn image_ends_at_its_own_eoi() {
        assert_eq!(image_len(&IMAGE), Some(IMAGE.len() - 1));
        for len in 0..IMAGE.len() - 1 {
            assert_eq!(image_len(&IMAGE[..len]), None, "{len} bytes");
        }
    }
}
