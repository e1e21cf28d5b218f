//! `ferrocast probe`: what is in a media file or stream.

use std::ffi::OsStr;
use std::process::ExitCode;

use media::{CodecParameters, MediaParameters};

/// Lists a source.
pub fn run(source: &OsStr, packets: bool) -> ExitCode {
    let _ = (source, packets);
    ExitCode::FAILURE
}

/// A track in a few words: `h264 352x288, 25 frames a second`.
#[must_use]
pub fn describe_track(params: &CodecParameters) -> String {
    match &params.media {
        MediaParameters::Video(video) => {
            let rate = video
                .frame_rate
                .map(|rate| format!(", {rate} frames a second"))
                .unwrap_or_default();
            format!(
                "{} {}x{}{rate}",
                params.codec, video.width_px, video.height_px
            )
        }
        MediaParameters::Audio(audio) => format!(
            "{} {} Hz, {} channel{}",
            params.codec,
            audio.sample_rate_hz,
            audio.channels,
            if audio.channels == 1 { "" } else { "s" }
        ),
    }
}
