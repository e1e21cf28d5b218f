//! `InputFormat`: the format of a published file.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "InputFormat",
    args: "<format>",
    standing: Standing::NoEffect("files are recognised by their content"),
    doc: "Named the format of a published file.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(_: &mut StreamDraft, args: &mut Args<'_, '_>) {
    let _ = args.word("a format");
}

#[cfg(test)]
mod tests {
    use crate::config::testing::problems;

    #[test]
    fn files_are_recognised_without_it() {
        assert_eq!(
            problems("Stream", "InputFormat avi"),
            ["note: `InputFormat` has no effect"]
        );
    }
}
