//! Bit rates, written in kbit/s.

use super::Wrong;

/// Faster than anything this server moves: 4 Gbit/s, what a 32-bit count of bit/s holds.
const MAX_KBPS: f64 = 4_000_000.0;

/// A bit rate in bit/s from a number of kbit/s.
pub(crate) fn bit_rate(word: &str) -> Result<u32, Wrong> {
    let wrong = || Wrong::new("a bit rate is a number of kbit/s, such as `500`");
    let number = |text: &str| {
        let plain = text.chars().all(|c| c.is_ascii_digit() || c == '.');
        plain.then(|| text.parse::<f64>().ok()).flatten()
    };
    let unit_at = word
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(word.len());
    let (digits, unit) = word.split_at(unit_at);
    let kbps = number(digits).ok_or_else(wrong)?;
    match unit.to_ascii_lowercase().as_str() {
        "" => {}
        "k" | "kb" | "kbit" | "kbps" => return Err(wrong().surely(digits)),
        "m" | "mb" | "mbit" | "mbps" => return Err(wrong().surely(format!("{}", kbps * 1000.0))),
        _ => return Err(wrong()),
    }
    if kbps <= 0.0 || kbps > MAX_KBPS {
        return Err(Wrong::new(format!(
            "from above 0 to {MAX_KBPS} kbit/s are possible"
        )));
    }
    Ok(to_bps(kbps))
}

/// A range `min-max` of bit rates in bit/s.
pub(crate) fn bit_rate_range(word: &str) -> Result<(u32, u32), Wrong> {
    let wrong = || Wrong::new("a range is written `min-max` in kbit/s, such as `100-400`");
    let (min, max) = word.split_once('-').ok_or_else(wrong)?;
    match (bit_rate(min)?, bit_rate(max)?) {
        (low, high) if low <= high => Ok((low, high)),
        _ => Err(Wrong::new("the first rate is above the second").surely(format!("{max}-{min}"))),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0 < kbps <= 4,000,000, so the product is within 32 bits"
)]
fn to_bps(kbps: f64) -> u32 {
    (kbps * 1000.0).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bit_rates_are_kilobits() {
        for (word, want) in [
            ("100", Ok(100_000)),
            ("64", Ok(64_000)),
            ("0.5", Ok(500)),
            ("4000000", Ok(4_000_000_000)),
            ("0", Err(None)),
            ("4000001", Err(None)),
            ("100k", Err(Some("100"))),
            ("2M", Err(Some("2000"))),
            ("1.5mbit", Err(Some("1500"))),
            ("fast", Err(None)),
            ("-5", Err(None)),
        ] {
            let got = bit_rate(word).map_err(|wrong| wrong.instead);
            assert_eq!(got, want.map_err(|text| text.map(str::to_owned)), "{word}");
        }
    }

    #[test]
    fn ranges_have_two_ends() {
        for (word, want) in [
            ("100-400", Ok((100_000, 400_000))),
            ("400-100", Err(Some("100-400"))),
            ("5", Err(None)),
            ("-5", Err(None)),
            ("a-b", Err(None)),
        ] {
            let got = bit_rate_range(word).map_err(|wrong| wrong.instead);
            assert_eq!(got, want.map_err(|text| text.map(str::to_owned)), "{word}");
        }
    }
}
