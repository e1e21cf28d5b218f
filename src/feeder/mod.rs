//! The feeder: asks a feed what to encode, encodes it, posts it.
//!
//! ```text
//! input thread --Item--> dispatcher --Arc<VideoFrame>--> encoder threads --Packet--> poster
//!  (reads)               (keeps time,                    (one per distinct           (muxes,
//!                         decodes, copies) ---Packet----- encoding) ------------->    writes)
//! ```
//! The input thread lives as long as the feeder, the others as long as a session. Frames that an
//! encoder is too slow for are dropped in front of it; nothing waits for the network but packets.

pub mod args;
mod asked;
mod backoff;
mod client;
pub mod console;
mod dispatch;
mod fit;
mod input;
mod lavfi;
mod listening;
mod pace;
mod plan;
mod progress;
mod run;
mod session;
mod timeline;
mod url;

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use args::Command;
use console::{Console, Level};

pub(crate) use client::{OpenUrlError, open_url};

pub use crate::probe::run as probe;

/// Runs the feeder up to the exit status: `ferrocast feed`, also called as `ffmpeg`. `arguments`
/// follow the name, and `command` is that name, for messages.
pub fn run(arguments: impl IntoIterator<Item = OsString>, command: &str) -> ExitCode {
    let text = match args::parse(arguments) {
        Ok(Command::Feed(options)) => {
            let console = Console::stderr(options.level, options.stats);
            return match run::feed(&options, &console) {
                Ok(()) => ExitCode::SUCCESS,
                Err(reason) => {
                    console.error(&format!("{command}: {reason}"));
                    ExitCode::FAILURE
                }
            };
        }
        Ok(Command::Help) => args::help(command),
        Ok(Command::Version) => format!("ferrocast version {}\n", env!("CARGO_PKG_VERSION")),
        Err(error) => {
            let console = Console::stderr(Level::Error, None);
            console.error(&format!(
                "{command}: {error} ({command} -h shows all options)"
            ));
            return ExitCode::FAILURE;
        }
    };
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// An error and its causes in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests;
