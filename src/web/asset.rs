//! The page's script and style, part of the program.

/// A file that goes with the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// Its `Content-Type`.
    pub mime_type: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// The asset at a path, if there is one.
#[must_use]
pub fn asset(path: &str) -> Option<Asset> {
    match path {
        SCRIPT_PATH => Some(Asset {
            mime_type: "text/javascript; charset=utf-8",
            text: include_str!("page.js"),
        }),
        STYLE_PATH => Some(Asset {
            mime_type: "text/css; charset=utf-8",
            text: include_str!("page.css"),
        }),
        _ => None,
    }
}

/// Where the page's script is.
pub(super) const SCRIPT_PATH: &str = "/.ferrocast/page.js";

/// Where the page's style is.
pub(super) const STYLE_PATH: &str = "/.ferrocast/page.css";
