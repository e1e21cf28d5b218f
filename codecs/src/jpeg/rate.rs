//! Rate control of Motion JPEG: one number per image, the quantizer.
//!
//! A quantizer is a factor on the tables of T.81, annex K, in eighths: 8 gives the tables as printed,
//! 1 an eighth of them, 31 nearly four times them, as MPEG's quantiser_scale multiplies its matrix.

/// Chooses the quantizer of each image.
#[derive(Debug)]
pub(super) struct RateControl {
    /// Bits an image may take on average.
    target_bits: f64,
    bounds: (f64, f64),
    quantizer: f64,
    /// Bits spent beyond the target so far, forgotten beyond [`WINDOW_FRAMES`] images' worth.
    debt_bits: f64,
}

impl RateControl {
    /// `bounds` are the least and the largest quantizer, 1 to 31.
    pub(super) fn new(target_bits: f64, bounds: Option<(u8, u8)>) -> Self {
        let (least, most) = bounds.unwrap_or((1, 31));
        let bound = |value: u8| f64::from(value.clamp(1, 31));
        let bounds = (bound(least.min(most)), bound(most.max(least)));
        Self {
            target_bits: target_bits.max(1.0),
            bounds,
            quantizer: 4.0_f64.clamp(bounds.0, bounds.1),
            debt_bits: 0.0,
        }
    }

    /// The quality number, 1 to 100, of the next image: 50 stands for the tables as printed, above
    /// it the factor is `2 - quality / 50`, below it `50 / quality` (the convention of the
    /// Independent JPEG Group, which the back end follows).
    pub(super) fn quality(&self) -> u8 {
        let factor = self.quantizer / 8.0;
        let quality = if factor <= 1.0 {
            100.0 - 50.0 * factor
        } else {
            50.0 / factor
        };
        quality.round().clamp(1.0, 100.0) as u8
    }

    /// Takes note of the size of an image that was sent.
    pub(super) fn sent(&mut self, bits: f64) {
        let window = self.target_bits * WINDOW_FRAMES;
        self.debt_bits = (self.debt_bits + bits - self.target_bits).clamp(-window, window);
        self.aim(bits);
    }

    /// Corrects the quantizer by an image that was tried; whether another try may come closer.
    pub(super) fn tried(&mut self, bits: f64) -> bool {
        let before = self.quality();
        self.aim(bits);
        let far = !(0.8..=1.25).contains(&(bits / self.target_bits));
        far && self.quality() != before
    }

    fn aim(&mut self, bits: f64) {
        // The debt is paid back over the window, at most half a target per image.
        let pay = self.debt_bits / WINDOW_FRAMES * 2.0;
        let wanted = (self.target_bits - pay).clamp(self.target_bits / 2.0, self.target_bits * 1.5);
        let step = (bits / wanted).powf(EXPONENT).clamp(0.25, 4.0);
        self.quantizer = (self.quantizer * step).clamp(self.bounds.0, self.bounds.1);
    }
}

/// Images over which a deviation is evened out.
const WINDOW_FRAMES: f64 = 12.0;
/// The bits of an image fall roughly with the power -1 / `EXPONENT` of the quantizer; somewhat less
/// than the true value, so that the loop does not swing.
const EXPONENT: f64 = 1.2;
