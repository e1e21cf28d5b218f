//! `StartSendOnKey`: begin with a key frame.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "StartSendOnKey",
    doc: "Begins with a key frame, which this server always does.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, _: &mut Args<'_, '_>) {
    stream.start_send_on_key = true;
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, stream};

    #[test]
    fn it_is_kept() {
        assert!(stream("Startsendonkey").start_send_on_key);
        assert!(!stream("").start_send_on_key);
        assert_eq!(problems("Stream", "StartSendOnKey"), [""; 0]);
    }
}
