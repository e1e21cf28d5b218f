//! Sizes of files: a number with `K`, `M` or `G` (powers of 1024) in any case.

use super::Wrong;

/// The smallest ring: a header block and three of data (FFSERVER.md 1.3).
pub(crate) const MIN_RING_BYTES: u64 = 16_384;

/// A ring's size in bytes; `None` for 0, which sets no limit.
pub(crate) fn ring_size(word: &str) -> Result<Option<u64>, Wrong> {
    let wrong = || {
        Wrong::new("a size is a number with K, M or G behind it, such as `5M`; `0` sets no limit")
    };
    let digits_len = word
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(word.len());
    let (digits, unit) = word.split_at(digits_len);
    let count: u64 = digits.parse().map_err(|_| wrong())?;
    let unit_bytes: u64 = match unit.to_ascii_lowercase().as_str() {
        "" => 1,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        "kb" | "kib" | "mb" | "mib" | "gb" | "gib" => {
            let first = unit.get(..1).unwrap_or("");
            return Err(wrong().surely(format!("{digits}{}", first.to_ascii_uppercase())));
        }
        _ => return Err(wrong()),
    };
    let bytes = count
        .checked_mul(unit_bytes)
        .filter(|&bytes| i64::try_from(bytes).is_ok());
    match bytes.ok_or_else(|| Wrong::new("more than a file can hold"))? {
        0 => Ok(None),
        small @ 1..MIN_RING_BYTES => Err(Wrong::new(format!(
            "{small} bytes are too few, a ring has at least {MIN_RING_BYTES}"
        ))
        .perhaps((unit.is_empty() && small < 1000).then(|| format!("{small}M")))),
        bytes => Ok(Some(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_count_in_powers_of_1024() {
        for (word, want) in [
            ("1m", Ok(Some(1 << 20))),
            ("5M", Ok(Some(5 << 20))),
            ("64K", Ok(Some(65_536))),
            ("2g", Ok(Some(2 << 30))),
            ("16384", Ok(Some(16_384))),
            ("0", Ok(None)),
            ("0M", Ok(None)),
            ("16383", Err(None)),
            ("1", Err(Some("1M"))),
            ("10MB", Err(Some("10M"))),
            ("10MiB", Err(Some("10M"))),
            ("m", Err(None)),
            ("1.5M", Err(None)),
            ("-1M", Err(None)),
            ("99999999999G", Err(None)),
            ("99999999999999999999", Err(None)),
        ] {
            let got = ring_size(word).map_err(|wrong| wrong.instead);
            assert_eq!(got, want.map_err(|text| text.map(str::to_owned)), "{word}");
        }
    }
}
