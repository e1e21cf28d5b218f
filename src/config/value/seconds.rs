//! Times in seconds, with a fraction if need be.

use std::time::Duration;

use super::Wrong;

/// A day: nothing in a configuration lasts longer.
pub(crate) const MAX_SECONDS: f64 = 86_400.0;

/// Seconds from 0 to [`MAX_SECONDS`].
pub(crate) fn seconds(word: &str) -> Result<Duration, Wrong> {
    let wrong = || Wrong::new(format!("seconds from 0 to {MAX_SECONDS} are wanted"));
    if let Some(bare) = word.strip_suffix(['s', 'S'])
        && seconds(bare).is_ok()
    {
        return Err(wrong().surely(bare));
    }
    let plain = word.chars().all(|c| c.is_ascii_digit() || c == '.');
    let value: f64 = if plain {
        word.parse().map_err(|_| wrong())?
    } else {
        return Err(wrong());
    };
    if value > MAX_SECONDS {
        return Err(wrong());
    }
    Duration::try_from_secs_f64(value).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_may_have_a_fraction() {
        for (word, want_ms) in [
            ("0", Some(0)),
            ("10", Some(10_000)),
            ("0.5", Some(500)),
            ("86400", Some(86_400_000)),
            ("86401", None),
            ("-1", None),
            ("1e3", None),
            ("inf", None),
            ("", None),
            (".", None),
        ] {
            assert_eq!(
                seconds(word).ok(),
                want_ms.map(Duration::from_millis),
                "{word}"
            );
        }
        assert_eq!(seconds("10s").unwrap_err().instead.as_deref(), Some("10"));
    }
}
