//! `VideoHighQuality`: decide by bits.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "VideoHighQuality",
    standing: Standing::OldFeeders,
    doc: "Chooses macroblock modes by the bits they take (`mbd=+bits`).",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    stream.video_options.set(args, "mbd", "+bits");
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    #[test]
    fn the_option_is_handed_on() {
        let want = [("mbd", "+bits")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(video("VideoHighQuality").options, want);
        assert_eq!(
            problems("Stream", "VideoHighQuality"),
            ["note: `VideoHighQuality` reaches ffmpeg's own feeders only"]
        );
    }
}
