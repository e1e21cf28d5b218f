//! Bad peers: each gets a proper status or a closed connection, and a viewer beside them notices
//! nothing.

use std::fs::{self, File};
use std::process::Command;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::harness::client::{Client, exchange, get, request};
use crate::harness::feeder::Feeder;
use crate::harness::process::run;
use crate::harness::scratch::{Scratch, corpus};
use crate::harness::server::{Server, access_log, binary, h264_stream, live_config};
use crate::harness::skip::has_tools;
use crate::harness::wait::wait_for;

/// What a bad request may be answered with.
#[derive(Debug, Clone, Copy)]
enum Answer {
    /// Exactly this status.
    Status(u16),
    /// Any status from 400 on, or a closed connection.
    Refused,
}

use Answer::{Refused, Status};

/// A server with a live stream, and a viewer of it who must not notice anything.
struct Scene {
    server: Server,
    feeder: Feeder,
    viewer: Option<JoinHandle<usize>>,
    _scratch: Scratch,
}

impl Scene {
    fn set() -> Self {
        let scratch = Scratch::new();
        let config = live_config(&scratch, &h264_stream("live.flv", "flv")).replace(
            "<Stream",
            &format!(
                "<Feed idle.ffm>\nFile {}\n</Feed>\n<Stream",
                scratch.file("idle.ffm").display()
            ),
        );
        let server = Server::start(&scratch, &config);
        let feeder = Feeder::test_picture(&server, "feed1.ffm");
        let mut client = Client::connect(server.http());
        client.send(request("GET", server.http(), "/live.flv", &[]));
        assert_eq!(client.read_head().expect("a reply").status, 200);
        Self {
            server,
            feeder,
            viewer: Some(thread::spawn(move || watch(client))),
            _scratch: scratch,
        }
    }

    /// Sends a request that may be any bytes, and judges the answer.
    fn check(&mut self, name: &str, bytes: &[u8], want: Answer) {
        let mut client = Client::connect(self.server.http());
        client.send(bytes);
        client.finish_sending();
        let got = client.reply().map(|reply| reply.head.status);
        let fits = match (want, got) {
            (Status(want), Some(got)) => want == got,
            (Refused, Some(got)) => got >= 400,
            (Refused, None) => true,
            (Status(_), None) => false,
        };
        assert!(fits, "{name}: wanted {want:?}, got {got:?}");
        self.server.assert_alive();
    }

    /// The viewer has been served all the time.
    fn end(mut self) {
        self.server.assert_alive();
        self.feeder.assert_running();
        self.feeder.kill();
        self.server.kill();
        let viewer = self.viewer.take().expect("a viewer");
        assert!(viewer.join().expect("a viewer without a pause") > 0);
    }
}

/// Reads until the server is killed; the bytes. Panics after a pause of two seconds.
fn watch(mut client: Client) -> usize {
    let mut total = 0;
    let mut buffer = [0; 65536];
    loop {
        client.patience(Duration::from_secs(2));
        let start = Instant::now();
        match client.read(&mut buffer) {
            Ok(len @ 1..) => total += len,
            Ok(_) => return total,
            Err(_) if start.elapsed() < Duration::from_secs(2) => return total,
            Err(error) => panic!("a pause in the stream: {error}"),
        }
    }
}

#[test]
fn request_heads() {
    let mut scene = Scene::set();
    let many = "X: y\r\n".repeat(5000);
    let huge = "a".repeat(100_000);
    for (name, text, want) in [
        ("nothing", String::new(), Refused),
        ("noise", "\u{0}\u{1}\u{2}\r\n\r\n".to_owned(), Refused),
        ("no version", "GET /\r\n\r\n".to_owned(), Refused),
        (
            "unknown version",
            "GET / HTTP/9.9\r\nHost: x\r\n\r\n".to_owned(),
            Refused,
        ),
        ("no host", "GET / HTTP/1.1\r\n\r\n".to_owned(), Status(400)),
        (
            "two hosts",
            "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_owned(),
            Status(400),
        ),
        (
            "unknown method",
            "BREW / HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
            Refused,
        ),
        (
            "space in the target",
            "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
            Refused,
        ),
        (
            "NUL in the target",
            "GET /a\u{0}b HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
            Status(400),
        ),
        (
            "space before the colon",
            "GET / HTTP/1.1\r\nHost : x\r\n\r\n".to_owned(),
            Status(400),
        ),
        (
            "folded line",
            "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n".to_owned(),
            Status(400),
        ),
        (
            "long target",
            format!("GET /{huge} HTTP/1.1\r\nHost: x\r\n\r\n"),
            Refused,
        ),
        (
            "long field",
            format!("GET / HTTP/1.1\r\nHost: x\r\nA: {huge}\r\n\r\n"),
            Refused,
        ),
        (
            "many fields",
            format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n"),
            Refused,
        ),
        ("endless line", huge.repeat(20), Refused),
    ] {
        scene.check(name, text.as_bytes(), want);
    }
    scene.end();
}

#[test]
fn request_smuggling_pairs() {
    let mut scene = Scene::set();
    let post = |fields: &str, body: &str| {
        format!(
            "POST /idle.ffm HTTP/1.1\r\nHost: x\r\n{fields}\r\n{body}GET /live.flv HTTP/1.1\r\n\r\n"
        )
    };
    for (name, fields, body) in [
        (
            "both framings",
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
        ),
        (
            "two lengths",
            "Content-Length: 4\r\nContent-Length: 5\r\n",
            "abcd",
        ),
        ("a list of lengths", "Content-Length: 4, 5\r\n", "abcd"),
        ("negative length", "Content-Length: -1\r\n", ""),
        ("signed length", "Content-Length: +4\r\n", "abcd"),
        (
            "length beyond 64 bits",
            "Content-Length: 99999999999999999999\r\n",
            "",
        ),
        (
            "unknown coding",
            "Transfer-Encoding: gzip, chunked\r\n",
            "0\r\n\r\n",
        ),
        (
            "chunked is not last",
            "Transfer-Encoding: chunked, identity\r\n",
            "0\r\n\r\n",
        ),
        (
            "coding twice",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
        ),
        (
            "hidden by a control",
            "Transfer-Encoding: \u{b}chunked\r\n",
            "0\r\n\r\n",
        ),
    ] {
        scene.check(name, post(fields, body).as_bytes(), Refused);
    }
    scene.end();
}

#[test]
fn chunk_sizes() {
    let mut scene = Scene::set();
    for (name, chunks) in [
        ("negative", "-1\r\nabc\r\n0\r\n\r\n"),
        ("huge", "7fffffffffffffff\r\nabc"),
        ("not hexadecimal", "xyz\r\nabc\r\n0\r\n\r\n"),
        ("17 digits", "10000000000000000\r\nabc\r\n0\r\n\r\n"),
        ("no line end after the data", "3\r\nabcX0\r\n\r\n"),
        ("empty size", "\r\nabc\r\n0\r\n\r\n"),
        ("0x", "0x3\r\nabc\r\n0\r\n\r\n"),
        ("space in the size", "3 3\r\nabc\r\n0\r\n\r\n"),
        ("endless size line", &"0".repeat(100_000)),
    ] {
        let head = "POST /idle.ffm HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
        scene.check(name, format!("{head}{chunks}").as_bytes(), Refused);
    }
    scene.end();
}

#[test]
fn paths() {
    let scratch = Scratch::new();
    scratch.write("secret", "secret");
    let mut scene = Scene::set();
    for path in [
        "/../secret",
        "/..%2fsecret",
        "/%2e%2e/secret",
        "/%2e%2e%2fsecret",
        "/..\\secret",
        "/..%5csecret",
        "//etc/passwd",
        "/./../../etc/passwd",
        "/live.flv/../../etc/passwd",
        "/%252e%252e/etc/passwd",
        "/.ferrocast/../../etc/passwd",
        "/.ferrocast/preview/..%2f..%2fetc%2fpasswd.mp4",
        "/%c0%ae%c0%ae/etc/passwd",
        "/live.flv%00.txt",
        "/%",
        "/%zz",
    ] {
        let bytes = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        scene.check(path, bytes.as_bytes(), Refused);
    }
    scene.end();
}

#[test]
fn posts_that_are_no_feeds() {
    let mut scene = Scene::set();
    let length = "Content-Length: 5\r\n\r\nhello";
    for (name, target, want) in [
        ("to a stream", "/live.flv", Refused),
        ("to the page", "/", Refused),
        ("to nothing", "/nothing.ffm", Status(404)),
        ("to a feed that is being fed", "/feed1.ffm", Status(409)),
        ("garbage", "/idle.ffm", Refused),
    ] {
        let bytes = format!("POST {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{length}");
        scene.check(name, bytes.as_bytes(), want);
    }
    let noise: Vec<u8> = (0..200_000_u32)
        .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect();
    let head = format!(
        "POST /idle.ffm HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n",
        noise.len()
    );
    scene.check("noise", &[head.as_bytes(), &noise].concat(), Refused);
    scene.end();
}

#[test]
fn a_feeder_that_dies_in_the_middle_of_a_packet_leaves_the_feed_usable() {
    let mut scene = Scene::set();
    let recorded =
        fs::read(corpus("http/08_feeder_post.request.head200k")).expect("a recorded post");
    for cut in [300, 5000, 70_001, 199_999] {
        let mut client = Client::connect(scene.server.http());
        client.send(renamed(&recorded[..cut]));
        drop(client);
        scene.server.assert_alive();
    }
    // The feed can be fed again at once.
    wait_for("the feed's next turn", Duration::from_secs(15), || {
        let head =
            "POST /idle.ffm HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        let reply = exchange(scene.server.http(), head)?;
        (reply.head.status != 409).then_some(())
    });
    scene.end();
}

/// The recorded post, to the feed that nobody feeds.
fn renamed(post: &[u8]) -> Vec<u8> {
    let line_end = post
        .windows(2)
        .position(|two| two == b"\r\n")
        .expect("a request line");
    [b"POST /idle.ffm HTTP/1.1", &post[line_end..]].concat()
}

/// A server of one `File`.
fn server_of(scratch: &Scratch, path: &std::path::Path) -> Server {
    let config = format!(
        "HTTPPort 0\nHTTPBindAddress 127.0.0.1\nMaxClients 100\nMaxBandwidth 1000000\nCustomLog {}\n\
         <Stream clip.flv>\nFile \"{}\"\nFormat flv\n</Stream>\n",
        scratch.file("access.log").display(),
        path.display()
    );
    Server::start(scratch, &config)
}

#[test]
fn a_directory_a_pipe_and_a_socket_are_no_files() {
    let scratch = Scratch::new();
    let directory = scratch.file("directory");
    fs::create_dir(&directory).expect("a directory");
    let pipe = scratch.file("pipe");
    let made = run(Command::new("mkfifo").arg(&pipe), Duration::from_secs(10));
    assert!(made.success(), "{}", made.describe());
    let socket = scratch.file("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    for path in [&directory, &pipe, &socket] {
        let mut server = server_of(&scratch, path);
        for _ in 0..3 {
            let reply = get(server.http(), "/clip.flv");
            assert_eq!(reply.head.status, 404, "{}", path.display());
        }
        assert_eq!(get(server.http(), "/").head.status, 200);
        server.assert_alive();
    }
}

#[test]
fn files_that_are_no_media_are_sent_as_they_are_or_refused() {
    let scratch = Scratch::new();
    let flv = fs::read(corpus("media/av_h264_aac.flv")).expect("a clip");
    let avi = fs::read(corpus("media/v_mjpeg.avi")).expect("a clip");
    let mut hostile = avi[..5000].to_vec();
    hostile[4..64].fill(0xff);
    for (name, bytes) in [
        ("empty", &b""[..]),
        ("text", b"<script>alert(1)</script>"),
        ("cut", &flv[..3000]),
        ("another container, cut", &avi[..3000]),
        ("another container, with lengths that lie", &hostile),
        ("a box that is its own size", b"\0\0\0\x08ftyp\0\0\0\0moov"),
    ] {
        let path = scratch.write("clip", bytes);
        let mut server = server_of(&scratch, &path);
        let mut client = Client::connect(server.http());
        client.send(request("GET", server.http(), "/clip.flv", &[]));
        let status = client.reply().map(|reply| reply.head.status);
        assert!(
            status.is_none_or(|status| status == 200 || status >= 400),
            "{name}: {status:?}"
        );
        server.assert_alive();
    }
}

#[test]
fn a_file_that_shrinks_while_it_is_sent_closes_the_connection() {
    const LEN: u64 = 64 << 20;
    let scratch = Scratch::new();
    let path = scratch.write("clip.flv", b"FLV\x01\x05\0\0\0\x09\0\0\0\0");
    let file = File::options().write(true).open(&path).expect("the file");
    file.set_len(LEN).expect("a sparse file");
    let mut server = server_of(&scratch, &path);
    let mut client = Client::connect(server.http());
    let range = [("Range", "bytes=1000-")];
    client.send(request("GET", server.http(), "/clip.flv", &range));
    let head = client.read_head().expect("a reply");
    assert_eq!(head.status, 206);
    file.set_len(100).expect("a shorter file");
    let body = client.read_body(&head);
    assert!(
        (body.len() as u64) < LEN - 1000,
        "{} bytes of a file that has 100",
        body.len()
    );
    assert!(
        body.iter().all(|byte| *byte == 0),
        "bytes that never were in the file"
    );
    assert_eq!(get(server.http(), "/").head.status, 200);
    server.assert_alive();
}

#[test]
fn nothing_that_a_client_says_becomes_markup_or_a_line_of_the_log() {
    let scratch = Scratch::new();
    let script = "<script>alert(1)</script>";
    let mut server = server_of(&scratch, &corpus("media/av_h264_aac.flv"));
    for target in [
        format!("/{script}"),
        format!("/%3Cscript%3Ealert(1)%3C/script%3E?{script}"),
        format!("/clip.flv/{script}"),
        format!("/.ferrocast/preview/{script}.mp4"),
        format!("/?{script}"),
        String::from("/%0d%0aSet-Cookie:x=1"),
        String::from("/\u{1b}[31m"),
    ] {
        let text = format!(
            "GET {target} HTTP/1.1\r\nHost: x\r\nUser-Agent: {script}\u{1b}[2J\" 200 1\r\n\
             Referer: {script}\r\nConnection: close\r\n\r\n"
        );
        let Some(reply) = exchange(server.http(), text) else {
            continue;
        };
        let body = String::from_utf8_lossy(&reply.body);
        assert!(!body.contains("<script>alert"), "{target}: {body}");
        assert_eq!(reply.head.header("set-cookie"), None, "{target}");
    }
    server.assert_alive();
    let log = fs::read(scratch.file("access.log")).expect("the access log");
    assert!(
        log.iter()
            .all(|byte| *byte == b'\n' || !byte.is_ascii_control()),
        "control characters in the log"
    );
    let lines = access_log(&scratch.file("access.log"), "alert");
    assert!(
        lines.iter().all(|line| line.starts_with("127.0.0.1 - - [")),
        "{lines:?}"
    );
}

#[test]
fn a_server_without_descriptors_recovers_when_they_are_free_again() {
    if !has_tools(&["prlimit"]) {
        return;
    }
    let scratch = Scratch::new();
    let config = live_config(&scratch, &h264_stream("live.flv", "flv"));
    let path = scratch.write("server.conf", config);
    let mut server = Server::start_command(
        Command::new("prlimit")
            .arg("--nofile=64:64")
            .arg(binary())
            .args(["serve", "-f"])
            .arg(path),
    );
    let feeder = Feeder::test_picture(&server, "feed1.ffm");
    let mut viewer = Client::connect(server.http());
    viewer.send(request("GET", server.http(), "/live.flv", &[]));
    assert_eq!(viewer.read_head().expect("a reply").status, 200);
    let watching = thread::spawn(move || watch(viewer));
    let idle: Vec<Client> = (0..100).map(|_| Client::connect(server.http())).collect();
    wait_for("word of it", Duration::from_secs(10), || {
        server.output().contains("cannot accept").then_some(())
    });
    server.assert_alive();
    drop(idle);
    wait_for("a reply", Duration::from_secs(15), || {
        let reply = exchange(server.http(), request("GET", server.http(), "/", &[]))?;
        (reply.head.status == 200).then_some(())
    });
    drop(feeder);
    server.kill();
    assert!(watching.join().expect("a viewer without a pause") > 0);
}

#[test]
fn damaged_ring_files_are_mended_and_other_files_left_alone() {
    let scratch = Scratch::new();
    let ring = fs::read(corpus("ffm2/ring64K_wrapped.ffm")).expect("a ring");
    let beyond = [&ring[..8], &u64::MAX.to_be_bytes(), &ring[16..]].concat();
    let mut wrong_block = ring.clone();
    wrong_block[4..8].copy_from_slice(&1_u32.to_be_bytes());
    let mut zeroed = ring.clone();
    zeroed[8192..16_384].fill(0);
    for (name, bytes, is_feed) in [
        ("empty", &[][..], true),
        ("cut in its header", &ring[..100], true),
        ("cut in a block", &ring[..30_000], true),
        ("a page of zeros", &zeroed, true),
        ("zeros", &[0; 65_536], false),
        ("a write index beyond the file", &beyond, true),
        ("another block size", &wrong_block, true),
        ("somebody's notes", &[b'n'; 50_001], false),
    ] {
        scratch.write("feed1.ffm", bytes);
        let config = live_config(&scratch, &h264_stream("live.flv", "flv"));
        if !is_feed {
            // It may be something that somebody needs: the server does not write over it.
            let path = scratch.write("server.conf", &config);
            let mut command = Command::new(binary());
            let ended = run(
                command.args(["serve", "-f"]).arg(path),
                Duration::from_secs(10),
            );
            assert_eq!(
                ended.status.and_then(|status| status.code()),
                Some(1),
                "{name}"
            );
            let kept = fs::read(scratch.file("feed1.ffm")).expect("the file");
            assert_eq!(kept, bytes, "{name}");
            continue;
        }
        let mut server = Server::start(&scratch, &config);
        let _feeder = Feeder::test_picture(&server, "feed1.ffm");
        let mut viewer = Client::connect(server.http());
        viewer.send(request("GET", server.http(), "/live.flv", &[]));
        let status = viewer.read_head().map(|head| head.status);
        assert_eq!(status, Some(200), "{name}");
        assert!(!viewer.read_up_to(1000).is_empty(), "{name}");
        server.assert_alive();
    }
}
