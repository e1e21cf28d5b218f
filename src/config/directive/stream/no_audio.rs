//! `NoAudio`: a stream without sound.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "NoAudio",
    doc: "Leaves the sound out.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    stream.no_audio = Some(args.line());
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, stream};

    #[test]
    fn the_sound_is_left_out() {
        assert!(stream("").audio.is_some());
        assert!(stream("Noaudio").audio.is_none());
        assert_eq!(
            problems("Stream", "NoVideo\nNoAudio"),
            ["error: the stream `s.flv` has neither video nor audio"]
        );
    }
}
