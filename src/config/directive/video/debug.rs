//! `Debug`: an option of old feeders' encoders, video and audio.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::number::integer;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "Debug",
    args: "<number>",
    standing: Standing::OldFeeders,
    doc: "Debugging output of an old feeder's encoder (`debug`).",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(value) = args.value("a whole number", integer) {
        stream
            .video_options
            .set(args, "debug", value.value.to_string());
        stream
            .audio_options
            .set(args, "debug", value.value.to_string());
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{audio, problems, video};

    #[test]
    fn the_option_is_handed_on_for_both_media() {
        let want = [("debug".to_owned(), "-1".to_owned())];
        assert_eq!(video("Debug -1").options, want);
        assert_eq!(audio("Debug -1").options, want);
        assert_eq!(
            problems("Stream", "Debug very")[0],
            "error: Debug `very`: a whole number is wanted"
        );
    }
}
