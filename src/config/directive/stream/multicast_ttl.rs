//! `MulticastTTL`: how far multicast packets go.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::number::number;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "MulticastTTL",
    args: "<number>",
    standing: Standing::NotYet("multicast is not sent yet: let players open the stream over HTTP"),
    doc: "How many routers multicast packets pass.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(_: &mut StreamDraft, args: &mut Args<'_, '_>) {
    let _ = args.value("a number", |word| number(word, 0, 255));
}

#[cfg(test)]
mod tests {
    use crate::config::testing::problems;

    #[test]
    fn hops_are_read() {
        for (line, want) in [
            (
                "MulticastTTL 1",
                "warning: `MulticastTTL` does not work in this version",
            ),
            (
                "MulticastTTL 256",
                "error: MulticastTTL `256`: a whole number from 0 to 255 is wanted",
            ),
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
