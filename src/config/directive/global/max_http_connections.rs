//! `MaxHTTPConnections`: how many connections may be open.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::GlobalDraft;
use crate::config::value::number::number_u32;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "MaxHTTPConnections",
    args: "<number>",
    default: "2000, or `MaxClients` if that is more",
    doc: "Connections that may be open at once, idle ones included. One more is answered 503.",
    apply: Apply::Global(apply),
    ..Directive::BASE
};

fn apply(global: &mut GlobalDraft, args: &mut Args<'_, '_>) {
    let parse = |word: &str| number_u32(word, 1, 65_535);
    if let Some(count) = args.value("a number", parse) {
        global.max_http_connections = Some(count);
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{global, problems};

    #[test]
    fn open_connections_are_limited() {
        for (line, want) in [
            ("", 2000),
            ("MaxHTTPConnections 3000", 3000),
            ("maxhttpconnections 1\nMaxClients 1", 1),
            ("MaxClients 5000", 5000),
        ] {
            assert_eq!(global(line).max_http_connections, want, "{line}");
        }
        assert_eq!(
            problems("", "MaxHTTPConnections 0"),
            ["error: MaxHTTPConnections `0`: a whole number from 1 to 65535 is wanted"]
        );
    }
}
