//! `VideoBitRateRange`: limits of the bit rate.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::bit_rate::bit_rate_range;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "VideoBitRateRange",
    args: "<min>-<max>",
    standing: Standing::OldFeeders,
    doc: "Least and largest bit rate in kbit/s (`minrate`, `maxrate`).",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(range) = args.joined("a range", bit_rate_range) {
        let (min, max) = range.value;
        stream.video_options.set(args, "minrate", min.to_string());
        stream.video_options.set(args, "maxrate", max.to_string());
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    #[test]
    fn the_limits_are_handed_on() {
        let want = [("minrate", "100000"), ("maxrate", "400000")];
        let want = want.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(video("VideoBitRateRange 100-400").options, want);
        for (line, want) in [
            (
                "VideoBitRateRange 5",
                "error: VideoBitRateRange `5`: a range is written `min-max` in kbit/s, such as `100-400`",
            ),
            (
                "VideoBitRateRange 5 - 9",
                "error: spaces inside the value of `VideoBitRateRange`",
            ),
        ] {
            assert_eq!(
                problems("Stream", line).first().map(String::as_str),
                Some(want),
                "{line}"
            );
        }
    }
}
