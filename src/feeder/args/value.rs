//! Values of options in the spellings ffmpeg takes.

use std::time::Duration;

use media::FrameRate;

/// A frame rate: a number, a decimal, a fraction, or a name.
pub(in crate::feeder) fn frame_rate(text: &str) -> Option<FrameRate> {
    let named = |num, den| FrameRate::new(num, den);
    match text {
        "ntsc" => return named(30_000, 1001),
        "pal" => return named(25, 1),
        "film" => return named(24, 1),
        "ntsc-film" => return named(24_000, 1001),
        _ => {}
    }
    if let Some((num, den)) = text.split_once(['/', ':']) {
        return FrameRate::new(num.parse().ok()?, den.parse().ok()?);
    }
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let places = u32::try_from(decimals.len()).ok()?;
    let den = 10_u32.checked_pow(places)?;
    let num: u32 = format!("{whole}{decimals}").parse().ok()?;
    let divisor = gcd(num, den);
    FrameRate::new(num.checked_div(divisor)?, den.checked_div(divisor)?)
        .filter(|rate| rate.as_f64() <= MAX_FRAME_RATE)
}

/// A picture size: `WxH` or one of the usual abbreviations.
pub(in crate::feeder) fn size_px(text: &str) -> Option<(u32, u32)> {
    let (_, width_px, height_px) = match SIZES.iter().find(|(name, ..)| *name == text) {
        Some(named) => *named,
        None => {
            let (width, height) = text.split_once('x')?;
            ("", width.parse().ok()?, height.parse().ok()?)
        }
    };
    let allowed = 1..=MAX_SIDE_PX;
    (allowed.contains(&width_px) && allowed.contains(&height_px)).then_some((width_px, height_px))
}

/// A span of time: `S[.fraction]` with the unit `s`, `ms` or `us`, or `[HH:]MM:SS[.fraction]`.
pub(in crate::feeder) fn duration(text: &str) -> Option<Duration> {
    if text.contains(':') {
        let parts: Vec<&str> = text.split(':').collect();
        let (hours, minutes, seconds) = match parts[..] {
            [minutes, seconds] => ("0", minutes, seconds),
            [hours, minutes, seconds] => (hours, minutes, seconds),
            _ => return None,
        };
        let minutes: u64 = minutes.parse().ok().filter(|minutes| *minutes < 60)?;
        let whole = hours
            .parse::<u64>()
            .ok()?
            .checked_mul(3600)?
            .checked_add(minutes * 60)?;
        let seconds = plain_seconds(seconds, 1.0).filter(|rest| rest.as_secs() < 60)?;
        return Duration::from_secs(whole).checked_add(seconds);
    }
    for (unit, seconds) in [("us", 1e-6), ("ms", 1e-3), ("s", 1.0)] {
        if let Some(number) = text.strip_suffix(unit) {
            return plain_seconds(number, seconds);
        }
    }
    plain_seconds(text, 1.0)
}

fn plain_seconds(text: &str, unit: f64) -> Option<Duration> {
    let digits = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number: f64 = text.parse().ok().filter(|_| digits)?;
    Duration::try_from_secs_f64(number * unit).ok()
}

/// A factor, 0 or more.
pub(in crate::feeder) fn factor(text: &str) -> Option<f64> {
    text.parse()
        .ok()
        .filter(|factor: &f64| (0.0..=MAX_FACTOR).contains(factor))
}

const fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Highest frame rate that is believed.
const MAX_FRAME_RATE: f64 = 1000.0;

/// Largest width and height.
const MAX_SIDE_PX: u32 = 16_384;

/// Highest factor of `-readrate`.
const MAX_FACTOR: f64 = 1000.0;

/// Names of sizes that scripts use.
const SIZES: [(&str, u32, u32); 18] = [
    ("sqcif", 128, 96),
    ("qqvga", 160, 120),
    ("qcif", 176, 144),
    ("qvga", 320, 240),
    ("cif", 352, 288),
    ("vga", 640, 480),
    ("4cif", 704, 576),
    ("svga", 800, 600),
    ("ntsc", 720, 480),
    ("pal", 720, 576),
    ("xga", 1024, 768),
    ("hd480", 852, 480),
    ("hd720", 1280, 720),
    ("sxga", 1280, 1024),
    ("uxga", 1600, 1200),
    ("hd1080", 1920, 1080),
    ("2k", 2048, 1080),
    ("uhd2160", 3840, 2160),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_rates() {
        for (text, want) in [
            ("25", FrameRate::new(25, 1)),
            ("30000/1001", FrameRate::new(30_000, 1001)),
            ("25:2", FrameRate::new(25, 2)),
            ("29.97", FrameRate::new(2997, 100)),
            ("12.50", FrameRate::new(25, 2)),
            ("ntsc", FrameRate::new(30_000, 1001)),
            ("0", None),
            ("", None),
            ("-5", None),
            ("1001", None),
            ("25fps", None),
            ("1.0000000000", None),
        ] {
            assert_eq!(frame_rate(text), want, "{text}");
        }
    }

    #[test]
    fn sizes() {
        for (text, want) in [
            ("352x288", Some((352, 288))),
            ("cif", Some((352, 288))),
            ("hd720", Some((1280, 720))),
            ("16384x1", Some((16_384, 1))),
            ("16385x1", None),
            ("0x1", None),
            ("352", None),
            ("352X288", None),
        ] {
            assert_eq!(size_px(text), want, "{text}");
        }
    }

    #[test]
    fn durations() {
        for (text, want_ms) in [
            ("5", Some(5_000)),
            ("0.25", Some(250)),
            ("1500ms", Some(1_500)),
            ("2s", Some(2_000)),
            ("2500us", Some(2)),
            ("01:30", Some(90_000)),
            ("1:00:00.5", Some(3_600_500)),
            ("1:60", None),
            ("60:00", None),
            ("-1", None),
            ("1e3", None),
            ("", None),
            ("now", None),
            ("1:2:3:4", None),
        ] {
            let got = duration(text).map(|span| span.as_millis());
            assert_eq!(got, want_ms, "{text}");
        }
    }
}
