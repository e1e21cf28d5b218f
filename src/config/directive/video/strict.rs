//! `Strict`: an option of old feeders' encoders, video and audio.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::number::integer;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "Strict",
    args: "<number>",
    standing: Standing::OldFeeders,
    doc: "How strictly an old feeder's encoder keeps to its standard (`strict`): -2 allows experimental \
          codecs.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(value) = args.value("a whole number", integer) {
        stream
            .video_options
            .set(args, "strict", value.value.to_string());
        stream
            .audio_options
            .set(args, "strict", value.value.to_string());
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{audio, problems, video};

    #[test]
    fn the_option_is_handed_on_for_both_media() {
        let want = [("strict".to_owned(), "-1".to_owned())];
        assert_eq!(video("Strict -1").options, want);
        assert_eq!(audio("Strict -1").options, want);
        assert_eq!(
            problems("Stream", "Strict very")[0],
            "error: Strict `very`: a whole number is wanted"
        );
    }
}
