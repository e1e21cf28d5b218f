//! `VideoTag`: the four letters that name the codec.

use super::super::{Apply, Directive, Standing};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::Wrong;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "VideoTag",
    args: "<tag>",
    standing: Standing::OldFeeders,
    doc: "Four characters that name the codec in the container (`codec_tag`).",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(tag) = args.value("four characters", tag) {
        stream
            .video_options
            .set(args, "codec_tag", tag.value.to_string());
    }
}

/// Four ASCII characters as a number, the first in the lowest byte, as AVI and MP4 count them.
fn tag(word: &str) -> Result<u32, Wrong> {
    let bytes = <[u8; 4]>::try_from(word.as_bytes())
        .ok()
        .filter(|bytes| bytes.is_ascii());
    bytes
        .map(u32::from_le_bytes)
        .ok_or_else(|| Wrong::new("four ASCII characters are wanted"))
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    #[test]
    fn the_option_is_handed_on() {
        let want = [("codec_tag".to_owned(), 0x4449_5658.to_string())];
        assert_eq!(video("VideoTag XVID").options, want);
        assert_eq!(
            problems("Stream", "VideoTag XVI")[0],
            "error: VideoTag `XVI`: four ASCII characters are wanted"
        );
    }
}
