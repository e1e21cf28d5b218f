//! `FileMaxSize`: how long the ring is.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::FeedDraft;
use crate::config::value::byte_size::ring_size;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "FileMaxSize",
    args: "<size>",
    default: "`5M`",
    doc: "Size of the ring file in bytes, or with `K`, `M` or `G` in powers of 1024; at least 16384. The \
          oldest part is overwritten when it is reached. `0` sets no limit.",
    apply: Apply::Feed(apply),
    ..Directive::BASE
};

fn apply(feed: &mut FeedDraft, args: &mut Args<'_, '_>) {
    if let Some(size) = args.joined("a size", ring_size) {
        feed.max_size = Some(size.value);
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{feed, problems};

    #[test]
    fn the_ring_has_a_size() {
        for (line, want) in [
            ("", Some(5 << 20)),
            ("Filemaxsize 1m", Some(1 << 20)),
            ("FileMaxSize 200K", Some(200 << 10)),
            ("FileMaxSize 2G", Some(2 << 30)),
            ("FileMaxSize 0", None),
        ] {
            assert_eq!(feed(line).max_size_bytes, want, "{line}");
        }
        for (line, want) in [
            (
                "Filemaxsize 1 m",
                "error: spaces inside the value of `Filemaxsize`",
            ),
            (
                "FileMaxSize 1",
                "error: FileMaxSize `1`: 1 bytes are too few, a ring has at least 16384",
            ),
            (
                "FileMaxSize 1M 2M",
                "warning: `2M` is more than `FileMaxSize` takes",
            ),
        ] {
            assert_eq!(problems("Feed", line), [want], "{line}");
        }
    }
}
