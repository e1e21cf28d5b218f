//! `FaviconURL`: the icon of a status page.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "FaviconURL",
    args: "<address>",
    standing: Standing::NoEffect("the pages load nothing from elsewhere"),
    doc: "Named an icon for the status page.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(_: &mut StreamDraft, args: &mut Args<'_, '_>) {
    let _ = args.word("an address");
}

#[cfg(test)]
mod tests {
    use crate::config::testing::problems;

    #[test]
    fn pages_have_icons_of_their_own() {
        assert_eq!(
            problems("Stream", "FaviconURL http://a/b.ico"),
            ["note: `FaviconURL` has no effect"]
        );
    }
}
