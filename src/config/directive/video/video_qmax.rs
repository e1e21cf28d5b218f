//! `VideoQMax`: the worst quality of the pictures.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::number::number;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "VideoQMax",
    args: "<quantizer>",
    default: "the encoder's",
    doc: "Largest quantizer (`qmax`): the worst quality an encoder may give.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(q) = args.value("a number", |word| number(word, 1, 69)) {
        stream.video.qmax = u8::try_from(q.value).ok();
        stream.video_options.set(args, "qmax", q.value.to_string());
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    #[test]
    fn quantizers_have_limits() {
        assert_eq!(video("Videoqmax 2").qmax, Some(2));
        assert_eq!(
            video("VideoQMax 2").options,
            [("qmax".to_owned(), "2".to_owned())]
        );
        for word in ["0", "70", "99", "x"] {
            assert_eq!(
                problems("Stream", &format!("VideoQMax {word}")),
                [format!(
                    "error: VideoQMax `{word}`: a whole number from 1 to 69 is wanted"
                )]
            );
        }
    }
}
