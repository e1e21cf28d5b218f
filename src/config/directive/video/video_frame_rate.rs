//! `VideoFrameRate`: pictures a second.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::frame_rate::frame_rate;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "VideoFrameRate",
    args: "<rate>",
    default: "5",
    doc: "Frames a second (`time_base`): `25`, `29.97`, `30000/1001`, or `pal`, `ntsc`, `film`.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(rate) = args.joined("a frame rate", frame_rate) {
        let rate = rate.value;
        stream.video.frame_rate = Some(rate);
        stream
            .video_options
            .set(args, "time_base", format!("{}/{}", rate.den(), rate.num()));
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    use media::FrameRate;

    #[test]
    fn pictures_come_at_a_rate() {
        for (line, num, den, option) in [
            ("Videoframerate 10", 10, 1, "1/10"),
            ("VideoFrameRate 30000/1001", 30_000, 1001, "1001/30000"),
            ("VideoFrameRate ntsc", 30_000, 1001, "1001/30000"),
            ("VideoFrameRate 12.5", 25, 2, "2/25"),
        ] {
            assert_eq!(video(line).frame_rate, FrameRate::new(num, den), "{line}");
            assert_eq!(
                video(line).options,
                [("time_base".to_owned(), option.to_owned())]
            );
        }
        for (line, want) in [
            (
                "VideoFrameRate 30000 / 1001",
                "error: spaces inside the value of `VideoFrameRate`",
            ),
            (
                "VideoFrameRate abc",
                "error: VideoFrameRate `abc`: frames per second are wanted: `25`, `29.97`, \
                 `30000/1001` or `pal`, `ntsc`, `film`",
            ),
        ] {
            assert_eq!(problems("Stream", line), [want], "{line}");
        }
    }
}
