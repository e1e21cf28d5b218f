//! The real program as a feeder.

use std::process::Command;
use std::time::Duration;

use super::process::Program;
use super::server::{Server, binary};
use super::wait::wait_for;

/// A feeder that posts to a feed of a server. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Feeder(Program);

impl Feeder {
    /// `ferrocast feed ARGS URL`.
    pub(crate) fn start(args: &[&str], server: &Server, feed: &str) -> Self {
        let url = server.url(&format!("/{feed}"));
        Self::start_command(Command::new(binary()).arg("feed").args(args).arg(url))
    }

    /// Starts the feeder by a command of the caller's.
    pub(crate) fn start_command(command: &mut Command) -> Self {
        Self(Program::start(command))
    }

    /// The moving test picture, with the number and the time burnt in.
    pub(crate) fn test_picture(server: &Server, feed: &str) -> Self {
        let source = "testsrc=size=320x240:rate=25";
        let mut feeder = Self::start(&["-f", "lavfi", "-i", source], server, feed);
        feeder.wait_live(server, feed);
        feeder
    }

    /// Waits until a stream of the feed gives its first bytes.
    fn wait_live(&mut self, server: &Server, feed: &str) {
        wait_for("the feeder's post", Duration::from_secs(20), || {
            self.assert_running();
            super::page::feed_is_live(server, feed).then_some(())
        });
    }

    /// What it has said so far.
    pub(crate) fn output(&self) -> String {
        format!("{}{}", self.0.stdout(), self.0.stderr())
    }

    pub(crate) fn assert_running(&mut self) {
        let exit = self.0.poll_exit();
        assert!(
            exit.is_none(),
            "the feeder ended: {exit:?}\n{}",
            self.output()
        );
    }

    /// Waits for its end and says whether that was a success.
    pub(crate) fn wait(&mut self, limit: Duration) -> bool {
        wait_for("the feeder's end", limit, || self.0.poll_exit()).success()
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.0.kill();
    }
}
