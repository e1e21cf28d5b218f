//! `AudioQuality`: a setting of ffserver 0.8.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "AudioQuality",
    args: "<number>",
    standing: Standing::NoEffect("ffserver never used it either"),
    doc: "Was read by ffserver 0.8 and never used.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(_: &mut StreamDraft, args: &mut Args<'_, '_>) {
    let _ = args.word("a number");
}

#[cfg(test)]
mod tests {
    use crate::config::testing::problems;

    #[test]
    fn it_never_had_an_effect() {
        assert_eq!(
            problems("Stream", "AudioQuality 1"),
            ["note: `AudioQuality` has no effect"]
        );
    }
}
