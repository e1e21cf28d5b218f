//! The players: each opens a URL the way a person would, without a screen, and says what it saw.

mod chromium;
mod ffmpeg;
mod ffplay;
mod gstreamer;
mod mpv;
mod vlc;

use std::path::{Path, PathBuf};

use super::scratch::Scratch;

pub(crate) use ffmpeg::{decode, probe_packets};

/// How many pictures a player must have shown before it counts as playing.
const ENOUGH_PICTURES: usize = 25;

/// A program that plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Player {
    Ffmpeg,
    Ffplay,
    Vlc,
    GStreamer,
    Mpv,
    Chromium,
}

/// What a player showed.
#[derive(Debug)]
pub(crate) struct Played {
    /// Pictures it showed, oldest first, as files; empty for players that cannot save any.
    pub(crate) pictures: Vec<PathBuf>,
}

impl Player {
    pub(crate) const ALL: [Self; 6] = [
        Self::Ffmpeg,
        Self::Ffplay,
        Self::Vlc,
        Self::GStreamer,
        Self::Mpv,
        Self::Chromium,
    ];

    /// Its name in `cases.toml`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ffmpeg => "ffmpeg",
            Self::Ffplay => "ffplay",
            Self::Vlc => "vlc",
            Self::GStreamer => "gstreamer",
            Self::Mpv => "mpv",
            Self::Chromium => "chromium",
        }
    }

    /// What has to be on the path. (`ffmpeg` also reads the saved pictures.)
    pub(crate) fn tools(self) -> &'static [&'static str] {
        match self {
            Self::Ffmpeg => &["ffmpeg"],
            Self::Ffplay => &["ffplay"],
            Self::Vlc => &["cvlc", "setpriv", "ffmpeg"],
            Self::GStreamer => &["gst-launch-1.0", "ffmpeg"],
            Self::Mpv => &["mpv", "ffmpeg"],
            Self::Chromium => &["chromium", "chromedriver", "ffmpeg"],
        }
    }

    /// Plays a stream of a format until enough of it was shown.
    ///
    /// # Errors
    /// What the player complained about.
    pub(crate) fn play(self, url: &str, format: &str, scratch: &Scratch) -> Result<Played, String> {
        match self {
            Self::Ffmpeg => ffmpeg::play(url, scratch),
            Self::Ffplay => ffplay::play(url),
            Self::Vlc => vlc::play(url, scratch),
            Self::GStreamer => gstreamer::play(url, format, scratch),
            Self::Mpv => mpv::play(url, scratch),
            Self::Chromium => chromium::play(url, format, scratch),
        }
    }
}

/// The files in a directory with this extension, in the order of their names.
fn files_in(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}

/// A fresh directory for the pictures of one run.
fn picture_dir(scratch: &Scratch, player: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::Builder::new()
        .prefix(player)
        .tempdir_in(scratch.path())
        .expect("a directory for pictures")
        .keep();
    std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o777)).expect("chmod");
    dir
}
