//! The real page with the real server: the burnt-in clock says how far behind a viewer is.

use std::time::{Duration, Instant};

use crate::harness::browser::{self, Browser};
use crate::harness::feeder::Feeder;
use crate::harness::picture::{Picture, age_ms};
use crate::harness::proxy::Proxy;
use crate::harness::scratch::Scratch;
use crate::harness::server::{Server, h264_stream, live_config, mjpeg_stream};
use crate::harness::skip::has_tools;
use crate::harness::wait::wait_for;

/// How long the page has to hurry on a picture that was held up.
const SETTLE_LIMIT: Duration = Duration::from_secs(3);
/// How far behind the picture on the page may be.
const BEHIND_LIMIT_MS: i32 = 1000;

/// How long the page may take to show something.
const LIMIT: Duration = Duration::from_secs(30);

/// Frame number and age of the picture that an element shows now.
fn look(browser: &Browser, selector: &str, scratch: &Scratch) -> Option<(u32, i32)> {
    let png = browser.frame(selector)?;
    let path = scratch.write("page.png", png);
    let stamp = Picture::open(&path)?.stamp()?;
    Some((stamp.frame, age_ms(stamp)))
}

/// Waits until the picture is one of after `frame`, then looks a few times; the smallest age.
///
/// A look takes a good part of a second on a busy machine, all of which counts as age: the smallest
/// of some looks is nearest to what a viewer sees.
fn age_after(browser: &Browser, selector: &str, scratch: &Scratch, frame: u32) -> (u32, i32) {
    let first = wait_for("a newer picture on the page", LIMIT, || {
        look(browser, selector, scratch).filter(|(number, _)| *number > frame)
    });
    (0..4)
        .filter_map(|_| look(browser, selector, scratch))
        .fold(first, |best, seen| (best.0.max(seen.0), best.1.min(seen.1)))
}

#[test]
fn the_picture_on_the_page_stays_within_a_second() {
    if !has_tools(&browser::TOOLS) || !has_tools(&["ffmpeg"]) {
        return;
    }
    let scratch = Scratch::new();
    let streams = [
        h264_stream("live.flv", "flv"),
        mjpeg_stream("live.mjpg", "mpjpeg"),
    ]
    .concat();
    let server = Server::start(&scratch, &live_config(&scratch, &streams));
    let _feeder = Feeder::test_picture(&server, "feed1.ffm");
    let proxy = Proxy::start(server.http());
    let browser = Browser::start();
    let start = Instant::now();
    browser.open(&format!("http://{}/", proxy.address()));
    let selectors = [
        "[data-name='live.flv'] video",
        "[data-name='live.mjpg'] img",
    ];
    let mut frames = [0, 0];
    let mut check = |when: &str| {
        for (selector, frame) in selectors.iter().zip(&mut frames) {
            // A picture that was held up may be seen before it has been hurried on.
            let deadline = Instant::now() + SETTLE_LIMIT;
            let (number, behind_ms) = loop {
                let seen = age_after(&browser, selector, &scratch, *frame);
                eprintln!("{when}: {selector}: frame {}, {} ms behind", seen.0, seen.1);
                if seen.1 <= BEHIND_LIMIT_MS || Instant::now() >= deadline {
                    break seen;
                }
            };
            assert!(
                behind_ms <= BEHIND_LIMIT_MS,
                "{when}: {selector}: {behind_ms} ms behind"
            );
            *frame = number;
        }
    };
    check("at the start");
    wait_for("a minute of the picture", Duration::from_secs(70), || {
        (start.elapsed() >= Duration::from_secs(60)).then_some(())
    });
    check("after 60 s");
    proxy.stall();
    std::thread::sleep(Duration::from_secs(3)); // the stall itself
    proxy.resume();
    check("after a stall of 3 s");
    let numbers = browser.evaluate("return document.querySelector('.rate').textContent");
    assert!(
        numbers.as_str().is_some_and(|text| text.ends_with("bit/s")),
        "{numbers}"
    );
    assert_eq!(browser.complaints(), Vec::<String>::new());
    if let Some(dir) = std::env::var_os("FERROCAST_SCREENSHOTS") {
        let path = std::path::Path::new(&dir).join("page.png");
        std::fs::write(path, browser.screenshot()).expect("a screenshot");
    }
}

#[test]
fn a_page_without_a_feeder_says_what_to_type() {
    if !has_tools(&browser::TOOLS) {
        return;
    }
    let scratch = Scratch::new();
    let server = Server::start(
        &scratch,
        &live_config(&scratch, &h264_stream("live.flv", "flv")),
    );
    let browser = Browser::start();
    browser.open(&server.url("/"));
    let state = browser.evaluate("return document.querySelector('.state').textContent");
    let state = state.as_str().unwrap_or_default();
    assert!(state.contains("feed1.ffm"), "{state}");
    let _feeder = Feeder::test_picture(&server, "feed1.ffm");
    wait_for("the picture, without a reload", LIMIT, || {
        look(&browser, "video", &scratch)
    });
}
