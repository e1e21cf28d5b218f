//! The input: opened once, read by a thread of its own that outlives the sessions.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use formats::{DemuxError, Format};
use media::{FrameRate, Packet, TimeBase, Timestamp, Track, VideoFrame};

use super::args::{InputFormat, InputOptions};
use super::lavfi::{LavfiError, TestSource};
use super::pace::Pacer;
use crate::capture::file::{FileError, FileSource};
use crate::capture::test_pattern::{TestPattern, TestPatternError};
use crate::capture::y4m::{Y4mError, Y4mSource};

/// What the input delivers.
#[derive(Debug)]
pub(super) enum Item {
    /// A picture.
    Frame(VideoFrame),
    /// A coded packet, times in microseconds.
    Packet(Packet),
    /// The packets from here on are of these tracks.
    Tracks(Vec<Track>),
    /// Something could not be read; what follows can.
    Damage(DemuxError),
    /// The input can not be read on.
    Failed(String),
    /// The end.
    End,
}

/// What is known of an input before its first item.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum InputKind {
    /// Pictures that are not coded.
    Frames {
        /// Width and height in pixels.
        size_px: (u32, u32),
        /// Frames a second.
        frame_rate: FrameRate,
    },
    /// Packets.
    Packets(Vec<Track>),
}

/// An input that can be read.
#[derive(Debug)]
pub(super) enum Input {
    /// A test source.
    Pattern(TestSource, TestPattern),
    /// YUV4MPEG2.
    Y4m(Y4mSource),
    /// A container.
    File(FileSource, Option<FrameRate>),
}

/// Why an input cannot be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum InputError {
    /// Cameras.
    #[error(
        "{name}: this version has no cameras yet; feed a file, a pipe (-f yuv4mpegpipe -i -) or \
         -f lavfi -i testsrc"
    )]
    Camera {
        /// The device.
        name: String,
    },
    /// The source's notation.
    #[error(transparent)]
    Lavfi(#[from] LavfiError),
    /// The source's size.
    #[error(transparent)]
    Pattern(#[from] TestPatternError),
    /// The file.
    #[error(transparent)]
    File(#[from] FileError),
    /// YUV4MPEG2.
    #[error("{name}")]
    Y4m {
        /// The file.
        name: String,
        /// What is wrong with it.
        source: Y4mError,
    },
    /// An option that this input has no use for.
    #[error("{option} cannot be given for {name}: {reason}")]
    Option {
        /// The option.
        option: &'static str,
        /// The input.
        name: String,
        /// Why not.
        reason: &'static str,
    },
}

impl Input {
    /// Opens what the command line names.
    pub(super) fn open(options: &InputOptions) -> Result<Self, InputError> {
        let name = options.name.to_string_lossy().into_owned();
        let format = match options.format {
            Some(InputFormat::Lavfi) => {
                let source = TestSource::parse(&name, options.size_px, options.frame_rate)?;
                let (width_px, height_px) = source.size_px;
                let pattern =
                    TestPattern::new(source.kind, width_px, height_px, source.frame_rate)?;
                return Ok(Self::Pattern(source, pattern));
            }
            Some(InputFormat::V4l2) => return Err(InputError::Camera { name }),
            None if name.starts_with("/dev/video") => return Err(InputError::Camera { name }),
            Some(InputFormat::Y4m) => None,
            Some(InputFormat::Container(format)) => Some(format),
            None if is_y4m(&options.name) => None,
            None => return Self::open_file(&name, options, None),
        };
        if options.size_px.is_some() {
            return Err(no_size(name));
        }
        match format {
            Some(format) => Self::open_file(&name, options, Some(format)),
            None => Self::open_y4m(name, options),
        }
    }

    fn open_file(
        name: &str,
        options: &InputOptions,
        format: Option<Format>,
    ) -> Result<Self, InputError> {
        if options.size_px.is_some() {
            return Err(no_size(name.to_owned()));
        }
        let file = if is_stdin(&options.name) {
            FileSource::from_reader("standard input", Box::new(io::stdin()), format)?
        } else {
            FileSource::open(Path::new(&options.name), format)?
        };
        let timeless = matches!(file.format(), Format::H264 | Format::Mjpeg | Format::MpJpeg);
        if options.frame_rate.is_some() && !timeless {
            return Err(InputError::Option {
                option: "-framerate",
                name: name.to_owned(),
                reason: "its container tells the time of each frame",
            });
        }
        Ok(Self::File(file, options.frame_rate))
    }

    fn open_y4m(name: String, options: &InputOptions) -> Result<Self, InputError> {
        let reader: Box<dyn Read + Send> = if is_stdin(&options.name) {
            Box::new(io::stdin())
        } else {
            let open = |source| FileError::Open {
                name: name.clone(),
                source,
            };
            Box::new(File::open(&options.name).map_err(open)?)
        };
        Y4mSource::new(reader, options.frame_rate)
            .map(Self::Y4m)
            .map_err(|source| InputError::Y4m { name, source })
    }

    /// What it delivers.
    pub(super) fn kind(&self) -> InputKind {
        match self {
            Self::Pattern(source, _) => InputKind::Frames {
                size_px: source.size_px,
                frame_rate: source.frame_rate,
            },
            Self::Y4m(y4m) => InputKind::Frames {
                size_px: y4m.size_px(),
                frame_rate: y4m.frame_rate(),
            },
            Self::File(file, _) => InputKind::Packets(file.tracks().to_vec()),
        }
    }

    /// It in a line.
    pub(super) fn describe(&self) -> String {
        let frames = |what: &str, (width, height): (u32, u32), rate: FrameRate| {
            format!("{what}, {width}x{height}, {rate} frames a second")
        };
        match self {
            Self::Pattern(source, _) => {
                frames(&source.kind.to_string(), source.size_px, source.frame_rate)
            }
            Self::Y4m(y4m) => frames("YUV4MPEG2", y4m.size_px(), y4m.frame_rate()),
            Self::File(file, _) => {
                let tracks: Vec<String> = file
                    .tracks()
                    .iter()
                    .map(|track| crate::probe::describe_track(&track.params))
                    .collect();
                format!("{}, {}", file.format().name(), tracks.join("; "))
            }
        }
    }

    /// Reads it on a thread of its own, which ends when nobody takes its items any more. A test
    /// source keeps time itself as a camera would, with `read_rate` seconds a second; the others
    /// deliver as fast as they are read.
    pub(super) fn start(self, read_rate: f64) -> io::Result<Inlet> {
        let kind = self.kind();
        let keeps_time = matches!(self, Self::Pattern(..)) && read_rate > 0.0;
        let capacity = match kind {
            InputKind::Frames { .. } => WAITING_FRAMES,
            InputKind::Packets(_) => WAITING_PACKETS,
        };
        let (sender, items) = mpsc::sync_channel(capacity);
        thread::Builder::new()
            .name("input".to_owned())
            .spawn(move || self.run(&sender, read_rate))?;
        Ok(Inlet {
            kind,
            keeps_time,
            items,
        })
    }

    fn run(self, sender: &SyncSender<Item>, read_rate: f64) {
        let last = match self {
            Self::Pattern(source, pattern) => draw(&source, &pattern, sender, read_rate),
            Self::Y4m(y4m) => read_y4m(y4m, sender),
            Self::File(file, frame_rate) => read_file(file, frame_rate, sender),
        };
        // Nobody listens any more once the feeder ends.
        let _gone = sender.send(last);
    }
}

/// The receiving end of an input.
#[derive(Debug)]
pub(super) struct Inlet {
    /// What it delivers.
    pub(super) kind: InputKind,
    /// Items come when they are due.
    pub(super) keeps_time: bool,
    /// The items.
    pub(super) items: Receiver<Item>,
}

/// Draws frames when they are due. After being held up (no server) it goes on with the picture of
/// the moment.
fn draw(
    source: &TestSource,
    pattern: &TestPattern,
    sender: &SyncSender<Item>,
    read_rate: f64,
) -> Item {
    let pacer = Pacer::new(Instant::now(), read_rate);
    let started_ms = unix_ms();
    let duration_us = source
        .duration
        .map(|duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX));
    let mut index = 0_u64;
    loop {
        let time = frame_time_us(source.frame_rate, index);
        if duration_us.is_some_and(|duration| time >= duration) {
            return Item::End;
        }
        let now = Instant::now();
        if let Some(wait) = pacer.wait(now, time) {
            thread::sleep(wait);
        } else if let Some(late) = pacer.late(now, time).filter(|late| *late > MAX_LATE) {
            let late = Timestamp(i64::try_from(late.as_micros()).unwrap_or(i64::MAX));
            let frames = late.rescale(TimeBase::MICROS, source.frame_rate.time_base());
            index = index.saturating_add(u64::try_from(frames.0).unwrap_or(0));
            continue;
        }
        let clock_ms = if read_rate > 0.0 {
            unix_ms()
        } else {
            started_ms.saturating_add(u64::try_from(time / 1000).unwrap_or(0))
        };
        if sender
            .send(Item::Frame(pattern.frame(index, clock_ms)))
            .is_err()
        {
            return Item::End;
        }
        index += 1;
    }
}

fn read_y4m(mut y4m: Y4mSource, sender: &SyncSender<Item>) -> Item {
    loop {
        match y4m.next_frame() {
            Ok(Some(frame)) => {
                if sender.send(Item::Frame(frame)).is_err() {
                    return Item::End;
                }
            }
            Ok(None) => return Item::End,
            Err(error) => return Item::Failed(super::chain(&error)),
        }
    }
}

fn read_file(
    mut file: FileSource,
    frame_rate: Option<FrameRate>,
    sender: &SyncSender<Item>,
) -> Item {
    let mut changes = file.track_changes();
    let mut frames = 0;
    loop {
        let item = match file.next_packet() {
            Ok(Some(packet)) => {
                if file.track_changes() != changes {
                    changes = file.track_changes();
                    if sender.send(Item::Tracks(file.tracks().to_vec())).is_err() {
                        return Item::End;
                    }
                }
                let packet = match frame_rate {
                    Some(rate) => timed_by_index(packet, rate, &mut frames),
                    None => in_micros(packet, file.tracks()),
                };
                Item::Packet(packet)
            }
            Ok(None) => return Item::End,
            Err(FileError::Demux { source, .. }) => Item::Damage(source),
            Err(error) => return Item::Failed(super::chain(&error)),
        };
        if sender.send(item).is_err() {
            return Item::End;
        }
    }
}

fn in_micros(packet: Packet, tracks: &[Track]) -> Packet {
    let base = tracks
        .get(packet.track)
        .map_or(TimeBase::MICROS, |track| track.time_base);
    let duration = Timestamp(i64::try_from(packet.duration).unwrap_or(i64::MAX));
    Packet {
        pts: packet.pts.rescale(base, TimeBase::MICROS),
        dts: packet.dts.rescale(base, TimeBase::MICROS),
        duration: u64::try_from(duration.rescale(base, TimeBase::MICROS).0).unwrap_or(0),
        ..packet
    }
}

/// Gives the packets of a format without times those of a steady rate, in decoding order.
fn timed_by_index(packet: Packet, rate: FrameRate, frames: &mut u64) -> Packet {
    let time = Timestamp(frame_time_us(rate, *frames));
    *frames += 1;
    let next = frame_time_us(rate, *frames);
    Packet {
        pts: time,
        dts: time,
        duration: u64::try_from(next - time.0).unwrap_or(0),
        ..packet
    }
}

fn frame_time_us(rate: FrameRate, index: u64) -> i64 {
    let index = i64::try_from(index).unwrap_or(i64::MAX);
    rate.frame_time(index, TimeBase::MICROS).0
}

fn is_stdin(name: &OsStr) -> bool {
    name == "-" || name == "pipe:" || name == "pipe:0"
}

fn is_y4m(name: &OsStr) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("y4m"))
}

fn no_size(name: String) -> InputError {
    InputError::Option {
        option: "-video_size",
        name,
        reason: "it has the size it has, and the feed's streams decide that of the output",
    }
}

fn unix_ms() -> u64 {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}

/// Frames between the input and the session: pictures are large.
const WAITING_FRAMES: usize = 2;

/// Packets between the input and the session.
const WAITING_PACKETS: usize = 64;

/// How late a test source may be before it leaves frames out.
const MAX_LATE: Duration = Duration::from_secs(1);
