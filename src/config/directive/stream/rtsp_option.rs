//! `RTSPOption`: a word that ffserver kept and never used.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "RTSPOption",
    args: "<text>",
    standing: Standing::NoEffect("ffserver never used it either"),
    doc: "Was read by ffserver and never used.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(_: &mut StreamDraft, args: &mut Args<'_, '_>) {
    let _ = args.word("a text");
}

#[cfg(test)]
mod tests {
    use crate::config::testing::problems;

    #[test]
    fn it_never_had_an_effect() {
        assert_eq!(
            problems("Stream", "RTSPOption x"),
            ["note: `RTSPOption` has no effect"]
        );
    }
}
