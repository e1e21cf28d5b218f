//! Files over HTTP: the bytes of the disk, ranges of them, and nothing in memory.

use std::fs::{self, File};
use std::process::Command;
use std::time::Duration;

use crate::harness::client::{Client, Reply, exchange, request};
use crate::harness::process::run;
use crate::harness::scratch::{Scratch, corpus};
use crate::harness::server::Server;
use crate::harness::skip::has_tools;

/// What memory may grow by while a large file is sent.
const GROWTH_LIMIT_BYTES: u64 = 16 << 20;

/// A server of one file at `/clip.NAME`, byte for byte.
fn serve(scratch: &Scratch, stream: &str, path: &std::path::Path, format: &str) -> Server {
    let config = format!(
        "HTTPPort 0\nHTTPBindAddress 127.0.0.1\nMaxClients 100\nMaxBandwidth 1000000\n\
         <Stream {stream}>\nFile \"{}\"\nFormat {format}\n</Stream>\n",
        path.display()
    );
    Server::start(scratch, &config)
}

fn ask(server: &Server, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
    exchange(server.http(), request(method, server.http(), path, headers))
        .unwrap_or_else(|| panic!("{method} {path} {headers:?}: closed without a reply"))
}

#[test]
fn a_file_arrives_byte_for_byte() {
    let scratch = Scratch::new();
    for (stream, file, format) in [
        ("clip.flv", "media/av_h264_aac.flv", "flv"),
        ("clip.avi", "media/v_mjpeg.avi", "avi"),
        ("clip.ts", "media/av_h264_aac.ts", "mpegts"),
        ("clip.mp4", "media/v_h264.mp4", "mp4"),
    ] {
        let want = fs::read(corpus(file)).expect("a clip of the corpus");
        let server = serve(&scratch, stream, &corpus(file), format);
        let reply = ask(&server, "GET", &format!("/{stream}"), &[]);
        assert_eq!(reply.head.status, 200, "{stream}");
        assert_eq!(
            reply.head.header("accept-ranges"),
            Some("bytes"),
            "{stream}"
        );
        assert_eq!(
            reply.head.header("content-length"),
            Some(want.len().to_string().as_str())
        );
        assert!(reply.body == want, "{stream}: other bytes than on disk");
    }
}

#[test]
fn ranges_are_served_as_rfc_9110_says() {
    let scratch = Scratch::new();
    let path = corpus("media/av_h264_aac.flv");
    let whole = fs::read(&path).expect("a clip of the corpus");
    let len = whole.len();
    let server = serve(&scratch, "clip.flv", &path, "flv");
    let partial = |from: usize, to: usize| {
        (
            206,
            format!("bytes {from}-{}/{len}", to - 1),
            &whole[from..to],
        )
    };
    let all = || (200, String::new(), &whole[..]);
    let unsatisfiable = || (416, format!("bytes */{len}"), &whole[..0]);
    for (range, (status, content_range, body)) in [
        ("bytes=0-99", partial(0, 100)),
        ("bytes=100-100", partial(100, 101)),
        ("bytes=500-", partial(500, len)),
        ("bytes=-7", partial(len - 7, len)),
        ("bytes=0-99999999", partial(0, len)),
        ("bytes=-99999999", partial(0, len)),
        ("BYTES=0-1", partial(0, 2)),
        ("bytes=99999999-", unsatisfiable()),
        ("bytes=-0", unsatisfiable()),
        ("bytes=0-1,5-6", all()),
        ("bytes=9-3", all()),
        ("bytes=x-3", all()),
        ("bytes=18446744073709551616-", unsatisfiable()),
        ("lines=0-1", all()),
    ] {
        let reply = ask(&server, "GET", "/clip.flv", &[("Range", range)]);
        assert_eq!(reply.head.status, status, "{range}");
        assert_eq!(
            reply.head.header("content-range").unwrap_or_default(),
            content_range,
            "{range}"
        );
        if status != 416 {
            assert!(reply.body == body, "{range}: {} bytes", reply.body.len());
        }
    }
}

#[test]
fn conditions_are_honoured() {
    let scratch = Scratch::new();
    let path = corpus("media/av_h264_aac.flv");
    let server = serve(&scratch, "clip.flv", &path, "flv");
    let reply = ask(&server, "HEAD", "/clip.flv", &[]);
    assert_eq!((reply.head.status, reply.body.len()), (200, 0));
    let modified = reply
        .head
        .header("last-modified")
        .expect("a date")
        .to_owned();
    let tag = reply.head.header("etag").map(str::to_owned);
    let old = "Sat, 01 Jan 2000 00:00:00 GMT";
    let since = |date: &'static str| vec![("If-Modified-Since", date)];
    assert_eq!(
        ask(&server, "GET", "/clip.flv", &since(old)).head.status,
        200
    );
    let fresh = [("If-Modified-Since", modified.as_str())];
    assert_eq!(ask(&server, "GET", "/clip.flv", &fresh).head.status, 304);
    if let Some(tag) = &tag {
        let same = [("If-None-Match", tag.as_str())];
        assert_eq!(ask(&server, "GET", "/clip.flv", &same).head.status, 304);
    }
    let validator = tag
        .as_deref()
        .filter(|tag| !tag.starts_with("W/"))
        .unwrap_or(&modified);
    for (validator, status) in [(validator, 206), (old, 200), ("\"other\"", 200)] {
        let headers = [("Range", "bytes=0-9"), ("If-Range", validator)];
        assert_eq!(
            ask(&server, "GET", "/clip.flv", &headers).head.status,
            status,
            "{validator}"
        );
    }
}

#[test]
fn curl_gets_a_file_by_http_1_0() {
    if !has_tools(&["curl"]) {
        return;
    }
    let scratch = Scratch::new();
    let path = corpus("media/v_mjpeg.avi");
    let want = fs::read(&path).expect("a clip of the corpus");
    let server = serve(&scratch, "clip.avi", &path, "avi");
    let url = server.url("/clip.avi");
    for args in [vec!["-0"], vec!["-0", "-H", "Host:"], vec!["--http1.1"]] {
        let finished = run(
            Command::new("curl")
                .args(["-sS", "-f"])
                .args(&args)
                .arg(&url),
            Duration::from_secs(20),
        );
        assert!(finished.success(), "{args:?}: {}", finished.describe());
        assert!(
            finished.stdout == want,
            "{args:?}: other bytes than on disk"
        );
    }
}

#[test]
fn a_connection_carries_several_files() {
    let scratch = Scratch::new();
    let path = corpus("media/av_h264_aac.flv");
    let server = serve(&scratch, "clip.flv", &path, "flv");
    let mut client = Client::connect(server.http());
    for range in ["bytes=0-9", "bytes=10-29"] {
        client.send(format!(
            "GET /clip.flv HTTP/1.1\r\nHost: {}\r\nRange: {range}\r\n\r\n",
            server.http()
        ));
        let reply = client.reply().expect("keep-alive");
        assert_eq!(reply.head.status, 206, "{range}");
    }
}

#[test]
fn three_gigabytes_need_no_memory() {
    let scratch = Scratch::new();
    let path = scratch.file("large.flv");
    let clip = fs::read(corpus("media/av_h264_aac.flv")).expect("a clip of the corpus");
    fs::write(&path, clip).expect("a file");
    let len: u64 = 3 << 30;
    File::options()
        .write(true)
        .open(&path)
        .and_then(|file| file.set_len(len))
        .expect("a sparse file");
    let server = serve(&scratch, "large.flv", &path, "flv");
    let before = server.memory_bytes();
    let mut client = Client::connect(server.http());
    client.patience(Duration::from_secs(120));
    client.send(request("GET", server.http(), "/large.flv", &[]));
    let head = client.read_head().expect("a reply");
    assert_eq!(
        head.header("content-length"),
        Some(len.to_string().as_str())
    );
    let (mut got, mut most) = (0, before);
    let mut buffer = vec![0; 1 << 20];
    while let Ok(count @ 1..) = client.read(&mut buffer) {
        let old = got;
        got += count as u64;
        if old >> 28 != got >> 28 {
            most = most.max(server.memory_bytes());
        }
    }
    assert_eq!(got, len);
    assert!(
        most - before < GROWTH_LIMIT_BYTES,
        "memory grew by {} bytes",
        most - before
    );
}

#[test]
fn a_missing_file_is_404_and_nothing_else_is() {
    let scratch = Scratch::new();
    let mut server = serve(&scratch, "gone.flv", &scratch.file("nowhere.flv"), "flv");
    assert_eq!(server.get("/gone.flv").head.status, 404);
    assert_eq!(server.get("/").head.status, 200);
    server.assert_alive();
}
