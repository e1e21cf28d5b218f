//! The body of a request: its framing (RFC 9112, section 6) and the chunked coding (section 7.1).

use super::head::RequestHead;
use super::status::RequestError;

/// The longest chunk-size line that is read, extensions included.
const MAX_SIZE_LINE_BYTES: usize = 256;
/// The longest trailer section that is read (and ignored).
const MAX_TRAILER_BYTES: usize = 8192;
/// The most hexadecimal digits of a chunk size: 2^52 bytes are more than anybody sends.
const MAX_SIZE_DIGITS: usize = 13;

/// How the end of a body is found.
#[derive(Debug)]
pub enum BodyDecoder {
    /// `Content-Length`: so many bytes are left.
    Length(u64),
    /// `Transfer-Encoding: chunked`.
    Chunked(ChunkedDecoder),
    /// Neither: the body ends when the peer closes. (Not HTTP/1.1, but feeders do it.)
    UntilClose,
}

/// A step of decoding: how many bytes of the input were used up, and what they held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// Bytes used up, framing included.
    pub consumed: usize,
    /// Bytes of the body among them; may be empty.
    pub data: &'a [u8],
}

impl BodyDecoder {
    /// The framing of the body that follows a head.
    ///
    /// # Errors
    /// [`RequestError`] if the framing fields are damaged or unknown.
    pub fn for_request(head: &RequestHead) -> Result<Self, RequestError> {
        if let Some(coding) = head.field("transfer-encoding") {
            return if coding.eq_ignore_ascii_case("chunked") {
                Ok(Self::Chunked(ChunkedDecoder::default()))
            } else {
                Err(RequestError::TransferCoding {
                    coding: coding.to_owned(),
                })
            };
        }
        let Some(length) = head.field("content-length") else {
            return Ok(Self::UntilClose);
        };
        let digits_only = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
        match length.parse() {
            Ok(length) if digits_only => Ok(Self::Length(length)),
            _ => Err(RequestError::Malformed {
                reason: format!("Content-Length is '{length}'"),
            }),
        }
    }

    /// Decodes what can be decoded at the start of `input`; with nothing to decode, nothing is
    /// consumed.
    ///
    /// # Errors
    /// [`RequestError::Body`] if the chunked coding is broken.
    pub fn decode<'a>(&mut self, input: &'a [u8]) -> Result<Decoded<'a>, RequestError> {
        match self {
            Self::Length(left) => {
                let len = usize::try_from(*left)
                    .unwrap_or(usize::MAX)
                    .min(input.len());
                *left -= len as u64;
                Ok(Decoded {
                    consumed: len,
                    data: &input[..len],
                })
            }
            Self::Chunked(chunked) => chunked.decode(input),
            Self::UntilClose => Ok(Decoded {
                consumed: input.len(),
                data: input,
            }),
        }
    }

    /// Whether the body has come to its end.
    #[must_use]
    pub const fn finished(&self) -> bool {
        match self {
            Self::Length(left) => *left == 0,
            Self::Chunked(chunked) => matches!(chunked.state, ChunkState::Finished),
            Self::UntilClose => false,
        }
    }

    /// Whether the body may end where the peer closes.
    #[must_use]
    pub const fn may_end_at_close(&self) -> bool {
        matches!(self, Self::UntilClose) || self.finished()
    }
}

/// State of the chunked coding.
#[derive(Debug, Default)]
pub struct ChunkedDecoder {
    state: ChunkState,
}

#[derive(Debug)]
enum ChunkState {
    /// Collecting a size line.
    Size {
        line: Vec<u8>,
    },
    /// So many bytes of the chunk are left.
    Data {
        left: u64,
    },
    /// Expecting CR LF after the data; so many bytes of it were seen.
    DataEnd {
        seen: usize,
    },
    /// Passing over trailer lines up to an empty one.
    Trailer {
        line_len: usize,
        total: usize,
    },
    Finished,
}

impl Default for ChunkState {
    fn default() -> Self {
        Self::Size { line: Vec::new() }
    }
}

impl ChunkedDecoder {
    fn decode<'a>(&mut self, input: &'a [u8]) -> Result<Decoded<'a>, RequestError> {
        let mut consumed = 0;
        while let Some(byte) = input.get(consumed) {
            match &mut self.state {
                ChunkState::Size { line } => {
                    consumed += 1;
                    if *byte == b'\n' {
                        self.state = after_size(parse_size(line)?);
                    } else if line.len() == MAX_SIZE_LINE_BYTES {
                        return Err(broken("a chunk-size line is endless"));
                    } else {
                        line.push(*byte);
                    }
                }
                ChunkState::Data { left } => {
                    let available = &input[consumed..];
                    let len = usize::try_from(*left)
                        .unwrap_or(usize::MAX)
                        .min(available.len());
                    *left -= len as u64;
                    if *left == 0 {
                        self.state = ChunkState::DataEnd { seen: 0 };
                    }
                    return Ok(Decoded {
                        consumed: consumed + len,
                        data: &available[..len],
                    });
                }
                ChunkState::DataEnd { seen } => {
                    consumed += 1;
                    match (*seen, byte) {
                        (0, b'\r') => *seen = 1,
                        (_, b'\n') => self.state = ChunkState::default(),
                        _ => return Err(broken("a chunk is longer than its size")),
                    }
                }
                ChunkState::Trailer { line_len, total } => {
                    consumed += 1;
                    *total += 1;
                    if *total > MAX_TRAILER_BYTES {
                        return Err(broken("the trailer section is endless"));
                    }
                    match byte {
                        b'\n' if *line_len == 0 => self.state = ChunkState::Finished,
                        b'\n' => *line_len = 0,
                        b'\r' => {}
                        _ => *line_len += 1,
                    }
                }
                ChunkState::Finished => break,
            }
        }
        Ok(Decoded {
            consumed,
            data: &[],
        })
    }
}

const fn after_size(size: u64) -> ChunkState {
    if size == 0 {
        ChunkState::Trailer {
            line_len: 0,
            total: 0,
        }
    } else {
        ChunkState::Data { left: size }
    }
}

/// The size in a chunk-size line; an extension after `;` is ignored.
fn parse_size(line: &[u8]) -> Result<u64, RequestError> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let digits = line
        .split(|byte| *byte == b';')
        .next()
        .unwrap_or_default()
        .trim_ascii_end();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(broken("a chunk size is not hexadecimal"));
    }
    if digits.len() > MAX_SIZE_DIGITS {
        return Err(broken("a chunk size is too large"));
    }
    let value = |byte: u8| u64::from((byte as char).to_digit(16).unwrap_or(0));
    Ok(digits.iter().fold(0, |size, byte| size << 4 | value(*byte)))
}

fn broken(reason: &str) -> RequestError {
    RequestError::Body {
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode_in_pieces(body: &[u8], piece: usize) -> Result<(Vec<u8>, bool), RequestError> {
        let mut decoder = BodyDecoder::Chunked(ChunkedDecoder::default());
        let mut out = Vec::new();
        for piece in body.chunks(piece) {
            let mut rest = piece;
            while !rest.is_empty() && !decoder.finished() {
                let step = decoder.decode(rest)?;
                out.extend(step.data);
                rest = &rest[step.consumed..];
            }
        }
        Ok((out, decoder.finished()))
    }

    #[test]
    fn chunks_in_any_split() {
        let body =
            b"4\r\nabcd\r\n1;name=value\r\ne\r\n00a \r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";
        for piece in 1..=body.len() {
            let got = decode_in_pieces(body, piece).unwrap();
            assert_eq!(
                got,
                (b"abcde0123456789".to_vec(), true),
                "pieces of {piece}"
            );
        }
        for len in 0..body.len() {
            assert!(
                !decode_in_pieces(&body[..len], 7).unwrap().1,
                "prefix of {len} bytes"
            );
        }
    }

    #[test]
    fn broken_chunks_are_refused_in_any_split() {
        let endless_line = [b'1'; 300];
        let endless_trailer = [&b"0\r\n"[..], &[b'x'; 9000]].concat();
        let endless_returns = [&b"0\r\n"[..], &[b'\r'; 9000]].concat();
        for (name, body) in [
            ("negative", &b"-1\r\nabc\r\n"[..]),
            ("no number", b"xyz\r\n"),
            ("empty", b"\r\nabc"),
            ("0x", b"0x10\r\n"),
            ("plus", b"+4\r\nabcd\r\n"),
            ("17 digits", b"11111111111111111\r\n"),
            ("near 2^63", b"7fffffffffffffff\r\n"),
            ("no line end after the data", b"2\r\nabcd\r\n"),
            ("endless size line", &endless_line),
            ("endless trailer", &endless_trailer),
            ("endless carriage returns", &endless_returns),
        ] {
            for piece in [1, 2, 3, 1000] {
                assert!(
                    decode_in_pieces(body, piece).is_err(),
                    "{name} in pieces of {piece}"
                );
            }
        }
    }

    #[test]
    fn content_length_must_be_a_number() {
        for (value, want) in [
            ("0", Some(0)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("-1", None),
            ("+1", None),
            ("1, 1", None),
            ("", None),
            ("0x10", None),
        ] {
            let text = format!("POST /f HTTP/1.0\r\nContent-Length: {value}\r\n\r\n");
            let Ok(super::super::head::Parsed::Complete(head, _)) =
                RequestHead::parse(text.as_bytes())
            else {
                panic!("{value}")
            };
            let got = match BodyDecoder::for_request(&head) {
                Ok(BodyDecoder::Length(length)) => Some(length),
                Ok(other) => panic!("{value}: {other:?}"),
                Err(_) => None,
            };
            assert_eq!(got, want, "{value}");
        }
    }
}
