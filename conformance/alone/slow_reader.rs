//! One slow reader in sixty: nobody else notices.

use std::thread;
use std::time::{Duration, Instant};

use crate::harness::client::{Client, request};
use crate::harness::feeder::Feeder;
use crate::harness::scratch::Scratch;
use crate::harness::server::{Server, h264_stream, live_config};

const READERS: usize = 60;

/// How long the readers read.
const WATCHED: Duration = Duration::from_secs(10);

/// The longest pause that a reader of a stream with 25 pictures a second may see.
const GAP_LIMIT: Duration = Duration::from_millis(100);

/// Reads for a while; the longest pause between two reads.
fn largest_gap(mut client: Client) -> Duration {
    client.patience(WATCHED);
    let mut buffer = [0; 65536];
    let mut last = None;
    let mut largest = Duration::ZERO;
    while let Ok(len) = client.read(&mut buffer) {
        assert!(len > 0, "the stream ended for a reader that keeps up");
        let now = Instant::now();
        if let Some(last) = last.replace(now) {
            largest = largest.max(now - last);
        }
    }
    largest
}

fn viewer(server: &Server) -> Client {
    let mut client = Client::connect(server.http());
    client.send(request("GET", server.http(), "/live.flv", &[]));
    assert_eq!(client.read_head().expect("a reply").status, 200);
    client
}

#[test]
fn one_slow_reader_disturbs_nobody() {
    let scratch = Scratch::new();
    let mut server = Server::start(
        &scratch,
        &live_config(&scratch, &h264_stream("live.flv", "flv")),
    );
    let _feeder = Feeder::test_picture(&server, "feed1.ffm");
    let slow = viewer(&server); // and never read again
    let readers: Vec<_> = (1..READERS)
        .map(|_| {
            let client = viewer(&server);
            thread::spawn(move || largest_gap(client))
        })
        .collect();
    let mut gaps: Vec<Duration> = readers
        .into_iter()
        .map(|reader| reader.join().expect("a reader that keeps up"))
        .collect();
    gaps.sort();
    let largest = gaps.last().copied().unwrap_or_default();
    assert!(
        largest < GAP_LIMIT,
        "largest gap {largest:?}, median {:?}",
        gaps[gaps.len() / 2]
    );
    server.assert_alive();
    drop(slow);
}
