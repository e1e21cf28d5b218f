//! `Format`: the container of a stream.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;
use crate::config::value::format::format;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "Format",
    args: "<format>",
    default: "after the extension of NAME, then of the file",
    doc: "Container: `avi`, `ffm`, `flv`, `h264`, `jpeg`, `mjpeg`, `mp4`, `mpegts` or `mpjpeg`. \
          `jpeg` is one picture, `rtp` a stream over RTSP only, `status` the \
          status page.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    if let Some(format) = args.value("a format", format) {
        stream.format = Some(format);
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, stream};

    use formats::Format;

    use crate::config::model::StreamFormat;

    #[test]
    fn streams_have_a_format() {
        for (line, want) in [
            ("", StreamFormat::Container(Format::Flv)),
            ("Format AVI", StreamFormat::Container(Format::Avi)),
            ("format mpegts", StreamFormat::Container(Format::MpegTs)),
            ("Format rtp", StreamFormat::Rtp),
            ("Format asf", StreamFormat::Unavailable("asf")),
            ("Format Status", StreamFormat::Status),
        ] {
            assert_eq!(stream(line).format, want, "{line}");
        }
        for (line, want) in [
            (
                "Format avii",
                "error: Format `avii`: no format of that name",
            ),
            (
                "Format rtp",
                "warning: `rtp` streams are served over RTSP only",
            ),
            (
                "Format asf",
                "warning: `asf` cannot be written in this version",
            ),
            ("Format status", "warning: a status page publishes nothing"),
        ] {
            assert_eq!(problems("Stream", line), [want], "{line}");
        }
    }

    #[test]
    fn every_format_stands_in_the_documentation() {
        for format in Format::ALL {
            assert!(
                super::DIRECTIVE
                    .doc
                    .contains(&format!("`{}`", format.name())),
                "{}",
                format.name()
            );
        }
    }
}
