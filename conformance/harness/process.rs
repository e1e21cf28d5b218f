//! Programs: run to their end under a time limit, or kept running while a test talks to them.

use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::wait::within;

/// How a program ended.
#[derive(Debug)]
pub(crate) struct Finished {
    /// `None`: killed at its time limit.
    pub(crate) status: Option<ExitStatus>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
    pub(crate) elapsed: Duration,
}

impl Finished {
    /// Whether it ended by itself with status 0.
    pub(crate) fn success(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    pub(crate) fn stdout_text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// One line for a failure message.
    pub(crate) fn describe(&self) -> String {
        let status = match self.status {
            Some(status) => status.to_string(),
            None => format!("killed after {:.1} s", self.elapsed.as_secs_f64()),
        };
        format!("{status}; stderr: {}", self.stderr.trim())
    }
}

/// Runs a program without input to its end, or to the limit.
pub(crate) fn run(command: &mut Command, limit: Duration) -> Finished {
    let start = Instant::now();
    let mut program = Program::start(command);
    program.close_stdin();
    let status = within(limit, || program.poll_exit());
    program.kill();
    program.join_readers();
    Finished {
        status,
        stdout: program.stdout.take(),
        stderr: String::from_utf8_lossy(&program.stderr.take()).into_owned(),
        elapsed: start.elapsed(),
    }
}

/// A program that runs beside the test, in a process group of its own. Dropping it kills the group.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Captured,
    stderr: Captured,
    readers: Vec<JoinHandle<()>>,
    exit: Option<ExitStatus>,
}

impl Program {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{:?}: {error}", command.get_program()));
        let (stdout, stderr) = (Captured::default(), Captured::default());
        let readers = vec![
            stdout.fill_from(child.stdout.take().expect("piped")),
            stderr.fill_from(child.stderr.take().expect("piped")),
        ];
        Self {
            stdin: child.stdin.take(),
            child,
            stdout,
            stderr,
            readers,
            exit: None,
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it wrote to its standard output so far.
    pub(crate) fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// What it wrote to its standard error so far.
    pub(crate) fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// Writes a line to its standard input; a program that is gone reads nothing.
    pub(crate) fn send_line(&mut self, line: &str) {
        if let Some(stdin) = &mut self.stdin {
            let _ = writeln!(stdin, "{line}").and_then(|()| stdin.flush());
        }
    }

    pub(crate) fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Its exit status, if it has ended.
    pub(crate) fn poll_exit(&mut self) -> Option<ExitStatus> {
        if self.exit.is_none() {
            self.exit = self.child.try_wait().expect("wait for a child");
        }
        self.exit
    }

    /// `kill -9`, for it and everything it started.
    pub(crate) fn kill(&mut self) {
        if self.poll_exit().is_none() {
            self.signal(rustix::process::Signal::KILL);
            self.exit = self.child.wait().ok();
        }
    }

    /// Sends a signal to its process group.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = i32::try_from(self.child.id()).expect("process ids fit");
        let group = rustix::process::Pid::from_raw(id).expect("process ids are not 0");
        // A group that has ended by itself is what was wanted.
        let _ = rustix::process::kill_process_group(group, signal);
    }

    fn join_readers(&mut self) {
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Output of a program, read by a thread so that the program never waits for the test.
#[derive(Debug, Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    fn fill_from(&self, mut source: impl Read + Send + 'static) -> JoinHandle<()> {
        let target = Arc::clone(&self.0);
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(len @ 1..) = source.read(&mut buffer) {
                target
                    .lock()
                    .expect("no panic under it")
                    .extend(&buffer[..len]);
            }
        })
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("no panic under it")).into_owned()
    }

    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().expect("no panic under it"))
    }
}
