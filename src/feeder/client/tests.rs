//! The client against servers that speak raw bytes.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use formats::ffm::Header;

use super::reply::ReplyError;
use super::*;
use crate::feeder::url::FeedUrl;

const SECONDS: Duration = Duration::from_secs(20);

/// Runs `server` on the next connection to the address given.
fn serve<T: Send + 'static>(
    server: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> (FeedUrl, thread::JoinHandle<T>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = FeedUrl::parse(&format!("http://127.0.0.1:{port}/feed1.ffm")).unwrap();
    let server = thread::spawn(move || server(listener.accept().unwrap().0));
    (url, server)
}

fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

fn get(url: &FeedUrl, timeout: Duration) -> Result<HeaderReply<Header>, ReplyError> {
    let stream = connect(url, SECONDS).unwrap();
    get_header(stream, url, timeout, |bytes| {
        if bytes.is_empty() {
            return Ok(None);
        }
        Header::parse(bytes)
            .map(|header| header.map(|(header, _)| header))
            .map_err(|error| error.to_string())
    })
}

fn recorded(name: &str) -> Vec<u8> {
    let path = format!(
        "{}/conformance/corpus/ffserver/http/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read(path).unwrap()
}

#[test]
fn recorded_replies_are_read_in_any_piece_and_the_connection_is_closed_then() {
    for (name, streams) in [
        ("08_feeder_get.response", 4),
        ("32_feeder_get_1.response", 6),
    ] {
        for piece in [1, 7, 4096, 100_000] {
            let (url, server) = serve(move |mut stream| {
                stream.set_nodelay(true).unwrap();
                let head = read_head(&mut stream);
                for piece in recorded(name).chunks(piece) {
                    stream.write_all(piece).unwrap();
                }
                // A live stream would follow; the client must not wait for its end.
                let closed = stream.read(&mut [0]);
                (head, closed.unwrap_or(0))
            });
            let reply = get(&url, SECONDS).unwrap();
            let HeaderReply::Header(header) = reply else {
                panic!("{name}: {reply:?}")
            };
            assert_eq!(header.streams.len(), streams, "{name} in pieces of {piece}");
            let (head, after) = server.join().unwrap();
            assert_eq!(after, 0);
            let want = format!(
                "GET /feed1.ffm HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUser-Agent: {USER_AGENT}\r\n\
                 Accept: */*\r\nConnection: close\r\n\r\n",
                url.port
            );
            assert_eq!(head, want);
        }
    }
}

#[test]
fn a_header_in_chunks_is_read_too() {
    let body = recorded("32_feeder_get_2.response").split_off(79);
    assert!(body.starts_with(b"FFM2"));
    let (url, server) = serve(move |mut stream| {
        read_head(&mut stream);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            .unwrap();
        for piece in body.chunks(1000) {
            write!(stream, "{:x}\r\n", piece.len()).unwrap();
            stream.write_all(piece).unwrap();
            stream.write_all(b"\r\n").unwrap();
        }
        stream
    });
    let reply = get(&url, SECONDS).unwrap();
    assert!(matches!(&reply, HeaderReply::Header(header) if header.streams.len() == 2));
    drop(server.join().unwrap());
}

#[test]
fn what_is_no_feed_is_told_apart() {
    type Expect = fn(&Result<HeaderReply<Header>, ReplyError>) -> bool;
    let rows: [(&str, &[u8], Expect); 8] = [
        (
            "404 with a page",
            b"HTTP/1.0 404 Not Found\r\nContent-type: text/html\r\n\r\n<html><body>This feed is \
              already being received.</body></html>",
            |reply| {
                matches!(reply, Ok(HeaderReply::Refused(refusal))
                    if refusal.to_string() == "404 Not Found: This feed is already being received.")
            },
        ),
        (
            "a page",
            b"HTTP/1.0 200 OK\r\n\r\n<html>hello</html>",
            |reply| matches!(reply, Ok(HeaderReply::NoFeed(_))),
        ),
        ("nothing", b"", |reply| {
            matches!(reply, Err(ReplyError::Closed))
        }),
        (
            "half a header",
            b"HTTP/1.0 200 OK\r\n\r\nFFM2\0\0\x10\0",
            |reply| matches!(reply, Err(ReplyError::Closed)),
        ),
        (
            "negative chunk size",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nFFM2",
            |reply| matches!(reply, Err(ReplyError::Damaged { .. })),
        ),
        (
            "huge chunk size",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nFFM2",
            |reply| matches!(reply, Err(ReplyError::Damaged { .. })),
        ),
        (
            "short length",
            b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nFFM2\0\0\x10\0",
            |reply| matches!(reply, Err(ReplyError::Closed)),
        ),
        ("another protocol", b"SSH-2.0-OpenSSH_9.2\r\n", |reply| {
            matches!(reply, Err(ReplyError::NotHttp { .. }))
        }),
    ];
    for (name, bytes, expected) in rows {
        let bytes = bytes.to_vec();
        let (url, server) = serve(move |mut stream| {
            read_head(&mut stream);
            stream.write_all(&bytes).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
            // Closing with unread input would reset the connection.
            let _rest = stream.read(&mut [0]);
        });
        let reply = get(&url, SECONDS);
        assert!(expected(&reply), "{name}: {reply:?}");
        server.join().unwrap();
    }
}

#[test]
fn a_silent_server_is_given_up() {
    let (done, wait) = mpsc::channel::<()>();
    let (url, server) = serve(move |mut stream| {
        read_head(&mut stream);
        stream.write_all(b"HTTP/1.0 200").unwrap();
        // Until the client has given up.
        let _closed = wait.recv();
    });
    let reply = get(&url, Duration::from_millis(30));
    assert!(
        matches!(reply, Err(ReplyError::Timeout { .. })),
        "{reply:?}"
    );
    drop(done);
    server.join().unwrap();
}

#[test]
fn a_closed_port_is_refused() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let url = FeedUrl::parse(&format!("http://127.0.0.1:{port}/f")).unwrap();
    let error = connect(&url, SECONDS).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("nothing listens on 127.0.0.1:{port}")
    );
}

#[test]
fn a_post_is_chunks_of_a_block_each_and_its_status_is_heard() {
    let (url, server) = serve(|mut stream| {
        let head = read_head(&mut stream);
        let mut body = Vec::new();
        while !body.ends_with(b"0\r\n\r\n") {
            let mut piece = [0; 5000];
            let len = stream.read(&mut piece).unwrap();
            assert_ne!(len, 0, "the client closed first");
            body.extend_from_slice(&piece[..len]);
        }
        stream
            .write_all(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 Bad Request\r\nContent-Length: 9\r\n\r\nbad block")
            .unwrap();
        (head, body)
    });
    let mut post = Post::start(connect(&url, SECONDS).unwrap(), &url).unwrap();
    post.write_blocks(&[1; 4096]).unwrap();
    post.write_blocks(&[2; 8192]).unwrap();
    assert!(post.ended().is_none());
    let end = post.finish();
    let PostEnd::Status(refusal) = end else {
        panic!("{end:?}")
    };
    assert_eq!(refusal.to_string(), "400 Bad Request: bad block");
    let (head, body) = server.join().unwrap();
    let want_head = format!(
        "POST /feed1.ffm HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUser-Agent: {USER_AGENT}\r\n\
         Accept: */*\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
        url.port
    );
    assert_eq!(head, want_head);
    let mut want = Vec::new();
    for block in [1, 2, 2] {
        want.extend_from_slice(b"1000\r\n");
        want.extend_from_slice(&[block; 4096]);
        want.extend_from_slice(b"\r\n");
    }
    want.extend_from_slice(b"0\r\n\r\n");
    assert_eq!(body, want);
}

#[test]
fn an_early_refusal_is_heard_while_the_body_is_drained() {
    let (url, server) = serve(|mut stream| {
        read_head(&mut stream);
        stream
            .write_all(b"HTTP/1.1 409 Conflict\r\nContent-Length: 4\r\n\r\nbusy")
            .unwrap();
        let mut drained = Vec::new();
        stream.read_to_end(&mut drained).unwrap();
        drained.len()
    });
    let mut post = Post::start(connect(&url, SECONDS).unwrap(), &url).unwrap();
    let end = loop {
        post.write_blocks(&[0; 4096]).unwrap();
        if let Some(end) = post.ended() {
            break end;
        }
        thread::yield_now();
    };
    assert!(
        matches!(&end, PostEnd::Status(refusal) if refusal.status == 409),
        "{end:?}"
    );
    drop(post);
    assert!(server.join().unwrap() >= 4096);
}

#[test]
fn a_server_that_closes_without_a_word_is_the_original() {
    let (url, server) = serve(|mut stream| {
        read_head(&mut stream);
        let mut body = [0; 5];
        stream.read_exact(&mut body).unwrap();
        body
    });
    let post = Post::start(connect(&url, SECONDS).unwrap(), &url).unwrap();
    let end = post.finish();
    assert!(matches!(end, PostEnd::Closed), "{end:?}");
    assert_eq!(&server.join().unwrap(), b"0\r\n\r\n");
}
