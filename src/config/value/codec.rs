//! Names of codecs: those of ffmpeg's encoders, which old configurations use, and those of codecs.

use media::{CodecId, MediaKind};

use super::Wrong;
use crate::config::nearest::nearest;

/// Names beside [`CodecId::name`].
const ENCODERS: [(&str, CodecId); 37] = [
    ("av1_nvenc", CodecId::Av1),
    ("libaom-av1", CodecId::Av1),
    ("librav1e", CodecId::Av1),
    ("libsvtav1", CodecId::Av1),
    ("rav1e", CodecId::Av1),
    ("flv", CodecId::Flv1),
    ("sorenson", CodecId::Flv1),
    ("h263p", CodecId::H263),
    ("avc", CodecId::H264),
    ("h264_nvenc", CodecId::H264),
    ("h264_omx", CodecId::H264),
    ("h264_qsv", CodecId::H264),
    ("h264_v4l2m2m", CodecId::H264),
    ("h264_vaapi", CodecId::H264),
    ("libopenh264", CodecId::H264),
    ("libx264", CodecId::H264),
    ("openh264", CodecId::H264),
    ("x264", CodecId::H264),
    ("h265", CodecId::Hevc),
    ("libx265", CodecId::Hevc),
    ("jpeg", CodecId::Mjpeg),
    ("libxvid", CodecId::Mpeg4),
    ("xvid", CodecId::Mpeg4),
    ("msmpeg4", CodecId::MsMpeg4V3),
    ("libtheora", CodecId::Theora),
    ("libvpx", CodecId::Vp8),
    ("libvpx-vp9", CodecId::Vp9),
    ("libfaac", CodecId::Aac),
    ("libfdk_aac", CodecId::Aac),
    ("libvo_aacenc", CodecId::Aac),
    ("libtwolame", CodecId::Mp2),
    ("libmp3lame", CodecId::Mp3),
    ("libopus", CodecId::Opus),
    ("libspeex", CodecId::Speex),
    ("libvorbis", CodecId::Vorbis),
    ("wma", CodecId::Wma2),
    ("mpeg2", CodecId::Mpeg2Video),
];

/// Every codec that has a name here.
const CODECS: [CodecId; 36] = [
    CodecId::Av1,
    CodecId::Flv1,
    CodecId::H263,
    CodecId::H264,
    CodecId::Hevc,
    CodecId::Mjpeg,
    CodecId::Mpeg1Video,
    CodecId::Mpeg2Video,
    CodecId::Mpeg4,
    CodecId::MsMpeg4V1,
    CodecId::MsMpeg4V2,
    CodecId::MsMpeg4V3,
    CodecId::Rv10,
    CodecId::Rv20,
    CodecId::Theora,
    CodecId::Vp8,
    CodecId::Vp9,
    CodecId::Wmv1,
    CodecId::Wmv2,
    CodecId::Aac,
    CodecId::Ac3,
    CodecId::AdpcmSwf,
    CodecId::Flac,
    CodecId::Mp2,
    CodecId::Mp3,
    CodecId::Nellymoser,
    CodecId::Opus,
    CodecId::PcmALaw,
    CodecId::PcmMuLaw,
    CodecId::PcmS16Be,
    CodecId::PcmS16Le,
    CodecId::PcmU8,
    CodecId::Speex,
    CodecId::Vorbis,
    CodecId::Wma1,
    CodecId::Wma2,
];

/// A codec of the wanted medium by the name of it or of one of its encoders.
pub(crate) fn codec(word: &str, kind: MediaKind) -> Result<CodecId, Wrong> {
    let (medium, other) = match kind {
        MediaKind::Video => ("video", "an audio"),
        MediaKind::Audio => ("audio", "a video"),
    };
    let names = || {
        names()
            .filter(move |(_, codec)| codec.kind() == kind)
            .map(|(name, _)| name)
    };
    match names_of(word) {
        Some(codec) if codec.kind() == kind => Ok(codec),
        Some(codec) => Err(Wrong::new(format!("{codec} is {other} codec"))),
        None if word.eq_ignore_ascii_case("copy") => Err(Wrong::new(
            "whether packets are copied is the feeder's choice, not the feed's",
        )
        .help("leave the line out and start the feeder with `-c copy`")),
        None => {
            Err(Wrong::new(format!("no {medium} codec of that name"))
                .perhaps(nearest(word, names())))
        }
    }
}

fn names_of(word: &str) -> Option<CodecId> {
    names()
        .find(|(name, _)| name.eq_ignore_ascii_case(word))
        .map(|(_, codec)| codec)
}

fn names() -> impl Iterator<Item = (&'static str, CodecId)> {
    CODECS
        .into_iter()
        .map(|codec| (codec.name(), codec))
        .chain(ENCODERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codecs_have_names_of_their_own_and_of_their_encoders() {
        for (word, kind, want) in [
            ("libx264", MediaKind::Video, Ok(CodecId::H264)),
            ("h264", MediaKind::Video, Ok(CodecId::H264)),
            ("MPEG4", MediaKind::Video, Ok(CodecId::Mpeg4)),
            ("flv", MediaKind::Video, Ok(CodecId::Flv1)),
            ("mjpeg", MediaKind::Video, Ok(CodecId::Mjpeg)),
            ("msmpeg4", MediaKind::Video, Ok(CodecId::MsMpeg4V3)),
            ("aac", MediaKind::Audio, Ok(CodecId::Aac)),
            ("libmp3lame", MediaKind::Audio, Ok(CodecId::Mp3)),
            ("mp2", MediaKind::Audio, Ok(CodecId::Mp2)),
            ("wmav1", MediaKind::Audio, Ok(CodecId::Wma1)),
            ("libx26", MediaKind::Video, Err(Some("libx264"))),
            ("nosuch", MediaKind::Video, Err(None)),
            ("aac", MediaKind::Video, Err(None)),
            ("copy", MediaKind::Video, Err(None)),
            ("", MediaKind::Audio, Err(None)),
        ] {
            let got = codec(word, kind).map_err(|wrong| wrong.instead);
            assert_eq!(got, want.map_err(|text| text.map(str::to_owned)), "{word}");
        }
    }
}
