//! `Qscale`: a fixed quality.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::number::number;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "Qscale",
    args: "<quantizer>",
    standing: Standing::OldFeeders,
    doc: "Fixed quantizer (`flags=+qscale`, `global_quality` in units of 1/118).",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(q) = args.value("a number", |word| number(word, 1, 69)) {
        stream.video_options.set(args, "flags", "+qscale");
        stream
            .video_options
            .set(args, "global_quality", (q.value * LAMBDA).to_string());
    }
}

/// Units of `global_quality` in a step of the quantizer (FFSERVER.md 1.4).
const LAMBDA: u64 = 118;

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    #[test]
    fn the_option_is_handed_on() {
        let want = [("flags", "+qscale"), ("global_quality", "354")];
        let want = want.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(video("Qscale 3").options, want);
        assert_eq!(
            problems("Stream", "Qscale best")[0],
            "error: Qscale `best`: a whole number from 1 to 69 is wanted"
        );
    }
}
