//! Picture sizes: `WxH` in pixels or a name.

use super::Wrong;
use crate::config::nearest::nearest;

/// The widest and highest picture.
pub(crate) const MAX_SIDE_PX: u32 = 16_384;

/// Names of sizes, in ffmpeg's documentation under "Video size".
const NAMES: [(&str, u32, u32); 52] = [
    ("ntsc", 720, 480),
    ("pal", 720, 576),
    ("qntsc", 352, 240),
    ("qpal", 352, 288),
    ("sntsc", 640, 480),
    ("spal", 768, 576),
    ("film", 352, 240),
    ("ntsc-film", 352, 240),
    ("sqcif", 128, 96),
    ("qcif", 176, 144),
    ("cif", 352, 288),
    ("4cif", 704, 576),
    ("16cif", 1408, 1152),
    ("qqvga", 160, 120),
    ("qvga", 320, 240),
    ("vga", 640, 480),
    ("svga", 800, 600),
    ("xga", 1024, 768),
    ("uxga", 1600, 1200),
    ("qxga", 2048, 1536),
    ("sxga", 1280, 1024),
    ("qsxga", 2560, 2048),
    ("hsxga", 5120, 4096),
    ("wvga", 852, 480),
    ("wxga", 1366, 768),
    ("wsxga", 1600, 1024),
    ("wuxga", 1920, 1200),
    ("woxga", 2560, 1600),
    ("wqsxga", 3200, 2048),
    ("wquxga", 3840, 2400),
    ("whsxga", 6400, 4096),
    ("whuxga", 7680, 4800),
    ("cga", 320, 200),
    ("ega", 640, 350),
    ("hd480", 852, 480),
    ("hd720", 1280, 720),
    ("hd1080", 1920, 1080),
    ("2k", 2048, 1080),
    ("2kflat", 1998, 1080),
    ("2kscope", 2048, 858),
    ("4k", 4096, 2160),
    ("4kflat", 3996, 2160),
    ("4kscope", 4096, 1716),
    ("nhd", 640, 360),
    ("hqvga", 240, 160),
    ("wqvga", 400, 240),
    ("fwqvga", 432, 240),
    ("hvga", 480, 320),
    ("qhd", 960, 540),
    ("2kdci", 2048, 1080),
    ("4kdci", 4096, 2160),
    ("uhd2160", 3840, 2160),
];

/// Other words for a size that people know.
const NICKNAMES: [(&str, &str); 5] = [
    ("720p", "hd720"),
    ("1080p", "hd1080"),
    ("480p", "hd480"),
    ("2160p", "uhd2160"),
    ("hd", "hd720"),
];

/// Width and height in pixels.
pub(crate) fn video_size(word: &str) -> Result<(u32, u32), Wrong> {
    let wrong =
        || Wrong::new("a size is `WIDTHxHEIGHT` in pixels or a name such as `cif`, `vga`, `hd720`");
    let named = NAMES
        .iter()
        .find(|(name, ..)| name.eq_ignore_ascii_case(word));
    if let Some(&(_, width, height)) = named {
        return Ok((width, height));
    }
    if let Some((_, name)) = NICKNAMES
        .iter()
        .find(|(nick, _)| nick.eq_ignore_ascii_case(word))
    {
        return Err(wrong().surely(*name));
    }
    let sides = |cross: [char; 2]| {
        let (width, height) = word.split_once(cross)?;
        Some((side(width)?, side(height)?))
    };
    match (sides(['x', 'X']), sides(['*', '\u{d7}'])) {
        (Some((width, height)), _) => {
            let fits = |side| (1..=MAX_SIDE_PX).contains(&side);
            let too_large = || Wrong::new(format!("each side has 1 to {MAX_SIDE_PX} pixels"));
            (fits(width) && fits(height))
                .then_some((width, height))
                .ok_or_else(too_large)
        }
        (None, Some((width, height))) => Err(wrong().surely(format!("{width}x{height}"))),
        (None, None) => Err(wrong().perhaps(nearest(word, NAMES.map(|(name, ..)| name)))),
    }
}

fn side(word: &str) -> Option<u32> {
    word.chars()
        .all(|c| c.is_ascii_digit())
        .then(|| word.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_sides_or_names() {
        for (word, want) in [
            ("352x288", Ok((352, 288))),
            ("352X288", Ok((352, 288))),
            ("cif", Ok((352, 288))),
            ("QCIF", Ok((176, 144))),
            ("vga", Ok((640, 480))),
            ("hd720", Ok((1280, 720))),
            ("16384x1", Ok((16_384, 1))),
            ("16385x1", Err(None)),
            ("0x0", Err(None)),
            ("352*288", Err(Some("352x288"))),
            ("1080p", Err(Some("hd1080"))),
            ("hd72", Err(Some("hd720"))),
            ("large", Err(None)),
            ("352", Err(None)),
            ("x", Err(None)),
            ("99999999999x1", Err(None)),
        ] {
            let got = video_size(word).map_err(|wrong| wrong.instead);
            assert_eq!(got, want.map_err(|text| text.map(str::to_owned)), "{word}");
        }
    }
}
