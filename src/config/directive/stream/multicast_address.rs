//! `MulticastAddress`: send to a group.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::address::bind_address;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "MulticastAddress",
    args: "<address>",
    standing: Standing::NotYet("multicast is not sent yet: let players open the stream over HTTP"),
    doc: "Sent the stream to a multicast group from the start of the server on.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(_: &mut StreamDraft, args: &mut Args<'_, '_>) {
    let world = args.world;
    let _ = args.value("an address", |word| bind_address(word, world));
}

#[cfg(test)]
mod tests {
    use crate::config::testing::problems;

    #[test]
    fn multicast_is_announced_as_missing() {
        assert_eq!(
            problems("Stream", "MulticastAddress 239.255.12.34"),
            ["warning: `MulticastAddress` does not work in this version"]
        );
    }
}
