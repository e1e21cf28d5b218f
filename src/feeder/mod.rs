//! The feeder: asks a feed what to encode, encodes it, posts it.

pub mod args;
mod backoff;
mod client;
pub mod console;
mod lavfi;
mod pace;
mod timeline;
mod url;
<<<<<<< HEAD
=======

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use args::{Command, Invocation};
use console::{Console, Level};

/// Runs the feeder with the arguments behind its name, up to the exit status.
pub fn run(arguments: impl IntoIterator<Item = OsString>, invocation: Invocation) -> ExitCode {
    let command = invocation.command();
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
        Ok(Command::Help) => args::help(invocation),
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
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
>>>>>>> bd51009 (feeder: plan, dispatch and post sessions)
