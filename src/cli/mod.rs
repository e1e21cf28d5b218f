//! The command line: one program in several roles, also under the names of those it replaces.

mod args;
mod demo;
mod serve;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use tracing::level_filters::LevelFilter;

use self::args::{Cli, Command, Ffserver};
use crate::{config, feeder, probe};

/// Runs the program with its arguments, the first of which is the name it was called by.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut args = args.into_iter();
    let program = args.next().unwrap_or_default();
    match Path::new(&program)
        .file_stem()
        .and_then(|stem| stem.to_str())
    {
        Some("ffserver") => {
            serve::run(&Ffserver::parse_from(std::iter::once(program).chain(args)).serve)
        }
        Some("ffmpeg") => feeder::run(args, "ffmpeg"),
        _ => run_ferrocast(program, args.collect()),
    }
}

fn run_ferrocast(program: OsString, args: Vec<OsString>) -> ExitCode {
    // The feeder has ffmpeg's grammar, which clap cannot say.
    if args.first().is_some_and(|command| command == "feed") {
        return feeder::run(args.into_iter().skip(1), "ferrocast feed");
    }
    match Cli::parse_from(std::iter::once(program).chain(args)).command {
        None => demo::run(&args::DemoArgs::default()),
        Some(Command::Demo(demo)) => demo::run(&demo),
        Some(Command::Serve(serve)) => serve::run(&serve),
        Some(Command::Feed { .. }) => feeder::run(std::iter::empty(), "ferrocast feed"),
        Some(Command::Check { file, fix }) => check(&file, fix),
        Some(Command::Probe(asked)) => probe::run(asked.source.as_os_str(), asked.packets),
    }
}

fn check(file: &Path, fix: bool) -> ExitCode {
    let options = config::check::Options {
        fix,
        colour: io::stdout().is_terminal(),
    };
    let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
    match config::check::run(file, options, &mut out, &mut err) {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            drop(err);
            fail(&Unreadable {
                path: file.display().to_string(),
                source: error,
            })
        }
    }
}

/// The configuration, if the server can start with it; what is wrong with it goes to standard
/// error.
fn usable(loaded: config::Loaded) -> Option<config::Config> {
    let text = loaded.render(config::Severity::Warning, io::stderr().is_terminal());
    let _ = io::stderr().write_all(text.as_bytes());
    loaded.config
}

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the configuration {path}")]
struct Unreadable {
    path: String,
    source: io::Error,
}

/// Log lines go to standard error.
fn start_log(debug: bool) {
    let level = if debug {
        LevelFilter::DEBUG
    } else {
        LevelFilter::INFO
    };
    let ansi = io::stderr().is_terminal();
    // A second start (tests run several commands in one process) keeps the first log.
    let _ = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(io::stderr)
        .with_ansi(ansi)
        .with_target(false)
        .try_init();
}

/// Says why the program cannot go on.
fn fail(error: &dyn std::error::Error) -> ExitCode {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    let _ = writeln!(io::stderr(), "ferrocast: {text}");
    ExitCode::FAILURE
}
