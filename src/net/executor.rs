//! Where tasks run.

use std::io;
use std::thread;

use smol::Executor;

/// The executor of all connections.
pub(crate) static EXECUTOR: Executor<'static> = Executor::new();

/// The most threads that serve connections: one core feeds thousands of viewers, and each further
/// thread costs CPU time for stealing work.
const MAX_THREADS: usize = 4;

/// Starts the threads that run [`EXECUTOR`]; they end with the program.
///
/// # Errors
/// The system's error if a thread cannot be started.
pub(crate) fn start_executor() -> io::Result<()> {
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(MAX_THREADS);
    for index in 0..threads {
        thread::Builder::new()
            .name(format!("net-{index}"))
            .spawn(|| smol::block_on(EXECUTOR.run(smol::future::pending::<()>())))?;
    }
    Ok(())
}
