//! Frame rates: `25`, `29.97`, `30000/1001`, or a name.

use media::FrameRate;

use super::Wrong;

/// Names of frame rates, in ffmpeg's documentation under "Video rate".
const NAMES: [(&str, u32, u32); 8] = [
    ("ntsc", 30_000, 1001),
    ("pal", 25, 1),
    ("qntsc", 30_000, 1001),
    ("qpal", 25, 1),
    ("sntsc", 30_000, 1001),
    ("spal", 25, 1),
    ("film", 24, 1),
    ("ntsc-film", 24_000, 1001),
];

/// Decimals that stand for the rates of NTSC.
const NTSC_DECIMALS: [(&str, u32); 5] = [
    ("23.976", 24_000),
    ("23.98", 24_000),
    ("29.97", 30_000),
    ("59.94", 60_000),
    ("119.88", 120_000),
];

/// Frames per second, at most 1000.
pub(crate) fn frame_rate(word: &str) -> Result<FrameRate, Wrong> {
    const MAX_FPS: f64 = 1000.0;
    let wrong = || {
        Wrong::new(
            "frames per second are wanted: `25`, `29.97`, `30000/1001` or `pal`, `ntsc`, `film`",
        )
    };
    let named = NAMES
        .iter()
        .find(|(name, ..)| name.eq_ignore_ascii_case(word));
    let ntsc = NTSC_DECIMALS.iter().find(|(text, _)| *text == word);
    let rate = match (named, ntsc) {
        (Some(&(_, num, den)), _) => FrameRate::new(num, den),
        (_, Some(&(_, num))) => FrameRate::new(num, 1001),
        _ => fraction(word).or_else(|| decimal(word)),
    };
    if let Some(bare) = word.to_ascii_lowercase().strip_suffix("fps")
        && rate.is_none()
        && frame_rate(bare).is_ok()
    {
        return Err(wrong().surely(bare));
    }
    rate.filter(|rate| rate.as_f64() <= MAX_FPS)
        .ok_or_else(wrong)
}

fn fraction(word: &str) -> Option<FrameRate> {
    let (num, den) = word.split_once('/').or_else(|| word.split_once(':'))?;
    FrameRate::new(digits(num)?, digits(den)?)
}

/// A decimal with up to three places, in lowest terms: `12.5` is 25/2.
fn decimal(word: &str) -> Option<FrameRate> {
    let (whole, places) = word.split_once('.').unwrap_or((word, ""));
    let scale = 10_u32.checked_pow(u32::try_from(places.len()).ok().filter(|&n| n <= 3)?)?;
    let fraction = if places.is_empty() {
        0
    } else {
        digits(places)?
    };
    let num = digits(whole)?.checked_mul(scale)?.checked_add(fraction)?;
    let divisor = greatest_common_divisor(num, scale);
    FrameRate::new(num.checked_div(divisor)?, scale.checked_div(divisor)?)
}

fn digits(word: &str) -> Option<u32> {
    word.chars()
        .all(|c| c.is_ascii_digit())
        .then(|| word.parse().ok())
        .flatten()
}

const fn greatest_common_divisor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_rates_are_numbers_fractions_or_names() {
        for (word, want) in [
            ("10", Some((10, 1))),
            ("25", Some((25, 1))),
            ("30000/1001", Some((30_000, 1001))),
            ("29.97", Some((30_000, 1001))),
            ("12.5", Some((25, 2))),
            ("0.5", Some((1, 2))),
            ("15.000", Some((15, 1))),
            ("ntsc", Some((30_000, 1001))),
            ("PAL", Some((25, 1))),
            ("film", Some((24, 1))),
            ("ntsc-film", Some((24_000, 1001))),
            ("1000", Some((1000, 1))),
            ("1001", None),
            ("0", None),
            ("1/0", None),
            ("0/1", None),
            ("abc", None),
            ("-5", None),
            ("1/2/3", None),
            ("", None),
            (".", None),
            ("/", None),
            ("4294967296", None),
        ] {
            let want = want.map(|(num, den)| FrameRate::new(num, den).unwrap());
            assert_eq!(frame_rate(word).ok(), want, "{word}");
        }
        assert_eq!(
            frame_rate("25fps").unwrap_err().instead.as_deref(),
            Some("25")
        );
    }
}
