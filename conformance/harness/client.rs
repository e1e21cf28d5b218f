//! A raw HTTP client: sends the bytes it is told to, reads under a deadline, hides nothing.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// The longest that a test waits for a peer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// Where a reply's body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length(u64),
    UntilClose,
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    /// Bytes that were read and not yet used.
    ahead: Vec<u8>,
    deadline: Instant,
}

/// Status line and headers of a reply.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
}

/// A whole reply.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) head: Head,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)
            .unwrap_or_else(|error| panic!("connect to {address}: {error}"));
        stream.set_nodelay(true).expect("TCP_NODELAY");
        Self {
            stream,
            ahead: Vec::new(),
            deadline: Instant::now() + PATIENCE,
        }
    }

    /// Sets how long from now reads may take in all.
    pub(crate) fn patience(&mut self, limit: Duration) {
        self.deadline = Instant::now() + limit;
    }

    /// Sends bytes. A peer that closed is no error here: its reply is what counts.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.try_send(bytes);
    }

    pub(crate) fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.stream.set_write_timeout(Some(PATIENCE))?;
        self.stream.write_all(bytes.as_ref())
    }

    /// No more will be sent.
    pub(crate) fn finish_sending(&self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Reads what is there; `Ok(0)` is the end.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if !self.ahead.is_empty() {
            let len = self.ahead.len().min(buffer.len());
            buffer[..len].copy_from_slice(&self.ahead[..len]);
            self.ahead.drain(..len);
            return Ok(len);
        }
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        self.stream.read(buffer)
    }

    /// The head of the next reply; `None` if the peer closed first.
    pub(crate) fn read_head(&mut self) -> Option<Head> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            let mut buffer = [0; 4096];
            match self.read(&mut buffer) {
                Ok(0) => return None,
                Ok(len) => bytes.extend(&buffer[..len]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
                Err(error) => panic!(
                    "no whole reply head: {error}; got {:?}",
                    String::from_utf8_lossy(&bytes)
                ),
            }
        };
        self.ahead = [bytes.split_off(end), std::mem::take(&mut self.ahead)].concat();
        Some(Head::parse(&bytes))
    }

    /// The body that belongs to `head`.
    pub(crate) fn read_body(&mut self, head: &Head) -> Vec<u8> {
        if head.is("transfer-encoding", "chunked") {
            return self.read_chunked();
        }
        match head.framing() {
            Framing::Length(len) => self.read_up_to(usize::try_from(len).expect("64-bit")),
            Framing::UntilClose => self.read_up_to(usize::MAX),
        }
    }

    /// At most so many bytes: fewer if the peer closes or the patience ends.
    pub(crate) fn read_up_to(&mut self, limit: usize) -> Vec<u8> {
        let mut body = Vec::new();
        let mut buffer = vec![0; 65536];
        while body.len() < limit {
            let want = buffer.len().min(limit - body.len());
            match self.read(&mut buffer[..want]) {
                Ok(0) | Err(_) => break,
                Ok(len) => body.extend(&buffer[..len]),
            }
        }
        body
    }

    fn read_chunked(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let size = usize::from_str_radix(self.read_line().trim(), 16).expect("a chunk size");
            body.extend(self.read_up_to(size));
            self.read_line();
            if size == 0 {
                return body;
            }
        }
    }

    fn read_line(&mut self) -> String {
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            let byte = self.read_up_to(1);
            if byte.is_empty() {
                break;
            }
            line.extend(byte);
        }
        String::from_utf8_lossy(&line).into_owned()
    }

    /// One reply to one request that was sent; `None` if the peer closed without a word.
    pub(crate) fn reply(&mut self) -> Option<Reply> {
        let head = self.read_head()?;
        let body = self.read_body(&head);
        Some(Reply { head, body })
    }
}

impl Head {
    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let mut lines = text.split("\r\n");
        let status_line = lines.next().unwrap_or_default();
        let status = status_line
            .split(' ')
            .nth(1)
            .and_then(|word| word.parse().ok())
            .unwrap_or_else(|| panic!("not a status line: {status_line:?}"));
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Self { status, headers }
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.header(name)
            .is_some_and(|found| found.eq_ignore_ascii_case(value))
    }

    fn framing(&self) -> Framing {
        if self.status == 204 || self.status == 304 || (100..200).contains(&self.status) {
            return Framing::Length(0);
        }
        match self.header("content-length").map(str::parse) {
            Some(Ok(len)) => Framing::Length(len),
            Some(Err(_)) => panic!("bad content-length in {self:?}"),
            None => Framing::UntilClose,
        }
    }
}

/// Sends raw bytes on a connection of its own and reads one reply.
pub(crate) fn exchange(address: SocketAddr, request: impl AsRef<[u8]>) -> Option<Reply> {
    let mut client = Client::connect(address);
    client.send(request);
    client.reply()
}

/// `GET path` by HTTP/1.1 on a connection of its own.
pub(crate) fn get(address: SocketAddr, path: &str) -> Reply {
    exchange(address, request("GET", address, path, &[]))
        .unwrap_or_else(|| panic!("GET {path}: closed without a reply"))
}

/// The bytes of a request that closes the connection after it.
pub(crate) fn request(
    method: &str,
    address: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
) -> String {
    let more: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{more}\r\n")
}
