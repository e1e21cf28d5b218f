//! `ReadOnlyFile` in a stream: as `File`.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "ReadOnlyFile",
    args: "<file>",
    doc: "The same as `File`: a published file is never written.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    super::file::read(stream, args);
}

#[cfg(test)]
mod tests {
    use crate::config::testing::config;

    use crate::config::model::StreamSource;

    #[test]
    fn it_is_a_file() {
        let text = "HTTPPort 8090\n<Stream s.flv>\nReadOnlyFile /a.flv\n</Stream>";
        assert_eq!(
            config(text).streams[0].source,
            StreamSource::File("/a.flv".into())
        );
    }
}
