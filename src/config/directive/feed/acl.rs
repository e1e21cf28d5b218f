//! `ACL` in a feed: who may post and read it.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::FeedDraft;
use crate::config::value::acl;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "ACL",
    args: "allow|deny <first> [<last>]",
    default: "everybody may",
    repeats: true,
    doc: "Who may post to the feed or read it. FIRST is an address, a network such as `10.0.0.0/8` or a host name, whose addresses \
          all count; with LAST it is a range of addresses. `127.0.0.1` stands for `::1` as well. The first \
          rule that matches decides; where none does, the opposite of the last rule holds.",
    apply: Apply::Feed(apply),
    ..Directive::BASE
};

fn apply(feed: &mut FeedDraft, args: &mut Args<'_, '_>) {
    acl::read(&mut feed.acl, args);
}

#[cfg(test)]
mod tests {
    use crate::config::testing::feed;

    #[test]
    fn rules_add_up_in_order() {
        let acl = feed("ACL deny 10.0.0.1\nACL allow 10.0.0.0/8").acl;
        assert_eq!(acl.rules.len(), 2);
        assert!(!acl.allows("10.0.0.1".parse().unwrap()));
        assert!(acl.allows("10.0.0.2".parse().unwrap()));
        assert!(!acl.allows("11.0.0.1".parse().unwrap()));
    }
}
