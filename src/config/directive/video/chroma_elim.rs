//! `ChromaElim`: drop single coefficients of colour.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "ChromaElim",
    args: "<number>",
    standing: Standing::NoEffect("later versions of ffserver dropped it as well"),
    doc: "Dropped single coefficients of colour in ffserver 0.8.",
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
    fn it_has_no_effect() {
        assert_eq!(
            problems("Stream", "ChromaElim 4"),
            ["note: `ChromaElim` has no effect"]
        );
    }
}
