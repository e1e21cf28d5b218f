//! `PixelFormat`: how pixels are stored.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::Wrong;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "PixelFormat",
    args: "<name>",
    standing: Standing::OldFeeders,
    doc: "Pixel format (`pixel_format`), such as `yuv420p`.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    let name = |word: &str| {
        let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        plain.then(|| word.to_ascii_lowercase()).ok_or_else(|| {
            Wrong::new("the name of a pixel format is wanted").perhaps(Some("yuv420p"))
        })
    };
    if let Some(format) = args.value("a pixel format", name) {
        stream.video_options.set(args, "pixel_format", format.value);
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    #[test]
    fn the_option_is_handed_on() {
        let want = [("pixel_format".to_owned(), "yuv420p".to_owned())];
        assert_eq!(video("PixelFormat yuv420p").options, want);
        assert_eq!(
            problems("Stream", "PixelFormat yuv=420p")[0],
            "error: PixelFormat `yuv=420p`: the name of a pixel format is wanted"
        );
    }
}
