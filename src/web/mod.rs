//! The page at `/`: the streams with a live picture, what to type into a player, viewers and rates.
//!
//! Everything here is text made from [`StreamView`]s; HTTP is somebody else's. The page needs
//! nothing from elsewhere, and runs under [`CONTENT_SECURITY_POLICY`], which allows nothing else.
//!
//! | path                                      | what                                              |
//! |-------------------------------------------|---------------------------------------------------|
//! | `/`                                       | [`page`]                                          |
//! | [`STREAMS_JSON_PATH`]                     | [`streams_json`], fetched every 2 s               |
//! | those of [`asset`]                        | script and style                                  |
//! | [`preview_path`]                          | media: fragmented MP4 or multipart JPEG           |

mod asset;
mod escape;
mod json;
mod page;
mod view;

pub use asset::{Asset, asset};
pub use json::streams_json;
pub use page::page;
pub use view::{Preview, StreamView, preview_path};

/// Where the numbers behind the page are.
pub const STREAMS_JSON_PATH: &str = "/.ferrocast/streams.json";

/// What every preview path begins with; the name of the stream follows, percent-encoded, then
/// `.mp4` or `.mjpg`.
pub const PREVIEW_PREFIX: &str = "/.ferrocast/preview/";

/// The `Content-Security-Policy` of the page: its own script, style and media, no frames around it.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     connect-src 'self'; img-src 'self' data:; media-src 'self' blob:; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";
