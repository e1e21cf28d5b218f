//! `NoDefaults` in a stream: encoder settings that it does not state.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::source::Spanned;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "NoDefaults",
    doc: "For this stream: leaves what is not stated to the feeder.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    stream.use_defaults = Some(Spanned {
        value: false,
        span: args.line(),
    });
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, stream};

    #[test]
    fn what_is_needed_must_be_stated() {
        let stated = "NoDefaults\nVideoSize cif\nAudioBitRate 64\nAudioSampleRate 44100";
        assert!(!stream(stated).use_defaults);
        for (line, want) in [
            (
                "NoDefaults\nNoAudio",
                &["error: `NoDefaults` and no `VideoSize`"][..],
            ),
            (
                "NoDefaults\nNoVideo",
                &[
                    "error: `NoDefaults` and no `AudioBitRate`",
                    "error: `NoDefaults` and no `AudioSampleRate`",
                ],
            ),
        ] {
            assert_eq!(problems("Stream", line), want, "{line}");
        }
    }
}
