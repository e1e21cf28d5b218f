//! Finds the end of an image that comes piece by piece.

use media::bitstream::jpeg::SOI;

/// Bytes of an image.
pub(crate) const MAX_IMAGE: usize = 32 << 20;

/// How far an image has been looked at. Looks at each byte once, however the image is split.
///
/// Segments are stepped over by their length, so the EOI of a thumbnail in one does not count.
#[derive(Debug, Default)]
pub(crate) struct ImageScan {
    /// Bytes done.
    at: usize,
    /// Between SOS and the next marker.
    in_scan: bool,
}

/// The bytes are no JPEG image: `at` is where no marker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoMarker {
    pub(crate) at: usize,
}

impl ImageScan {
    /// Goes on looking at `image`, which starts as it did the time before: its length up to and with
    /// EOI, or `None` if that has not come.
    pub(crate) fn advance(&mut self, image: &[u8]) -> Result<Option<usize>, NoMarker> {
        const EOI: u8 = 0xd9;
        const SOS: u8 = 0xda;
        const TEM: u8 = 0x01;
        if self.at == 0 {
            match image.get(..SOI.len()) {
                None => return Ok(None),
                Some(start) if *start == SOI => self.at = SOI.len(),
                Some(_) => return Err(NoMarker { at: 0 }),
            }
        }
        loop {
            if self.in_scan && !self.skip_entropy_coded(image) {
                return Ok(None);
            }
            let [lead, marker] = match image.get(self.at..).unwrap_or_default() {
                [] | [_] => return Ok(None),
                [lead, marker, ..] => [*lead, *marker],
            };
            match (lead, marker) {
                (0xff, 0xff) => self.at += 1, // a fill byte (B.1.1.2)
                (0xff, EOI) => return Ok(Some(self.at + 2)),
                (0xff, TEM | 0xd0..=0xd7) => self.at += 2,
                (0xff, _) => {
                    let Some(length) = image.get(self.at + 2..self.at + 4) else {
                        return Ok(None);
                    };
                    let length = usize::from(length[0]) << 8 | usize::from(length[1]);
                    if length < 2 {
                        return Err(NoMarker { at: self.at });
                    }
                    self.in_scan = marker == SOS;
                    self.at += 2 + length;
                }
                _ => return Err(NoMarker { at: self.at }),
            }
        }
    }

    /// Steps to the marker that ends a scan: not a stuffed 0xff00, a restart marker or a fill byte.
    /// Whether it has come.
    fn skip_entropy_coded(&mut self, image: &[u8]) -> bool {
        loop {
            let rest = image.get(self.at..).unwrap_or_default();
            let Some(lead) = rest.iter().position(|byte| *byte == 0xff) else {
                self.at = self.at.max(image.len());
                return false;
            };
            self.at += lead;
            match image.get(self.at + 1) {
                None => return false,
                Some(0x00 | 0xd0..=0xd7) => self.at += 2,
                Some(0xff) => self.at += 1,
                Some(_) => {
                    self.in_scan = false;
                    return true;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;
    use media::bitstream::jpeg::image_len;

    use super::*;

    /// SOI, fill byte, APP0 with an EOI inside, SOF0, SOS, data with stuffing, restart and fill,
    /// DHT, second SOS, EOI, one byte more.
    const IMAGE: &[u8] = &hex!(
        "ffd8 ffffe0 0006 ffd90000 ffc0 0008 08 0008 0010 00 ffda 0003 00 12ff00 34ffd0 56 ffff"
        "ffc4 0003 00 ffda 0003 00 9a ffd9 aa"
    );

    #[test]
    fn the_end_is_found_however_the_image_is_split() {
        let len = IMAGE.len() - 1;
        assert_eq!(image_len(IMAGE), Some(len), "as the one-piece search does");
        for step in 1..=IMAGE.len() {
            let mut scan = ImageScan::default();
            let mut found = None;
            for end in (step..=IMAGE.len() + step).step_by(step) {
                let end = end.min(IMAGE.len());
                let result = scan.advance(&IMAGE[..end]).unwrap();
                assert_eq!(
                    result.is_some(),
                    end >= len,
                    "{end} bytes in steps of {step}"
                );
                found = found.or(result);
            }
            assert_eq!(found, Some(len), "steps of {step}");
        }
    }

    #[test]
    fn what_is_no_marker_is_told() {
        for (name, image, want) in [
            ("nothing", &hex!("")[..], Ok(None)),
            ("one byte", &hex!("ff"), Ok(None)),
            ("another file", &hex!("5249"), Err(NoMarker { at: 0 })),
            ("no marker", &hex!("ffd8 1234"), Err(NoMarker { at: 2 })),
            ("length 1", &hex!("ffd8 ffe0 0001"), Err(NoMarker { at: 2 })),
            ("empty", &hex!("ffd8 ffd9"), Ok(Some(4))),
        ] {
            assert_eq!(ImageScan::default().advance(image), want, "{name}");
        }
    }
}
