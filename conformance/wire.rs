//! The wire as tshark sees it: a dissector that belongs to no client and no server.

use std::process::Command;
use std::time::Duration;

use rustix::process::{Signal, geteuid};

use crate::harness::client::{Client, exchange, request};
use crate::harness::feeder::Feeder;
use crate::harness::process::{Program, run};
use crate::harness::scratch::Scratch;
use crate::harness::server::{Server, h264_stream, live_config};
use crate::harness::skip::{has_tools, skip};
use crate::harness::wait::wait_for;

/// How long a tool may take.
const LIMIT: Duration = Duration::from_secs(20);

/// Lines that tshark prints for packets that match a filter.
fn dissect(capture: &str, port: u16, filter: &str, fields: &[&str]) -> Vec<String> {
    let mut command = Command::new("tshark");
    command
        // A post without an end is shown all the same.
        .args(["-o", "http.desegment_body:FALSE"])
        .args([
            "-n",
            "-r",
            capture,
            "-d",
            &format!("tcp.port=={port},http"),
            "-Y",
            filter,
        ])
        .args(["-T", "fields"])
        .args(fields.iter().flat_map(|field| ["-e", field]));
    let finished = run(&mut command, LIMIT);
    assert!(finished.success(), "{}", finished.describe());
    finished.stdout_text().lines().map(str::to_owned).collect()
}

#[test]
fn tshark_understands_every_request_and_reply() {
    if !has_tools(&["tshark", "tcpdump"]) {
        return;
    }
    if !geteuid().is_root() {
        skip("capturing on loopback needs root");
        return;
    }
    let scratch = Scratch::new();
    let server = Server::start(
        &scratch,
        &live_config(&scratch, &h264_stream("live.flv", "flv")),
    );
    let port = server.http().port();
    let file = scratch.file("wire.pcap");
    let capture = file.to_str().expect("a path that is text");
    let mut tcpdump = Program::start(
        Command::new("tcpdump")
            .args([
                "-i",
                "lo",
                "-U",
                "--immediate-mode",
                "-s",
                "0",
                "-B",
                "4096",
                "-w",
                capture,
            ])
            .arg(format!("tcp port {port}")),
    );
    wait_for("tcpdump", LIMIT, || {
        tcpdump.stderr().contains("listening on").then_some(())
    });

    let _feeder = Feeder::test_picture(&server, "feed1.ffm");
    let mut viewer = Client::connect(server.http());
    viewer.send(request("GET", server.http(), "/live.flv", &[]));
    viewer.read_up_to(50_000);
    drop(viewer);
    for (method, path) in [
        ("HEAD", "/"),
        ("GET", "/nothing"),
        ("GET", "/.ferrocast/page.js"),
    ] {
        exchange(server.http(), request(method, server.http(), path, &[])).expect("a reply");
    }
    tcpdump.signal(Signal::INT);
    wait_for("tcpdump's end", LIMIT, || tcpdump.poll_exit());

    let requests = dissect(
        capture,
        port,
        "http.request",
        &["http.request.method", "http.request.uri"],
    );
    for want in [
        "GET\t/feed1.ffm",
        "POST\t/feed1.ffm",
        "GET\t/live.flv",
        "HEAD\t/",
        "GET\t/nothing",
    ] {
        assert!(
            requests.iter().any(|line| line == want),
            "{want} is not in {requests:?}"
        );
    }
    let codes = dissect(capture, port, "http.response", &["http.response.code"]);
    assert!(codes.iter().any(|code| code == "404"), "{codes:?}");
    let malformed = dissect(capture, port, "_ws.malformed", &["frame.number"]);
    assert_eq!(malformed, Vec::<String>::new());
}
