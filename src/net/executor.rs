//! Where tasks run.

use std::io;
use std::thread;

use smol::Executor;

/// The executor of all connections.
pub(crate) static EXECUTOR: Executor<'static> = Executor::new();

/// Starts the thread that runs [`EXECUTOR`]; it ends with the program.
///
/// It is one thread: a picture wakes all viewers at once, and a second thread would take its half of
/// them only by fighting for the same locks, which costs more processor time than it brings
/// (`benches/README.md`). One core feeds thousands of viewers. Work that blocks or computes for long
/// has threads of its own.
///
/// # Errors
/// The system's error if the thread cannot be started.
pub(crate) fn start_executor() -> io::Result<()> {
    thread::Builder::new()
        .name("net".to_owned())
        .spawn(|| smol::block_on(EXECUTOR.run(smol::future::pending::<()>())))?;
    Ok(())
}
