//! Whoever comes sees a picture at once, at whatever moment of the group of pictures.

use std::time::{Duration, Instant};

use crate::harness::client::{Client, request};
use crate::harness::feeder::Feeder;
use crate::harness::picture::{Picture, age_ms};
use crate::harness::process::run;
use crate::harness::scratch::Scratch;
use crate::harness::server::{Server, h264_stream, live_config, mjpeg_stream};
use crate::harness::skip::has_tools;
use crate::harness::wait::wait_for;

/// From the connection to the last byte of the first picture.
const FIRST_PICTURE_LIMIT: Duration = Duration::from_millis(100);

/// Connections for each format, spread over the group of pictures by what the one before read.
const CONNECTIONS: usize = 8;

/// Bytes that came within the limit, and all that came until the next connection's turn.
fn early_bytes(server: &Server, path: &str) -> Vec<u8> {
    let start = Instant::now();
    let mut client = Client::connect(server.http());
    client.send(request("GET", server.http(), path, &[]));
    client.patience(FIRST_PICTURE_LIMIT);
    let head = client.read_head().expect("a reply");
    assert_eq!(head.status, 200, "{path}");
    client.patience(FIRST_PICTURE_LIMIT.saturating_sub(start.elapsed()));
    let body = client.read_up_to(usize::MAX);
    // Three pictures later it is another moment of the group.
    client.patience(Duration::from_secs(5));
    client.read_up_to(8000);
    body
}

/// Whether the first packet of a file is a key frame, as ffprobe sees it.
fn starts_with_key_frame(path: &str) -> bool {
    let probed = run(
        std::process::Command::new("ffprobe")
            .args([
                "-v",
                "quiet",
                "-select_streams",
                "v:0",
                "-show_entries",
                "packet=flags",
            ])
            .args(["-of", "csv=p=0", path]),
        Duration::from_secs(20),
    );
    probed.stdout_text().starts_with('K')
}

#[test]
fn the_first_picture_is_a_key_frame_within_100_ms() {
    if !has_tools(&["ffmpeg", "ffprobe"]) {
        return;
    }
    let scratch = Scratch::new();
    let formats = ["avi", "flv", "mpegts", "mp4", "h264"];
    let mut streams: String = formats
        .iter()
        .map(|format| h264_stream(&format!("live.{format}"), format))
        .collect();
    streams.push_str(&mjpeg_stream("live.mpjpeg", "mpjpeg"));
    let server = Server::start(&scratch, &live_config(&scratch, &streams));
    let feeder = Feeder::test_picture(&server, "feed1.ffm");
    for format in formats.iter().copied().chain(["mpjpeg"]) {
        for round in 0..CONNECTIONS {
            let bytes = early_bytes(&server, &format!("/live.{format}"));
            let file = scratch.write(&format!("early.{format}"), &bytes);
            let file = file.to_str().expect("a path that is text");
            let input: &[&str] = if format == "mpjpeg" {
                &["-f", "mpjpeg", "-i", file]
            } else {
                &["-i", file]
            };
            let pictures = Picture::decode(input, 1);
            let first = pictures.first().unwrap_or_else(|| {
                panic!(
                    "{format}, {round}: no picture in the first {} bytes",
                    bytes.len()
                )
            });
            let stamp = first
                .stamp()
                .unwrap_or_else(|| panic!("{format}, {round}: no stamp"));
            assert!(age_ms(stamp) < 10_000, "{format}, {round}: an old picture");
            assert!(
                format == "mpjpeg" || starts_with_key_frame(file),
                "{format}, {round}: no key frame first"
            );
        }
    }
    drop(feeder);
}

#[test]
fn a_picture_reaches_a_viewer_when_its_last_byte_came() {
    // A slow stream: at 100 kbit/s a block of 4096 bytes takes a third of a second.
    if !has_tools(&["ffmpeg"]) {
        return;
    }
    let scratch = Scratch::new();
    let stream = h264_stream("live.flv", "flv").replace("VideoBitRate 500", "VideoBitRate 100");
    let server = Server::start(&scratch, &live_config(&scratch, &stream));
    let _feeder = Feeder::test_picture(&server, "feed1.ffm");
    let mut client = Client::connect(server.http());
    client.send(request("GET", server.http(), "/live.flv", &[]));
    client.patience(Duration::from_secs(20));
    client.read_head().expect("a reply");
    let mut tags = Tags::default();
    let mut gaps = Vec::new();
    let mut last: Option<Instant> = None;
    let mut buffer = [0; 4096];
    while gaps.len() < 100 {
        let len = client.read(&mut buffer).expect("a live stream");
        assert!(len > 0, "the stream ended");
        for _ in 0..tags.video_tags(&buffer[..len]) {
            let now = Instant::now();
            gaps.extend(last.replace(now).map(|last| now - last));
        }
    }
    // 25 pictures a second are 40 ms apart: none waits for others.
    gaps.sort();
    let nine_of_ten = gaps[gaps.len() * 9 / 10];
    assert!(nine_of_ten < Duration::from_millis(120), "{nine_of_ten:?}");
}

/// Counts video tags of an FLV stream (Adobe FLV 10.1, E.4.1) in any split.
#[derive(Debug, Default)]
struct Tags {
    ahead: Vec<u8>,
    past_header: bool,
}

impl Tags {
    fn video_tags(&mut self, bytes: &[u8]) -> usize {
        self.ahead.extend(bytes);
        if !self.past_header {
            if self.ahead.len() < 13 {
                return 0;
            }
            self.ahead.drain(..13);
            self.past_header = true;
        }
        let mut count = 0;
        while let [kind, high, middle, low, ..] = self.ahead[..] {
            let size =
                11 + 4 + usize::from(high) * 65536 + usize::from(middle) * 256 + usize::from(low);
            if self.ahead.len() < size {
                break;
            }
            count += usize::from(kind == 9);
            self.ahead.drain(..size);
        }
        count
    }
}

#[test]
fn a_viewer_who_waits_for_the_feeder_gets_its_first_picture() {
    if !has_tools(&["ffmpeg"]) {
        return;
    }
    let scratch = Scratch::new();
    let server = Server::start(
        &scratch,
        &live_config(&scratch, &h264_stream("live.flv", "flv")),
    );
    let mut feeder = Feeder::test_picture(&server, "feed1.ffm");
    feeder.kill();
    let mut client = Client::connect(server.http());
    client.send(request("GET", server.http(), "/live.flv", &[]));
    client.patience(Duration::from_secs(30));
    let _second = Feeder::test_picture(&server, "feed1.ffm");
    let head = client.read_head().expect("a reply");
    assert_eq!(head.status, 200);
    let body = wait_for(
        "pictures of the second feeder",
        Duration::from_secs(20),
        || {
            let more = client.read_up_to(60_000);
            (!more.is_empty()).then_some(more)
        },
    );
    let file = scratch.write("held.flv", body);
    let pictures = Picture::decode(&["-i", file.to_str().expect("text")], 5);
    assert!(!pictures.is_empty());
}
