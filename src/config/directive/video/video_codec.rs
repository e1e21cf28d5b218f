//! `VideoCodec`: the codec of the pictures.

use media::MediaKind;

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::codec::codec;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "VideoCodec",
    args: "<codec>",
    default: "old feeders: ffserver's default of the format; the feeder of this program: H.264",
    doc: "Codec, by the name of it or of an ffmpeg encoder: `libx264`, `mjpeg`, `mpeg4`, ... Codecs that \
          the feeder of this program has no encoder for become H.264 there.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(codec) = args.value("a codec", |word| codec(word, MediaKind::Video)) {
        stream.video_codec = Some(codec);
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    use media::CodecId;

    #[test]
    fn pictures_have_a_codec() {
        for (line, want) in [
            ("", None),
            ("VideoCodec libx264", Some(CodecId::H264)),
            (
                "Format avi
    videocodec mpeg4",
                Some(CodecId::Mpeg4),
            ),
            ("VideoCodec flv", Some(CodecId::Flv1)),
        ] {
            assert_eq!(video(line).codec, want, "{line}");
        }
        for (line, want) in [
            (
                "VideoCodec nosuch",
                "error: VideoCodec `nosuch`: no video codec of that name",
            ),
            (
                "VideoCodec aac",
                "error: VideoCodec `aac`: aac is an audio codec",
            ),
            ("VideoCodec mpeg4", "error: `flv` has no place for mpeg4"),
            (
                "Format mpjpeg
    VideoCodec libx264",
                "error: `mpjpeg` has no place for h264",
            ),
        ] {
            assert_eq!(problems("Stream", line), [want], "{line}");
        }
    }
}
