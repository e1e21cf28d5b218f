//! The page's script in a real browser, against a server that the test plays: streams that stall,
//! end and come back are easy to make here.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ferrocast::web::{self, CONTENT_SECURITY_POLICY, Preview, StreamView};
use serde_json::Value;

use crate::harness::browser::{self, Browser};
use crate::harness::fixture::{Fixture, write_head};
use crate::harness::proxy::Proxy;
use crate::harness::skip::has_tools;
use crate::harness::wait::wait_for;

/// How long the page may take to show or mend something.
const LIMIT: Duration = Duration::from_secs(30);

/// What the played server counts.
#[derive(Debug, Default)]
struct Counts {
    previews: AtomicUsize,
    open: AtomicUsize,
    most_open: AtomicUsize,
}

fn view(name: &str, preview: Preview) -> StreamView {
    StreamView {
        name: name.to_owned(),
        format: "mp4".to_owned(),
        feed: Some("feed1.ffm".to_owned()),
        urls: vec![format!("http://127.0.0.1:8090/{name}")],
        preview,
        viewers: 2,
        kbit_per_s: 1500,
        live: true,
        state: "live".to_owned(),
    }
}

fn h264(name: &str) -> StreamView {
    let mime_type = "video/mp4; codecs=\"avc1.42c00d\"".to_owned();
    view(name, Preview::Mp4 { mime_type })
}

/// Serves the page of `streams`; previews come from ffmpeg, `limit` of pictures each.
fn serve(streams: Vec<StreamView>, limit: Option<u32>) -> (Fixture, Arc<Counts>) {
    let counts = Arc::new(Counts::default());
    let shared = Arc::clone(&counts);
    let fixture = Fixture::start(move |path, stream| {
        if path.starts_with(web::PREVIEW_PREFIX) {
            return preview(path, limit, stream, &shared);
        }
        let (mime_type, text) = match path {
            "/" => ("text/html; charset=utf-8", web::page(&streams)),
            web::STREAMS_JSON_PATH => ("application/json", web::streams_json(&streams)),
            _ => match web::asset(path) {
                Some(asset) => (asset.mime_type, asset.text.to_owned()),
                None => return write_head(stream, "404 Not Found", "text/plain", ""),
            },
        };
        let policy = format!(
            "Content-Length: {}\r\nContent-Security-Policy: {CONTENT_SECURITY_POLICY}\r\n",
            text.len()
        );
        write_head(stream, "200 OK", mime_type, &policy)?;
        stream.write_all(text.as_bytes())
    });
    (fixture, counts)
}

/// A live encoder for one connection.
fn preview(
    path: &str,
    limit: Option<u32>,
    stream: &mut TcpStream,
    counts: &Counts,
) -> std::io::Result<()> {
    counts.previews.fetch_add(1, Ordering::SeqCst);
    let open = counts.open.fetch_add(1, Ordering::SeqCst) + 1;
    counts.most_open.fetch_max(open, Ordering::SeqCst);
    let (mime_type, output): (_, &[&str]) = if path.contains(".mp4") {
        ("video/mp4", &MP4_OUTPUT)
    } else {
        (
            "multipart/x-mixed-replace;boundary=ffmpeg",
            &["-f", "mpjpeg"],
        )
    };
    let frames = limit.unwrap_or(100_000).to_string();
    let mut encoder = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-re", "-f", "lavfi"])
        .args(["-i", "testsrc=size=320x240:rate=25", "-frames:v", &frames])
        .args(output)
        .arg("-")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let result = write_head(stream, "200 OK", mime_type, "")
        .and_then(|()| copy(encoder.stdout.take().expect("piped"), stream));
    let _ = encoder.kill();
    let _ = encoder.wait();
    counts.open.fetch_sub(1, Ordering::SeqCst);
    result
}

/// A fragment for each picture, baseline profile, key frames two seconds apart.
const MP4_OUTPUT: [&str; 14] = [
    "-pix_fmt",
    "yuv420p",
    "-c:v",
    "libx264",
    "-profile:v",
    "baseline",
    "-tune",
    "zerolatency",
    "-g",
    "50",
    "-movflags",
    "empty_moov+default_base_moof+frag_every_frame",
    "-f",
    "mp4",
];

fn copy(mut from: impl Read, to: &mut TcpStream) -> std::io::Result<()> {
    let mut buffer = [0; 16384];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(()),
            len => to.write_all(&buffer[..len])?,
        }
    }
}

/// `[current time, distance to the newest picture received]` of the first video, in seconds.
fn video_times(browser: &Browser) -> Option<(f64, f64)> {
    let answer = browser.evaluate(
        "const v = document.querySelector('video');
         if (!v || !v.buffered.length) return null;
         return [v.currentTime, v.buffered.end(v.buffered.length - 1) - v.currentTime];",
    );
    Some((answer[0].as_f64()?, answer[1].as_f64()?))
}

fn wait_playing(browser: &Browser, past_s: f64) -> (f64, f64) {
    wait_for("a picture that moves at the live edge", LIMIT, || {
        video_times(browser).filter(|(now, behind)| *now > past_s && *behind < 0.7)
    })
}

fn has_browser() -> bool {
    has_tools(&browser::TOOLS) && has_tools(&["ffmpeg"])
}

#[test]
fn a_picture_stays_at_the_live_edge_through_a_stall() {
    if !has_browser() {
        return;
    }
    let (server, _) = serve(vec![h264("live.mp4")], None);
    let proxy = Proxy::start(server.address());
    let browser = Browser::start();
    browser.open(&format!("http://{}/", proxy.address()));
    let (start, _) = wait_playing(&browser, 1.0);

    proxy.stall();
    wait_for("a picture that stands still", LIMIT, || {
        let paused = "const v = document.querySelector('video');
                      return v.readyState <= 2 && v.currentTime > 0";
        (browser.evaluate(paused) == true).then_some(())
    });
    std::thread::sleep(Duration::from_secs(3)); // the stall itself
    proxy.resume();
    wait_playing(&browser, start + 3.0);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_stream_that_ends_is_opened_again() {
    if !has_browser() {
        return;
    }
    let (server, counts) = serve(vec![h264("live.mp4")], Some(50));
    let browser = Browser::start();
    browser.open(&server.url("/"));
    wait_for("a third connection", LIMIT, || {
        (counts.previews.load(Ordering::SeqCst) >= 3).then_some(())
    });
    wait_playing(&browser, 0.5);
    let note = browser.evaluate("return document.querySelector('.note').textContent");
    assert_eq!(note, "", "no complaint stands over a picture that plays");
}

#[test]
fn four_pictures_play_and_the_others_wait_for_a_click() {
    if !has_browser() {
        return;
    }
    let names = ["a.mjpg", "b.mjpg", "c.mjpg", "d.mjpg", "e.mjpg", "f.mjpg"];
    let streams = names
        .map(|name| view(name, Preview::MultipartJpeg))
        .to_vec();
    let (server, counts) = serve(streams, None);
    let browser = Browser::start();
    browser.open(&server.url("/"));
    let shown = |browser: &Browser| -> Vec<String> {
        let names = browser.evaluate(
            "return [...document.querySelectorAll('.card')]
                .filter((c) => [...c.querySelectorAll('img')].some((i) => i.naturalWidth > 1))
                .map((c) => c.dataset.name)",
        );
        let names = names.as_array().cloned().unwrap_or_default();
        names
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    wait_for("four pictures", LIMIT, || {
        (shown(&browser) == names[..4]).then_some(())
    });
    browser.evaluate("document.querySelectorAll('.play')[5].click()");
    wait_for(
        "the clicked picture instead of one of the four",
        LIMIT,
        || {
            let shown = shown(&browser);
            (shown.len() == 4 && shown.iter().any(|name| name == "f.mjpg")).then_some(())
        },
    );
    wait_for("no more than four connections", LIMIT, || {
        (counts.open.load(Ordering::SeqCst) == 4).then_some(())
    });
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
