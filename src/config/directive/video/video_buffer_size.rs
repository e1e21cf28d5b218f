//! `VideoBufferSize`: the buffer of the rate control.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::number::number;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "VideoBufferSize",
    args: "<KiB>",
    standing: Standing::OldFeeders,
    doc: "Buffer of the rate control in KiB (`bufsize`, in bits).",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(value) = args.value("a number of KiB", |word| number(word, 1, 200_000)) {
        stream
            .video_options
            .set(args, "bufsize", (value.value * 8192).to_string());
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    #[test]
    fn the_option_is_handed_on() {
        assert_eq!(
            video("VideoBufferSize 40").options,
            [("bufsize".to_owned(), "327680".to_owned())]
        );
        assert_eq!(
            problems("Stream", "VideoBufferSize 40"),
            ["note: `VideoBufferSize` reaches ffmpeg's own feeders only"]
        );
        let refused = problems("Stream", "VideoBufferSize x");
        assert!(
            refused[0].starts_with("error: VideoBufferSize `x`: "),
            "{refused:?}"
        );
    }
}
