//! The life of a feeder: sessions, and what happens between them.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};

use super::args::FeedOptions;
use super::backoff::Backoff;
use super::client::ConnectError;
use super::console::Console;
use super::dispatch::Stop;
use super::input::Input;
use super::listening;
use super::plan::Wishes;
use super::session::{Feeder, SessionEnd};

/// Feeds until the input ends, the user does, or there is no hope. The error is the reason.
pub(super) fn feed(options: &FeedOptions, console: &Console) -> Result<(), String> {
    let stop = Stop::default();
    end_on_signals(&stop.interrupted).map_err(|error| format!("cannot watch signals: {error}"))?;
    feed_until(options, console, stop)
}

/// As [`feed`], with `stop` in place of signals.
pub(super) fn feed_until(
    options: &FeedOptions,
    console: &Console,
    stop: Stop,
) -> Result<(), String> {
    for overruled in &options.overruled {
        console.warning(overruled);
    }
    let input = Input::open(&options.input).map_err(|error| super::chain(&error))?;
    console.info(&format!("input: {}", input.describe()));
    let inlet = input
        .start(options.read_rate)
        .map_err(|error| format!("cannot start a thread: {error}"))?;
    let feeder = Feeder {
        url: options.url.clone(),
        wishes: Wishes {
            copy_video: options.copy_video,
            copy_audio: options.copy_audio,
            no_video: options.no_video,
            no_audio: options.no_audio,
        },
        read_rate: options.read_rate,
        limit_us: options
            .duration
            .map(|duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)),
        stop,
        console: console.clone(),
        inlet,
        pending: VecDeque::new(),
    };
    keep_feeding(feeder)
}

/// The first signal asks for a clean end, the second does not ask.
fn end_on_signals(interrupted: &Arc<AtomicBool>) -> io::Result<()> {
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(
            signal,
            128 + signal,
            Arc::clone(interrupted),
        )?;
        signal_hook::flag::register(signal, Arc::clone(interrupted))?;
    }
    Ok(())
}

/// Session after session.
fn keep_feeding(mut feeder: Feeder) -> Result<(), String> {
    let mut retry = Retry::new(Instant::now(), Backoff::unpredictable());
    while !feeder.stop.interrupted.load(Ordering::Relaxed) {
        let started = Instant::now();
        let end = feeder.session();
        let wait = match retry.after(end, started, Instant::now(), &feeder) {
            Next::End(result) => return result,
            Next::Again(None) => continue,
            Next::Again(Some((wait, reason))) => {
                feeder.console.warning(&format!(
                    "{reason}; trying again in {:.1} s",
                    wait.as_secs_f64()
                ));
                wait
            }
        };
        sleep(wait, &feeder.stop.interrupted);
    }
    Ok(())
}

/// Sleeps, but not through a signal.
fn sleep(duration: Duration, interrupted: &AtomicBool) {
    let start = Instant::now();
    while !interrupted.load(Ordering::Relaxed)
        && let Some(left) = duration.checked_sub(start.elapsed())
        && !left.is_zero()
    {
        thread::sleep(left.min(ATTENTION));
    }
}

/// What to do after a session.
#[derive(Debug)]
enum Next {
    End(Result<(), String>),
    /// After a wait, for a reason, or at once.
    Again(Option<(Duration, String)>),
}

/// Decides whether there is another session.
#[derive(Debug)]
struct Retry {
    /// Until when a first connection is tried.
    first_until: Instant,
    /// A session has lasted.
    fed: bool,
    /// Sessions in a row that broke at once.
    short: u32,
    backoff: Backoff,
}

impl Retry {
    fn new(now: Instant, backoff: Backoff) -> Self {
        Self {
            first_until: now + FIRST_CONNECTION,
            fed: false,
            short: 0,
            backoff,
        }
    }

    fn after(&mut self, end: SessionEnd, started: Instant, now: Instant, feeder: &Feeder) -> Next {
        if now.saturating_duration_since(started) >= LASTING {
            self.fed = true;
            self.short = 0;
            self.backoff.reset();
        }
        let first_tries_over = !self.fed && now >= self.first_until;
        match end {
            SessionEnd::Finished => Next::End(Ok(())),
            SessionEnd::NewTracks => Next::Again(None),
            SessionEnd::Hopeless(reason) => Next::End(Err(reason)),
            SessionEnd::Unreachable(error) if first_tries_over => {
                Next::End(Err(unreachable(&error, feeder)))
            }
            SessionEnd::Unreachable(error) => self.again(super::chain(&error)),
            SessionEnd::Busy(reason) if !self.fed => Next::End(Err(reason)),
            SessionEnd::Busy(reason) => self.again(reason),
            SessionEnd::Lost(reason) => {
                self.short += 1;
                if self.short >= MAX_SHORT {
                    return Next::End(Err(format!(
                        "{reason}; given up after {MAX_SHORT} sessions that broke at once"
                    )));
                }
                self.again(reason)
            }
        }
    }

    fn again(&mut self, reason: String) -> Next {
        Next::Again(Some((self.backoff.next_wait(), reason)))
    }
}

/// Why there is no connection, and where one could be had.
fn unreachable(error: &ConnectError, feeder: &Feeder) -> String {
    let reason = super::chain(error);
    let url = &feeder.url;
    let is_local = matches!(url.host.as_str(), "localhost" | "::1") || url.host.starts_with("127.");
    if !is_local || !matches!(error, ConnectError::Refused { .. }) {
        return reason;
    }
    match listening::ports()[..] {
        [] => format!("{reason}; start the server first, with: ferrocast serve -f FILE"),
        [port] => format!(
            "{reason}; a server does listen on port {port}: {}",
            url.with_port(port)
        ),
        ref ports => {
            let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
            format!(
                "{reason}; a server does listen on ports {}",
                ports.join(", ")
            )
        }
    }
}

/// How long a first connection is tried.
const FIRST_CONNECTION: Duration = Duration::from_secs(10);

/// A session that lasts so long counts as one.
const LASTING: Duration = Duration::from_secs(3);

/// Sessions in a row that may break at once.
const MAX_SHORT: u32 = 5;

/// How long to sleep through a signal, at most.
const ATTENTION: Duration = Duration::from_millis(50);
