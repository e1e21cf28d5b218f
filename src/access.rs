//! The access log at work.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use crate::config::model::LogTarget;
use crate::http::access_log::Entry;

/// Where lines of the access log go. Without `CustomLog` nowhere, as in ffserver.
#[derive(Debug, Default)]
pub(crate) struct AccessLog {
    target: Option<Target>,
}

#[derive(Debug)]
enum Target {
    Stdout,
    File(Mutex<File>),
}

impl AccessLog {
    /// Opens the log.
    ///
    /// # Errors
    /// The system's error if the file cannot be opened for appending.
    pub(crate) fn open(target: Option<&LogTarget>) -> io::Result<Self> {
        let target = match target {
            None => None,
            Some(LogTarget::Stdout) => Some(Target::Stdout),
            Some(LogTarget::File(path)) => {
                let file = OpenOptions::new().append(true).create(true).open(path)?;
                Some(Target::File(Mutex::new(file)))
            }
        };
        Ok(Self { target })
    }

    /// Writes a line. A log that cannot be written stops nothing.
    pub(crate) fn write(&self, entry: &Entry<'_>) {
        let line = format!("{entry}\n");
        let _ = match &self.target {
            None => Ok(()),
            Some(Target::Stdout) => io::stdout().lock().write_all(line.as_bytes()),
            Some(Target::File(file)) => file
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .write_all(line.as_bytes()),
        };
    }
}
