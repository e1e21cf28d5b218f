//! Digits and the few signs a clock needs, 5 columns by 7 rows, drawn for this program.

/// Columns of a glyph.
pub(super) const GLYPH_WIDTH: usize = 5;
/// Rows of a glyph.
pub(super) const GLYPH_HEIGHT: usize = 7;

/// The rows of a glyph from the top; bit 4 is the leftmost column. Unknown signs are blank.
pub(super) const fn glyph(sign: u8) -> [u8; GLYPH_HEIGHT] {
    match sign {
        b'0' => [
            0b01110, 0b10001, 0b10001, 0b10101, 0b10001, 0b10001, 0b01110,
        ],
        b'1' => [
            0b00100, 0b01100, 0b10100, 0b00100, 0b00100, 0b00100, 0b11111,
        ],
        b'2' => [
            0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111,
        ],
        b'3' => [
            0b11110, 0b00001, 0b00001, 0b01110, 0b00001, 0b00001, 0b11110,
        ],
        b'4' => [
            0b10010, 0b10010, 0b10010, 0b11111, 0b00010, 0b00010, 0b00010,
        ],
        b'5' => [
            0b11111, 0b10000, 0b10000, 0b11110, 0b00001, 0b00001, 0b11110,
        ],
        b'6' => [
            0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110,
        ],
        b'7' => [
            0b11111, 0b00001, 0b00010, 0b00010, 0b00100, 0b00100, 0b00100,
        ],
        b'8' => [
            0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110,
        ],
        b'9' => [
            0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100,
        ],
        b':' => [
            0b00000, 0b00100, 0b00100, 0b00000, 0b00100, 0b00100, 0b00000,
        ],
        b'.' => [
            0b00000, 0b00000, 0b00000, 0b00000, 0b00000, 0b01100, 0b01100,
        ],
        b'#' => [
            0b01010, 0b01010, 0b11111, 0b01010, 0b11111, 0b01010, 0b01010,
        ],
        _ => [0; GLYPH_HEIGHT],
    }
}
