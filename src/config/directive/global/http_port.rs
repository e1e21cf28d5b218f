//! `HTTPPort`: where HTTP is served.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::GlobalDraft;
use crate::config::value::port::{port, warn_of_port};

pub(super) static DIRECTIVE: Directive = Directive {
    name: "HTTPPort",
    aliases: &["Port"],
    args: "<port>",
    default: "HTTP is not served",
    doc: "TCP port of the HTTP server. `0` takes a free port, which is printed at start. Ports below 1024 \
          need privileges.",
    apply: Apply::Global(apply),
    ..Directive::BASE
};

fn apply(global: &mut GlobalDraft, args: &mut Args<'_, '_>) {
    if let Some(port) = args.value("a port", port) {
        warn_of_port(&port, args);
        global.http_port = Some(port);
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{global, problems};

    #[test]
    fn http_is_served_on_the_port() {
        for (line, want) in [
            ("HTTPPort 8090", 8090),
            ("Port 10535", 10535),
            ("port 0x1f90", 8080),
            ("HTTPPort 0", 0),
            ("HTTPPort 80", 80),
        ] {
            assert_eq!(global(line).http_port, Some(want), "{line}");
        }
        for (line, want) in [
            ("HTTPPort 80", "warning: port 80 is below 1024"),
            (
                "HTTPPort 70000",
                "error: HTTPPort `70000`: a port is a number from 1 to 65535",
            ),
            ("HTTPPort", "error: `HTTPPort` wants a port"),
        ] {
            assert_eq!(problems("", line), [want], "{line}");
        }
    }
}
