//! `IdctSimple`: a simple inverse transform.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "IdctSimple",
    standing: Standing::OldFeeders,
    doc: "Takes a simple inverse transform (`idct=simple`).",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    stream.video_options.set(args, "idct", "simple");
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    #[test]
    fn the_option_is_handed_on() {
        let want = [("idct", "simple")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(video("IdctSimple").options, want);
        assert_eq!(
            problems("Stream", "IdctSimple"),
            ["note: `IdctSimple` reaches ffmpeg's own feeders only"]
        );
    }
}
