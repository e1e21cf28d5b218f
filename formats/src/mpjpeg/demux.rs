//! Reads multipart JPEG.

use std::collections::VecDeque;

use bytes::Bytes;
use media::FrameRate;
use media::bitstream::jpeg::image_len;

use super::FORMAT;
use crate::mjpeg::{ImageTrack, MAX_IMAGE};
use crate::{DemuxError, Demuxed, Demuxer, InputBuffer, Need};

/// Bytes of a line: a delimiter is at most 72 (RFC 2046, 5.1.1), header fields may be longer.
const MAX_LINE: usize = 1024;
/// Header fields of a part.
const MAX_FIELDS: usize = 64;

/// Reads multipart JPEG with any boundary, which the first line tells, with or without
/// Content-Length. The type of the parts is not looked at: what has a JPEG header is an image.
#[derive(Debug)]
pub struct MpJpegDemuxer {
    input: InputBuffer,
    track: ImageTrack,
    /// The delimiter with its two hyphens; empty until it has been read.
    delimiter: Vec<u8>,
    state: State,
    ready: VecDeque<Demuxed>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a delimiter; empty lines may come.
    Delimiter,
    /// In the header fields of a part.
    Fields {
        count: usize,
        content_length: Option<usize>,
    },
    /// In a body of a known length.
    Sized(usize),
    /// In a body that ends at a delimiter; so many bytes have been looked at.
    Delimited(usize),
    /// Looking for a delimiter.
    Lost {
        /// The buffer starts with a line.
        line: bool,
    },
    End,
}

impl MpJpegDemuxer {
    /// A demuxer that takes the images for 25 per second.
    #[must_use]
    pub fn new() -> Self {
        Self::build(None)
    }

    /// A demuxer that gives the images times of this rate.
    #[must_use]
    pub fn with_frame_rate(rate: FrameRate) -> Self {
        Self::build(Some(rate))
    }

    fn build(rate: Option<FrameRate>) -> Self {
        Self {
            input: InputBuffer::new(),
            track: ImageTrack::new(rate),
            delimiter: Vec::new(),
            state: State::Delimiter,
            ready: VecDeque::new(),
        }
    }

    /// `None`: goes on; else what comes out.
    fn step(&mut self) -> Result<Option<Demuxed>, DemuxError> {
        match self.state {
            State::Delimiter => self.read_delimiter(),
            State::Fields {
                count,
                content_length,
            } => self.read_field(count, content_length),
            State::Sized(len) => self.read_sized(len),
            State::Delimited(seen) => self.read_delimited(seen),
            State::Lost { line } => self.find_delimiter(line),
            State::End => Ok(Some(Demuxed::End)),
        }
    }

    /// The next line without its end; `None` if it has not come.
    fn take_line(&mut self) -> Result<Option<Bytes>, DemuxError> {
        let bytes = self.input.bytes();
        let head = &bytes[..bytes.len().min(MAX_LINE)];
        match head.iter().position(|byte| *byte == b'\n') {
            Some(end) => {
                let line = self.input.take(end + 1).unwrap_or_default();
                let text = line.strip_suffix(b"\n").unwrap_or(&line);
                let text = text.strip_suffix(b"\r").unwrap_or(text);
                Ok(Some(line.slice(..text.len())))
            }
            None if bytes.len() >= MAX_LINE => {
                let error = DemuxError::Limit {
                    format: FORMAT,
                    offset: self.input.position(),
                    what: "length of a line",
                    value: bytes.len() as u64,
                    limit: MAX_LINE as u64,
                };
                self.lose(false);
                Err(error)
            }
            None => Ok(None),
        }
    }

    fn read_delimiter(&mut self) -> Result<Option<Demuxed>, DemuxError> {
        let offset = self.input.position();
        let Some(line) = self.take_line()? else {
            // The closing delimiter may be the last line without its end.
            let closing = self.input.bytes().strip_prefix(&self.delimiter[..]);
            if self.input.ended() && !self.delimiter.is_empty() && closing == Some(b"--") {
                self.state = State::End;
                return Ok(None);
            }
            return self.starved("a delimiter");
        };
        let line = line.trim_ascii_end();
        if line.is_empty() {
            return Ok(None);
        }
        if self.delimiter.is_empty() && line.starts_with(b"--") && line.len() > 2 {
            self.delimiter = line.to_vec();
        }
        match line.strip_prefix(&self.delimiter[..]) {
            Some(b"") if !self.delimiter.is_empty() => {
                self.state = State::Fields {
                    count: 0,
                    content_length: None,
                };
                Ok(None)
            }
            Some(b"--") if !self.delimiter.is_empty() => {
                self.state = State::End;
                Ok(None)
            }
            _ => {
                self.lose(true);
                Err(malformed(offset, "no delimiter where one belongs"))
            }
        }
    }

    fn read_field(
        &mut self,
        count: usize,
        content_length: Option<usize>,
    ) -> Result<Option<Demuxed>, DemuxError> {
        let offset = self.input.position();
        let Some(line) = self.take_line()? else {
            return self.starved("the header of a part");
        };
        if line.is_empty() {
            self.state = content_length.map_or(State::Delimited(0), State::Sized);
            return Ok(None);
        }
        if count == MAX_FIELDS {
            self.lose(true);
            return Err(malformed(offset, "a part with more than 64 header fields"));
        }
        let content_length = match parse_content_length(&line) {
            Some(Ok(len)) => Some(len),
            Some(Err(reason)) => {
                self.lose(true);
                return Err(malformed(offset, reason));
            }
            None => content_length,
        };
        self.state = State::Fields {
            count: count + 1,
            content_length,
        };
        Ok(None)
    }

    fn read_sized(&mut self, len: usize) -> Result<Option<Demuxed>, DemuxError> {
        let offset = self.input.position();
        match self.input.take(len) {
            Some(image) => {
                self.state = State::Delimiter;
                self.emit(image, offset)
            }
            None => self.starved("an image"),
        }
    }

    fn read_delimited(&mut self, seen: usize) -> Result<Option<Demuxed>, DemuxError> {
        let offset = self.input.position();
        let bytes = self.input.bytes();
        let from = seen.saturating_sub(self.delimiter.len() + 1);
        if let Some(at) = find_line(bytes, from, &self.delimiter) {
            let image = self.input.take(at).unwrap_or_default();
            let body = image.strip_suffix(b"\n").unwrap_or(&image);
            let body = body.strip_suffix(b"\r").unwrap_or(body);
            self.state = State::Delimiter;
            return self.emit(image.slice(..body.len()), offset);
        }
        let len = bytes.len();
        if len > MAX_IMAGE {
            self.lose(false);
            return Err(DemuxError::Limit {
                format: FORMAT,
                offset,
                what: "size of an image",
                value: len as u64,
                limit: MAX_IMAGE as u64,
            });
        }
        if self.input.ended()
            && let Some(image_len) = image_len(bytes)
        {
            let image = self.input.take(image_len).unwrap_or_default();
            self.state = State::End;
            return self.emit(image, offset);
        }
        self.state = State::Delimited(len);
        self.starved("an image")
    }

    /// Steps to the next line that is the delimiter or, if that is not known, looks like one.
    fn find_delimiter(&mut self, line: bool) -> Result<Option<Demuxed>, DemuxError> {
        let wanted = match &self.delimiter[..] {
            [] => b"--",
            delimiter => delimiter,
        };
        let bytes = self.input.bytes();
        if line && bytes.len() < wanted.len() {
            return self.starved("bytes without a delimiter");
        }
        let found = match line && bytes.starts_with(wanted) {
            true => Some(0),
            false => find_line(bytes, 0, wanted),
        };
        let passed = found.unwrap_or(bytes.len().saturating_sub(wanted.len() + 1));
        self.input.skip(passed as u64);
        if found.is_some() {
            self.state = State::Delimiter;
            return Ok(None);
        }
        self.state = State::Lost {
            line: line && passed == 0,
        };
        self.starved("bytes without a delimiter")
    }

    fn emit(&mut self, image: Bytes, offset: u64) -> Result<Option<Demuxed>, DemuxError> {
        // Cameras pad, and some lengths lie.
        let image = match image_len(&image) {
            Some(len) => image.slice(..len),
            None => image,
        };
        match self.track.add(image) {
            Some(packets) => {
                self.ready.extend(packets);
                Ok(None)
            }
            None => {
                self.track.discontinuity = true;
                Err(malformed(offset, "a part that is no JPEG image"))
            }
        }
    }

    /// Looks for the next delimiter; `line`: a line starts here.
    const fn lose(&mut self, line: bool) {
        self.state = State::Lost { line };
        self.track.discontinuity = true;
    }

    /// More bytes, or if there are none the end: with an error if something is cut.
    fn starved(&mut self, what: &'static str) -> Result<Option<Demuxed>, DemuxError> {
        if !self.input.ended() {
            return Ok(Some(Demuxed::Need(Need::Bytes)));
        }
        let left = self.input.bytes();
        let inside = match self.state {
            // A delimiter is written before it is known whether a part follows.
            State::Delimiter | State::Fields { count: 0, .. } => !left.trim_ascii().is_empty(),
            State::Lost { .. } | State::End => false,
            _ => true,
        };
        let offset = self.input.position() + left.len() as u64;
        self.state = State::End;
        if inside {
            return Err(DemuxError::Truncated {
                format: FORMAT,
                offset,
                what,
            });
        }
        Ok(None)
    }
}

impl Default for MpJpegDemuxer {
    fn default() -> Self {
        Self::new()
    }
}

impl Demuxer for MpJpegDemuxer {
    fn push(&mut self, bytes: &[u8]) {
        if self.state != State::End {
            self.input.push(bytes);
        }
    }

    fn push_end(&mut self) {
        self.input.push_end();
    }

    fn next(&mut self) -> Result<Demuxed, DemuxError> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Ok(ready);
            }
            if let Some(demuxed) = self.step()? {
                return Ok(demuxed);
            }
        }
    }
}

/// The number in a Content-Length field; `None` if the line is another field.
fn parse_content_length(line: &[u8]) -> Option<Result<usize, &'static str>> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = line.split_at(colon);
    if !name.trim_ascii().eq_ignore_ascii_case(b"content-length") {
        return None;
    }
    let digits = value.get(1..).unwrap_or_default().trim_ascii();
    let number = digits.iter().try_fold(0_usize, |number, byte| {
        let digit = char::from(*byte).to_digit(10)?;
        number.checked_mul(10)?.checked_add(digit.try_into().ok()?)
    });
    Some(match number {
        Some(len) if !digits.is_empty() && len <= MAX_IMAGE => Ok(len),
        Some(_) if !digits.is_empty() => Err("a Content-Length over 32 MiB"),
        _ => Err("a Content-Length that is no number"),
    })
}

/// Where a line that starts with `start` begins, at or behind `from` (the first line does not
/// count).
fn find_line(bytes: &[u8], from: usize, start: &[u8]) -> Option<usize> {
    let mut at = from;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == b'\n')? + 1;
        if bytes.get(at..)?.starts_with(start) {
            return Some(at);
        }
    }
}

fn malformed(offset: u64, reason: &str) -> DemuxError {
    DemuxError::Malformed {
        format: FORMAT,
        offset,
        reason: reason.to_owned(),
    }
}
