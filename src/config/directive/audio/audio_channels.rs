//! `AudioChannels`: mono, stereo or more.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::number::number;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "AudioChannels",
    args: "<number>",
    default: "1",
    doc: "Number of channels (`ac`), at most 8.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(count) = args.value("a number", |word| number(word, 1, 8)) {
        stream.audio.channels = u16::try_from(count.value).ok();
        stream
            .audio_options
            .set(args, "ac", count.value.to_string());
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{audio, problems};

    #[test]
    fn sound_has_channels() {
        assert_eq!(audio("AudioChannels 2").channels, Some(2));
        assert_eq!(
            audio("AudioChannels 2").options,
            [("ac".to_owned(), "2".to_owned())]
        );
        assert_eq!(
            problems("Stream", "AudioChannels 0"),
            ["error: AudioChannels `0`: a whole number from 1 to 8 is wanted"]
        );
    }
}
