//! `AudioSampleRate`: samples a second.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::number::number_u32;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "AudioSampleRate",
    args: "<Hz>",
    default: "22050",
    doc: "Samples a second (`ar`), such as `44100`.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(rate) = args.value("a number of Hz", |word| number_u32(word, 1000, 384_000)) {
        stream.audio.sample_rate_hz = Some(rate.value);
        stream.audio_options.set(args, "ar", rate.value.to_string());
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{audio, problems};

    #[test]
    fn sound_is_sampled() {
        assert_eq!(audio("AudioSampleRate 44100").sample_rate_hz, Some(44_100));
        assert_eq!(
            audio("AudioSampleRate 44100").options,
            [("ar".to_owned(), "44100".to_owned())]
        );
        assert_eq!(
            problems("Stream", "AudioSampleRate 44.1"),
            ["error: AudioSampleRate `44.1`: a whole number from 1000 to 384000 is wanted"]
        );
    }
}
