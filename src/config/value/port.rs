//! TCP ports.

use super::{Wrong, number::number};
use crate::config::args::Args;
use crate::config::diagnostic::Diagnostic;
use crate::config::source::Spanned;

/// Ports below this one need a privileged process on most systems.
const FIRST_UNPRIVILEGED: u16 = 1024;

/// A port; 0 lets the system choose a free one.
pub(crate) fn port(word: &str) -> Result<u16, Wrong> {
    let value = number(word, 0, u16::MAX.into());
    let value = value.ok().and_then(|value| u16::try_from(value).ok());
    value.ok_or_else(|| Wrong::new("a port is a number from 1 to 65535"))
}

/// Warns of a port that the server may not be allowed to open.
pub(crate) fn warn_of_port(port: &Spanned<u16>, args: &mut Args<'_, '_>) {
    if (1..FIRST_UNPRIVILEGED).contains(&port.value) {
        let message = format!("port {} is below {FIRST_UNPRIVILEGED}", port.value);
        args.push(
            Diagnostic::warning(port.span, message)
                .label("only a privileged process may open it")
                .help("take a port such as 8090, or give the program CAP_NET_BIND_SERVICE"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_sixteen_bits() {
        for (word, want) in [
            ("0", Some(0)),
            ("1", Some(1)),
            ("8090", Some(8090)),
            ("65535", Some(65535)),
            ("65536", None),
            ("70000", None),
            ("http", None),
        ] {
            assert_eq!(port(word).ok(), want, "{word}");
        }
    }
}
