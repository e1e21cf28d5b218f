//! `Video4MotionVector`: four vectors a block.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "Video4MotionVector",
    standing: Standing::OldFeeders,
    doc: "Allows four motion vectors a macroblock (`mbd=+bits`, `flags=+mv4`).",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    stream.video_options.set(args, "mbd", "+bits");
    stream.video_options.set(args, "flags", "+mv4");
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    #[test]
    fn the_option_is_handed_on() {
        let want = [("mbd", "+bits"), ("flags", "+mv4")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(video("Video4MotionVector").options, want);
        assert_eq!(
            problems("Stream", "Video4MotionVector"),
            ["note: `Video4MotionVector` reaches ffmpeg's own feeders only"]
        );
    }
}
