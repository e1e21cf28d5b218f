//! Packets out of a media file: drives a [`formats::Demuxer`] with blocking reads.
//!
//! Memory is bounded by one read buffer and by what the demuxer holds. A source that cannot seek
//! (standard input, a connection) is read forwards only. Left out: files that grow while they are
//! read; their end is the end.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use formats::{DemuxError, Demuxed, Demuxer, Format, Need};
use media::{Packet, Timestamp, Track};

/// A media file, or any stream of bytes in a container, as a source of packets. Every call blocks.
#[derive(Debug)]
pub struct FileSource {
    name: String,
    format: Format,
    input: Input,
    demuxer: Box<dyn Demuxer>,
    tracks: Vec<Track>,
    changes: u32,
    /// Offset of the next byte read from `input`.
    position: u64,
    ended: bool,
    buffer: Box<[u8]>,
}

impl FileSource {
    /// Opens a file and reads up to its track list. Without `format` the first bytes decide, then
    /// the extension.
    ///
    /// # Errors
    /// [`FileError`] if the file cannot be read, is in no known format, or holds no tracks.
    pub fn open(path: &Path, format: Option<Format>) -> Result<Self, FileError> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|source| FileError::Open {
            name: name.clone(),
            source,
        })?;
        let input = match file.metadata() {
            Ok(meta) if meta.is_dir() => {
                return Err(FileError::Open {
                    name,
                    source: io::ErrorKind::IsADirectory.into(),
                });
            }
            Ok(meta) if meta.is_file() => Input::File(file),
            _ => Input::Stream(Box::new(file)),
        };
        Self::start(name, input, format)
    }

    /// Reads a stream of bytes that cannot seek. `name` stands in messages and may give the format
    /// by its extension.
    ///
    /// # Errors
    /// As [`FileSource::open`].
    pub fn from_reader(
        name: &str,
        reader: Box<dyn Read + Send>,
        format: Option<Format>,
    ) -> Result<Self, FileError> {
        Self::start(name.to_owned(), Input::Stream(reader), format)
    }

    fn start(name: String, mut input: Input, format: Option<Format>) -> Result<Self, FileError> {
        let mut buffer = vec![0; READ_BYTES].into_boxed_slice();
        let filled = read_prefix(&mut input, &mut buffer[..PROBE_BYTES]).map_err(|source| {
            FileError::Read {
                name: name.clone(),
                offset: 0,
                source,
            }
        })?;
        let prefix = &buffer[..filled];
        let format = format
            .or_else(|| Format::probe(prefix))
            .or_else(|| Format::from_file_name(&name))
            .ok_or_else(|| FileError::UnknownFormat { name: name.clone() })?;
        let mut demuxer = format.demuxer();
        if let Input::File(file) = &input {
            // A transport stream has no index: it is searched between its two ends. A length that
            // cannot be had costs the search, nothing else.
            if let Ok(metadata) = file.metadata() {
                demuxer.set_source_len(metadata.len());
            }
        }
        demuxer.push(prefix);
        let mut source = Self {
            name,
            format,
            input,
            demuxer,
            tracks: Vec::new(),
            changes: 0,
            position: filled as u64,
            ended: false,
            buffer,
        };
        source.read_tracks()?;
        Ok(source)
    }

    /// The name it was opened by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The container.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// The tracks that the next packet belongs to.
    #[must_use]
    pub fn tracks(&self) -> &[Track] {
        &self.tracks
    }

    /// How often the track list has changed since the file was opened. A caller that cannot follow
    /// a change compares this before and after [`FileSource::next_packet`].
    #[must_use]
    pub const fn track_changes(&self) -> u32 {
        self.changes
    }

    /// The next packet in the order of the file, or `None` at its end.
    ///
    /// # Errors
    /// [`FileError::Demux`] concerns one place of the file and the next call goes on behind it;
    /// after any other error the file cannot be read on.
    pub fn next_packet(&mut self) -> Result<Option<Packet>, FileError> {
        loop {
            match self.step()? {
                Step::Packet(packet) => return Ok(Some(packet)),
                Step::Tracks(tracks) => {
                    if tracks != self.tracks {
                        self.changes = self.changes.saturating_add(1);
                        self.tracks = tracks;
                    }
                }
                Step::End => return Ok(None),
            }
        }
    }

    /// Makes the next packet of a video track the last key frame at or before `to` (microseconds),
    /// as [`Demuxer::seek`] says.
    ///
    /// # Errors
    /// [`FileError::Demux`] with [`DemuxError::NotSeekable`] if this source cannot be searched.
    pub fn seek(&mut self, to: Timestamp) -> Result<(), FileError> {
        if matches!(self.input, Input::Stream(_)) {
            return Err(self.demux_error(DemuxError::NotSeekable));
        }
        self.demuxer
            .seek(to)
            .map_err(|source| self.demux_error(source))
    }

    /// Drives the demuxer to the first track list.
    fn read_tracks(&mut self) -> Result<(), FileError> {
        match self.step()? {
            Step::Tracks(tracks) if !tracks.is_empty() => {
                self.tracks = tracks;
                Ok(())
            }
            Step::Tracks(_) | Step::Packet(_) | Step::End => Err(FileError::NoTracks {
                name: self.name.clone(),
                format: self.format.name(),
            }),
        }
    }

    /// Meets the demuxer's needs until it has something to say.
    fn step(&mut self) -> Result<Step, FileError> {
        loop {
            match self.demuxer.next() {
                Ok(Demuxed::Packet(packet)) => return Ok(Step::Packet(packet)),
                Ok(Demuxed::Tracks(tracks)) => return Ok(Step::Tracks(tracks)),
                Ok(Demuxed::End) => return Ok(Step::End),
                // Everything was pushed, so nothing more can come.
                Ok(Demuxed::Need(Need::Bytes)) if self.ended => return Ok(Step::End),
                Ok(Demuxed::Need(Need::Bytes)) => self.read_more()?,
                Ok(Demuxed::Need(Need::Seek(offset))) => self.move_to(offset)?,
                Err(source) => return Err(self.demux_error(source)),
            }
        }
    }

    fn read_more(&mut self) -> Result<(), FileError> {
        let read = loop {
            match self.input.reader().read(&mut self.buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        match read {
            Ok(0) => {
                self.ended = true;
                self.demuxer.push_end();
            }
            Ok(len) => {
                self.position = self.position.saturating_add(len as u64);
                self.demuxer.push(&self.buffer[..len]);
            }
            Err(source) => return Err(self.read_error(source)),
        }
        Ok(())
    }

    fn move_to(&mut self, offset: u64) -> Result<(), FileError> {
        match &mut self.input {
            Input::File(file) => {
                if let Err(source) = file.seek(SeekFrom::Start(offset)) {
                    return Err(self.read_error(source));
                }
            }
            Input::Stream(reader) => {
                let Some(distance) = offset.checked_sub(self.position) else {
                    return Err(FileError::Backwards {
                        name: self.name.clone(),
                        format: self.format.name(),
                        offset,
                        position: self.position,
                    });
                };
                if let Err(source) = io::copy(&mut reader.take(distance), &mut io::sink()) {
                    return Err(self.read_error(source));
                }
            }
        }
        self.position = offset;
        self.ended = false;
        Ok(())
    }

    fn demux_error(&self, source: DemuxError) -> FileError {
        FileError::Demux {
            name: self.name.clone(),
            source,
        }
    }

    fn read_error(&self, source: io::Error) -> FileError {
        FileError::Read {
            name: self.name.clone(),
            offset: self.position,
            source,
        }
    }
}

/// Why a source of packets cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// It cannot be opened.
    #[error("cannot open {name}")]
    Open {
        /// The file.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// Reading failed.
    #[error("cannot read {name} at byte {offset}")]
    Read {
        /// The file.
        name: String,
        /// Where, in bytes from its start.
        offset: u64,
        /// What the system said.
        source: io::Error,
    },
    /// No format is known by these bytes or this extension.
    #[error("{name} is in no format known here; name one with -f")]
    UnknownFormat {
        /// The file.
        name: String,
    },
    /// The file ends before its first track.
    #[error("{name} holds no tracks as {format}")]
    NoTracks {
        /// The file.
        name: String,
        /// The format it was read as.
        format: &'static str,
    },
    /// The container wants to go back in a stream that only goes forwards.
    #[error(
        "{name} cannot be read as a stream: {format} needs byte {offset} after byte {position}"
    )]
    Backwards {
        /// The source.
        name: String,
        /// The format it was read as.
        format: &'static str,
        /// Where the demuxer wants to read.
        offset: u64,
        /// Where the stream is.
        position: u64,
    },
    /// The bytes break the format.
    #[error("{name}")]
    Demux {
        /// The file.
        name: String,
        /// What is wrong.
        source: DemuxError,
    },
}

impl FileError {
    /// Whether the next call goes on behind the fault.
    #[must_use]
    pub const fn is_local(&self) -> bool {
        matches!(self, Self::Demux { .. })
    }
}

enum Step {
    Tracks(Vec<Track>),
    Packet(Packet),
    End,
}

enum Input {
    File(File),
    Stream(Box<dyn Read + Send>),
}

impl Input {
    fn reader(&mut self) -> &mut dyn Read {
        match self {
            Self::File(file) => file,
            Self::Stream(reader) => reader,
        }
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File(_) => "File",
            Self::Stream(_) => "Stream",
        })
    }
}

/// Fills `prefix` as far as the input goes.
fn read_prefix(input: &mut Input, prefix: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < prefix.len() {
        match input.reader().read(&mut prefix[filled..]) {
            Ok(0) => break,
            Ok(len) => filled += len,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// What is read at once.
const READ_BYTES: usize = 64 * 1024;

/// What [`Format::probe`] wants to see.
const PROBE_BYTES: usize = 1024;
