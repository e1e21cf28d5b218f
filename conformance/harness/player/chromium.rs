//! Chromium by itself, without a script: `<img>` for JPEG, `<video>` for MP4.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Played, picture_dir};
use crate::harness::browser::Browser;
use crate::harness::page::STREAMS_JSON;
use crate::harness::scratch::Scratch;
use crate::harness::wait::within;

/// How many different pictures it has to show.
const ENOUGH: usize = 4;

pub(super) fn play(url: &str, format: &str, scratch: &Scratch) -> Result<Played, String> {
    let tag = match format {
        "mpjpeg" => "img",
        "mp4" => "video",
        _ => return Err(format!("Chromium has no element for {format}")),
    };
    let dir = picture_dir(scratch, "chromium");
    let browser = Browser::start();
    // The element stands in a document of the same server: else its pictures could not be read.
    let origin_end = url
        .match_indices('/')
        .nth(2)
        .map_or(url.len(), |(at, _)| at);
    browser.open(&format!("{}{STREAMS_JSON}", &url[..origin_end]));
    browser.evaluate(&format!(
        "const e = document.createElement({tag});
         e.id = 'player'; e.muted = true; e.autoplay = true;
         e.onerror = () => window.failure = e.error ? e.error.message : 'error event';
         e.src = {url};
         document.body.append(e);",
        tag = json!(tag),
        url = json!(url)
    ));
    let mut pictures = Vec::new();
    let mut last = Vec::new();
    let failure = within(Duration::from_secs(30), || {
        if let Some(bytes) = browser.frame("#player")
            && bytes != last
        {
            let path = dir.join(format!("{:06}.png", pictures.len()));
            std::fs::write(&path, &bytes).expect("a picture file");
            pictures.push(path);
            last = bytes;
        }
        match browser.evaluate("return window.failure || null") {
            Value::String(failure) => Some(failure),
            _ => (pictures.len() >= ENOUGH).then(String::new),
        }
    });
    match failure {
        Some(failure) if failure.is_empty() => Ok(Played { pictures }),
        Some(failure) => Err(failure),
        None => Err(format!("{} different pictures in 30 s", pictures.len())),
    }
}
