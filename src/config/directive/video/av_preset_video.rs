//! `AVPresetVideo`: a file of encoder options.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "AVPresetVideo",
    args: "<name>",
    standing: Standing::NotYet("write the options of the file as `AVOptionVideo` lines"),
    doc: "Named an `.ffpreset` file of ffmpeg with options of the encoder.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(_: &mut StreamDraft, args: &mut Args<'_, '_>) {
    let _ = args.word("a name");
}

#[cfg(test)]
mod tests {
    use crate::config::testing::problems;

    #[test]
    fn preset_files_are_not_read() {
        assert_eq!(
            problems("Stream", "AVPresetVideo baseline"),
            ["warning: `AVPresetVideo` does not work in this version"]
        );
    }
}
