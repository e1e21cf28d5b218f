//! `Launch`: a feeder that the server starts.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::FeedDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "Launch",
    args: "<command> [<argument>...]",
    standing: Standing::NotYet(
        "start the feeder yourself: `ferrocast feed -i INPUT http://HOST:PORT/FEED`",
    ),
    doc: "Started a feeder with the server, and again when it ended.",
    apply: Apply::Feed(apply),
    ..Directive::BASE
};

fn apply(_: &mut FeedDraft, args: &mut Args<'_, '_>) {
    let _ = args.word("a command");
    let _ = args.all();
}

#[cfg(test)]
mod tests {
    use crate::config::testing::problems;

    #[test]
    fn feeders_are_not_started() {
        assert_eq!(
            problems("Feed", "Launch ffmpeg -i /dev/video0"),
            ["warning: `Launch` does not work in this version"]
        );
    }
}
