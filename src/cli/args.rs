//! Arguments of the commands.

use std::path::PathBuf;
use std::sync::LazyLock;

use clap::{Args, Parser, Subcommand};

/// Turns a camera, a file or an incoming stream into live streams that any player opens.
///
/// Without a command: the demo. Called as `ffserver` it takes ffserver's arguments, called as
/// `ffmpeg` those of an ffmpeg that feeds an ffserver.
#[derive(Debug, Parser)]
#[command(name = "ferrocast", version = VERSION.as_str())]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve a moving test picture: the quickest way to see streams
    Demo(DemoArgs),
    /// Serve the streams of an ffserver.conf
    Serve(ServeArgs),
    /// Feed a server: ferrocast feed -i INPUT http://HOST:PORT/FEED (`feed -h` has the options)
    #[command(disable_help_flag = true)]
    Feed {
        /// ffmpeg's arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Explain a configuration: every problem, with its line and what to write instead
    Check {
        /// The configuration file
        file: PathBuf,
        /// Print the file with the repairs that are safe
        #[arg(long)]
        fix: bool,
    },
    /// List the tracks of a media file or URL
    Probe(ProbeArgs),
}

#[derive(Debug, Args, Default)]
pub(super) struct DemoArgs {
    /// HTTP port
    #[arg(short, long, default_value_t = DEFAULT_PORT)]
    pub(super) port: u16,
    /// Log more
    #[arg(short)]
    pub(super) debug: bool,
}

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// The configuration file
    #[arg(short = 'f', value_name = "FILE", default_value = "/etc/ffserver.conf")]
    pub(super) config: PathBuf,
    /// Log to standard output and standard error, and log more
    #[arg(short)]
    pub(super) debug: bool,
    /// Do not start the programs of Launch directives
    #[arg(short = 'n')]
    pub(super) no_launch: bool,
    /// Start stream time at so many seconds, as on a server that has been up for that long
    #[arg(long, value_name = "SECONDS", default_value_t = 0, hide = true)]
    pub(super) stream_time: u32,
}

/// Serves the streams of an ffserver.conf.
#[derive(Debug, Parser)]
#[command(name = "ffserver", version = VERSION.as_str())]
pub(super) struct Ffserver {
    #[command(flatten)]
    pub(super) serve: ServeArgs,
}

#[derive(Debug, Args)]
pub(super) struct ProbeArgs {
    /// A file or an http:// URL
    pub(super) source: PathBuf,
    /// List every packet
    #[arg(long)]
    pub(super) packets: bool,
}

/// The demo's port: the one of ffserver's documentation.
pub(super) const DEFAULT_PORT: u16 = 8090;

/// Version, and what this build can do: assembly makes the encoder two to four times faster.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let simd = if codecs::simd() { "with" } else { "without" };
    format!("{} (H.264 {simd} assembly)", env!("CARGO_PKG_VERSION"))
});
