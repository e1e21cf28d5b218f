//! `ferrocast serve`, also called as `ffserver`.

use std::io::{self, Write};
use std::process::ExitCode;

use media::Timestamp;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tracing::info;

use super::args::ServeArgs;
use super::{fail, start_log};
use crate::config;
use crate::config::model::LogTarget;
use crate::server::{Options, Running, Server};

pub(super) fn run(args: &ServeArgs) -> ExitCode {
    start_log(args.debug);
    let Some(mut config) = config::load(&args.config, &mut io::stderr().lock()) else {
        return ExitCode::FAILURE;
    };
    if args.debug {
        config.custom_log = Some(LogTarget::Stdout);
    }
    let origin = Timestamp(i64::from(args.stream_time) * 1_000_000);
    let started = Server::bind(config, Options { origin }).and_then(|server| {
        let addresses: Vec<_> = server.http_addresses().collect();
        server.start().map(|running| (running, addresses))
    });
    let (running, addresses) = match started {
        Ok(started) => started,
        Err(error) => return fail(&error),
    };
    for address in addresses {
        announce(&format!("listening http {address}"));
    }
    announce("ready");
    until_stopped(running)
}

/// A line on standard output for who started the server: other programs wait for it.
pub(super) fn announce(line: &str) {
    let mut out = io::stdout().lock();
    // Nobody may be listening any more; that is no reason to stop.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Serves until SIGINT or SIGTERM, then ends the streams properly.
pub(super) fn until_stopped(running: Running) -> ExitCode {
    let mut signals = match Signals::new([SIGINT, SIGTERM]) {
        Ok(signals) => signals,
        Err(error) => return fail(&error),
    };
    let signal = signals.forever().next();
    info!(
        "stopping{}",
        if signal == Some(SIGINT) {
            " (interrupted)"
        } else {
            ""
        }
    );
    running.stop();
    ExitCode::SUCCESS
}
