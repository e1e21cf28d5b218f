//! `HoldViewers`: how long viewers wait for a feeder to come back.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::FeedDraft;
use crate::config::value::seconds::seconds;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "HoldViewers",
    args: "<seconds>",
    default: "10",
    standing: Standing::Ours,
    doc: "How long viewers are kept when the feeder is gone. When it comes back in that time they go on \
          watching; else their streams end.",
    apply: Apply::Feed(apply),
    ..Directive::BASE
};

fn apply(feed: &mut FeedDraft, args: &mut Args<'_, '_>) {
    if let Some(time) = args.value("a number of seconds", seconds) {
        feed.hold_viewers = Some(time.value);
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{feed, problems};

    use std::time::Duration;

    #[test]
    fn viewers_are_held() {
        for (line, want_ms) in [
            ("", 10_000),
            ("HoldViewers 30", 30_000),
            ("holdviewers 0.5", 500),
        ] {
            assert_eq!(
                feed(line).hold_viewers,
                Duration::from_millis(want_ms),
                "{line}"
            );
        }
        assert_eq!(
            problems("Feed", "HoldViewers long"),
            ["error: HoldViewers `long`: seconds from 0 to 86400 are wanted"]
        );
    }
}
