//! `RTSPPort`: where RTSP is served.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::GlobalDraft;
use crate::config::value::port::{port, warn_of_port};

pub(super) static DIRECTIVE: Directive = Directive {
    name: "RTSPPort",
    args: "<port>",
    default: "RTSP is not served",
    standing: Standing::NotYet("RTSP is not served yet: let players open the streams over HTTP"),
    doc: "TCP port of the RTSP server. `0` takes a free port.",
    apply: Apply::Global(apply),
    ..Directive::BASE
};

fn apply(global: &mut GlobalDraft, args: &mut Args<'_, '_>) {
    if let Some(port) = args.value("a port", port) {
        warn_of_port(&port, args);
        global.rtsp_port = Some(port);
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{global, problems};

    #[test]
    fn rtsp_is_announced_as_missing() {
        assert_eq!(global("Rtspport 5454").rtsp_port, Some(5454));
        for (line, want) in [
            (
                "RTSPPort 5454",
                "warning: `RTSPPort` does not work in this version",
            ),
            (
                "RTSPPort x",
                "error: RTSPPort `x`: a port is a number from 1 to 65535",
            ),
        ] {
            assert_eq!(
                problems("", line).first().map(String::as_str),
                Some(want),
                "{line}"
            );
        }
    }
}
