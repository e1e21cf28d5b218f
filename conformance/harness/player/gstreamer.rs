//! GStreamer 1.22: a pipeline for each format, with demuxers of its own. The exit status counts.

use std::process::Command;
use std::time::Duration;

use super::{ENOUGH_PICTURES, Played, files_in, picture_dir};
use crate::harness::process::run;
use crate::harness::scratch::Scratch;

pub(super) fn play(url: &str, format: &str, scratch: &Scratch) -> Result<Played, String> {
    let Some(read) = pipeline(format) else {
        return Err(format!("no GStreamer pipeline for {format}"));
    };
    let dir = picture_dir(scratch, "gst");
    let mut command = Command::new("gst-launch-1.0");
    command
        .args(["-q", "souphttpsrc"])
        .arg(format!("location={url}"))
        .arg("!")
        .args(read.split(' '))
        .args([
            "!",
            "videoconvert",
            "!",
            "identity",
            &format!("eos-after={ENOUGH_PICTURES}"),
        ])
        .args(["!", "pngenc", "!", "multifilesink"])
        .arg(format!("location={}/%06d.png", dir.display()));
    let finished = run(&mut command, Duration::from_secs(40));
    if !finished.success() {
        return Err(finished.describe());
    }
    let pictures = files_in(&dir, "png");
    if pictures.len() + 1 < ENOUGH_PICTURES {
        return Err(format!(
            "{} pictures; {}",
            pictures.len(),
            finished.describe()
        ));
    }
    Ok(Played { pictures })
}

/// From bytes to raw pictures.
fn pipeline(format: &str) -> Option<&'static str> {
    Some(match format {
        "avi" => "avidemux ! h264parse ! avdec_h264",
        "flv" => "flvdemux ! h264parse ! avdec_h264",
        "mpegts" => "tsdemux ! h264parse ! avdec_h264",
        "mp4" => "qtdemux ! h264parse ! avdec_h264",
        "h264" => "h264parse ! avdec_h264",
        "mpjpeg" => "multipartdemux ! jpegdec",
        "mjpeg" => "jpegparse ! jpegdec",
        _ => return None,
    })
}
