//! File checkers: what tstools and MediaInfo, which share no code with any player, make of captured
//! live streams.

use std::process::Command;
use std::time::Duration;

use crate::harness::client::{Client, request};
use crate::harness::feeder::Feeder;
use crate::harness::process::run;
use crate::harness::scratch::Scratch;
use crate::harness::server::{Server, h264_stream, live_config};
use crate::harness::skip::has_tools;

/// Some seconds at 500 kbit/s.
const CAPTURED_BYTES: usize = 200_000;

/// How long a checker may take.
const LIMIT: Duration = Duration::from_secs(20);

/// 100 ms of the 27 MHz clock (ISO/IEC 13818-1, 2.7.2).
const PCR_INTERVAL_LIMIT: u64 = 2_700_000;

/// Where that clock starts again: 2^33 of its 300ths.
const PCR_CYCLE: u64 = (1 << 33) * 300;

/// A live stream of a format, as a file.
fn capture(scratch: &Scratch, format: &str) -> String {
    let name = format!("live.{format}");
    let server = Server::start(scratch, &live_config(scratch, &h264_stream(&name, format)));
    let _feeder = Feeder::test_picture(&server, "feed1.ffm");
    let mut client = Client::connect(server.http());
    client.patience(Duration::from_secs(30));
    client.send(request("GET", server.http(), &format!("/{name}"), &[]));
    client.read_head().expect("a reply");
    let bytes = client.read_up_to(CAPTURED_BYTES);
    assert_eq!(bytes.len(), CAPTURED_BYTES, "{format}");
    let path = scratch.write(&format!("captured.{format}"), bytes);
    path.to_str().expect("a path that is text").to_owned()
}

#[test]
fn tstools_find_tables_and_clock_in_order() {
    if !has_tools(&["tsreport", "tsinfo"]) {
        return;
    }
    let scratch = Scratch::new();
    let path = capture(&scratch, "mpegts");
    let tables = run(Command::new("tsinfo").arg(&path), LIMIT);
    let tables = tables.stdout_text();
    assert!(tables.contains("Stream type 1b"), "{tables}");
    let timing = run(Command::new("tsreport").args(["-timing", &path]), LIMIT);
    let timing = timing.stdout_text();
    let pcrs: Vec<u64> = timing
        .lines()
        .filter_map(|line| {
            line.split_once("PCR")?
                .1
                .split_whitespace()
                .next()?
                .parse()
                .ok()
        })
        .collect();
    assert!(pcrs.len() > 25, "{timing}");
    for pair in pcrs.windows(2) {
        let step = (pair[1] + PCR_CYCLE - pair[0]) % PCR_CYCLE;
        assert!(
            (1..=PCR_INTERVAL_LIMIT).contains(&step),
            "PCR {} then {}",
            pair[0],
            pair[1]
        );
    }
}

#[test]
fn mediainfo_names_what_is_in_it() {
    if !has_tools(&["mediainfo"]) {
        return;
    }
    // MediaInfo 23.04 names an MP4 by its major brand.
    for (format, container) in [
        ("avi", "AVI"),
        ("flv", "Flash Video"),
        ("mpegts", "MPEG-TS"),
        ("mp4", "iso6"),
    ] {
        let scratch = Scratch::new();
        let path = capture(&scratch, format);
        let what = "--Inform=General;%Format%";
        let general = run(Command::new("mediainfo").args([what, &path]), LIMIT).stdout_text();
        assert_eq!(general.trim(), container, "{format}");
        let what = "--Inform=Video;%Format% %Width%x%Height%";
        let video = run(Command::new("mediainfo").args([what, &path]), LIMIT).stdout_text();
        assert_eq!(video.trim(), "AVC 320x240", "{format}");
    }
}
