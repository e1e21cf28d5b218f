//! `VideoQDiff`: how much the quality may change.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::number::number;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "VideoQDiff",
    args: "<steps>",
    standing: Standing::OldFeeders,
    doc: "Largest step of the quantizer between frames (`qdiff`).",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(value) = args.value("a number", |word| number(word, 1, 69)) {
        stream
            .video_options
            .set(args, "qdiff", value.value.to_string());
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    #[test]
    fn the_option_is_handed_on() {
        assert_eq!(
            video("VideoQDiff 3").options,
            [("qdiff".to_owned(), "3".to_owned())]
        );
        assert_eq!(
            problems("Stream", "VideoQDiff 3"),
            ["note: `VideoQDiff` reaches ffmpeg's own feeders only"]
        );
        let refused = problems("Stream", "VideoQDiff 0");
        assert!(
            refused[0].starts_with("error: VideoQDiff `0`: "),
            "{refused:?}"
        );
    }
}
