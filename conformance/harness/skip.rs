//! Skips: each with its reason, none unseen.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;

/// Whether each of these programs is on the path. If not, the test is skipped: with a line that
/// says why, and under `CI=1` as a failure.
#[must_use]
pub(crate) fn has_tools(tools: &[&str]) -> bool {
    let missing: Vec<&str> = tools
        .iter()
        .copied()
        .filter(|tool| !on_path(tool))
        .collect();
    if missing.is_empty() {
        return true;
    }
    let reason = format!("not on the path: {}", missing.join(", "));
    let ci = env::var("CI").is_ok_and(|value| value == "1" || value == "true");
    assert!(!ci, "{reason} (a failure under CI)");
    skip(&reason);
    false
}

/// Says that this test, or a part of it, is left out. The line goes to the test's output and to the
/// file in `FERROCAST_SKIPS`, where `conformance/run` counts it.
pub(crate) fn skip(reason: &str) {
    eprintln!("skipped: {reason}");
    let Ok(path) = env::var("FERROCAST_SKIPS") else {
        return;
    };
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .expect("the list of skips");
    writeln!(file, "{}: {reason}", test_name()).expect("the list of skips");
}

/// cargo-nextest runs a test on the main thread; libtest on a thread with its name.
fn test_name() -> String {
    env::var("NEXTEST_TEST_NAME")
        .ok()
        .or_else(|| std::thread::current().name().map(str::to_owned))
        .unwrap_or_default()
}

fn on_path(tool: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|dir| dir.join(tool).is_file())
}
