//! A mark that a program can read off a picture: which frame it is and when it was made.
//!
//! Two rows of 32 black and white cells at the bottom edge, each cell 1/32 of the width, each row
//! 1/20 of the height. The shares stay the same when the picture is scaled, so the mark is read at
//! any size. Bits run from left to right, the most significant first; white is 1.
//!
//! | row | cells | name | meaning |
//! |-----|-------|------|---------|
//! | upper | 0..24 | frame | frame number, modulo 2^24 |
//! | upper | 24..32 | check | CRC-8 of the frame bits, polynomial 0x07, initial value 0xff |
//! | lower | 0..27 | clock | milliseconds since midnight UTC, below 86 400 000 |
//! | lower | 27..32 | check | CRC-5 of the clock bits, polynomial 0x05, initial value 0x1f |
//!
//! It survives H.264 at 352x288 and 100 kbit/s, and MJPEG at 160x120. A picture without contrast, or
//! all black or all white, reads as no mark.

use std::ops::Range;

/// What a mark says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Frame number, 0 to 2^24 - 1.
    pub frame: u32,
    /// Milliseconds since midnight UTC, 0 to 86 399 999.
    pub clock_ms: u32,
}

impl Stamp {
    /// The mark of frame `frame`, made at `unix_ms` milliseconds since 1970-01-01 00:00 UTC.
    #[must_use]
    pub const fn new(frame: u64, unix_ms: u64) -> Self {
        Self {
            frame: (frame & FRAME_MASK) as u32,
            clock_ms: (unix_ms % DAY_MS as u64) as u32,
        }
    }

    /// How much later than `earlier` this mark was made, in milliseconds, midnight crossed at most
    /// once: -12 h to 12 h.
    #[must_use]
    pub fn ms_since(self, earlier: Self) -> i32 {
        let ahead = (self.clock_ms + DAY_MS - earlier.clock_ms) % DAY_MS;
        let signed = i64::from(ahead)
            - if ahead > DAY_MS / 2 {
                i64::from(DAY_MS)
            } else {
                0
            };
        i32::try_from(signed).unwrap_or(i32::MAX)
    }

    fn rows(self) -> [u32; ROWS] {
        let frame = self.frame & FRAME_MASK as u32;
        let clock = self.clock_ms % DAY_MS;
        [
            frame << FRAME.check_bits | FRAME.check(frame),
            clock << CLOCK.check_bits | CLOCK.check(clock),
        ]
    }
}

/// Draws the mark into a luma plane (limited range: 16 is black, 235 is white). Rows that the plane
/// does not hold are left out. The chroma below should be neutral, or some decoders bleed.
pub fn draw(luma: &mut [u8], width: usize, height: usize, stride: usize, stamp: Stamp) {
    let mut line = vec![BLACK; width];
    for (row, bits) in stamp.rows().into_iter().enumerate() {
        for cell in 0..CELLS {
            let white = bits >> (CELLS - 1 - cell) & 1 == 1;
            line[cell_columns(cell, width)].fill(if white { WHITE } else { BLACK });
        }
        for y in row_lines(row, height) {
            if let Some(samples) = luma.get_mut(y * stride..y * stride + width) {
                samples.copy_from_slice(&line);
            }
        }
    }
}

/// Reads the mark off a luma plane of limited or full range; `None` if there is none, it is damaged,
/// or the picture is below 64x40 pixels, above 16384x16384, or shorter than it says.
#[must_use]
pub fn read(luma: &[u8], width: usize, height: usize, stride: usize) -> Option<Stamp> {
    let possible = (MIN_WIDTH..=MAX_SIDE).contains(&width)
        && (MIN_HEIGHT..=MAX_SIDE).contains(&height)
        && (width..=MAX_STRIDE).contains(&stride);
    if !possible {
        return None;
    }
    let mut values = [0; ROWS];
    for (row, value) in values.iter_mut().enumerate() {
        for cell in 0..CELLS {
            let lines = middle(row_lines(row, height));
            let mean = mean(luma, stride, middle(cell_columns(cell, width)), lines)?;
            if mean.abs_diff(GREY) < MIN_CONTRAST {
                return None;
            }
            *value = *value << 1 | u32::from(mean > GREY);
        }
    }
    let [frame, clock_ms] = [FRAME.parse(values[0])?, CLOCK.parse(values[1])?];
    (clock_ms < DAY_MS).then_some(Stamp { frame, clock_ms })
}

/// The lines of a picture that the mark covers.
#[must_use]
pub fn lines(height: usize) -> Range<usize> {
    row_lines(0, height).start..height
}

/// How a row of cells is divided and checked.
struct Row {
    check_bits: u32,
    polynomial: u32,
}

impl Row {
    /// The check of a value that has the row's other bits, by bit-wise division; the initial value
    /// has all bits set.
    fn check(&self, value: u32) -> u32 {
        let mask = (1 << self.check_bits) - 1;
        let value_bits = CELLS as u32 - self.check_bits;
        (0..value_bits).rev().fold(mask, |check, bit| {
            let feedback = ((check >> (self.check_bits - 1)) ^ (value >> bit)) & 1;
            ((check << 1) ^ (feedback * self.polynomial)) & mask
        })
    }

    fn parse(&self, bits: u32) -> Option<u32> {
        let value = bits >> self.check_bits;
        (self.check(value) == bits & ((1 << self.check_bits) - 1)).then_some(value)
    }
}

fn cell_columns(cell: usize, width: usize) -> Range<usize> {
    cell * width / CELLS..(cell + 1) * width / CELLS
}

fn row_lines(row: usize, height: usize) -> Range<usize> {
    let first = ROW_SHARES - ROWS + row;
    first * height / ROW_SHARES..(first + 1) * height / ROW_SHARES
}

/// The middle half of a range: what blurred edges leave alone. Never empty if `range` is not.
fn middle(range: Range<usize>) -> Range<usize> {
    let quarter = range.len() / 4;
    range.start + quarter..range.end - quarter
}

fn mean(luma: &[u8], stride: usize, columns: Range<usize>, lines: Range<usize>) -> Option<u32> {
    let count = u32::try_from(columns.len() * lines.len()).ok()?;
    let mut sum = 0_u32;
    for y in lines {
        let samples = luma.get(y * stride + columns.start..y * stride + columns.end)?;
        sum += samples.iter().map(|sample| u32::from(*sample)).sum::<u32>();
    }
    sum.checked_div(count)
}

const CELLS: usize = 32;
/// Two samples a cell.
const MIN_WIDTH: usize = 2 * CELLS;
/// Two lines a row.
const MIN_HEIGHT: usize = 2 * ROW_SHARES;
/// Beyond what any encoder here codes; keeps the arithmetic in range.
const MAX_SIDE: usize = 1 << 14;
const MAX_STRIDE: usize = 1 << 16;
const ROWS: usize = 2;
/// A row's height is this share of the picture's.
const ROW_SHARES: usize = 20;
const FRAME: Row = Row {
    check_bits: 8,
    polynomial: 0x07,
};
const CLOCK: Row = Row {
    check_bits: 5,
    polynomial: 0x05,
};
const FRAME_MASK: u64 = 0x00ff_ffff;
const DAY_MS: u32 = 86_400_000;
const BLACK: u8 = 16;
const WHITE: u8 = 235;
/// Half way between black and white.
const GREY: u32 = 126;
/// How far from [`GREY`] the mean of a cell has to be.
const MIN_CONTRAST: u32 = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_is_the_remainder_of_a_long_division() {
        let long_division = |value: u32| {
            // Initial ones are the same as ones added to the first 8 bits of the message.
            let mut rest = u64::from(value ^ 0xff_0000) << 8;
            for bit in (8..32).rev() {
                if rest >> bit & 1 == 1 {
                    rest ^= 0x107 << (bit - 8);
                }
            }
            u32::try_from(rest).unwrap()
        };
        for value in [0, 1, 2, 0x0012_3456, 0x00ff_ffff] {
            assert_eq!(FRAME.check(value), long_division(value), "{value:#x}");
        }
    }

    #[test]
    fn what_is_drawn_is_read_at_odd_sizes_too() {
        for (width, height) in [(64, 40), (160, 120), (352, 288), (641, 479), (1920, 1080)] {
            let stride = width + 5;
            for stamp in [
                Stamp::new(0, 0),
                Stamp::new(0x1_0000_0001, 86_400_000 * 20_000 + 86_399_999),
                Stamp::new(0xff_ffff, 43_200_000),
            ] {
                let mut luma = vec![126; stride * height];
                draw(&mut luma, width, height, stride, stamp);
                assert_eq!(
                    read(&luma, width, height, stride),
                    Some(stamp),
                    "{width}x{height}"
                );
                let (blank, _) = luma.split_at(lines(height).start * stride);
                assert!(blank.iter().all(|sample| *sample == 126));
            }
        }
    }

    #[test]
    fn one_wrong_cell_is_noticed() {
        let (width, height) = (320, 240);
        let mut luma = vec![126; width * height];
        draw(
            &mut luma,
            width,
            height,
            width,
            Stamp::new(12_345, 67_890_123),
        );
        for row in 0..ROWS {
            for cell in 0..CELLS {
                let mut damaged = luma.clone();
                for y in row_lines(row, height) {
                    for x in cell_columns(cell, width) {
                        let sample = &mut damaged[y * width + x];
                        *sample = WHITE + BLACK - *sample;
                    }
                }
                assert_eq!(
                    read(&damaged, width, height, width),
                    None,
                    "row {row} cell {cell}"
                );
            }
        }
    }

    #[test]
    fn pictures_without_a_mark_read_as_none() {
        for (name, sample) in [("black", 16), ("white", 235), ("grey", 126), ("dim", 110)] {
            assert_eq!(
                read(&vec![sample; 320 * 240], 320, 240, 320),
                None,
                "{name}"
            );
        }
        assert_eq!(read(&[], 320, 240, 320), None, "no samples");
        assert_eq!(read(&[16; 63 * 40], 63, 40, 63), None, "too narrow");
        assert_eq!(
            read(&[16; 320 * 240], 320, 240, 319),
            None,
            "stride below width"
        );
        assert_eq!(
            read(&[16; 4], usize::MAX, usize::MAX, usize::MAX),
            None,
            "absurd size"
        );
    }

    #[test]
    fn delay_crosses_midnight() {
        for (later, earlier, want) in [
            (1_000, 400, 600),
            (400, 1_000, -600),
            (100, 86_399_900, 200),
            (86_399_900, 100, -200),
        ] {
            let delay = Stamp::new(0, later).ms_since(Stamp::new(0, earlier));
            assert_eq!(delay, want, "{later} since {earlier}");
        }
    }
}
