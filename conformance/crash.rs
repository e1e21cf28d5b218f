//! `kill -9` while feeding: what was stored stays, and the next start uses it.

use std::process::Command;
use std::time::Duration;

use crate::harness::feeder::Feeder;
use crate::harness::player::decode;
use crate::harness::process::run;
use crate::harness::scratch::Scratch;
use crate::harness::server::{Server, binary, h264_stream, live_config};
use crate::harness::skip::has_tools;
use crate::harness::wait::{wait_for, within};

/// How often the server is killed.
const KILLS: u32 = 100;

/// A fixed sequence of numbers that look random (xorshift32, Marsaglia 2003).
#[derive(Debug)]
struct Dice(u32);

impl Dice {
    fn roll(&mut self, below: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 % below
    }
}

/// The bytes of the ring that are on disk.
fn ring_bytes(scratch: &Scratch) -> u64 {
    std::fs::metadata(scratch.file("feed1.ffm")).map_or(0, |data| data.len())
}

/// `ferrocast probe` reads the ring without an error; what it says.
fn probe(scratch: &Scratch) -> String {
    let probed = run(
        Command::new(binary())
            .arg("probe")
            .arg(scratch.file("feed1.ffm")),
        Duration::from_secs(20),
    );
    assert!(probed.success(), "{}", probed.describe());
    probed.stdout_text()
}

#[test]
fn a_hundred_kills_while_feeding() {
    if !has_tools(&["ffmpeg"]) {
        return;
    }
    let scratch = Scratch::new();
    let config = live_config(&scratch, &h264_stream("live.flv", "flv")).replace("16M", "256K");
    let mut dice = Dice(0x5eed);
    for kill in 1..=KILLS {
        let mut server = Server::start(&scratch, &config);
        let source = "testsrc=size=320x240:rate=25";
        let feeder = Feeder::start(&["-f", "lavfi", "-i", source], &server, "feed1.ffm");
        let before = ring_bytes(&scratch);
        // A moment somewhere in the first half second after data began to arrive.
        within(Duration::from_secs(5), || {
            (ring_bytes(&scratch) != before
                || crate::harness::page::feed_is_live(&server, "feed1.ffm"))
            .then_some(())
        });
        std::thread::sleep(Duration::from_millis(u64::from(dice.roll(500))));
        server.kill();
        drop(feeder);
        if kill % 10 == 0 {
            let said = probe(&scratch);
            assert!(said.contains("h264"), "after {kill} kills: {said}");
        }
    }
    let server = Server::start(&scratch, &config);
    let _feeder = Feeder::test_picture(&server, "feed1.ffm");
    let pictures = decode(
        &["-i", &server.url("/live.flv")],
        "2",
        Duration::from_secs(20),
    );
    assert!(pictures.is_ok_and(|pictures| pictures >= 45));
}

#[test]
fn what_was_fed_before_a_kill_is_there_afterwards() {
    let scratch = Scratch::new();
    let config = live_config(&scratch, &h264_stream("live.flv", "flv"));
    let mut server = Server::start(&scratch, &config);
    let feeder = Feeder::test_picture(&server, "feed1.ffm");
    wait_for("some seconds in the ring", Duration::from_secs(30), || {
        (ring_bytes(&scratch) > 100_000).then_some(())
    });
    server.kill();
    drop(feeder);
    let kept = ring_bytes(&scratch);
    let _server = Server::start(&scratch, &config);
    let after = ring_bytes(&scratch);
    assert!(after + 8192 >= kept, "{after} of {kept} bytes are left");
    assert!(probe(&scratch).contains("h264"));
}
