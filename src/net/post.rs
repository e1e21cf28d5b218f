//! Receives a feeder's stream.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use formats::ffm::FfmDemuxer;
use formats::{DemuxError, Demuxed, Demuxer, Need};
use media::{Timestamp, Track};
use tracing::{info, warn};

use super::connection::{Connection, within};
use super::executor::EXECUTOR;
use super::http::{CLIENT_GONE, Done, Failure, send_whole};
use crate::feed::{Feed, Session};
use crate::http::body::BodyDecoder;
use crate::http::head::RequestHead;
use crate::http::response::ResponseHead;
use crate::http::status::RequestError;

/// How long a feeder may be silent before it is cut.
const FEEDER_TIMEOUT: Duration = Duration::from_secs(10);
/// Damaged places that are passed over before the body is taken for garbage.
const MAX_DAMAGE: u32 = 100;

/// Receives the body of a POST to `feed` and publishes it.
pub(super) async fn receive(
    connection: &mut Connection,
    head: &RequestHead,
    feed: &Arc<Feed>,
) -> Result<Done, Failure> {
    let name = &feed.config().name;
    if feed.config().read_only {
        return Err(RequestError::NotAFeed {
            path: format!("/{name} (ReadOnlyFile)"),
        }
        .into());
    }
    let body = BodyDecoder::for_request(head)?;
    let session = feed
        .claim(connection.peer, Instant::now())
        .map_err(|feeder| RequestError::FeedBusy {
            feed: name.clone(),
            peer: feeder.peer.to_string(),
            since: feeder.since.elapsed(),
        })?;
    if head.lists("expect", "100-continue") {
        connection
            .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")
            .await?;
    }
    info!("{}: feeding {name}", connection.peer);
    let number = session.number();
    let mut ingest = Ingest::new(session);
    let result = ingest.run(connection, body).await;
    let Ingest { bytes, packets, .. } = ingest;
    release_viewers_later(feed, number);
    match result {
        Ok(()) => info!(
            "{}: {name}: the feeder ended after {packets} packets",
            connection.peer
        ),
        Err(Failure::Refused(error)) => {
            warn!(
                "{}: {name}: after {packets} packets: {error}",
                connection.peer
            );
            return Err(error.into());
        }
        Err(Failure::Io(error)) => {
            warn!(
                "{}: {name}: the feeder is lost after {packets} packets: {error}",
                connection.peer
            );
            return Ok(Done {
                status: CLIENT_GONE,
                bytes,
                stays: false,
            });
        }
    }
    let reply = ResponseHead::ok().with("Content-Type", "text/plain; charset=utf-8");
    let text = format!("{name}: {packets} packets received\n");
    let done = send_whole(connection, head, &reply, text.as_bytes()).await?;
    Ok(Done { bytes, ..done })
}

/// Viewers are held for a while: a feeder that comes back soon finds them.
fn release_viewers_later(feed: &Arc<Feed>, session: u64) {
    let feed = Arc::clone(feed);
    let hold = async move {
        smol::Timer::after(feed.config().hold_viewers).await;
        feed.release_viewers(session);
    };
    EXECUTOR.spawn(hold).detach();
}

/// A post on its way from bytes to packets.
struct Ingest {
    session: Session,
    demuxer: Box<dyn Demuxer>,
    bytes: u64,
    packets: u64,
    damage: u32,
}

impl Ingest {
    fn new(session: Session) -> Self {
        // A ring file that is posted is read from its front: a socket cannot be searched.
        let demuxer = Box::new(FfmDemuxer::endless());
        Self {
            session,
            demuxer,
            bytes: 0,
            packets: 0,
            damage: 0,
        }
    }

    async fn run(
        &mut self,
        connection: &mut Connection,
        mut body: BodyDecoder,
    ) -> Result<(), Failure> {
        loop {
            while !connection.received().is_empty() && !body.finished() {
                let step = body.decode(connection.received())?;
                self.bytes += step.data.len() as u64;
                self.demuxer.push(step.data);
                let consumed = step.consumed;
                connection.consume(consumed);
                self.publish()?;
                if consumed == 0 {
                    break;
                }
            }
            if body.finished() {
                break;
            }
            match within(FEEDER_TIMEOUT, connection.read_more()).await {
                Ok(0) if body.may_end_at_close() => break,
                Ok(0) => return Err(Failure::Io(io::ErrorKind::UnexpectedEof.into())),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                    return Err(RequestError::Timeout {
                        after: FEEDER_TIMEOUT,
                    }
                    .into());
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.demuxer.push_end();
        self.publish()?;
        Ok(())
    }

    /// Publishes what the demuxer has whole.
    fn publish(&mut self) -> Result<(), Failure> {
        loop {
            match self.demuxer.next() {
                Ok(Demuxed::Tracks(tracks)) => self.begin(&tracks),
                Ok(Demuxed::Packet(packet)) => {
                    self.packets += 1;
                    self.session.push(packet, wall());
                }
                Ok(Demuxed::Need(Need::Bytes) | Demuxed::End) => return Ok(()),
                Ok(Demuxed::Need(Need::Seek(offset))) => {
                    let reason = format!("a post cannot be searched (to byte {offset})");
                    return Err(RequestError::Body { reason }.into());
                }
                Err(error) => self.pass_over(&error)?,
            }
        }
    }

    fn begin(&mut self, tracks: &[Track]) {
        for track in tracks {
            info!("{}: {}", self.session.feed_name(), describe(track));
        }
        for (stream, reason) in self.session.begin(tracks) {
            warn!("{stream} cannot be served from this feeder: {reason}");
        }
    }

    fn pass_over(&mut self, error: &DemuxError) -> Result<(), Failure> {
        self.damage += 1;
        let hopeless = self.packets == 0 || self.damage > MAX_DAMAGE;
        if hopeless && !matches!(error, DemuxError::Truncated { .. }) {
            return Err(RequestError::Body {
                reason: error.to_string(),
            }
            .into());
        }
        warn!("{}: {error}", self.session.feed_name());
        Ok(())
    }
}

fn describe(track: &Track) -> String {
    match (track.params.video(), track.params.audio()) {
        (Some(video), _) => {
            let rate = video
                .frame_rate
                .map(|rate| format!(", {rate} fps"))
                .unwrap_or_default();
            format!(
                "{} {}x{}{rate}",
                track.params.codec, video.width_px, video.height_px
            )
        }
        (_, Some(audio)) => format!(
            "{} {} Hz, {} channel(s)",
            track.params.codec, audio.sample_rate_hz, audio.channels
        ),
        (None, None) => track.params.codec.to_string(),
    }
}

/// The server's wall clock in microseconds since 1970.
fn wall() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
