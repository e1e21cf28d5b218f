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
    config::check::run(
        file,
        fix,
        &mut io::stdout().lock(),
        &mut io::stderr().lock(),
    )
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
