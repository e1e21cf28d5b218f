//! `MaxTime`: the longest a viewer is served.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::seconds::seconds;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "MaxTime",
    args: "<seconds>",
    default: "no limit",
    doc: "Seconds after which a viewer's stream is ended properly. `0` sets no limit.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(time) = args.value("a number of seconds", seconds) {
        stream.max_time = Some(time.value).filter(|time| !time.is_zero());
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, stream};

    use std::time::Duration;

    #[test]
    fn viewers_are_served_for_a_time() {
        for (line, want) in [("", None), ("Maxtime 100", Some(100)), ("MaxTime 0", None)] {
            assert_eq!(
                stream(line).max_time,
                want.map(Duration::from_secs),
                "{line}"
            );
        }
        assert_eq!(
            problems("Stream", "MaxTime never"),
            ["error: MaxTime `never`: seconds from 0 to 86400 are wanted"]
        );
    }
}
