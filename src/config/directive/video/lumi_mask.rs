//! `LumiMask`: spend fewer bits on bright areas.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::number::decimal;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "LumiMask",
    args: "<number>",
    standing: Standing::OldFeeders,
    doc: "Strength of the masking of bright areas (`lumi_mask`).",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(strength) = args.value("a number", decimal) {
        stream.video_options.set(args, "lumi_mask", strength.value);
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    #[test]
    fn the_option_is_handed_on() {
        assert_eq!(
            video("LumiMask 0.5").options,
            [("lumi_mask".to_owned(), "0.5".to_owned())]
        );
        assert_eq!(
            problems("Stream", "LumiMask x")[0],
            "error: LumiMask `x`: a decimal number is wanted"
        );
    }
}
