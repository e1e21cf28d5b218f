//! The second connection: a POST that lasts as long as the feed (RFC 9112, 7.1).

use std::io::{self, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TryRecvError};
use std::thread;
use std::time::Duration;

use super::reply::{Deadline, Refusal, Reply, ReplyError};
use crate::feeder::client::USER_AGENT;
use crate::feeder::url::FeedUrl;

/// A POST that is being written.
#[derive(Debug)]
pub(in crate::feeder) struct Post {
    stream: TcpStream,
    end: Receiver<PostEnd>,
    buffer: Vec<u8>,
}

/// How the server ended a POST.
#[derive(Debug)]
pub(in crate::feeder) enum PostEnd {
    /// A status.
    Status(Refusal),
    /// It closed without a word, as the original server always does.
    Closed,
    /// The connection broke, or something that is no reply came.
    Broken(ReplyError),
    /// Nothing came in time.
    Silent,
}

impl Post {
    /// Sends the head of the request. A thread waits for the reply from now on: a server that
    /// refuses says so long before the end.
    ///
    /// # Errors
    /// The system's, if the connection broke.
    pub(in crate::feeder) fn start(stream: TcpStream, url: &FeedUrl) -> io::Result<Self> {
        stream.set_write_timeout(Some(WRITE_TIMEOUT))?;
        let reader = stream.try_clone()?;
        let (sender, end) = mpsc::sync_channel(1);
        thread::Builder::new()
            .name("reply".to_owned())
            .spawn(move || {
                // Nobody listens any more once the session has given up.
                let _gone = sender.send(read_end(&reader));
            })?;
        let mut post = Self {
            stream,
            end,
            buffer: Vec::new(),
        };
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {USER_AGENT}\r\nAccept: */*\r\n\
             Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
            url.path,
            url.authority()
        );
        post.stream.write_all(head.as_bytes())?;
        Ok(post)
    }

    /// Sends whole blocks, each as a chunk of its own (the original server wants no other sizes),
    /// all in one write.
    ///
    /// # Errors
    /// The system's, if the connection broke or takes nothing for too long.
    pub(in crate::feeder) fn write_blocks(&mut self, blocks: &[u8]) -> io::Result<()> {
        self.buffer.clear();
        for block in blocks.chunks(BLOCK_BYTES) {
            self.buffer
                .extend_from_slice(format!("{:x}\r\n", block.len()).as_bytes());
            self.buffer.extend_from_slice(block);
            self.buffer.extend_from_slice(b"\r\n");
        }
        self.stream.write_all(&self.buffer)
    }

    /// Whether the server has already ended the request.
    pub(in crate::feeder) fn ended(&mut self) -> Option<PostEnd> {
        match self.end.try_recv() {
            Ok(end) => Some(end),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(PostEnd::Closed),
        }
    }

    /// Ends the body and waits for the server's word on it.
    pub(in crate::feeder) fn finish(mut self) -> PostEnd {
        match self.stream.write_all(b"0\r\n\r\n") {
            Ok(()) => self.wait(REPLY_TIMEOUT),
            Err(error) => self.failed(error),
        }
    }

    /// What the server said, if anything, about a connection on which writing failed.
    pub(in crate::feeder) fn failed(self, error: io::Error) -> PostEnd {
        match self.wait(LAST_WORD_TIMEOUT) {
            PostEnd::Silent | PostEnd::Broken(_) => PostEnd::Broken(ReplyError::Broken(error)),
            end => end,
        }
    }

    fn wait(&self, timeout: Duration) -> PostEnd {
        match self.end.recv_timeout(timeout) {
            Ok(end) => end,
            Err(RecvTimeoutError::Timeout) => PostEnd::Silent,
            Err(RecvTimeoutError::Disconnected) => PostEnd::Closed,
        }
    }
}

impl Drop for Post {
    /// Frees the thread that waits for a reply.
    fn drop(&mut self) {
        let _already_gone = self.stream.shutdown(Shutdown::Both);
    }
}

fn read_end(stream: &TcpStream) -> PostEnd {
    match Reply::read(&mut Deadline::never(stream)) {
        Ok(reply) => PostEnd::Status(reply.reason(&mut Deadline::after(stream, LAST_WORD_TIMEOUT))),
        Err(ReplyError::Closed) => PostEnd::Closed,
        Err(error) => PostEnd::Broken(error),
    }
}

/// Size of an FFM block, and of every chunk.
const BLOCK_BYTES: usize = 4096;

/// How long the server may take nothing before the connection counts as broken.
const WRITE_TIMEOUT: Duration = Duration::from_secs(20);

/// How long the server may think about its final status.
const REPLY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long to look for a status on a connection that broke.
const LAST_WORD_TIMEOUT: Duration = Duration::from_secs(2);
