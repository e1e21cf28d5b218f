//! A little HTTP server inside the test: it judges the judges (does a player that is given damaged
//! bytes say so?) and stands in for the real server where a test wants to choose every byte.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

/// What a handler is given: the path, and the connection to answer on.
pub(crate) type Handler = dyn Fn(&str, &mut TcpStream) -> std::io::Result<()> + Send + Sync;

/// A server on a port that the system chose. It ends with the test's process.
#[derive(Debug)]
pub(crate) struct Fixture {
    address: SocketAddr,
}

impl Fixture {
    /// Starts it: each connection gets a thread and carries one request.
    pub(crate) fn start(
        handler: impl Fn(&str, &mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("a bound socket");
        let handler: Arc<Handler> = Arc::new(handler);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let handler = Arc::clone(&handler);
                std::thread::spawn(move || serve(&*handler, stream));
            }
        });
        Self { address }
    }

    /// Serves one body at every path, with its length. (Without one, ffmpeg 5.1 calls the end of
    /// every body premature.)
    pub(crate) fn of_bytes(content_type: &'static str, body: Vec<u8>) -> Self {
        Self::start(move |_, stream| {
            let length = format!("Content-Length: {}\r\n", body.len());
            write_head(stream, "200 OK", content_type, &length)?;
            stream.write_all(&body)
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// Writes a reply head whose body ends with the connection. `more` holds further header lines, each
/// with its line end.
pub(crate) fn write_head(
    stream: &mut TcpStream,
    status: &str,
    content_type: &str,
    more: &str,
) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nCache-Control: no-cache\r\n\
         Connection: close\r\n{more}\r\n"
    )
}

fn serve(handler: &Handler, mut stream: TcpStream) {
    let Ok(reading) = stream.try_clone() else {
        return;
    };
    let mut lines = BufReader::new(reading).lines();
    let Some(Ok(first)) = lines.next() else {
        return;
    };
    for line in lines.by_ref() {
        match line {
            Ok(line) if line.is_empty() => break,
            Ok(_) => {}
            Err(_) => return,
        }
    }
    let path = first.split(' ').nth(1).unwrap_or("/");
    // A client that leaves is how most of these connections end.
    let _ = handler(path, &mut stream);
}
