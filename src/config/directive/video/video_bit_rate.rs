//! `VideoBitRate`: the bit rate of the pictures.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::diagnostic::Diagnostic;
use crate::config::draft::StreamDraft;
use crate::config::value::bit_rate::bit_rate;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "VideoBitRate",
    args: "<kbit/s>",
    default: "64",
    doc: "Bit rate in kbit/s (`b`).",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

/// Above this, bit/s were probably meant.
const SUSPICIOUS_BPS: u32 = 200_000_000;

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    let Some(rate) = args.value("a number of kbit/s", bit_rate) else {
        return;
    };
    if rate.value >= SUSPICIOUS_BPS {
        let message = format!("{} Mbit/s is very much", rate.value / 1_000_000);
        args.push(
            Diagnostic::warning(rate.span, message)
                .label("the number counts kbit/s")
                .help(format!("was `{}` meant?", rate.value / 1_000_000)),
        );
    }
    stream.video.bit_rate_bps = Some(rate.value);
    stream.video_options.set(args, "b", rate.value.to_string());
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    #[test]
    fn the_bit_rate_is_in_kilobits() {
        for (line, want) in [("VideoBitRate 100", 100_000), ("Videobitrate 64", 64_000)] {
            assert_eq!(video(line).bit_rate_bps, Some(want), "{line}");
            assert_eq!(video(line).options, [("b".to_owned(), want.to_string())]);
        }
        for (line, want) in [
            (
                "VideoBitRate fast",
                "error: VideoBitRate `fast`: a bit rate is a number of kbit/s, such as `500`",
            ),
            (
                "VideoBitRate 100k",
                "error: VideoBitRate `100k`: a bit rate is a number of kbit/s, such as `500`",
            ),
            ("VideoBitRate 500000", "warning: 500 Mbit/s is very much"),
        ] {
            assert_eq!(problems("Stream", line), [want], "{line}");
        }
    }
}
