//! Drawing into an I420 frame. Everything is clipped to the frame.

use std::ops::Range;

use media::VideoFrame;

use super::font::{GLYPH_HEIGHT, GLYPH_WIDTH, glyph};

/// A colour as limited-range Y'CbCr samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Colour {
    pub(super) y: u8,
    pub(super) cb: u8,
    pub(super) cr: u8,
}

impl Colour {
    pub(super) const BLACK: Self = Self::grey(16);
    pub(super) const WHITE: Self = Self::grey(235);

    pub(super) const fn grey(y: u8) -> Self {
        Self {
            y,
            cb: 128,
            cr: 128,
        }
    }

    /// From R'G'B' in percent, by the equations of ITU-R BT.601-7, 2.5.1 and 2.5.3.
    pub(super) fn rgb(red: u8, green: u8, blue: u8) -> Self {
        let [red, green, blue] = [red, green, blue].map(|part| f64::from(part) / 100.0);
        let y = 0.299 * red + 0.587 * green + 0.114 * blue;
        let sample = |value: f64| value.round() as u8; // `as` clips to 0..=255
        Self {
            y: sample(219.0 * y + 16.0),
            cb: sample(224.0 * (blue - y) / 1.772 + 128.0),
            cr: sample(224.0 * (red - y) / 1.402 + 128.0),
        }
    }
}

/// Fills a rectangle.
pub(super) fn rectangle(
    frame: &mut VideoFrame,
    columns: Range<usize>,
    lines: Range<usize>,
    colour: Colour,
) {
    let (width, height) = (frame.width_px as usize, frame.height_px as usize);
    let halved = |range: &Range<usize>| range.start.div_ceil(2)..range.end.div_ceil(2);
    let chroma = (halved(&columns), halved(&lines));
    let parts = [
        (colour.y, columns, lines, width, height),
        (
            colour.cb,
            chroma.0.clone(),
            chroma.1.clone(),
            width.div_ceil(2),
            height.div_ceil(2),
        ),
        (
            colour.cr,
            chroma.0,
            chroma.1,
            width.div_ceil(2),
            height.div_ceil(2),
        ),
    ];
    for (plane, (sample, columns, lines, width, height)) in frame.planes.iter_mut().zip(parts) {
        let columns = columns.start.min(width)..columns.end.min(width);
        for y in lines.start..lines.end.min(height) {
            let line = y * plane.stride_bytes;
            plane.data[line + columns.start..line + columns.end.max(columns.start)].fill(sample);
        }
    }
}

/// Fills a disc.
pub(super) fn disc(frame: &mut VideoFrame, centre: (usize, usize), radius: usize, colour: Colour) {
    let (x, y) = centre;
    for line in y.saturating_sub(radius)..y + radius {
        let distance = line.abs_diff(y);
        let half = (radius * radius - distance * distance).isqrt();
        rectangle(
            frame,
            x.saturating_sub(half)..x + half,
            line..line + 1,
            colour,
        );
    }
}

/// Writes a line of text in white on black, `scale` pixels to a dot, one dot of margin around.
pub(super) fn text(frame: &mut VideoFrame, text: &str, at: (usize, usize), scale: usize) {
    let (left, top) = at;
    let right = left + (text.len() * ADVANCE + 1) * scale;
    let bottom = top + (GLYPH_HEIGHT + 2) * scale;
    rectangle(frame, left..right, top..bottom, Colour::BLACK);
    let width = frame.width_px as usize;
    let Some(luma) = frame.planes.first_mut() else {
        return;
    };
    for (index, sign) in text.bytes().enumerate() {
        let left = left + (index * ADVANCE + 1) * scale;
        for (row, bits) in glyph(sign).into_iter().enumerate() {
            for column in
                (0..GLYPH_WIDTH).filter(|column| bits >> (GLYPH_WIDTH - 1 - column) & 1 == 1)
            {
                let x = (left + column * scale).min(width);
                let x = x..(x + scale).min(width);
                let first = top + (row + 1) * scale;
                for y in first..first + scale {
                    let line = y * luma.stride_bytes;
                    if let Some(dots) = luma.data.get_mut(line + x.start..line + x.end) {
                        dots.fill(Colour::WHITE.y);
                    }
                }
            }
        }
    }
}

/// Dots from one glyph to the next.
pub(super) const ADVANCE: usize = GLYPH_WIDTH + 1;

#[cfg(test)]
mod tests {
    use media::Timestamp;

    use super::*;

    #[test]
    fn colours_match_the_standards_tables() {
        // 75 % bars in limited range, as tabulated in SMPTE EG 1 (8-bit).
        for (name, rgb, want) in [
            ("white", (75, 75, 75), (180, 128, 128)),
            ("yellow", (75, 75, 0), (162, 44, 142)),
            ("cyan", (0, 75, 75), (131, 156, 44)),
            ("green", (0, 75, 0), (112, 72, 58)),
            ("magenta", (75, 0, 75), (84, 184, 198)),
            ("red", (75, 0, 0), (65, 100, 212)),
            ("blue", (0, 0, 75), (35, 212, 114)),
        ] {
            let colour = Colour::rgb(rgb.0, rgb.1, rgb.2);
            assert_eq!((colour.y, colour.cb, colour.cr), want, "{name}");
        }
    }

    #[test]
    fn shapes_are_clipped_to_odd_frames() {
        let mut frame = VideoFrame::black(33, 17, Timestamp::ZERO);
        rectangle(&mut frame, 30..90, 10..90, Colour::WHITE);
        disc(&mut frame, (32, 16), 30, Colour::WHITE);
        text(&mut frame, "12:34", (20, 5), 3);
        rectangle(&mut frame, 40..50, 0..5, Colour::WHITE);
        assert_eq!(frame.planes[0].data.len(), 33 * 17);
    }
}
