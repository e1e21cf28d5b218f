//! A feeder that leaves and comes back: viewers stay, and their time goes on.

use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::harness::client::{Client, request};
use crate::harness::feeder::Feeder;
use crate::harness::picture::Picture;
use crate::harness::process::run;
use crate::harness::scratch::Scratch;
use crate::harness::server::{Server, access_log, h264_stream, live_config};
use crate::harness::skip::has_tools;
use crate::harness::wait::wait_for;

/// Bytes that a viewer reads before and after a restart.
const SOME_BYTES: usize = 60_000;

/// Decoding times of the video packets of a file, in seconds.
fn decoding_times(path: &str) -> Vec<f64> {
    let probed = run(
        Command::new("ffprobe")
            .args([
                "-v",
                "error",
                "-select_streams",
                "v:0",
                "-show_entries",
                "packet=dts_time",
            ])
            .args(["-of", "csv=p=0", path]),
        Duration::from_secs(20),
    );
    let out = probed.stdout_text();
    out.lines()
        .filter_map(|line| line.trim_end_matches(',').parse().ok())
        .collect()
}

#[test]
fn viewers_stay_over_two_restarts_of_the_feeder() {
    if !has_tools(&["ffmpeg", "ffprobe"]) {
        return;
    }
    let formats = ["flv", "mpegts", "mp4", "avi"];
    let streams: String = formats
        .iter()
        .map(|format| h264_stream(&format!("live.{format}"), format))
        .collect();
    let scratch = Scratch::new();
    let server = Server::start(&scratch, &live_config(&scratch, &streams));
    let mut feeder = Feeder::test_picture(&server, "feed1.ffm");
    let mut viewers: Vec<(Client, Vec<u8>)> = formats
        .iter()
        .map(|format| {
            let mut client = Client::connect(server.http());
            client.send(request(
                "GET",
                server.http(),
                &format!("/live.{format}"),
                &[],
            ));
            assert_eq!(client.read_head().expect("a reply").status, 200);
            (client, Vec::new())
        })
        .collect();
    for round in 0..3 {
        if round > 0 {
            feeder.kill();
            wait_for(
                "the log of the broken post",
                Duration::from_secs(15),
                || {
                    let posts = access_log(&scratch.file("access.log"), "POST /feed1.ffm");
                    (posts.len() >= round).then_some(())
                },
            );
            feeder = Feeder::test_picture(&server, "feed1.ffm");
        }
        viewers = read_more(viewers);
    }
    for (format, (_, body)) in formats.iter().zip(&viewers) {
        let log = server.output();
        assert!(
            body.len() >= 3 * SOME_BYTES,
            "{format}: {} bytes\n{log}",
            body.len()
        );
        let file = scratch.write(&format!("seen.{format}"), body);
        let path = file.to_str().expect("text");
        let times = decoding_times(path);
        assert!(times.len() > 50, "{format}: {} packets", times.len());
        assert!(times.is_sorted(), "{format}: time goes back: {times:?}");
        // The last packet is cut, as a viewer who leaves cuts it; all others decode.
        let pictures = Picture::decode(&["-i", path], usize::from(u16::MAX)).len();
        assert!(
            pictures + 3 >= times.len(),
            "{format}: {pictures} of {} decode",
            times.len()
        );
    }
}

/// Every viewer reads on, all at the same time.
fn read_more(viewers: Vec<(Client, Vec<u8>)>) -> Vec<(Client, Vec<u8>)> {
    let readers: Vec<_> = viewers
        .into_iter()
        .map(|(mut client, mut body)| {
            thread::spawn(move || {
                client.patience(Duration::from_secs(30));
                body.extend(client.read_up_to(SOME_BYTES));
                (client, body)
            })
        })
        .collect();
    readers
        .into_iter()
        .map(|reader| reader.join().expect("a reader"))
        .collect()
}
