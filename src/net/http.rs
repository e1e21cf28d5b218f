//! Answers the requests of one connection.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use formats::Format;
use tracing::{debug, info};

use super::connection::{Connection, NoRequest};
use super::{file, live, page, post};
use crate::feed::{Feed, encodings};
use crate::http::access_log::Entry;
use crate::http::head::{Method, RequestHead, Version};
use crate::http::response::{BodyLength, ResponseHead, error_reply, redirect_reply};
use crate::http::status::RequestError;
use crate::http::target::Target;
use crate::site::{Content, Resource, Site, Stream};
use crate::stream::hub::Hub;

/// How long a viewer waits for a feeder before it is told that there is none.
const FEEDER_WAIT: Duration = Duration::from_secs(10);
/// The most requests of one connection.
const MAX_REQUESTS: usize = 1000;

/// What the access log says of a client that left before it was answered, as nginx does.
pub(super) const CLIENT_GONE: u16 = 499;

/// What became of a request.
pub(super) struct Done {
    pub(super) status: u16,
    /// Bytes of the body sent, or received of a post.
    pub(super) bytes: u64,
    /// Another request may follow on the connection.
    pub(super) stays: bool,
}

/// Serves a connection to its end. `refused` is the number of open connections and its limit, if
/// this one is too many.
pub(super) async fn serve(
    site: &Arc<Site>,
    mut connection: Connection,
    refused: Option<(u64, u64)>,
) {
    for _ in 0..MAX_REQUESTS {
        let head = match connection.read_head().await {
            Ok(head) => head,
            Err(no_request) => {
                refuse_no_request(site, &mut connection, no_request).await;
                return;
            }
        };
        let time = SystemTime::now();
        let result = match refused {
            Some((current, limit)) => Err(RequestError::TooManyClients { current, limit }.into()),
            None => answer(site, &mut connection, &head).await,
        };
        let done = match result {
            Ok(done) => Ok(done),
            Err(Failure::Refused(error)) => refuse(&mut connection, Some(&head), &error).await,
            Err(Failure::Io(error)) => Err(error),
        };
        let done = done.unwrap_or_else(|error| {
            debug!(
                "{}: {} {}: {error}",
                connection.peer,
                head.method.name(),
                head.target
            );
            Done {
                status: 499,
                bytes: 0,
                stays: false,
            }
        });
        log(site, &connection, &head, time, &done);
        if !done.stays {
            return;
        }
    }
}

/// Why a request got no regular reply.
pub(super) enum Failure {
    /// The peer is told why.
    Refused(RequestError),
    /// The connection failed while the reply was sent.
    Io(io::Error),
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        Self::Refused(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

async fn answer(
    site: &Arc<Site>,
    connection: &mut Connection,
    head: &RequestHead,
) -> Result<Done, Failure> {
    let Some(target) = Target::parse(&head.target) else {
        let reason = format!("'{}' is no path", head.target);
        return Err(RequestError::Malformed { reason }.into());
    };
    let peer = connection.peer.ip();
    let name = if target.name.is_empty() {
        "index.html"
    } else {
        &target.name
    };
    let resource = site.lookup(name, peer);
    if head.method == Method::Post {
        return match resource {
            Some(Resource::Feed(feed)) => post::receive(connection, head, &feed).await,
            Some(_) => Err(RequestError::NotAFeed {
                path: format!("/{name}"),
            }
            .into()),
            None => Err(RequestError::NotFound {
                path: format!("/{name}"),
            }
            .into()),
        };
    }
    match resource {
        Some(Resource::Feed(feed)) => send_feed(site, connection, head, &feed).await,
        Some(Resource::Stream(stream)) => {
            send_stream(site, connection, head, &target, &stream).await
        }
        Some(Resource::Redirect(url)) => {
            let (reply, page) = redirect_reply(&url);
            send_whole(connection, head, &reply, page.as_bytes()).await
        }
        None => match page::find(site, name, peer) {
            Some(page::Found::Page(request)) => page::send(connection, head, request).await,
            Some(page::Found::Preview(stream)) => {
                let Content::Live(live) = &stream.content else {
                    return Err(RequestError::NotFound {
                        path: format!("/{name}"),
                    }
                    .into());
                };
                let Some(hub) = live.preview() else {
                    let reason = "there is nothing that a browser can show".to_owned();
                    return Err(RequestError::NoSource {
                        stream: name.to_owned(),
                        reason,
                    }
                    .into());
                };
                send_live(site, connection, head, &target, &stream, hub).await
            }
            None => Err(RequestError::NotFound {
                path: format!("/{name}"),
            }
            .into()),
        },
    }
}

async fn send_stream(
    site: &Arc<Site>,
    connection: &mut Connection,
    head: &RequestHead,
    target: &Target,
    stream: &Arc<Stream>,
) -> Result<Done, Failure> {
    match &stream.content {
        Content::Live(live) => send_live(site, connection, head, target, stream, live.hub()).await,
        Content::File(path, format) => {
            let _admitted = site.admission().admit(0)?;
            let _watching = stream.watch();
            file::send(connection, head, &stream.config.name, path, *format).await
        }
        Content::Unavailable(reason) => Err(RequestError::NotImplemented {
            stream: stream.config.name.clone(),
            reason: reason.clone(),
        }
        .into()),
    }
}

async fn send_live(
    site: &Arc<Site>,
    connection: &mut Connection,
    head: &RequestHead,
    target: &Target,
    stream: &Arc<Stream>,
    hub: &Hub,
) -> Result<Done, Failure> {
    let reply = ResponseHead::ok()
        .with("Content-Type", hub.format().mime_type())
        .with("Access-Control-Allow-Origin", "*")
        .uncached();
    if head.method == Method::Head {
        return send_head_alone(connection, head, &reply).await;
    }
    let back = back_from_live(target, stream);
    let (header, cursor) =
        live::join(hub, back, FEEDER_WAIT)
            .await
            .map_err(|reason| RequestError::NoSource {
                stream: stream.config.name.clone(),
                reason,
            })?;
    let _admitted = site.admission().admit(hub.nominal_kbps())?;
    let _watching = stream.watch();
    if hub.format() == Format::Jpeg {
        return send_picture(connection, head, &reply, hub, cursor).await;
    }
    let reply = reply.to_bytes(
        head.version,
        BodyLength::UntilClose,
        false,
        SystemTime::now(),
    );
    let first = [reply, header.to_vec()].concat();
    let head_len = (first.len() - header.len()) as u64;
    let ended = live::send(
        connection,
        hub,
        first.into(),
        cursor,
        stream.config.max_time,
    )
    .await;
    let (peer, name) = (connection.peer, &stream.config.name);
    if ended.skipped > 0 {
        info!(
            "{peer}: {name}: too slow, {} chunks were left out",
            ended.skipped
        );
    }
    match &ended.reason {
        Ok(reason) => info!("{peer}: {name}: closed: {reason}"),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            info!("{peer}: {name}: closed: the client took nothing for 10 s");
        }
        Err(error) => debug!("{peer}: {name}: the client left: {error}"),
    }
    Ok(Done {
        status: 200,
        bytes: ended.bytes.saturating_sub(head_len),
        stays: false,
    })
}

/// How far before the newest key frame a viewer starts: `?buffer=SECONDS`, else `Preroll`.
fn back_from_live(target: &Target, stream: &Stream) -> Duration {
    let asked = target
        .query("buffer")
        .and_then(|seconds| seconds.parse::<f64>().ok());
    asked
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .unwrap_or(stream.config.preroll)
}

/// `Format jpeg`: the newest picture, as one finite reply.
async fn send_picture(
    connection: &mut Connection,
    head: &RequestHead,
    reply: &ResponseHead,
    hub: &Hub,
    mut cursor: crate::stream::hub::Cursor,
) -> Result<Done, Failure> {
    let mut pictures: Vec<Bytes> = Vec::new();
    hub.read(&mut cursor, &mut pictures);
    let picture = pictures.first().cloned().unwrap_or_default();
    send_whole(connection, head, reply, &picture).await
}

/// GET of a feed: the header that a feeder reads, then the feed itself for who stays.
async fn send_feed(
    site: &Arc<Site>,
    connection: &mut Connection,
    head: &RequestHead,
    feed: &Arc<Feed>,
) -> Result<Done, Failure> {
    let user_agent = head.field("user-agent").unwrap_or_default();
    if feed.feeder().is_some() && is_old_feeder(user_agent) {
        return Err(RequestError::FeedTaken.into());
    }
    let _admitted = site.admission().admit(0)?;
    let reply = ResponseHead::ok()
        .with("Content-Type", Format::Ffm.mime_type())
        .uncached();
    if head.method == Method::Head {
        return send_head_alone(connection, head, &reply).await;
    }
    let reply = reply.to_bytes(
        head.version,
        BodyLength::UntilClose,
        false,
        SystemTime::now(),
    );
    let hub = feed.relay();
    // Who comes while nobody feeds is told what to encode, not what was posted last.
    let on_air = feed.feeder().and_then(|_| hub.join(Duration::ZERO).ok());
    let (header, cursor) = on_air.unwrap_or_else(|| {
        let wanted = encodings::feed_header(feed.encodings(), user_agent);
        (wanted.into(), hub.cursor_at_end())
    });
    let head_len = reply.len() as u64;
    let first = [reply, header.to_vec()].concat();
    let sending = live::send(connection, hub, first.into(), cursor, None);
    let ended = sending.await;
    Ok(Done {
        status: 200,
        bytes: ended.bytes.saturating_sub(head_len),
        stays: false,
    })
}

/// Whether a client is an ffmpeg that knows FFM (it was dropped with libavformat 58). Told that it
/// may come in, it would post at once and find its connection closed without a reason.
fn is_old_feeder(user_agent: &str) -> bool {
    let version = user_agent
        .strip_prefix("Lavf")
        .map(|rest| rest.trim_start_matches('/'));
    let major = version.and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    major.is_some_and(|major| major < 58)
}

/// Sends a reply of known length.
pub(super) async fn send_whole(
    connection: &mut Connection,
    head: &RequestHead,
    reply: &ResponseHead,
    body: &[u8],
) -> Result<Done, Failure> {
    let stays = head.keep_alive();
    let length = BodyLength::Known(body.len() as u64);
    let mut bytes = reply.to_bytes(head.version, length, stays, SystemTime::now());
    let mut sent = 0;
    if head.method != Method::Head && reply.status != 304 {
        bytes.extend(body);
        sent = body.len() as u64;
    }
    connection.write_all(&bytes).await?;
    Ok(Done {
        status: reply.status,
        bytes: sent,
        stays,
    })
}

async fn send_head_alone(
    connection: &mut Connection,
    head: &RequestHead,
    reply: &ResponseHead,
) -> Result<Done, Failure> {
    let bytes = reply.to_bytes(
        head.version,
        BodyLength::UntilClose,
        false,
        SystemTime::now(),
    );
    connection.write_all(&bytes).await?;
    Ok(Done {
        status: reply.status,
        bytes: 0,
        stays: false,
    })
}

/// Tells a peer why its request is not served. A body that it may be sending is drained.
async fn refuse(
    connection: &mut Connection,
    head: Option<&RequestHead>,
    error: &RequestError,
) -> io::Result<Done> {
    let (reply, page) = error_reply(error);
    let (request, version) = match head {
        Some(head) => (
            format!("{} {}", head.method.name(), head.target),
            head.version,
        ),
        None => ("no request".to_owned(), Version::Http10),
    };
    info!(
        "{}: {}: {} {error}",
        connection.peer,
        request.escape_debug(),
        reply.status
    );
    let has_body = head.is_none_or(|head| {
        head.method == Method::Post
            || head.field("content-length").is_some()
            || head.field("transfer-encoding").is_some()
    });
    let stays = !has_body && head.is_some_and(RequestHead::keep_alive);
    let length = BodyLength::Known(page.len() as u64);
    let mut bytes = reply.to_bytes(version, length, stays, SystemTime::now());
    let head_only = head.is_some_and(|head| head.method == Method::Head);
    if !head_only {
        bytes.extend(page.as_bytes());
    }
    connection.write_all(&bytes).await?;
    if has_body {
        connection.close_after_reply().await;
    }
    Ok(Done {
        status: reply.status,
        bytes: page.len() as u64,
        stays,
    })
}

async fn refuse_no_request(site: &Site, connection: &mut Connection, no_request: NoRequest) {
    match no_request {
        NoRequest::Idle => {}
        NoRequest::Io(error) => debug!("{}: {error}", connection.peer),
        NoRequest::Refuse(error) => {
            let time = SystemTime::now();
            if let Ok(done) = refuse(connection, None, &error).await {
                site.access_log().write(&Entry {
                    peer: connection.peer.ip(),
                    time,
                    request: "-",
                    status: done.status,
                    bytes: done.bytes,
                    referer: None,
                    user_agent: None,
                });
            }
        }
    }
}

fn log(site: &Site, connection: &Connection, head: &RequestHead, time: SystemTime, done: &Done) {
    let version = match head.version {
        Version::Http10 => "1.0",
        Version::Http11 => "1.1",
    };
    site.access_log().write(&Entry {
        peer: connection.peer.ip(),
        time,
        request: &format!("{} {} HTTP/{version}", head.method.name(), head.target),
        status: done.status,
        bytes: done.bytes,
        referer: head.field("referer"),
        user_agent: head.field("user-agent"),
    });
}
