//! Names of formats, for `Format` and for the extensions of names.

use formats::Format;

use super::Wrong;
use crate::config::model::StreamFormat;
use crate::config::nearest::nearest;

/// Formats of ffserver that this version cannot write, with the extensions they are guessed from.
/// The first name is the one that is shown.
const UNAVAILABLE: [(&[&str], &[&str]); 22] = [
    (
        &["mpeg", "vob", "dvd", "vcd", "svcd", "mpegps"],
        &["mpg", "mpeg", "vob"],
    ),
    (&["asf", "asf_stream"], &["asf", "wmv", "wma"]),
    (&["swf"], &["swf"]),
    (&["rm"], &["rm", "ra"]),
    (&["ogg", "ogv", "oga"], &["ogg", "ogv", "oga"]),
    (&["webm"], &["webm"]),
    (&["matroska"], &["mkv", "mka"]),
    (&["mov", "3gp", "ipod", "psp"], &["mov", "3gp"]),
    (&["mp3"], &["mp3"]),
    (&["mp2"], &["mp2"]),
    (&["adts"], &["aac"]),
    (&["ac3"], &["ac3"]),
    (&["wav"], &["wav"]),
    (&["au"], &["au"]),
    (&["flac"], &["flac"]),
    (&["mpeg1video", "mpeg2video", "mpegvideo"], &["m1v", "m2v"]),
    (&["m4v"], &[]),
    (&["h263"], &["h263"]),
    (&["hevc"], &["hevc", "265"]),
    (&["gif"], &["gif"]),
    (&["dv"], &["dv"]),
    (
        &["rawvideo", "yuv4mpegpipe", "image2", "image2pipe", "nut"],
        &["nut", "y4m"],
    ),
];

/// What people write for a format that has another name.
const NICKNAMES: [(&str, &str); 9] = [
    ("ts", "mpegts"),
    ("m2ts", "mpegts"),
    ("mpg", "mpeg"),
    ("ps", "mpeg"),
    ("jpg", "jpeg"),
    ("singlejpeg", "jpeg"),
    ("mjpg", "mpjpeg"),
    ("264", "h264"),
    ("rtsp", "rtp"),
];

/// The format of a name, in any case.
pub(crate) fn format(word: &str) -> Result<StreamFormat, Wrong> {
    if let Some(format) = Format::from_name(word) {
        return Ok(StreamFormat::Container(format));
    }
    let is = |name: &&str| name.eq_ignore_ascii_case(word);
    if is(&"rtp") {
        return Ok(StreamFormat::Rtp);
    }
    if is(&"status") {
        return Ok(StreamFormat::Status);
    }
    if let Some((names, _)) = UNAVAILABLE.iter().find(|(names, _)| names.iter().any(is)) {
        return Ok(StreamFormat::Unavailable(
            names.first().copied().unwrap_or(""),
        ));
    }
    let wrong = Wrong::new("no format of that name");
    if let Some((_, name)) = NICKNAMES.iter().find(|(nick, _)| is(nick)) {
        return Err(wrong.surely(*name));
    }
    let names = Format::ALL
        .into_iter()
        .map(Format::name)
        .chain(["rtp", "status"]);
    Err(match nearest(word, names) {
        Some(near) => wrong.perhaps(Some(near)),
        None => wrong.help(format!("the formats are {}", names_text())),
    })
}

/// The format that a name's extension stands for.
pub(crate) fn format_of_name(name: &str) -> Option<StreamFormat> {
    if let Some(format) = Format::from_file_name(name) {
        return Some(StreamFormat::Container(format));
    }
    let (_, extension) = name.rsplit_once('.')?;
    let is = |known: &&str| known.eq_ignore_ascii_case(extension);
    let (names, _) = UNAVAILABLE
        .iter()
        .find(|(_, extensions)| extensions.iter().any(is))?;
    names.first().map(|name| StreamFormat::Unavailable(name))
}

/// The names of all formats that can be written, for people.
pub(crate) fn names_text() -> String {
    let names = Format::ALL.map(|format| format!("`{}`", format.name()));
    format!("{}, `rtp` and `status`", names.join(", "))
}

/// What to write instead of a format that this version cannot write.
pub(crate) fn instead_of(name: &str) -> &'static str {
    match name {
        "mpeg" | "mpeg1video" | "matroska" | "rm" | "dv" | "hevc" => "`mpegts`",
        "asf" | "swf" => "`flv` or `mpegts`",
        "mov" | "m4v" | "webm" | "ogg" | "gif" => "`mp4`",
        "mp3" | "mp2" | "adts" | "ac3" | "wav" | "au" | "flac" => "`mpegts` with `NoVideo`",
        _ => "`avi`, `flv`, `mpegts` or `mp4`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_have_names_in_any_case() {
        for (word, want) in [
            ("avi", Ok(StreamFormat::Container(Format::Avi))),
            ("AVI", Ok(StreamFormat::Container(Format::Avi))),
            ("mpegts", Ok(StreamFormat::Container(Format::MpegTs))),
            ("mpjpeg", Ok(StreamFormat::Container(Format::MpJpeg))),
            ("jpeg", Ok(StreamFormat::Container(Format::Jpeg))),
            ("rtp", Ok(StreamFormat::Rtp)),
            ("Status", Ok(StreamFormat::Status)),
            ("asf", Ok(StreamFormat::Unavailable("asf"))),
            ("asf_stream", Ok(StreamFormat::Unavailable("asf"))),
            ("ts", Err(Some("mpegts"))),
            ("mjpg", Err(Some("mpjpeg"))),
            ("avii", Err(Some("avi"))),
            ("nosuch", Err(None)),
        ] {
            let got = format(word).map_err(|wrong| wrong.instead);
            assert_eq!(got, want.map_err(|text| text.map(str::to_owned)), "{word}");
        }
    }

    #[test]
    fn formats_are_guessed_from_extensions() {
        for (name, want) in [
            ("live.flv", Some(StreamFormat::Container(Format::Flv))),
            ("a.b.AVI", Some(StreamFormat::Container(Format::Avi))),
            ("live.wmv", Some(StreamFormat::Unavailable("asf"))),
            ("live", None),
            ("a.xyz", None),
        ] {
            assert_eq!(format_of_name(name), want, "{name}");
        }
    }
}
