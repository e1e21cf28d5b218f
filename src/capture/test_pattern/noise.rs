//! A panning texture under noise of a chosen strength: a source whose bit rate at a given quality
//! rises with its level, for tests of rate control.

use media::{Timestamp, VideoFrame};

/// The source. Frames depend on size, level and number alone.
#[derive(Debug)]
pub(super) struct Noise {
    width: u32,
    height: u32,
    /// Per plane: the texture, [`PAN`] samples wider than the plane.
    textures: [Vec<u8>; 3],
    /// Noise from `-level` to `level` as wrapping bytes, [`TILE`] of them.
    tile: Vec<u8>,
}

impl Noise {
    /// `level` is the largest deviation of a luma sample, at most [`MAX_LEVEL`].
    pub(super) fn new(width: u32, height: u32, level: u8) -> Self {
        let level = level.min(MAX_LEVEL);
        let mut random = Random(SEED);
        let (w, h) = (width as usize, height as usize);
        let (chroma_w, chroma_h) = (w.div_ceil(2), h.div_ceil(2));
        let textures = [
            texture(&mut random, w + PAN, h, 48, 186),
            texture(&mut random, chroma_w + PAN, chroma_h, 96, 160),
            texture(&mut random, chroma_w + PAN, chroma_h, 96, 160),
        ];
        let span = u32::from(level) * 2 + 1;
        let tile = (0..TILE + w)
            .map(|_| ((random.next() % span) as u8).wrapping_sub(level)) // below 95
            .collect();
        Self {
            width,
            height,
            textures,
            tile,
        }
    }

    pub(super) fn frame(&self, index: u64) -> VideoFrame {
        let mut frame = VideoFrame::black(self.width, self.height, Timestamp::ZERO);
        // Distinct from frame to frame and row to row.
        let mut random = Random(SEED ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for (number, (plane, texture)) in frame.planes.iter_mut().zip(&self.textures).enumerate() {
            let width = plane.stride_bytes;
            let pan = pan(index) / if number == 0 { 1 } else { 2 };
            let rows = texture.chunks_exact(width + PAN);
            for (row, texture) in plane.data.chunks_exact_mut(width).zip(rows) {
                let texture = &texture[pan..pan + width];
                if number > 0 {
                    row.copy_from_slice(texture);
                    continue;
                }
                let start = random.next() as usize % TILE;
                let noise = &self.tile[start..start + width];
                for ((sample, texture), noise) in row.iter_mut().zip(texture).zip(noise) {
                    *sample = texture.wrapping_add(*noise); // 48 - 47 to 186 + 47
                }
            }
        }
        frame
    }
}

/// The strongest noise.
pub(super) const MAX_LEVEL: u8 = 47;

/// How far the texture is shifted: there and back, 3 samples a frame.
fn pan(index: u64) -> usize {
    let place = usize::try_from(index.wrapping_mul(3) % (2 * PAN as u64)).unwrap_or(0);
    if place < PAN {
        place
    } else {
        2 * PAN - 1 - place
    }
}

/// A smooth random surface: bilinear between random values 8 samples apart, from `low` to `high`.
fn texture(random: &mut Random, width: usize, height: usize, low: u8, high: u8) -> Vec<u8> {
    const STEP: usize = 8;
    let columns = width / STEP + 2;
    let span = u32::from(high - low) + 1;
    let knots: Vec<usize> = (0..columns * (height / STEP + 2))
        .map(|_| usize::from(low) + (random.next() % span) as usize)
        .collect();
    let mut samples = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let at = y / STEP * columns + x / STEP;
            let (fx, fy) = (x % STEP, y % STEP);
            let upper = knots[at] * (STEP - fx) + knots[at + 1] * fx;
            let lower = knots[at + columns] * (STEP - fx) + knots[at + columns + 1] * fx;
            let mean = (upper * (STEP - fy) + lower * fy) / (STEP * STEP);
            samples.push(u8::try_from(mean).unwrap_or(high));
        }
    }
    samples
}

/// Marsaglia's xorshift64 ("Xorshift RNGs", 2003), shifts 13, 7, 17.
struct Random(u64);

impl Random {
    /// The next 32 bits.
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as u32 // the upper half
    }
}

const SEED: u64 = 0x00fe_77c0_57ca_57ed;
/// Samples that the texture pans to either side.
const PAN: usize = 256;
const TILE: usize = 1 << 16;
