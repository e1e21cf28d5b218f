//! `VideoQMin`: the best quality of the pictures.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::number::number;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "VideoQMin",
    args: "<quantizer>",
    default: "the encoder's",
    doc: "Smallest quantizer (`qmin`): the best quality an encoder may give.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(q) = args.value("a number", |word| number(word, 1, 69)) {
        stream.video.qmin = u8::try_from(q.value).ok();
        stream.video_options.set(args, "qmin", q.value.to_string());
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    #[test]
    fn quantizers_have_limits() {
        assert_eq!(video("Videoqmin 2").qmin, Some(2));
        assert_eq!(
            video("VideoQMin 2").options,
            [("qmin".to_owned(), "2".to_owned())]
        );
        for word in ["0", "70", "99", "x"] {
            assert_eq!(
                problems("Stream", &format!("VideoQMin {word}")),
                [format!(
                    "error: VideoQMin `{word}`: a whole number from 1 to 69 is wanted"
                )]
            );
        }
    }
}
