//! `VideoSize`: the size of the pictures.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::diagnostic::Diagnostic;
use crate::config::draft::StreamDraft;
use crate::config::source::Spanned;
use crate::config::value::video_size::video_size;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "VideoSize",
    args: "<width>x<height>|<name>",
    default: "160x128",
    doc: "Size in pixels (`video_size`), such as `640x480`, or a name: `cif`, `vga`, `hd720`, ...",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

/// The largest picture that the H.264 encoder takes.
const H264_MAX_PX: (u32, u32) = (3840, 2160);

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    let Some(Spanned {
        value: (width, height),
        span,
    }) = args.joined("a size", video_size)
    else {
        return;
    };
    if width % 2 != 0 || height % 2 != 0 {
        args.push(
            Diagnostic::warning(span, format!("{width}x{height} is not even"))
                .label("H.264 pictures have even sides, so an edge may be cut or added")
                .help(format!("write `{}x{}`", width & !1, height & !1)),
        );
    }
    if width.max(height) > H264_MAX_PX.0 || width.min(height) > H264_MAX_PX.1 {
        let message = format!("{width}x{height} is more than the H.264 encoder takes");
        let most = format!("at most {}x{}", H264_MAX_PX.0, H264_MAX_PX.1);
        args.push(Diagnostic::warning(span, message).label(most));
    }
    stream.video.size_px = Some((width, height));
    stream
        .video_options
        .set(args, "video_size", format!("{width}x{height}"));
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    #[test]
    fn pictures_have_a_size() {
        for (line, want, option) in [
            ("Videosize 352x288", (352, 288), "352x288"),
            ("VideoSize cif", (352, 288), "352x288"),
            ("VideoSize HD720", (1280, 720), "1280x720"),
        ] {
            assert_eq!(video(line).size_px, Some(want), "{line}");
            assert_eq!(
                video(line).options,
                [("video_size".to_owned(), option.to_owned())]
            );
        }
        for (line, want) in [
            (
                "VideoSize 352 x 288",
                "error: spaces inside the value of `VideoSize`",
            ),
            ("VideoSize 111x111", "warning: 111x111 is not even"),
            (
                "VideoSize 7680x4320",
                "warning: 7680x4320 is more than the H.264 encoder takes",
            ),
            (
                "VideoSize big",
                "error: VideoSize `big`: a size is `WIDTHxHEIGHT` in pixels or a name such as `cif`, \
                 `vga`, `hd720`",
            ),
        ] {
            assert_eq!(problems("Stream", line), [want], "{line}");
        }
    }
}
