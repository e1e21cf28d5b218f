//! The progress line: frames, frames a second, kbit/s, drops.

use std::time::{Duration, Instant};

use super::console::Console;

/// Counts what a session has sent, and shows it.
#[derive(Debug)]
pub(super) struct Progress {
    console: Console,
    started: Instant,
    shown: Option<Instant>,
    frames: u64,
    bytes: u64,
}

impl Progress {
    /// Starts counting.
    pub(super) const fn new(console: Console, now: Instant) -> Self {
        Self {
            console,
            started: now,
            shown: None,
            frames: 0,
            bytes: 0,
        }
    }

    /// Counts a packet, which may be a frame of the first video track.
    pub(super) const fn count(&mut self, bytes: usize, is_frame: bool) {
        self.bytes += bytes as u64;
        if is_frame {
            self.frames += 1;
        }
    }

    /// Shows the line, twice a second at most.
    pub(super) fn show(&mut self, now: Instant, dropped: u64) {
        let recent = |shown: Instant| now.saturating_duration_since(shown) < INTERVAL;
        if !self.console.shows_progress() || self.shown.is_some_and(recent) {
            return;
        }
        self.shown = Some(now);
        self.console.progress(&self.line(now, dropped));
    }

    /// Shows the last line and leaves it standing.
    pub(super) fn finish(&mut self, now: Instant, dropped: u64) {
        if self.console.shows_progress() {
            self.console.progress(&self.line(now, dropped));
            self.console.end_progress();
        }
    }

    fn line(&self, now: Instant, dropped: u64) -> String {
        let seconds = now.saturating_duration_since(self.started).as_secs_f64();
        let per_second = |count: u64| {
            if seconds >= SETTLED_S {
                count as f64 / seconds // rounding does not matter for display
            } else {
                0.0
            }
        };
        format!(
            "frames={} fps={:.1} kbit/s={:.1} drops={dropped}",
            self.frames,
            per_second(self.frames),
            per_second(self.bytes) * 8.0 / 1000.0,
        )
    }
}

const INTERVAL: Duration = Duration::from_millis(500);

/// Rates over a shorter time than this, in seconds, say nothing.
const SETTLED_S: f64 = 0.2;

#[cfg(test)]
mod tests {
    use super::super::console::Level;
    use super::super::console::tests::Transcript;
    use super::*;

    #[test]
    fn the_line_is_shown_twice_a_second() {
        let transcript = Transcript::default();
        let start = Instant::now();
        let mut progress = Progress::new(transcript.console(Level::Info, true), start);
        for tick in 0..25_u32 {
            progress.count(500, true);
            progress.show(start + Duration::from_millis(40) * tick, 0);
        }
        progress.finish(start + Duration::from_secs(1), 3);
        assert_eq!(
            transcript.text(),
            "\rframes=1 fps=0.0 kbit/s=0.0 drops=0\
             \rframes=14 fps=26.9 kbit/s=107.7 drops=0\
             \rframes=25 fps=25.0 kbit/s=100.0 drops=3\n"
        );
    }
}
