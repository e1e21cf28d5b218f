//! What the feeder says to the person who started it: lines on standard error by level, and one
//! progress line that is rewritten in place.

use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// How much is said. Each level includes those before it. The names are those of ffmpeg's
/// `-loglevel`; levels that make no difference here share a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// `quiet`: nothing, the exit status tells.
    Quiet,
    /// `panic`, `fatal`, `error`: why the feeder ends.
    Error,
    /// `warning`: what goes on differently from what was asked.
    Warning,
    /// `info`: what is read, what is sent where.
    Info,
    /// `verbose`, `debug`, `trace`: every connection.
    Verbose,
}

impl Level {
    /// The level of a name or number of ffmpeg's.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "quiet" | "-8" => Self::Quiet,
            "panic" | "0" | "fatal" | "8" | "error" | "16" => Self::Error,
            "warning" | "24" => Self::Warning,
            "info" | "32" => Self::Info,
            "verbose" | "40" | "debug" | "48" | "trace" | "56" => Self::Verbose,
            _ => return None,
        })
    }
}

/// Where messages go. Clones share one output.
#[derive(Clone)]
pub struct Console {
    level: Level,
    progress: bool,
    output: Arc<Mutex<Output>>,
}

struct Output {
    sink: Box<dyn Write + Send>,
    /// Characters of the progress line that stands unfinished on the terminal.
    line_chars: usize,
}

impl Console {
    /// Standard error. The progress line is shown on a terminal at [`Level::Info`], or as `stats`
    /// (`-stats`, `-nostats`) says.
    #[must_use]
    pub fn stderr(level: Level, stats: Option<bool>) -> Self {
        let stderr = std::io::stderr();
        let by_default = level >= Level::Info && stderr.is_terminal();
        Self::new(level, stats.unwrap_or(by_default), Box::new(stderr))
    }

    /// Any output.
    #[must_use]
    pub fn new(level: Level, progress: bool, sink: Box<dyn Write + Send>) -> Self {
        Self {
            level,
            progress,
            output: Arc::new(Mutex::new(Output {
                sink,
                line_chars: 0,
            })),
        }
    }

    /// Says why the feeder ends.
    pub fn error(&self, text: &str) {
        self.say(Level::Error, text);
    }

    /// Says what is done differently from what was asked.
    pub fn warning(&self, text: &str) {
        self.say(Level::Warning, text);
    }

    /// Says what is being done.
    pub fn info(&self, text: &str) {
        self.say(Level::Info, text);
    }

    /// Says what only matters when looking for a fault.
    pub fn verbose(&self, text: &str) {
        self.say(Level::Verbose, text);
    }

    /// Whether there is a progress line.
    #[must_use]
    pub const fn shows_progress(&self) -> bool {
        self.progress
    }

    /// Replaces the progress line.
    pub fn progress(&self, line: &str) {
        if !self.progress {
            return;
        }
        let mut output = self.lock();
        let chars = line.chars().count();
        let rubout = output.line_chars.saturating_sub(chars);
        output.write(&format!("\r{line}{:rubout$}", ""));
        output.line_chars = chars;
    }

    /// Leaves the progress line standing and goes to the next.
    pub fn end_progress(&self) {
        let mut output = self.lock();
        if output.line_chars > 0 {
            output.write("\n");
            output.line_chars = 0;
        }
    }

    fn say(&self, level: Level, text: &str) {
        if self.level < level {
            return;
        }
        let mut output = self.lock();
        let rubout = std::mem::take(&mut output.line_chars);
        let clear = if rubout > 0 {
            format!("\r{:rubout$}\r", "")
        } else {
            String::new()
        };
        output.write(&format!("{clear}{text}\n"));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Output {
    /// Nobody is left to tell when standard error is gone.
    fn write(&mut self, text: &str) {
        let _gone = self
            .sink
            .write_all(text.as_bytes())
            .and_then(|()| self.sink.flush());
    }
}

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console")
            .field("level", &self.level)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A console whose output can be read.
    #[derive(Debug, Clone, Default)]
    pub(crate) struct Transcript(Arc<Mutex<Vec<u8>>>);

    impl Transcript {
        pub(crate) fn console(&self, level: Level, progress: bool) -> Console {
            Console::new(level, progress, Box::new(self.clone()))
        }

        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Transcript {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_message_wipes_the_progress_line_and_a_shorter_line_the_longer() {
        let transcript = Transcript::default();
        let console = transcript.console(Level::Warning, true);
        console.progress("frame=10");
        console.progress("frame=9");
        console.warning("late");
        console.info("not at this level");
        console.progress("x");
        console.end_progress();
        console.end_progress();
        let wiped = format!("\r{:7}\r", "");
        assert_eq!(
            transcript.text(),
            format!("\rframe=10\rframe=9 {wiped}late\n\rx\n")
        );
    }

    #[test]
    fn quiet_says_nothing() {
        let transcript = Transcript::default();
        let console = transcript.console(Level::Quiet, false);
        console.error("a");
        console.progress("b");
        console.end_progress();
        assert_eq!(transcript.text(), "");
    }

    #[test]
    fn levels_are_ffmpegs_names_and_numbers() {
        for (name, want) in [
            ("quiet", Some(Level::Quiet)),
            ("error", Some(Level::Error)),
            ("16", Some(Level::Error)),
            ("warning", Some(Level::Warning)),
            ("info", Some(Level::Info)),
            ("debug", Some(Level::Verbose)),
            ("loud", None),
        ] {
            assert_eq!(Level::from_name(name), want, "{name}");
        }
    }
}
