//! `NoVideo`: a stream without pictures.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "NoVideo",
    doc: "Leaves the pictures out.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    stream.no_video = Some(args.line());
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, stream};

    #[test]
    fn the_pictures_are_left_out() {
        assert!(stream("").video.is_some());
        assert!(stream("Novideo").video.is_none());
        assert_eq!(
            problems("Stream", "NoVideo\nNoAudio"),
            ["error: the stream `s.flv` has neither video nor audio"]
        );
    }
}
