//! `AVOptionAudio`: any option of the audio encoder.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::directive::av_option;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "AVOptionAudio",
    args: "<name> <value>",
    repeats: true,
    doc: "Any option of the encoder by its ffmpeg name, such as `AVOptionAudio flags +global_header`. Those that have \
          a directive of their own mean the same as it; others reach ffmpeg's own feeders only.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    av_option::audio(stream, args);
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{audio, problems};

    #[test]
    fn options_are_handed_on_and_understood() {
        let want = [("flags".to_owned(), "+global_header".to_owned())];
        assert_eq!(audio("AVOptionAudio flags +global_header").options, want);
        assert_eq!(audio("AVOptionAudio b 64k").bit_rate_bps, Some(64_000));
        assert_eq!(audio("AVOptionAudio ar 44100").sample_rate_hz, Some(44_100));
        assert_eq!(audio("AVOptionAudio ac 2").channels, Some(2));
        assert_eq!(
            problems("Stream", "AVOptionAudio ac many"),
            ["error: AVOptionAudio `many`: a whole number from 1 to 8 is wanted"]
        );
    }
}
