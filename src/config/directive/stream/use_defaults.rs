//! `UseDefaults` in a stream: encoder settings that it does not state.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::source::Spanned;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "UseDefaults",
    default: "as outside of sections",
    doc: "For this stream: fills what is not stated with ffserver's defaults.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    stream.use_defaults = Some(Spanned {
        value: true,
        span: args.line(),
    });
}

#[cfg(test)]
mod tests {
    use crate::config::testing::stream;

    #[test]
    fn it_is_the_default() {
        assert!(stream("UseDefaults").use_defaults);
        assert!(stream("").use_defaults);
    }
}
