//! `Truncate`: every feeder starts with an empty ring.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::FeedDraft;
use crate::config::value::number::number;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "Truncate",
    args: "[0|1]",
    default: "off",
    doc: "Empties the ring whenever a feeder connects. With the number 0 it does not.",
    apply: Apply::Feed(apply),
    ..Directive::BASE
};

fn apply(feed: &mut FeedDraft, args: &mut Args<'_, '_>) {
    let on = match args.peek() {
        Some(_) => args
            .value("0 or 1", |word| number(word, 0, 1))
            .map(|on| on.value == 1),
        None => Some(true),
    };
    if let Some(on) = on {
        feed.truncate = on;
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{feed, problems};

    #[test]
    fn rings_are_emptied_on_demand() {
        for (line, want) in [
            ("", false),
            ("Truncate", true),
            ("Truncate 1", true),
            ("Truncate 0", false),
        ] {
            assert_eq!(feed(line).truncate, want, "{line}");
        }
        assert_eq!(
            problems("Feed", "Truncate yes"),
            ["error: Truncate `yes`: a whole number from 0 to 1 is wanted"]
        );
    }
}
