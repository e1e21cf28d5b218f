//! Limited and full range of 8-bit samples (ITU-R BT.601-7, 2.5.3; JFIF 1.02, "Conversion to and
//! from RGB"): luma 16 to 235 and chroma 16 to 240 against 0 to 255 for both.
//!
//! Integer arithmetic with 16 fractional bits, rounded to nearest, without branches, so that the
//! compiler makes vector code of it.

use media::PixelFormat;

/// Rewrites the samples of plane `index` (0 is luma) in place.
pub(super) fn convert(samples: &mut [u8], index: usize, from: PixelFormat, to: PixelFormat) {
    match (from, to, index) {
        (PixelFormat::J420, PixelFormat::I420, 0) => affine(samples, 219, 255, 0, 16),
        (PixelFormat::J420, PixelFormat::I420, _) => affine(samples, 224, 255, 128, 128),
        (PixelFormat::I420, PixelFormat::J420, 0) => affine(samples, 255, 219, 16, 0),
        (PixelFormat::I420, PixelFormat::J420, _) => affine(samples, 255, 224, 128, 128),
        _ => {}
    }
}

/// `sample = (sample - from) * num / den + to`, rounded and clipped to 8 bits.
fn affine(samples: &mut [u8], num: i32, den: i32, from: i32, to: i32) {
    let factor = ((num << 16) + den / 2) / den;
    let offset = (to << 16) + (1 << 15) - from * factor;
    for sample in samples {
        let value = (i32::from(*sample) * factor + offset) >> 16;
        *sample = value.clamp(0, 255) as u8; // just clipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PixelFormat::{I420, J420};

    #[test]
    fn ends_and_middle_of_the_ranges_meet() {
        for (name, index, from, to, input, want) in [
            (
                "luma to limited",
                0,
                J420,
                I420,
                [0, 128, 255],
                [16, 126, 235],
            ),
            (
                "chroma to limited",
                1,
                J420,
                I420,
                [0, 128, 255],
                [16, 128, 240],
            ),
            ("luma to full", 0, I420, J420, [16, 126, 235], [0, 128, 255]),
            (
                "chroma to full",
                2,
                I420,
                J420,
                [16, 128, 240],
                [0, 128, 255],
            ),
            (
                "luma out of range is clipped",
                0,
                I420,
                J420,
                [0, 15, 255],
                [0, 0, 255],
            ),
            ("same range", 0, I420, I420, [0, 128, 255], [0, 128, 255]),
        ] {
            let mut samples = input;
            convert(&mut samples, index, from, to);
            assert_eq!(samples, want, "{name}");
        }
    }

    #[test]
    fn limited_range_survives_a_round_trip() {
        for (index, range) in [(0, 16..=235_u8), (1, 16..=240)] {
            for sample in range {
                let mut samples = [sample];
                convert(&mut samples, index, I420, J420);
                convert(&mut samples, index, J420, I420);
                assert_eq!(samples, [sample], "plane {index}");
            }
        }
    }
}
