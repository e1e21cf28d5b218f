//! `ACL` in a stream: who may open it.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::acl;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "ACL",
    args: "allow|deny <first> [<last>]",
    default: "everybody may",
    repeats: true,
    doc: "Who may open the stream. FIRST is an address, a network such as `10.0.0.0/8` or a host name, whose addresses \
          all count; with LAST it is a range of addresses. `127.0.0.1` stands for `::1` as well. The first \
          rule that matches decides; where none does, the opposite of the last rule holds. Others are answered 404.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    acl::read(&mut stream.acl, args);
}

#[cfg(test)]
mod tests {
    use crate::config::testing::stream;

    #[test]
    fn rules_add_up_in_order() {
        let acl = stream("ACL deny 127.0.0.1\nACL deny 10.0.0.0 10.255.255.255").acl;
        for (peer, want) in [
            ("127.0.0.1", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("10.7.0.1", false),
            ("11.0.0.1", true),
        ] {
            assert_eq!(acl.allows(peer.parse().unwrap()), want, "{peer}");
        }
    }
}
