//! `Preroll`: start in the past.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::seconds::seconds;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "Preroll",
    args: "<seconds>",
    default: "0",
    doc: "Seconds before the newest picture at which a viewer starts, as far as the ring goes back. \
          `?buffer=SECONDS` in the URL takes its place.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(time) = args.value("a number of seconds", seconds) {
        stream.preroll = time.value;
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, stream};

    use std::time::Duration;

    #[test]
    fn viewers_start_in_the_past() {
        for (line, want_ms) in [("", 0), ("Preroll 10", 10_000), ("Preroll 0.5", 500)] {
            assert_eq!(
                stream(line).preroll,
                Duration::from_millis(want_ms),
                "{line}"
            );
        }
        for (line, want) in [
            (
                "Preroll 10s",
                "error: Preroll `10s`: seconds from 0 to 86400 are wanted",
            ),
            (
                "Preroll -1",
                "error: Preroll `-1`: seconds from 0 to 86400 are wanted",
            ),
        ] {
            assert_eq!(problems("Stream", line), [want], "{line}");
        }
    }
}
