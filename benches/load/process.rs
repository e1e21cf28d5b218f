//! What a process has used, as Linux counts it.

use std::fs;
use std::io;

use rustix::process::{Resource, getrlimit, setrlimit};

/// Nanoseconds that all threads of a process have run: user and system time, as the scheduler
/// counts it (`/proc/PID/task/*/schedstat`, first field).
pub(crate) fn cpu_ns(pid: u32) -> io::Result<u64> {
    let mut sum = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end between the listing and the reading.
        if let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) {
            sum += first_number(&text).ok_or(io::ErrorKind::InvalidData)?;
        }
    }
    Ok(sum)
}

/// The number by which the kernel knows the thread that asks.
pub(crate) fn thread_id() -> i32 {
    rustix::thread::gettid().as_raw_nonzero().get()
}

/// What [`cpu_ns`] counts, of one thread of this process.
pub(crate) fn thread_cpu_ns(id: i32) -> io::Result<u64> {
    let text = fs::read_to_string(format!("/proc/self/task/{id}/schedstat"))?;
    Ok(first_number(&text).ok_or(io::ErrorKind::InvalidData)?)
}

/// Resident memory of a process in bytes.
pub(crate) fn memory_bytes(pid: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(first_number);
    Ok(kib.ok_or(io::ErrorKind::InvalidData)? * 1024)
}

/// The load of the machine over the last minute.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// Lets this process, and what it starts, open as many files as the system allows.
pub(crate) fn raise_file_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        eprintln!("the limit of open files stays: {error}");
    }
}

fn first_number(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}
