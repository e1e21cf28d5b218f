//! `DynamicACL`: rules in a file that is read for every viewer.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "DynamicACL",
    args: "<file>",
    standing: Standing::NotYet(
        "write the rules as `ACL` lines; until then nobody may open the stream",
    ),
    doc: "Named a file with `ACL` lines that was read for every viewer. Lest a stream be open that should \
          not, nobody may open one with this line.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if args.word("a file").is_some() {
        stream.dynamic_acl = true;
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, stream};

    #[test]
    fn a_stream_is_closed_rather_than_open_by_mistake() {
        let acl = stream("ACL allow 10.0.0.1\nDynamicACL /etc/acl").acl;
        for peer in ["127.0.0.1", "10.0.0.1", "::1", "2001:db8::1"] {
            assert!(!acl.allows(peer.parse().unwrap()), "{peer}");
        }
        assert_eq!(
            problems("Stream", "DynamicACL /etc/acl"),
            ["warning: `DynamicACL` does not work in this version"]
        );
    }
}
