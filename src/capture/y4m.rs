//! YUV4MPEG2, the uncompressed video that `mjpegtools` and most converters pipe to each other
//! (manual page yuv4mpeg(5)).
//!
//! 8-bit samples in 4:2:0, 4:2:2, 4:4:4 or monochrome; all become 4:2:0, chroma by averaging. The
//! chroma siting of the 4:2:0 variants and interlacing are passed over. Left out: more than 8 bits,
//! 4:1:1 and alpha.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use media::{FrameRate, PixelFormat, Plane, TimeBase, VideoFrame};

/// Frames from a YUV4MPEG2 stream.
pub struct Y4mSource {
    reader: BufReader<Box<dyn Read + Send>>,
    header: StreamHeader,
    frame_rate: FrameRate,
    frames: i64,
}

impl Y4mSource {
    /// Reads the stream header. `frame_rate` goes before the one in the header.
    ///
    /// # Errors
    /// [`Y4mError`] if the header is none, or asks for what is left out here.
    pub fn new(
        reader: Box<dyn Read + Send>,
        frame_rate: Option<FrameRate>,
    ) -> Result<Self, Y4mError> {
        let mut reader = BufReader::with_capacity(READ_BYTES, reader);
        let line = read_line(&mut reader, 0)?.ok_or(Y4mError::Magic)?;
        let header = StreamHeader::parse(&line)?;
        let frame_rate = frame_rate
            .or(header.frame_rate)
            .ok_or(Y4mError::UnknownRate)?;
        Ok(Self {
            reader,
            header,
            frame_rate,
            frames: 0,
        })
    }

    /// Frames a second.
    #[must_use]
    pub const fn frame_rate(&self) -> FrameRate {
        self.frame_rate
    }

    /// Width and height in pixels.
    #[must_use]
    pub const fn size_px(&self) -> (u32, u32) {
        (self.header.width_px, self.header.height_px)
    }

    /// The next frame, or `None` at the end. Frame `n` is shown `n` frame times after 0.
    ///
    /// # Errors
    /// [`Y4mError`] if the stream breaks the format or ends inside a frame; it cannot go on then.
    pub fn next_frame(&mut self) -> Result<Option<VideoFrame>, Y4mError> {
        let Some(line) = read_line(&mut self.reader, self.frames)? else {
            return Ok(None);
        };
        if line != b"FRAME" && !line.starts_with(b"FRAME ") {
            return Err(Y4mError::FrameMark { frame: self.frames });
        }
        let planes = self.read_planes()?;
        let pts = self.frame_rate.frame_time(self.frames, TimeBase::MICROS);
        self.frames += 1;
        Ok(Some(VideoFrame {
            format: self.header.range,
            width_px: self.header.width_px,
            height_px: self.header.height_px,
            planes,
            pts,
            captured: None,
        }))
    }

    fn read_planes(&mut self) -> Result<Vec<Plane>, Y4mError> {
        let (width, height) = self.header.size();
        let luma = self.read_plane(width, height)?;
        let chroma = match self.header.chroma {
            Chroma::Mono => {
                let gray = grey(width.div_ceil(2), height.div_ceil(2));
                [gray.clone(), gray]
            }
            Chroma::Subsampled { x, y } => {
                let mut read = || {
                    let (stored_width, stored_height) = (width.div_ceil(x), height.div_ceil(y));
                    let plane = self.read_plane(stored_width, stored_height)?;
                    Ok(halve(plane, stored_width, stored_height, 2 / x, 2 / y))
                };
                [read()?, read()?]
            }
        };
        let [u, v] = chroma;
        Ok(vec![luma, u, v])
    }

    fn read_plane(&mut self, width: usize, height: usize) -> Result<Plane, Y4mError> {
        let mut data = vec![0; width * height];
        match self.reader.read_exact(&mut data) {
            Ok(()) => Ok(Plane {
                data,
                stride_bytes: width,
            }),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(Y4mError::Truncated { frame: self.frames })
            }
            Err(source) => Err(Y4mError::Read {
                frame: self.frames,
                source,
            }),
        }
    }
}

impl fmt::Debug for Y4mSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Y4mSource")
            .field("header", &self.header)
            .field("frame_rate", &self.frame_rate)
            .field("frames", &self.frames)
            .finish_non_exhaustive()
    }
}

/// Why a YUV4MPEG2 stream cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Y4mError {
    /// Another kind of stream.
    #[error("stream does not begin with \"YUV4MPEG2 \"")]
    Magic,
    /// A parameter of the header is wrong or unknown.
    #[error("YUV4MPEG2 parameter {parameter:?}: {reason}")]
    Parameter {
        /// The word of the header.
        parameter: String,
        /// What belongs there.
        reason: &'static str,
    },
    /// The header lacks the width or height.
    #[error("YUV4MPEG2 header has no {what}")]
    Missing {
        /// The parameter.
        what: &'static str,
    },
    /// The header leaves the frame rate open (`F0:0`, or none).
    #[error("YUV4MPEG2 header leaves the frame rate open; give it with -framerate before -i")]
    UnknownRate,
    /// A line is longer than the limit.
    #[error("line before frame {frame} is longer than {limit} bytes")]
    LongLine {
        /// Index of the frame.
        frame: i64,
        /// The limit.
        limit: usize,
    },
    /// No frame header where one belongs.
    #[error("no \"FRAME\" line before frame {frame}")]
    FrameMark {
        /// Index of the frame.
        frame: i64,
    },
    /// The stream ends inside a frame. The frames before it have been delivered.
    #[error("stream ends inside frame {frame}")]
    Truncated {
        /// Index of the frame.
        frame: i64,
    },
    /// Reading failed.
    #[error("cannot read frame {frame}")]
    Read {
        /// Index of the frame.
        frame: i64,
        /// What the system said.
        source: io::Error,
    },
}

/// Stream header: `YUV4MPEG2` and words that start with a letter for their meaning, separated by
/// spaces (yuv4mpeg(5), "STREAM HEADER").
///
/// | letter | example   | meaning                                                     |
/// |--------|-----------|-------------------------------------------------------------|
/// | W, H   | `W352`    | width, height in pixels                                     |
/// | F      | `F25:1`   | frames a second as a fraction, `0:0` unknown                |
/// | I      | `Ip`      | interlacing, passed over                                    |
/// | A      | `A1:1`    | pixel aspect ratio, passed over                             |
/// | C      | `C420jpeg`| chroma layout, 4:2:0 if absent                              |
/// | X      | `XCOLORRANGE=FULL` | extension; the range is read, others are passed over |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct StreamHeader {
    width_px: u32,
    height_px: u32,
    frame_rate: Option<FrameRate>,
    chroma: Chroma,
    range: PixelFormat,
}

impl StreamHeader {
    fn parse(line: &[u8]) -> Result<Self, Y4mError> {
        let text = std::str::from_utf8(line).map_err(|_| Y4mError::Magic)?;
        let mut words = text.split(' ');
        if words.next() != Some("YUV4MPEG2") {
            return Err(Y4mError::Magic);
        }
        let (mut width, mut height) = (None, None);
        let mut header = Self {
            width_px: 0,
            height_px: 0,
            frame_rate: None,
            chroma: Chroma::Subsampled { x: 2, y: 2 },
            range: PixelFormat::I420,
        };
        for word in words.filter(|word| !word.is_empty()) {
            let bad = |reason| Y4mError::Parameter {
                parameter: word.to_owned(),
                reason,
            };
            match word.split_at_checked(1) {
                Some(("W", value)) => width = Some(parse_side(value).ok_or(bad(SIDE_RANGE))?),
                Some(("H", value)) => height = Some(parse_side(value).ok_or(bad(SIDE_RANGE))?),
                Some(("F", value)) => {
                    header.frame_rate = parse_rate(value)
                        .ok_or(bad("the frame rate is two numbers with a colon between"))?;
                }
                Some(("C", value)) => {
                    header.chroma = Chroma::parse(value).ok_or(bad(CHROMA_KNOWN))?;
                }
                Some(("X", "COLORRANGE=FULL")) => header.range = PixelFormat::J420,
                Some(("I" | "A" | "X", _)) => {}
                _ => return Err(bad("words start with one of W H F I A C X")),
            }
        }
        header.width_px = width.ok_or(Y4mError::Missing { what: "width (W)" })?;
        header.height_px = height.ok_or(Y4mError::Missing { what: "height (H)" })?;
        Ok(header)
    }

    /// Width and height as the lengths of slices.
    const fn size(&self) -> (usize, usize) {
        (self.width_px as usize, self.height_px as usize) // both at most MAX_SIDE_PX
    }
}

/// How chroma is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chroma {
    Mono,
    /// One chroma sample for `x` times `y` pixels, each 1 or 2.
    Subsampled {
        x: usize,
        y: usize,
    },
}

impl Chroma {
    fn parse(value: &str) -> Option<Self> {
        match value {
            "420" | "420jpeg" | "420mpeg2" | "420paldv" => Some(Self::Subsampled { x: 2, y: 2 }),
            "422" => Some(Self::Subsampled { x: 2, y: 1 }),
            "444" => Some(Self::Subsampled { x: 1, y: 1 }),
            "mono" => Some(Self::Mono),
            _ => None,
        }
    }
}

fn parse_side(value: &str) -> Option<u32> {
    value
        .parse()
        .ok()
        .filter(|side| (1..=MAX_SIDE_PX).contains(side))
}

/// The rate, or `Some(None)` for `0:0`.
#[expect(
    clippy::option_option,
    reason = "unreadable and unknown are different answers"
)]
fn parse_rate(value: &str) -> Option<Option<FrameRate>> {
    let (num, den) = value.split_once(':')?;
    let (num, den) = (num.parse().ok()?, den.parse().ok()?);
    match (num, den) {
        (0, 0) => Some(None),
        _ => FrameRate::new(num, den).map(Some),
    }
}

/// A line without its end, or `None` at the end of the stream.
fn read_line(
    reader: &mut BufReader<Box<dyn Read + Send>>,
    frame: i64,
) -> Result<Option<Vec<u8>>, Y4mError> {
    let mut line = Vec::new();
    reader
        .by_ref()
        .take(MAX_LINE_BYTES as u64 + 1)
        .read_until(b'\n', &mut line)
        .map_err(|source| Y4mError::Read { frame, source })?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.pop_if(|byte| *byte == b'\n').is_some() {
        return Ok(Some(line));
    }
    if line.len() > MAX_LINE_BYTES {
        return Err(Y4mError::LongLine {
            frame,
            limit: MAX_LINE_BYTES,
        });
    }
    Err(Y4mError::Truncated { frame })
}

fn grey(width: usize, height: usize) -> Plane {
    Plane {
        data: vec![128; width * height],
        stride_bytes: width,
    }
}

/// Averages groups of `by_x` times `by_y` samples (each 1 or 2), repeating the last column and row
/// of odd sizes.
fn halve(plane: Plane, width: usize, height: usize, by_x: usize, by_y: usize) -> Plane {
    if (by_x, by_y) == (1, 1) {
        return plane;
    }
    let out_width = width.div_ceil(by_x);
    let mut data = Vec::with_capacity(out_width * height.div_ceil(by_y));
    for y in (0..height).step_by(by_y) {
        let row = |y: usize| &plane.data[y * width..][..width];
        let (first, second) = (row(y), row((y + by_y - 1).min(height - 1)));
        data.extend((0..width).step_by(by_x).map(|x| {
            let right = (x + by_x - 1).min(width - 1);
            let corners = [first[x], first[right], second[x], second[right]];
            let sum: u16 = corners.into_iter().map(u16::from).sum();
            u8::try_from((sum + 2) / 4).unwrap_or(u8::MAX)
        }));
    }
    Plane {
        data,
        stride_bytes: out_width,
    }
}

/// Largest width and height.
const MAX_SIDE_PX: u32 = 16_384;
const SIDE_RANGE: &str = "a side is 1 to 16384 pixels";
const CHROMA_KNOWN: &str =
    "the layouts read here are 420, 420jpeg, 420mpeg2, 420paldv, 422, 444 and mono";

/// Longest header line.
const MAX_LINE_BYTES: usize = 1024;

const READ_BYTES: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn source(bytes: &[u8]) -> Result<Y4mSource, Y4mError> {
        Y4mSource::new(Box::new(io::Cursor::new(bytes.to_vec())), None)
    }

    fn frame_of(header: &str, samples: &[u8]) -> VideoFrame {
        let mut bytes = format!("YUV4MPEG2 {header}\nFRAME\n").into_bytes();
        bytes.extend(samples);
        source(&bytes).unwrap().next_frame().unwrap().unwrap()
    }

    #[test]
    fn header_is_read_word_by_word() {
        let rate = FrameRate::new;
        let header = |width_px, height_px, frame_rate, chroma, range| StreamHeader {
            width_px,
            height_px,
            frame_rate,
            chroma,
            range,
        };
        let full = Chroma::Subsampled { x: 2, y: 2 };
        for (name, line, want) in [
            (
                "ffmpeg",
                "YUV4MPEG2 W352 H288 F25:1 Ip A1:1 C420jpeg XYSCSS=420JPEG XCOLORRANGE=LIMITED",
                header(352, 288, rate(25, 1), full, PixelFormat::I420),
            ),
            (
                "full range, NTSC, 4:2:2",
                "YUV4MPEG2 W1 H16384 F30000:1001 It C422 XCOLORRANGE=FULL",
                header(
                    1,
                    16_384,
                    rate(30_000, 1001),
                    Chroma::Subsampled { x: 2, y: 1 },
                    PixelFormat::J420,
                ),
            ),
            (
                "shortest",
                "YUV4MPEG2 H2 W4",
                header(4, 2, None, full, PixelFormat::I420),
            ),
            (
                "unknown rate, no chroma",
                "YUV4MPEG2 W2 H2 F0:0 Cmono",
                header(2, 2, None, Chroma::Mono, PixelFormat::I420),
            ),
        ] {
            assert_eq!(
                StreamHeader::parse(line.as_bytes()).unwrap(),
                want,
                "{name}"
            );
        }
    }

    #[test]
    fn bad_headers_are_refused_with_the_word() {
        for (line, want) in [
            ("RIFF", "stream does not begin with \"YUV4MPEG2 \""),
            ("YUV4MPEG2 W352 F25:1", "YUV4MPEG2 header has no height (H)"),
            (
                "YUV4MPEG2 W0 H2",
                "YUV4MPEG2 parameter \"W0\": a side is 1 to 16384 pixels",
            ),
            (
                "YUV4MPEG2 W2 H16385",
                "YUV4MPEG2 parameter \"H16385\": a side is 1 to 16384 pixels",
            ),
            (
                "YUV4MPEG2 W2 H2 F25",
                "YUV4MPEG2 parameter \"F25\": the frame rate is two numbers with a colon between",
            ),
            (
                "YUV4MPEG2 W2 H2 C420p10",
                "YUV4MPEG2 parameter \"C420p10\": the layouts read here are 420, 420jpeg, \
                 420mpeg2, 420paldv, 422, 444 and mono",
            ),
            (
                "YUV4MPEG2 W2 H2 \u{e4}",
                "YUV4MPEG2 parameter \"\u{e4}\": words start with one of W H F I A C X",
            ),
        ] {
            let error = StreamHeader::parse(line.as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), want, "{line}");
        }
    }

    #[test]
    fn planes_become_420() {
        for (name, header, samples, want) in [
            (
                "4:2:0 as it is",
                "W2 H2 F1:1",
                &[1, 2, 3, 4, 50, 60][..],
                [&[1, 2, 3, 4][..], &[50], &[60]],
            ),
            (
                "4:2:2 averages two rows",
                "W2 H2 F1:1 C422",
                &[1, 2, 3, 4, 50, 53, 60, 60],
                [&[1, 2, 3, 4], &[52], &[60]],
            ),
            (
                "4:4:4 averages four",
                "W2 H2 F1:1 C444",
                &[1, 2, 3, 4, 10, 20, 30, 40, 60, 60, 60, 61],
                [&[1, 2, 3, 4], &[25], &[60]],
            ),
            (
                "odd 4:4:4 repeats the edge",
                "W3 H1 F1:1 C444",
                &[1, 2, 3, 10, 20, 30, 0, 0, 255],
                [&[1, 2, 3], &[15, 30], &[0, 255]],
            ),
            (
                "monochrome is grey",
                "W2 H2 F1:1 Cmono",
                &[1, 2, 3, 4],
                [&[1, 2, 3, 4], &[128], &[128]],
            ),
        ] {
            let frame = frame_of(header, samples);
            let planes: Vec<_> = frame.planes.iter().map(|plane| &plane.data[..]).collect();
            assert_eq!(planes, want, "{name}");
        }
    }

    #[test]
    fn frames_are_timed_by_their_index() {
        let mut bytes = b"YUV4MPEG2 W2 H2 F30000:1001\n".to_vec();
        for _ in 0..3 {
            bytes.extend(b"FRAME Ip\nabcdef");
        }
        let mut y4m = source(&bytes).unwrap();
        assert_eq!(y4m.size_px(), (2, 2));
        let times: Vec<_> = std::iter::from_fn(|| y4m.next_frame().unwrap())
            .map(|frame| frame.pts.0)
            .collect();
        assert_eq!(times, [0, 33_367, 66_733]);
    }

    #[test]
    fn every_prefix_gives_whole_frames_or_says_where_it_ends() {
        let mut bytes = b"YUV4MPEG2 W2 H2 F1:1\n".to_vec();
        let header_len = bytes.len();
        bytes.extend(b"FRAME\nabcdefFRAME\nghijkl");
        for len in 0..=bytes.len() {
            let Ok(mut y4m) = source(&bytes[..len]) else {
                assert!(len < header_len, "{len}");
                continue;
            };
            let whole = (len - header_len) / 12;
            for _ in 0..whole {
                assert!(y4m.next_frame().unwrap().is_some(), "{len}");
            }
            match y4m.next_frame() {
                Ok(None) => assert_eq!((len - header_len) % 12, 0),
                Err(Y4mError::Truncated { frame }) => {
                    assert_eq!(usize::try_from(frame).unwrap(), whole);
                }
                other => panic!("{len}: {other:?}"),
            }
        }
    }

    #[test]
    fn endless_line_is_refused() {
        let error = source(&[b'Y'; 5000]).unwrap_err();
        assert!(
            matches!(error, Y4mError::LongLine { limit: 1024, .. }),
            "{error}"
        );
    }
}
