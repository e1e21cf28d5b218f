//! `Copyright`: a label of a stream.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "Copyright",
    args: "<text>",
    doc: "The same as `Metadata copyright`.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    super::metadata::add(stream, args, "copyright");
}

#[cfg(test)]
mod tests {
    use crate::config::testing::stream;

    #[test]
    fn it_is_a_label() {
        let want = [("copyright".to_owned(), "A b".to_owned())];
        assert_eq!(stream("Copyright \"A b\"").metadata, want);
    }
}
