//! `LoadModule`: a module of ffserver 0.8.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::GlobalDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "LoadModule",
    args: "<file>",
    standing: Standing::NotYet("there are no modules: delete the line"),
    doc: "Loaded a module into ffserver 0.8.",
    apply: Apply::Global(apply),
    ..Directive::BASE
};

fn apply(_: &mut GlobalDraft, args: &mut Args<'_, '_>) {
    let _ = args.word("a file");
}

#[cfg(test)]
mod tests {
    use crate::config::testing::problems;

    #[test]
    fn modules_are_not_loaded() {
        assert_eq!(
            problems("", "LoadModule /a.so"),
            ["warning: `LoadModule` does not work in this version"]
        );
    }
}
