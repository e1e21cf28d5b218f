//! `AudioCodec`: the codec of the sound.

use media::MediaKind;

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::codec::codec;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "AudioCodec",
    args: "<codec>",
    default: "ffserver's default of the format",
    doc: "Codec, by the name of it or of an ffmpeg encoder: `aac`, `mp2`, `libmp3lame`, ...",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(codec) = args.value("a codec", |word| codec(word, MediaKind::Audio)) {
        stream.audio_codec = Some(codec);
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{audio, problems};

    use media::CodecId;

    #[test]
    fn sound_has_a_codec() {
        for (line, want) in [
            ("", None),
            ("AudioCodec aac", Some(CodecId::Aac)),
            ("audiocodec libmp3lame", Some(CodecId::Mp3)),
            (
                "Format mpegts
    AudioCodec mp2",
                Some(CodecId::Mp2),
            ),
        ] {
            assert_eq!(audio(line).codec, want, "{line}");
        }
        for (line, want) in [
            (
                "AudioCodec mp33",
                "error: AudioCodec `mp33`: no audio codec of that name",
            ),
            (
                "AudioCodec h264",
                "error: AudioCodec `h264`: h264 is a video codec",
            ),
            ("AudioCodec mp2", "error: `flv` has no place for mp2"),
        ] {
            assert_eq!(problems("Stream", line), [want], "{line}");
        }
    }
}
