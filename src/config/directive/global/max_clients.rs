//! `MaxClients`: how many connections may be served.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::GlobalDraft;
use crate::config::value::number::number_u32;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "MaxClients",
    args: "<number>",
    default: "1000, or `MaxHTTPConnections` if that is less (ffserver: 5)",
    doc: "Connections that may be served at once: viewers and feeders. One more is answered 503. Not more \
          than `MaxHTTPConnections`.",
    apply: Apply::Global(apply),
    ..Directive::BASE
};

fn apply(global: &mut GlobalDraft, args: &mut Args<'_, '_>) {
    let parse = |word: &str| number_u32(word, 1, 65_535);
    if let Some(count) = args.value("a number", parse) {
        global.max_clients = Some(count);
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{global, problems};

    #[test]
    fn served_connections_are_limited() {
        for (line, want) in [
            ("", 1000),
            ("Maxclients 5", 5),
            ("MaxHTTPConnections 10", 10),
        ] {
            assert_eq!(global(line).max_clients, want, "{line}");
        }
        for (line, want) in [
            (
                "MaxClients 0",
                "error: MaxClients `0`: a whole number from 1 to 65535 is wanted",
            ),
            (
                "MaxClients 20\nMaxHTTPConnections 10",
                "error: MaxClients (20) is more than MaxHTTPConnections (10)",
            ),
        ] {
            assert_eq!(problems("", line), [want], "{line}");
        }
    }
}
