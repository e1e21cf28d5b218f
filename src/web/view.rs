//! What the page knows of a stream.

use super::PREVIEW_PREFIX;
use super::escape::percent_encoded;

/// A stream as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamView {
    /// Name, as in the URL.
    pub name: String,
    /// Name of the format, as in the configuration: `flv`.
    pub format: String,
    /// The feed that it is a stream of; `None` for files.
    pub feed: Option<String>,
    /// Absolute URLs, the best first.
    pub urls: Vec<String>,
    /// How the page can show it.
    pub preview: Preview,
    /// Connections that are being served, previews included.
    pub viewers: u32,
    /// What a viewer is sent, in kbit/s: measured while live, else nominal.
    pub kbit_per_s: u64,
    /// Whether a viewer who comes now gets pictures.
    pub live: bool,
    /// One line for people: `live`, or why not and what to do about it.
    pub state: String,
}

/// How a browser can show a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preview {
    /// Not at all: a codec that browsers have not, or not live yet.
    None,
    /// By Media Source Extensions, from fragmented MP4.
    Mp4 {
        /// Its MIME type with `codecs` (RFC 6381): `video/mp4; codecs="avc1.42c01e"`.
        mime_type: String,
    },
    /// As an image that is replaced again and again: multipart JPEG.
    MultipartJpeg,
}

/// The path and query of a stream's preview. `buffer=0`: from the live edge, nothing older.
#[must_use]
pub fn preview_path(name: &str, preview: &Preview) -> Option<String> {
    let extension = match preview {
        Preview::None => return None,
        Preview::Mp4 { .. } => "mp4",
        Preview::MultipartJpeg => "mjpg",
    };
    let name = percent_encoded(name);
    Some(format!("{PREVIEW_PREFIX}{name}.{extension}?buffer=0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preview_paths_carry_any_name() {
        let mp4 = Preview::Mp4 {
            mime_type: "video/mp4; codecs=\"avc1.42c01e\"".to_owned(),
        };
        for (name, preview, want) in [
            (
                "live.flv",
                &mp4,
                Some("/.ferrocast/preview/live.flv.mp4?buffer=0"),
            ),
            (
                "a/b c?.ts",
                &mp4,
                Some("/.ferrocast/preview/a%2Fb%20c%3F.ts.mp4?buffer=0"),
            ),
            (
                "x.mjpg",
                &Preview::MultipartJpeg,
                Some("/.ferrocast/preview/x.mjpg.mjpg?buffer=0"),
            ),
            ("x.avi", &Preview::None, None),
        ] {
            assert_eq!(preview_path(name, preview).as_deref(), want, "{name}");
        }
    }
}
