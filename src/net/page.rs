//! The page and what belongs to it, answered by async-h1 behind our own front.
//!
//! The front has read and judged the request. async-h1 is given one request at a time, written anew
//! in canonical form over an in-memory stream that then ends, so that no byte of a peer reaches its
//! parser; what it answers goes out through the front, which owns keep-alive and HTTP/1.0.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use formats::Format;
use http_types::{Request, Response, StatusCode};
use smol::io::{AsyncRead, AsyncWrite};

use super::connection::Connection;
use super::http::{Done, Failure, send_whole};
use crate::http::head::RequestHead;
use crate::http::response::ResponseHead;
use crate::http::status::RequestError;
use crate::site::{Content, Site, Stream};
use crate::stream::hub::Hub;
use crate::web::{self, Preview, StreamView};

/// What a name of the server's own stands for.
pub(super) enum Found {
    /// A page, its data or one of its files.
    Page(PageRequest),
    /// The picture of a stream, for the page.
    Preview(Arc<Stream>),
}

/// A request for the page or what belongs to it.
pub(super) struct PageRequest {
    site: Arc<Site>,
    path: String,
    peer: IpAddr,
}

/// Looks up a name of the server's own.
pub(super) fn find(site: &Arc<Site>, name: &str, peer: IpAddr) -> Option<Found> {
    let path = if name == "index.html" {
        "/".to_owned()
    } else {
        format!("/{name}")
    };
    if let Some(preview) = path.strip_prefix(web::PREVIEW_PREFIX) {
        let (stream, _extension) = preview.rsplit_once('.')?;
        let visible = |s: &&Arc<Stream>| s.config.name == stream && s.config.acl.allows(peer);
        return site
            .streams()
            .iter()
            .find(visible)
            .map(|s| Found::Preview(Arc::clone(s)));
    }
    let known = path == "/" || path == web::STREAMS_JSON_PATH || web::asset(&path).is_some();
    known.then(|| {
        Found::Page(PageRequest {
            site: Arc::clone(site),
            path,
            peer,
        })
    })
}

/// Answers a request for the page.
pub(super) async fn send(
    connection: &mut Connection,
    head: &RequestHead,
    request: PageRequest,
) -> Result<Done, Failure> {
    let authority = authority(head, connection);
    let wire = Wire::new(format!(
        "GET {} HTTP/1.1\r\nHost: {authority}\r\n\r\n",
        request.path
    ));
    let answered = async_h1::accept(wire.clone(), |asked| {
        let response = respond(&request, &asked, &authority);
        async move { Ok(response) }
    });
    let failed = |reason: String| RequestError::Internal {
        path: request.path.clone(),
        reason,
    };
    answered.await.map_err(|error| failed(error.to_string()))?;
    let reply = wire.into_output();
    let (reply, body) =
        read_reply(&reply).ok_or_else(|| failed("the page was cut off".to_owned()))?;
    send_whole(connection, head, &reply, body).await
}

/// Host and port that the client used, if it says so in a sane way, else where it reached us.
fn authority(head: &RequestHead, connection: &Connection) -> String {
    let sane = |host: &&str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
        !host.is_empty() && host.len() <= 255 && host.bytes().all(allowed)
    };
    match head.field("host").filter(sane) {
        Some(host) => host.to_owned(),
        None => connection.local_address(),
    }
}

fn respond(request: &PageRequest, asked: &Request, authority: &str) -> Response {
    let path = asked.url().path();
    let (mime_type, text) = match web::asset(path) {
        Some(asset) => (asset.mime_type, asset.text.to_owned()),
        None => {
            let views = views(&request.site, request.peer, authority);
            if path == web::STREAMS_JSON_PATH {
                ("application/json", web::streams_json(&views))
            } else {
                ("text/html; charset=utf-8", web::page(&views))
            }
        }
    };
    let mut response = Response::new(StatusCode::Ok);
    response.insert_header("Content-Type", mime_type);
    response.insert_header("Cache-Control", "no-cache");
    response.insert_header("X-Content-Type-Options", "nosniff");
    response.insert_header("Content-Security-Policy", web::CONTENT_SECURITY_POLICY);
    response.set_body(text);
    // set_body() sets a type of its own where it knows none.
    response.insert_header("Content-Type", mime_type);
    response
}

/// The streams that this peer may see.
fn views(site: &Site, peer: IpAddr, authority: &str) -> Vec<StreamView> {
    let visible = site
        .streams()
        .iter()
        .filter(|stream| stream.config.acl.allows(peer));
    visible
        .filter_map(|stream| view(site, stream, authority))
        .collect()
}

fn view(site: &Site, stream: &Stream, authority: &str) -> Option<StreamView> {
    let name = stream.config.name.clone();
    let urls = vec![format!("http://{authority}/{name}")];
    let viewers = stream.viewers();
    match &stream.content {
        Content::Live(live) => {
            let hub = live.hub();
            let feed = live.feed_name();
            let state = match hub.idle_reason() {
                Some(reason) => Some(reason.to_string()),
                None if site.is_fed(feed) => None,
                None => Some(format!("waiting for the feeder of {feed} to come back")),
            };
            Some(StreamView {
                format: hub.format().name().to_owned(),
                feed: Some(feed.to_owned()),
                preview: live.preview().map_or(Preview::None, preview),
                kbit_per_s: hub.average_bps().div_ceil(1000),
                live: state.is_none(),
                state: state.unwrap_or_else(|| "live".to_owned()),
                name,
                urls,
                viewers,
            })
        }
        Content::File(path, format) => {
            let there = path.is_file();
            Some(StreamView {
                format: format.name().to_owned(),
                feed: None,
                preview: Preview::None,
                kbit_per_s: 0,
                live: there,
                state: if there { "file" } else { "the file is missing" }.to_owned(),
                name,
                urls,
                viewers,
            })
        }
        Content::Unavailable(_) => None,
    }
}

fn preview(hub: &Hub) -> Preview {
    match hub.format() {
        Format::Mp4 => match formats::mime_codecs(&hub.tracks()) {
            Some(codecs) => Preview::Mp4 {
                mime_type: format!("video/mp4; codecs=\"{codecs}\""),
            },
            None => Preview::None,
        },
        Format::MpJpeg => Preview::MultipartJpeg,
        _ => Preview::None,
    }
}

/// Takes async-h1's reply apart: head for the front, body of the length it states.
fn read_reply(reply: &[u8]) -> Option<(ResponseHead, &[u8])> {
    let mut fields = [httparse::EMPTY_HEADER; 16];
    let mut parsed = httparse::Response::new(&mut fields);
    let httparse::Status::Complete(head_len) = parsed.parse(reply).ok()? else {
        return None;
    };
    let mut head = ResponseHead::new(parsed.code?, "OK");
    let mut length = None;
    for field in parsed.headers.iter() {
        let value = std::str::from_utf8(field.value).ok()?;
        match KEPT_FIELDS
            .iter()
            .find(|name| name.eq_ignore_ascii_case(field.name))
        {
            Some(name) => head = head.with(name, value),
            None if field.name.eq_ignore_ascii_case("content-length") => {
                length = value.parse::<usize>().ok();
            }
            None => {}
        }
    }
    Some((head, reply.get(head_len..)?.get(..length?)?))
}

/// The fields of a page's head that the front passes on; the others are its own.
const KEPT_FIELDS: [&str; 4] = [
    "Content-Type",
    "Cache-Control",
    "X-Content-Type-Options",
    "Content-Security-Policy",
];

/// An in-memory stream: reads give the request and then the end, writes are collected.
#[derive(Clone)]
struct Wire(Arc<Mutex<WireState>>);

struct WireState {
    input: io::Cursor<Vec<u8>>,
    output: Vec<u8>,
}

impl Wire {
    fn new(request: String) -> Self {
        let input = io::Cursor::new(request.into_bytes());
        Self(Arc::new(Mutex::new(WireState {
            input,
            output: Vec::new(),
        })))
    }

    fn into_output(self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).output)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Poll::Ready(io::Read::read(&mut state.input, buffer))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.output.extend(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
