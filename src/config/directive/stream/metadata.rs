//! `Metadata`: a label of a stream.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::Wrong;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "Metadata",
    args: "<key> <text>",
    repeats: true,
    doc: "A label of the stream, such as `Metadata title \"The yard\"`, written where the container has a \
          place for it.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(key) = args.word("a key and a value") {
        add(stream, args, key.text);
    }
}

/// Longer labels fit no container.
const MAX_LABEL_BYTES: usize = 1024;

/// Reads the value of a label.
pub(super) fn add(stream: &mut StreamDraft, args: &mut Args<'_, '_>, key: &str) {
    let text = |word: &str| {
        let fits = word.len() <= MAX_LABEL_BYTES && !word.contains(char::is_control);
        let why = format!("a text of at most {MAX_LABEL_BYTES} bytes is wanted");
        fits.then(|| word.to_owned()).ok_or_else(|| Wrong::new(why))
    };
    if let Some(value) = args.value("a text, in quotes if it has spaces", text) {
        stream.metadata.push((key.to_owned(), value.value));
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, stream};

    #[test]
    fn labels_are_kept_in_order() {
        let lines =
            "Metadata title \"Live FLV\"\nTitle again\nAuthor 'A B'\nComment c\nCopyright 2026";
        let want = [
            ("title", "Live FLV"),
            ("title", "again"),
            ("author", "A B"),
            ("comment", "c"),
            ("copyright", "2026"),
        ];
        let want = want.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(stream(lines).metadata, want);
        for (line, want) in [
            ("Metadata", "error: `Metadata` wants a key and a value"),
            (
                "Metadata title",
                "error: `Metadata` wants a text, in quotes if it has spaces",
            ),
            (
                "Title Live FLV",
                "warning: `FLV` is more than `Title` takes",
            ),
        ] {
            assert_eq!(problems("Stream", line), [want], "{line}");
        }
    }
}
