//! The `ferrocast` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    ferrocast::cli::run(std::env::args_os())
}
