//! `DctFastint`: a fast transform.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "DctFastint",
    standing: Standing::OldFeeders,
    doc: "Takes a fast integer transform (`dct=fastint`).",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    stream.video_options.set(args, "dct", "fastint");
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    #[test]
    fn the_option_is_handed_on() {
        let want = [("dct", "fastint")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(video("DctFastint").options, want);
        assert_eq!(
            problems("Stream", "DctFastint"),
            ["note: `DctFastint` reaches ffmpeg's own feeders only"]
        );
    }
}
