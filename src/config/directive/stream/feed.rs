//! `Feed` in a stream: publish a feed.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "Feed",
    args: "<name>",
    doc: "Publishes a feed live. The feed may stand anywhere in the file.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(name) = args.joined("the name of a feed", |word| Ok(word.to_owned())) {
        stream.feed = Some(name);
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, stream};

    use crate::config::model::StreamSource;

    #[test]
    fn a_feed_is_published() {
        assert_eq!(stream("").source, StreamSource::Feed("f.ffm".to_owned()));
        for (line, want) in [
            ("Feed f.fmm", "error: no feed `f.fmm`"),
            ("Feed f. ffm", "error: spaces inside the value of `Feed`"),
            ("Feed", "error: `Feed` wants the name of a feed"),
            ("File /a", "error: the stream `s.flv` has a feed and a file"),
        ] {
            assert!(
                problems("Stream", line)
                    .iter()
                    .any(|problem| problem == want),
                "{line}"
            );
        }
    }
}
