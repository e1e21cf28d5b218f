//! The whole feeder against a server that speaks the recorded bytes of the original.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::Ordering;
use std::thread;

use formats::ffm::FfmDemuxer;
use formats::{Demuxed, Demuxer, Need};
use media::{CodecId, Packet, Track};

use super::args::{Command, FeedOptions};
use super::console::Level;
use super::console::tests::Transcript;
use super::dispatch::Stop;
use super::run::feed_until;

/// What a POST held.
struct Posted {
    tracks: Vec<Track>,
    packets: Vec<Packet>,
}

fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// Answers a GET as recorded and leaves the connection open.
fn answer_get(listener: &TcpListener, recorded: &[u8]) -> TcpStream {
    let (mut stream, _) = listener.accept().unwrap();
    assert!(read_head(&mut stream).starts_with("GET /feed1.ffm HTTP/1.1\r\n"));
    stream.write_all(recorded).unwrap();
    stream
}

/// Takes a POST as the original does: chunks of 4096 bytes and no others.
fn take_post(listener: &TcpListener, mut packet: impl FnMut(&Packet)) -> (TcpStream, Posted) {
    let (mut stream, _) = listener.accept().unwrap();
    assert!(read_head(&mut stream).starts_with("POST /feed1.ffm HTTP/1.1\r\n"));
    let mut demuxer = FfmDemuxer::new();
    let mut posted = Posted {
        tracks: Vec::new(),
        packets: Vec::new(),
    };
    loop {
        let mut size = [0; 3];
        stream.read_exact(&mut size).unwrap();
        if &size == b"0\r\n" {
            stream.read_exact(&mut [0; 2]).unwrap();
            demuxer.push_end();
        } else {
            assert_eq!(&size, b"100");
            let mut rest = [0; 3 + 4096 + 2];
            stream.read_exact(&mut rest).unwrap();
            assert_eq!(
                (&rest[..3], &rest[3 + 4096..]),
                (&b"0\r\n"[..], &b"\r\n"[..])
            );
            demuxer.push(&rest[3..3 + 4096]);
        }
        loop {
            match demuxer.next().unwrap() {
                Demuxed::Tracks(tracks) => posted.tracks = tracks,
                Demuxed::Packet(next) => {
                    packet(&next);
                    posted.packets.push(next);
                }
                Demuxed::Need(Need::Bytes) => break,
                Demuxed::Need(Need::Seek(offset)) => panic!("seek to {offset}"),
                Demuxed::End => return (stream, posted),
            }
        }
    }
}

fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, format!("http://127.0.0.1:{port}/feed1.ffm"))
}

fn options(line: &str) -> FeedOptions {
    let words = line.split_whitespace().map(Into::into);
    match super::args::parse(words).unwrap() {
        Command::Feed(options) => *options,
        other => panic!("{other:?}"),
    }
}

fn recorded(name: &str) -> Vec<u8> {
    let root = env!("CARGO_MANIFEST_DIR");
    std::fs::read(format!("{root}/conformance/corpus/ffserver/{name}")).unwrap()
}

fn of_track(posted: &Posted, track: usize) -> Vec<&Packet> {
    let packets = posted.packets.iter();
    packets.filter(|packet| packet.track == track).collect()
}

#[test]
fn the_recorded_feed_gets_every_encoding_it_asks_for_but_the_audio() {
    let (listener, url) = listen();
    let server = thread::spawn(move || {
        let get = answer_get(&listener, &recorded("http/08_feeder_get.response"));
        let (mut post, posted) = take_post(&listener, |_| {});
        post.write_all(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")
            .unwrap();
        drop(get);
        posted
    });
    let transcript = Transcript::default();
    let console = transcript.console(Level::Warning, false);
    let line = format!("-readrate 0 -f lavfi -i testsrc=size=320x240:duration=4 {url}");
    let result = feed_until(&options(&line), &console, Stop::default());
    assert_eq!(result, Ok(()));
    let posted = server.join().unwrap();
    let sizes: Vec<_> = posted
        .tracks
        .iter()
        .map(|track| {
            let video = track.params.video().unwrap();
            (track.params.codec, video.width_px, video.height_px)
        })
        .collect();
    assert_eq!(
        sizes,
        [
            (CodecId::H264, 352, 288),
            (CodecId::H264, 320, 240),
            (CodecId::H264, 320, 240),
        ]
    );
    // The last frame, at 3.96 s, is nearest to the 41st time of ten a second.
    for (track, count, step_us, gop) in [(0, 41, 100_000, 30), (1, 100, 40_000, 12)] {
        let packets = of_track(&posted, track);
        assert_eq!(packets.len(), count, "track {track}");
        for (index, pair) in packets.windows(2).enumerate() {
            assert_eq!(pair[1].pts.since(pair[0].pts), step_us, "packet {index}");
        }
        for (index, packet) in packets.iter().enumerate() {
            assert_eq!(
                packet.key,
                index % gop == 0,
                "packet {index} of track {track}"
            );
        }
    }
    // The two encodings alike are made once.
    let data = |track| {
        of_track(&posted, track)
            .iter()
            .map(|packet| packet.data.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(data(1), data(2));
    let text = transcript.text();
    for want in [
        "stream 0 of the feed is to be mpeg4, for which there is no encoder here; it becomes h264",
        "stream 2 of the feed (mp2) is left out: the input has no audio",
    ] {
        assert!(text.contains(want), "{text}");
    }
}

#[test]
fn copied_packets_are_those_of_the_file() {
    let (listener, url) = listen();
    let server = thread::spawn(move || {
        let get = answer_get(&listener, &recorded("http/32_feeder_get_2.response"));
        // As the original: it closes without a status.
        let (_post, posted) = take_post(&listener, |_| {});
        drop(get);
        posted
    });
    let file = format!(
        "{}/conformance/corpus/ffserver/media/av_h264_aac.flv",
        env!("CARGO_MANIFEST_DIR")
    );
    let console = Transcript::default().console(Level::Quiet, false);
    let line = format!("-readrate 0 -i {file} -c copy {url}");
    let result = feed_until(&options(&line), &console, Stop::default());
    assert_eq!(result, Ok(()));
    let posted = server.join().unwrap();
    let path = std::path::Path::new(&file);
    let mut source = crate::capture::file::FileSource::open(path, None).unwrap();
    let mut want = [Vec::new(), Vec::new()];
    while let Some(packet) = source.next_packet().unwrap() {
        want[packet.track].push(packet);
    }
    // The feed has audio first, the file video.
    let codecs: Vec<_> = posted
        .tracks
        .iter()
        .map(|track| track.params.codec)
        .collect();
    assert_eq!(codecs, [CodecId::Aac, CodecId::H264]);
    for (track, source) in [(0, 1), (1, 0)] {
        let packets = of_track(&posted, track);
        assert_eq!(packets.len(), want[source].len());
        let first = (packets[0].dts, want[source][0].dts);
        for (got, want) in packets.iter().zip(&want[source]) {
            assert_eq!(got.data, want.data);
            assert_eq!(got.key, want.key);
            assert_eq!(got.dts.since(first.0), want.dts.since(first.1) * 1000);
            assert_eq!(got.pts.since(got.dts), want.pts.since(want.dts) * 1000);
        }
    }
}

#[test]
fn a_feeder_comes_back_after_the_server_was_lost_and_starts_with_a_key_frame() {
    let (listener, url) = listen();
    let server = thread::spawn(move || {
        let recorded = recorded("http/32_feeder_get_2.response");
        let get = answer_get(&listener, &recorded);
        let (mut stream, _) = listener.accept().unwrap();
        read_head(&mut stream);
        stream.read_exact(&mut [0; 20_000]).unwrap();
        drop((stream, get));
        let _get = answer_get(&listener, &recorded);
        let (_post, posted) = take_post(&listener, |_| {});
        posted
    });
    let transcript = Transcript::default();
    let console = transcript.console(Level::Warning, false);
    let line = format!("-readrate 0 -f lavfi -i testsrc=size=320x240:duration=12 {url}");
    let result = feed_until(&options(&line), &console, Stop::default());
    assert_eq!(result, Ok(()));
    let posted = server.join().unwrap();
    assert!(posted.packets.first().is_some_and(|packet| packet.key));
    let text = transcript.text();
    assert!(text.contains("; trying again in 0."), "{text}");
}

#[test]
fn an_interrupt_ends_the_post_cleanly() {
    let (listener, url) = listen();
    let stop = Stop::default();
    let interrupted = stop.interrupted.clone();
    let server = thread::spawn(move || {
        let _get = answer_get(&listener, &recorded("http/32_feeder_get_2.response"));
        let (_post, posted) = take_post(&listener, |_| interrupted.store(true, Ordering::Relaxed));
        posted.packets.len()
    });
    let console = Transcript::default().console(Level::Quiet, false);
    // Endless, and in real time.
    let line = format!("-f lavfi -i testsrc=size=320x240 {url}");
    assert_eq!(feed_until(&options(&line), &console, stop), Ok(()));
    assert!(server.join().unwrap() >= 1);
}

#[test]
fn a_busy_feed_and_an_unknown_one_are_explained() {
    for (status, want) in [
        (
            "HTTP/1.1 404 Not Found\r\nContent-Length: 31\r\n\r\nFile '/feed1.ffm' not found 123",
            "the server has no feed /feed1.ffm, or does not let this host feed it: 404 Not Found: \
             File '/feed1.ffm' not found 123",
        ),
        (
            "HTTP/1.0 404 Not Found\r\n\r\n<body>This feed is already being received.</body>",
            "another feeder is connected: 404 Not Found: This feed is already being received.",
        ),
    ] {
        let (listener, url) = listen();
        let server = thread::spawn(move || drop(answer_get(&listener, status.as_bytes())));
        let console = Transcript::default().console(Level::Quiet, false);
        let line = format!("-f lavfi -i testsrc {url}");
        let result = feed_until(&options(&line), &console, Stop::default());
        assert_eq!(result, Err(want.to_owned()));
        server.join().unwrap();
    }
}
