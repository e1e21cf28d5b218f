//! `ferrocast` alone: the embedded default.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::thread;

use super::args::DemoArgs;
use super::serve::{announce, until_stopped};
use super::{fail, start_log};
use crate::config;
use crate::feeder;
use crate::server::{Options, Server};

/// The embedded configuration; `{port}` and `{directory}` are filled in.
const CONFIGURATION: &str = include_str!("demo.conf");

pub(super) fn run(args: &DemoArgs) -> ExitCode {
    start_log(args.debug);
    let directory = match tempfile::Builder::new().prefix("ferrocast-").tempdir() {
        Ok(directory) => directory,
        Err(error) => return fail(&error),
    };
    let text = CONFIGURATION
        .replace("{port}", &args.port.to_string())
        .replace("{directory}", &directory.path().display().to_string());
    let Some(config) = config::load_text("demo.conf", &text, &mut io::stderr().lock()) else {
        return ExitCode::FAILURE;
    };
    let names: Vec<String> = config
        .streams
        .iter()
        .map(|stream| stream.name.clone())
        .collect();
    let started = Server::bind(config, Options::default()).and_then(|server| {
        let addresses: Vec<_> = server.http_addresses().collect();
        server.start().map(|running| (running, addresses))
    });
    let (running, addresses) = match started {
        Ok(started) => started,
        Err(error) => return fail(&error),
    };
    let port = addresses.first().map_or(args.port, SocketAddr::port);
    for address in &addresses {
        announce(&format!("listening http {address}"));
    }
    announce("ready");
    if io::stdout().is_terminal() {
        announce(&instructions(port, &names));
    }
    if let Err(error) = start_feeder(port) {
        return fail(&error);
    }
    until_stopped(running)
}

/// The feeder is the same as `ferrocast feed`, on a thread of its own.
fn start_feeder(port: u16) -> io::Result<()> {
    let arguments = [
        "-loglevel",
        "warning",
        "-nostats",
        "-f",
        "lavfi",
        "-i",
        "testsrc=size=640x480:rate=25",
        &format!("http://127.0.0.1:{port}/feed1.ffm"),
    ]
    .map(OsString::from);
    thread::Builder::new()
        .name("feeder".to_owned())
        .spawn(move || feeder::run(arguments, "demo"))
        .map(drop)
}

fn instructions(port: u16, names: &[String]) -> String {
    let mut text = format!(
        "\nOpen http://localhost:{port}/ in a browser to see the streams, or play one:\n\n"
    );
    for name in names {
        let url = format!("http://localhost:{port}/{name}");
        text.push_str(&format!("  ffplay {url}\n"));
    }
    text.push_str(&format!(
        "\nThe same with other players: vlc URL, mpv URL, gst-play-1.0 URL.\n\
         Feed it yourself: stop this, write an ffserver.conf (ferrocast serve -f FILE), then\n  \
         ferrocast feed -i video.mp4 http://localhost:{port}/feed1.ffm\n\
         Ctrl-C stops.\n"
    ));
    text
}
