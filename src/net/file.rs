//! File streams: byte for byte where the file is in the stream's container, remuxed where not.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::time::SystemTime;

use formats::{Format, Muxer};
use media::{Timestamp, Track};
use tracing::{info, warn};

use super::connection::Connection;
use super::http::{Done, Failure, send_whole};
use crate::capture::file::FileSource;
use crate::http::conditional::Validators;
use crate::http::head::{Method, RequestHead};
use crate::http::range::{self, RangeRequest};
use crate::http::response::{BodyLength, ResponseHead};
use crate::http::status::RequestError;

/// Bytes read of a file at a time.
const READ_BYTES: usize = 256 << 10;
/// Bytes of a file that show its container.
const PROBE_BYTES: u64 = 4096;

/// Sends the file as `format`.
pub(super) async fn send(
    connection: &mut Connection,
    head: &RequestHead,
    name: &str,
    path: &Path,
    format: Format,
) -> Result<Done, Failure> {
    let owned = path.to_owned();
    let opened = smol::unblock(move || open(&owned)).await;
    let (file, metadata, probed) = opened.map_err(|error| not_readable(name, path, &error))?;
    if probed.is_none_or(|probed| probed == format) {
        send_bytes(connection, head, name, file, &metadata, format).await
    } else {
        drop(file);
        send_remuxed(connection, head, name, path, format).await
    }
}

/// Opens a regular file and looks at its first bytes. A directory is no stream, and a pipe or
/// device would block.
fn open(path: &Path) -> io::Result<(File, Metadata, Option<Format>)> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    let mut prefix = Vec::new();
    (&mut file).take(PROBE_BYTES).read_to_end(&mut prefix)?;
    Ok((file, metadata, Format::probe(&prefix)))
}

/// The peer learns that the stream cannot be had, the log why.
fn not_readable(name: &str, path: &Path, error: &io::Error) -> RequestError {
    warn!("{name}: {}: {error}", path.display());
    RequestError::NotFound {
        path: format!("/{name}"),
    }
}

async fn send_bytes(
    connection: &mut Connection,
    head: &RequestHead,
    name: &str,
    file: File,
    metadata: &Metadata,
    format: Format,
) -> Result<Done, Failure> {
    let len = metadata.len();
    let validators = Validators::new(len, metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH));
    let with_validators = |reply: ResponseHead| {
        reply
            .with("Content-Type", format.mime_type())
            .with("Accept-Ranges", "bytes")
            .with("ETag", validators.etag.clone())
            .with(
                "Last-Modified",
                httpdate::fmt_http_date(validators.last_modified),
            )
    };
    if validators.not_modified(head) {
        let reply = with_validators(ResponseHead::new(304, "Not Modified"));
        return send_whole(connection, head, &reply, b"").await;
    }
    let asked = head
        .field("range")
        .filter(|_| validators.range_applies(head));
    let (reply, part) = match range::parse(asked, len) {
        RangeRequest::Whole => (ResponseHead::ok(), 0..len),
        RangeRequest::Part(part) => {
            let value = format!("bytes {}-{}/{len}", part.start, part.end - 1);
            (
                ResponseHead::new(206, "Partial Content").with("Content-Range", value),
                part,
            )
        }
        RangeRequest::Unsatisfiable => {
            return Err(RequestError::RangeNotSatisfiable { len }.into());
        }
    };
    let reply = with_validators(reply);
    let stays = head.keep_alive();
    let length = BodyLength::Known(part.end - part.start);
    let bytes = reply.to_bytes(head.version, length, stays, SystemTime::now());
    connection.write_all(&bytes).await?;
    let mut done = Done {
        status: reply.status,
        bytes: 0,
        stays,
    };
    if head.method != Method::Head {
        done.bytes = copy(connection, name, file, part).await?;
    }
    Ok(done)
}

/// Copies a part of the file. A file that became shorter meanwhile ends the connection: the head
/// has promised more.
async fn copy(
    connection: &mut Connection,
    name: &str,
    mut file: File,
    part: Range<u64>,
) -> io::Result<u64> {
    let mut buffer = vec![0; READ_BYTES];
    let mut at = part.start;
    while at < part.end {
        let want = usize::try_from(part.end - at)
            .unwrap_or(READ_BYTES)
            .min(READ_BYTES);
        let read = smol::unblock(move || {
            let len = file
                .seek(SeekFrom::Start(at))
                .and_then(|_| file.read(&mut buffer[..want]));
            (file, buffer, len)
        });
        let (returned_file, returned_buffer, len) = read.await;
        (file, buffer) = (returned_file, returned_buffer);
        let len = len?;
        if len == 0 {
            warn!("{name}: the file became shorter while it was sent");
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        connection.write_all(&buffer[..len]).await?;
        at += len as u64;
    }
    Ok(part.end - part.start)
}

/// Sends the file's packets in another container, as fast as the peer takes them.
async fn send_remuxed(
    connection: &mut Connection,
    head: &RequestHead,
    name: &str,
    path: &Path,
    format: Format,
) -> Result<Done, Failure> {
    let refused = |reason| RequestError::NotImplemented {
        stream: name.to_owned(),
        reason,
    };
    let owned = path.to_owned();
    let opened = smol::unblock(move || Remux::open(&owned, format)).await;
    let mut remux = opened.map_err(refused)?;
    let reply = ResponseHead::ok().with("Content-Type", format.mime_type());
    let mut bytes = reply.to_bytes(
        head.version,
        BodyLength::UntilClose,
        false,
        SystemTime::now(),
    );
    let mut done = Done {
        status: 200,
        bytes: 0,
        stays: false,
    };
    if head.method == Method::Head {
        connection.write_all(&bytes).await?;
        return Ok(done);
    }
    let head_len = bytes.len() as u64;
    loop {
        connection.write_all(&bytes).await?;
        done.bytes += bytes.len() as u64;
        let step = smol::unblock(move || {
            let step = remux.step();
            (remux, step)
        });
        let (returned, step) = step.await;
        remux = returned;
        match step {
            Ok(next) if next.is_empty() => break,
            Ok(next) => bytes = next,
            Err(reason) => {
                info!("{}: {name}: {reason}", connection.peer);
                break;
            }
        }
    }
    done.bytes -= head_len;
    Ok(done)
}

/// A file on its way into another container.
struct Remux {
    source: FileSource,
    /// Indexes of the file's tracks that are sent.
    selected: Vec<usize>,
    muxer: Box<dyn Muxer>,
    header: Option<Vec<u8>>,
    ended: bool,
}

impl Remux {
    fn open(path: &Path, format: Format) -> Result<Self, String> {
        let source = FileSource::open(path, None).map_err(|error| error.to_string())?;
        let can_carry = |track: &Track| format.can_carry(track.params.codec);
        let (selected, tracks): (Vec<usize>, Vec<Track>) = source
            .tracks()
            .iter()
            .enumerate()
            .filter(|(_, track)| can_carry(track))
            .map(|(index, track)| (index, track.clone()))
            .unzip();
        let muxer = format.muxer(&tracks).map_err(|error| error.to_string())?;
        let mut header = Vec::new();
        muxer
            .write_header(Timestamp::ZERO, &mut header)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            source,
            selected,
            muxer,
            header: Some(header),
            ended: false,
        })
    }

    /// The next bytes; none at the end.
    fn step(&mut self) -> Result<Vec<u8>, String> {
        let mut out = self.header.take().unwrap_or_default();
        while out.len() < READ_BYTES && !self.ended {
            match self.source.next_packet() {
                Ok(Some(mut packet)) => {
                    let track = self
                        .selected
                        .iter()
                        .position(|index| *index == packet.track);
                    if let Some(track) = track {
                        packet.track = track;
                        self.muxer
                            .write_packet(&packet, &mut out)
                            .map_err(|e| e.to_string())?;
                    }
                }
                Ok(None) => {
                    self.ended = true;
                    // The patches are for files that can be written in again.
                    self.muxer
                        .finish(&mut out)
                        .map_err(|error| error.to_string())?;
                }
                Err(error) if error.is_local() => info!("{}: {error}", self.source.name()),
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(out)
    }
}
