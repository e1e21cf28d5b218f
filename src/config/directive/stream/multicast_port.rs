//! `MulticastPort`: the port of the group.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::port::port;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "MulticastPort",
    args: "<port>",
    standing: Standing::NotYet("multicast is not sent yet: let players open the stream over HTTP"),
    doc: "First port of the multicast group.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(_: &mut StreamDraft, args: &mut Args<'_, '_>) {
    let _ = args.value("a port", port);
}

#[cfg(test)]
mod tests {
    use crate::config::testing::problems;

    #[test]
    fn ports_are_read() {
        for (line, want) in [
            (
                "MulticastPort 25000",
                "warning: `MulticastPort` does not work in this version",
            ),
            (
                "MulticastPort x",
                "error: MulticastPort `x`: a port is a number from 1 to 65535",
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
