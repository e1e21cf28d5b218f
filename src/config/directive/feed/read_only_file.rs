//! `ReadOnlyFile` in a feed: a recording that nobody posts to.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::FeedDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "ReadOnlyFile",
    args: "<file>",
    doc: "A ring file that is published and never written; nobody may post to the feed.",
    apply: Apply::Feed(apply),
    ..Directive::BASE
};

fn apply(feed: &mut FeedDraft, args: &mut Args<'_, '_>) {
    super::file::set(feed, args, true);
}

#[cfg(test)]
mod tests {
    use crate::config::testing::feed;

    #[test]
    fn a_recording_takes_no_posts() {
        let feed = feed("ReadOnlyFile /tmp/feed1.ffm");
        assert_eq!(feed.file.to_str(), Some("/tmp/feed1.ffm"));
        assert!(feed.read_only);
    }
}
