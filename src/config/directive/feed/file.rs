//! `File` in a feed: its ring file.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::diagnostic::Diagnostic;
use crate::config::draft::FeedDraft;
use crate::config::value::path::path;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "File",
    args: "<file>",
    default: "`/tmp/NAME.ffm`",
    doc: "The ring file that keeps the last of the feed; created if it is not there.",
    apply: Apply::Feed(apply),
    ..Directive::BASE
};

fn apply(feed: &mut FeedDraft, args: &mut Args<'_, '_>) {
    set(feed, args, false);
}

/// Sets the ring, which `ReadOnlyFile` names as well.
pub(super) fn set(feed: &mut FeedDraft, args: &mut Args<'_, '_>, read_only: bool) {
    let Some(file) = args.value("a file", path) else {
        return;
    };
    if let Some(first) = &feed.file
        && feed.read_only != read_only
    {
        args.push(
            Diagnostic::warning(args.line(), "the feed has two files")
                .label("this one counts")
                .related(first.span, "and this does not"),
        );
    }
    feed.file = Some(file);
    feed.read_only = read_only;
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{feed, problems};

    #[test]
    fn the_ring_is_a_file() {
        for (line, want) in [
            ("", "/tmp/f.ffm.ffm"),
            ("File /tmp/feed1.ffm", "/tmp/feed1.ffm"),
            ("file \"/a b/c\"", "/a b/c"),
            ("File /a # comment", "/a"),
        ] {
            assert_eq!(feed(line).file.to_str(), Some(want), "{line}");
            assert!(!feed(line).read_only, "{line}");
        }
        for (line, want) in [
            (
                "File/tmp/feed1.ffm",
                "error: a space is missing behind `File`",
            ),
            ("File ~/a", "error: File `~/a`: `~` stands for nothing here"),
            ("File", "error: `File` wants a file"),
            ("File /a b", "warning: `b` is more than `File` takes"),
            ("File /a\nFile /b", "warning: `File` is given twice"),
            (
                "ReadOnlyFile /a\nFile /b",
                "warning: the feed has two files",
            ),
        ] {
            assert_eq!(problems("Feed", line), [want], "{line}");
        }
    }
}
