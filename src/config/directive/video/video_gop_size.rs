//! `VideoGopSize`: how far key frames are apart.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::number::number_u32;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "VideoGopSize",
    args: "<frames>",
    default: "the encoder's: about one every 12 frames with ffmpeg",
    doc: "A key frame every so many frames (`g`).",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(size) = args.value("a number of frames", |word| number_u32(word, 1, MAX_FRAMES)) {
        stream.video.gop_size = Some(size.value);
        stream.video_options.set(args, "g", size.value.to_string());
    }
}

/// What the 16 bits of an old feed header hold (FFSERVER.md 5.1).
const MAX_FRAMES: u32 = 65_535;

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    #[test]
    fn key_frames_come_regularly() {
        for (line, want) in [
            ("Videogopsize 30", 30),
            ("VideoIntraOnly", 1),
            ("VideoGopSize 1", 1),
        ] {
            assert_eq!(video(line).gop_size, Some(want), "{line}");
            assert_eq!(video(line).options, [("g".to_owned(), want.to_string())]);
        }
        for (line, want) in [
            (
                "VideoGopSize 0",
                "error: VideoGopSize `0`: a whole number from 1 to 65535 is wanted",
            ),
            (
                "VideoGopSize 3\nVideoIntraOnly",
                "warning: the encoder option `g` is set twice",
            ),
        ] {
            assert_eq!(problems("Stream", line), [want], "{line}");
        }
    }
}
