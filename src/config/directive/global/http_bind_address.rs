//! `HTTPBindAddress`: on which address HTTP is served.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::GlobalDraft;
use crate::config::value::address::bind_address;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "HTTPBindAddress",
    aliases: &["BindAddress"],
    args: "<address>",
    default: "all addresses, IPv4 and IPv6",
    doc: "Address of this machine on which HTTP is served, IPv4 or IPv6. `0.0.0.0` is all of IPv4, `::` all \
          addresses of both.",
    apply: Apply::Global(apply),
    ..Directive::BASE
};

fn apply(global: &mut GlobalDraft, args: &mut Args<'_, '_>) {
    let world = args.world;
    let parse = |word: &str| bind_address(word, world);
    if let Some(address) = args.value("an address or host name", parse) {
        global.http_bind = Some(address.value);
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{global, problems};

    #[test]
    fn http_listens_on_the_address() {
        for (line, want) in [
            ("HTTPBindAddress 127.0.0.1", "127.0.0.1"),
            ("BINDADDRESS 0.0.0.0", "0.0.0.0"),
            ("BindAddress ::1", "::1"),
            ("BindAddress localhost", "127.0.0.1"),
        ] {
            assert_eq!(
                global(line).http_bind,
                Some(want.parse().unwrap()),
                "{line}"
            );
        }
        assert_eq!(global("").http_bind, None);
        for (line, want) in [
            (
                "Bindaddress 0.0.0.0,",
                "error: `,` behind the value `0.0.0.0`",
            ),
            (
                "BindAddress 1.2.3",
                "error: BindAddress `1.2.3`: neither an IPv4 or IPv6 address nor a host name",
            ),
        ] {
            assert_eq!(problems("", line), [want], "{line}");
        }
    }
}
