//! `LumaElim`: drop single coefficients of brightness.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "LumaElim",
    args: "<number>",
    standing: Standing::NoEffect("later versions of ffserver dropped it as well"),
    doc: "Dropped single coefficients of brightness in ffserver 0.8.",
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
            problems("Stream", "LumaElim 4"),
            ["note: `LumaElim` has no effect"]
        );
    }
}
