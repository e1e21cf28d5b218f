//! Whole numbers, decimal or hexadecimal with `0x`.

use super::Wrong;

/// A whole number within limits, both included.
pub(crate) fn number(word: &str, min: u64, max: u64) -> Result<u64, Wrong> {
    let hex = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"));
    let digits = |text: &str, radix| text.chars().all(|c| char::is_digit(c, radix));
    let value = match hex {
        Some(hex) if digits(hex, 16) => u64::from_str_radix(hex, 16).ok(),
        Some(_) => None,
        None if digits(word, 10) => word.parse().ok(),
        None => None,
    };
    let why = || format!("a whole number from {min} to {max} is wanted");
    value
        .filter(|value| (min..=max).contains(value))
        .ok_or_else(|| Wrong::new(why()))
}

/// As [`number`], for what a 32-bit field holds.
pub(crate) fn number_u32(word: &str, min: u32, max: u32) -> Result<u32, Wrong> {
    let value = number(word, min.into(), max.into())?;
    u32::try_from(value).map_err(|_| Wrong::new("too large"))
}

/// A whole number of either sign that fits 32 bits.
pub(crate) fn integer(word: &str) -> Result<i32, Wrong> {
    let wrong = || Wrong::new("a whole number is wanted");
    let plain = word.chars().all(|c| c.is_ascii_digit() || c == '-');
    if plain {
        word.parse().map_err(|_| wrong())
    } else {
        Err(wrong())
    }
}

/// A decimal number of either sign, as it was written.
pub(crate) fn decimal(word: &str) -> Result<String, Wrong> {
    let plain = word.len() <= 20
        && word
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '-' | '.'));
    let number = plain && word.parse::<f64>().is_ok();
    number
        .then(|| word.to_owned())
        .ok_or_else(|| Wrong::new("a decimal number is wanted"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_within_limits() {
        for (word, want) in [
            ("1", Some(1)),
            ("010", Some(10)),
            ("0x1F", Some(31)),
            ("100", Some(100)),
            ("0", None),
            ("101", None),
            ("", None),
            ("0x", None),
            ("+5", None),
            ("-5", None),
            ("5.0", None),
            ("99999999999999999999999", None),
        ] {
            assert_eq!(number(word, 1, 100).ok(), want, "{word}");
        }
    }
}
