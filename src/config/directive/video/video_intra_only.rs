//! `VideoIntraOnly`: nothing but key frames.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "VideoIntraOnly",
    doc: "Every frame is a key frame (`g=1`).",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    stream.video.gop_size = Some(1);
    stream.video_options.set(args, "g", "1");
}

#[cfg(test)]
mod tests {
    use crate::config::testing::video;

    #[test]
    fn every_frame_is_a_key_frame() {
        assert_eq!(video("VideoIntraOnly").gop_size, Some(1));
    }
}
