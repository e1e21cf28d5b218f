//! `VideoBitRateTolerance`: how far the bit rate may be off.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::bit_rate::bit_rate;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "VideoBitRateTolerance",
    args: "<kbit/s>",
    standing: Standing::OldFeeders,
    doc: "By how many kbit/s the bit rate may be off (`bt`).",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(value) = args.value("a number of kbit/s", bit_rate) {
        stream
            .video_options
            .set(args, "bt", value.value.to_string());
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    #[test]
    fn the_option_is_handed_on() {
        assert_eq!(
            video("VideoBitRateTolerance 25").options,
            [("bt".to_owned(), "25000".to_owned())]
        );
        assert_eq!(
            problems("Stream", "VideoBitRateTolerance 25"),
            ["note: `VideoBitRateTolerance` reaches ffmpeg's own feeders only"]
        );
        let refused = problems("Stream", "VideoBitRateTolerance x");
        assert!(
            refused[0].starts_with("error: VideoBitRateTolerance `x`: "),
            "{refused:?}"
        );
    }
}
