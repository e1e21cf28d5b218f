//! Sends a live stream to one viewer.

use std::io;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::connection::Connection;
use crate::stream::hub::{Cursor, Hub, Read};

/// How the stream ended for a viewer.
#[derive(Debug)]
pub(super) struct Ended {
    /// Bytes of the body sent.
    pub(super) bytes: u64,
    /// Chunks it missed because it was too slow.
    pub(super) skipped: u64,
    /// Why it ended; an error of the connection is the viewer's leaving or stalling.
    pub(super) reason: io::Result<String>,
}

/// Sends header and chunks until the stream ends, the viewer leaves, or `max_time` has passed.
pub(super) async fn send(
    connection: &mut Connection,
    hub: &Hub,
    header: Bytes,
    mut cursor: Cursor,
    max_time: Option<Duration>,
) -> Ended {
    let deadline = max_time.and_then(|limit| Instant::now().checked_add(limit));
    let mut ended = Ended {
        bytes: 0,
        skipped: 0,
        reason: Ok(String::new()),
    };
    if let Err(error) = connection.prepare_for_live() {
        return Ended {
            reason: Err(error),
            ..ended
        };
    }
    let mut batch = vec![header];
    // Taken before the last read, so that no change after that read is missed.
    let mut changed = None;
    loop {
        if batch.iter().any(|chunk| !chunk.is_empty()) {
            match connection.write_chunks(&mut batch).await {
                Ok(bytes) => ended.bytes += bytes,
                Err(error) => {
                    return Ended {
                        reason: Err(error),
                        ..ended
                    };
                }
            }
        }
        batch.clear();
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Ended {
                reason: Ok("MaxTime is over".to_owned()),
                ..ended
            };
        }
        match hub.read(&mut cursor, &mut batch) {
            Read::Chunks { skipped } => ended.skipped += skipped,
            // A wake finds chunks nearly always: only who found none listens, then looks again.
            Read::Wait => match changed.take() {
                None => changed = Some(hub.listen()),
                Some(changed) => changed.await,
            },
            Read::Ended(reason) => {
                return Ended {
                    reason: Ok(reason.to_string()),
                    ..ended
                };
            }
        }
    }
}

/// Waits until a viewer can be let in, at most `limit`.
pub(super) async fn join(
    hub: &Hub,
    back: Duration,
    limit: Duration,
) -> Result<(Bytes, Cursor), String> {
    let deadline = Instant::now() + limit;
    loop {
        let changed = hub.listen();
        let reason = match hub.join(back) {
            Ok(joined) => return Ok(joined),
            Err(reason) => reason,
        };
        let left = deadline.saturating_duration_since(Instant::now());
        let waited = super::connection::within(left, async {
            changed.await;
            Ok(())
        });
        if waited.await.is_err() {
            return Err(reason.to_string());
        }
    }
}
