//! `AVOptionVideo`: any option of the video encoder.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::directive::av_option;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "AVOptionVideo",
    args: "<name> <value>",
    repeats: true,
    doc: "Any option of the encoder by its ffmpeg name, such as `AVOptionVideo preset veryfast`. Those that have \
          a directive of their own mean the same as it; others reach ffmpeg's own feeders only.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    av_option::video(stream, args);
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    use media::FrameRate;

    #[test]
    fn options_are_handed_on_and_understood() {
        let lines = "AVOptionVideo flags +global_header\nAVOptionVideo libx264:preset veryfast";
        let want = [("flags", "+global_header"), ("preset", "veryfast")];
        let want = want.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(video(lines).options, want);
        assert_eq!(video("AVOptionVideo g 3").gop_size, Some(3));
        assert_eq!(video("AVOptionVideo b 64000").bit_rate_bps, Some(64_000));
        assert_eq!(video("AVOptionVideo b 2M").bit_rate_bps, Some(2_000_000));
        assert_eq!(video("AVOptionVideo qmin 2").qmin, Some(2));
        assert_eq!(video("AVOptionVideo qmax 9").qmax, Some(9));
        assert_eq!(
            video("AVOptionVideo video_size cif").size_px,
            Some((352, 288))
        );
        assert_eq!(
            video("AVOptionVideo time_base 1/25").frame_rate,
            FrameRate::new(25, 1)
        );
    }

    #[test]
    fn doubtful_options_are_named() {
        for (line, want) in [
            (
                "AVOptionVideo foo 3",
                "warning: the encoder option `foo` is unknown",
            ),
            (
                "AVOptionVideo preset",
                "error: `AVOptionVideo` wants a name and a value",
            ),
            (
                "AVOptionVideo g 3\nVideoGopSize 4",
                "warning: the encoder option `g` is set twice",
            ),
            (
                "AVOptionVideo g many",
                "error: AVOptionVideo `many`: a whole number from 1 to 65535 is wanted",
            ),
            (
                "AVOptionVideo a=b 1",
                "error: AVOptionVideo `a=b`: the name of an option is wanted",
            ),
        ] {
            let found = problems("Stream", line);
            assert_eq!(found.last().map(String::as_str), Some(want), "{line}");
        }
    }
}
