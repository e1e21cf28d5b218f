//! `RTSPBindAddress`: on which address RTSP is served.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::GlobalDraft;
use crate::config::value::address::bind_address;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "RTSPBindAddress",
    args: "<address>",
    default: "all addresses, IPv4 and IPv6",
    standing: Standing::NotYet("RTSP is not served yet"),
    doc: "Address of this machine on which RTSP is served.",
    apply: Apply::Global(apply),
    ..Directive::BASE
};

fn apply(global: &mut GlobalDraft, args: &mut Args<'_, '_>) {
    let world = args.world;
    let parse = |word: &str| bind_address(word, world);
    if let Some(address) = args.value("an address or host name", parse) {
        global.rtsp_bind = Some(address.value);
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{global, problems};

    #[test]
    fn rtsp_listens_on_the_address() {
        let line = "RTSPBindAddress 127.0.0.1";
        assert_eq!(global(line).rtsp_bind, Some("127.0.0.1".parse().unwrap()));
        assert_eq!(
            problems("", line),
            ["warning: `RTSPBindAddress` does not work in this version"]
        );
    }
}
