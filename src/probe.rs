//! `ferrocast probe`: what is in a media file or stream.
//!
//! Reads a file, standard input (`-`) or an `http://` address: any container of the `formats`
//! crate, and YUV4MPEG2. A live stream is listed until it ends or is interrupted.

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use media::{CodecParameters, MediaParameters, Packet, TimeBase, Timestamp, Track};

use crate::capture::file::{FileError, FileSource};
use crate::capture::y4m::{Y4mError, Y4mSource};
use crate::feeder::{OpenUrlError, open_url};

/// Lists the tracks of a source on standard output, with `packets` also every packet. Faults in the
/// source are told on standard error, and make the exit status 1.
pub fn run(source: &OsStr, packets: bool) -> ExitCode {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let name = source.to_string_lossy();
    let result = list(&name, source, packets, &mut out);
    let flushed = out.flush();
    let mut err = io::stderr().lock();
    match (result, flushed) {
        (Ok(0), Ok(())) => ExitCode::SUCCESS,
        (Ok(0), Err(error)) | (Err(ProbeError::Output(error)), _) => {
            // A reader that has seen enough (head) is no fault.
            match error.kind() {
                io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
                _ => complain(&mut err, &error),
            }
        }
        (Ok(_), _) => ExitCode::FAILURE,
        (Err(error), _) => complain(&mut err, &error),
    }
}

fn complain(err: &mut impl Write, error: &dyn std::error::Error) -> ExitCode {
    // Nobody is left to tell when standard error is gone.
    let _gone = writeln!(err, "ferrocast probe: {}", crate::feeder::chain(error));
    ExitCode::FAILURE
}

/// Why a source cannot be listed.
#[derive(Debug, thiserror::Error)]
enum ProbeError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Url(#[from] OpenUrlError),
    #[error("cannot read YUV4MPEG2")]
    Y4m(#[from] Y4mError),
    #[error("cannot write the list")]
    Output(#[from] io::Error),
}

/// Lists a source; answers how many faults it has.
fn list(
    name: &str,
    source: &OsStr,
    packets: bool,
    out: &mut impl Write,
) -> Result<u64, ProbeError> {
    if name.to_ascii_lowercase().ends_with(".y4m") {
        let file = File::open(source).map_err(|source| FileError::Open {
            name: name.to_owned(),
            source,
        })?;
        return list_y4m(name, Box::new(file), packets, out);
    }
    let file = if name == "-" {
        FileSource::from_reader("standard input", Box::new(io::stdin()), None)?
    } else if name.starts_with("http://") {
        FileSource::from_reader(name, open_url(name)?, None)?
    } else {
        FileSource::open(Path::new(source), None)?
    };
    list_file(file, packets, out)
}

fn list_file(mut file: FileSource, packets: bool, out: &mut impl Write) -> Result<u64, ProbeError> {
    writeln!(out, "{}: {}", file.name(), file.format().name())?;
    let mut changes = file.track_changes();
    let mut counts = vec![Count::default(); file.tracks().len()];
    let mut faults = 0;
    loop {
        let packet = match file.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            Err(error) if error.is_local() => {
                faults += 1;
                complain(&mut io::stderr().lock(), &error);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        if file.track_changes() != changes {
            changes = file.track_changes();
            writeln!(out, "  new tracks:")?;
            counts = vec![Count::default(); file.tracks().len()];
        }
        if packets {
            writeln!(out, "{}", PacketLine(&packet))?;
        }
        if let Some(count) = counts.get_mut(packet.track) {
            count.add(&packet);
        }
    }
    for (index, (track, count)) in file.tracks().iter().zip(&counts).enumerate() {
        write_track(index, track, count, out)?;
    }
    Ok(faults)
}

fn list_y4m(
    name: &str,
    reader: Box<dyn Read + Send>,
    packets: bool,
    out: &mut impl Write,
) -> Result<u64, ProbeError> {
    let mut y4m = Y4mSource::new(reader, None)?;
    let (width, height) = y4m.size_px();
    let rate = y4m.frame_rate();
    writeln!(out, "{name}: yuv4mpegpipe")?;
    let mut frames = 0;
    while let Some(frame) = y4m.next_frame()? {
        if packets {
            let size: usize = frame.planes.iter().map(|plane| plane.data.len()).sum();
            writeln!(
                out,
                "packet track=0 pts={0} dts={0} size={size} key=1",
                frame.pts.0
            )?;
        }
        frames += 1;
    }
    let seconds = seconds(rate.frame_time(frames, TimeBase::MICROS).0);
    writeln!(
        out,
        "  track 0: rawvideo {width}x{height}, {rate} frames a second; {frames} packets, {seconds} s"
    )?;
    Ok(0)
}

fn write_track(index: usize, track: &Track, count: &Count, out: &mut impl Write) -> io::Result<()> {
    let duration = Timestamp(count.span()).rescale(track.time_base, TimeBase::MICROS);
    write!(
        out,
        "  track {index}: {}, time base {}; {} packets, {} bytes, {} s",
        describe_track(&track.params),
        track.time_base,
        count.packets,
        count.bytes,
        seconds(duration.0),
    )?;
    if track.params.video().is_some() {
        write!(out, "; {} key frames{}", count.keys, Distance(count))?;
    }
    writeln!(out)
}

/// A track in a few words: `h264 352x288, 25 frames a second`.
#[must_use]
pub fn describe_track(params: &CodecParameters) -> String {
    match &params.media {
        MediaParameters::Video(video) => {
            let rate = video
                .frame_rate
                .map(|rate| format!(", {rate} frames a second"))
                .unwrap_or_default();
            format!(
                "{} {}x{}{rate}",
                params.codec, video.width_px, video.height_px
            )
        }
        MediaParameters::Audio(audio) => format!(
            "{} {} Hz, {} channel{}",
            params.codec,
            audio.sample_rate_hz,
            audio.channels,
            if audio.channels == 1 { "" } else { "s" }
        ),
    }
}

/// What the packets of a track add up to.
#[derive(Debug, Clone, Default)]
struct Count {
    packets: u64,
    bytes: u64,
    keys: u64,
    /// Packets since the last key frame, it included.
    since_key: u64,
    /// Shortest and longest distance of two key frames, in packets.
    distance: Option<(u64, u64)>,
    first: Option<Timestamp>,
    end: Timestamp,
    last_step: i64,
}

impl Count {
    fn add(&mut self, packet: &Packet) {
        self.packets += 1;
        self.bytes += packet.data.len() as u64;
        if packet.key {
            if self.keys > 0 {
                let (shortest, longest) = self.distance.unwrap_or((u64::MAX, 0));
                self.distance = Some((shortest.min(self.since_key), longest.max(self.since_key)));
            }
            self.keys += 1;
            self.since_key = 0;
        }
        self.since_key += 1;
        match self.first {
            None => self.first = Some(packet.dts),
            Some(_) => self.last_step = packet.dts.since(self.end).max(0),
        }
        self.end = packet.dts;
        if packet.duration > 0 {
            self.last_step = i64::try_from(packet.duration).unwrap_or(i64::MAX);
        }
    }

    /// From the first packet to the end of the last, in ticks.
    fn span(&self) -> i64 {
        self.first.map_or(0, |first| {
            self.end.since(first).saturating_add(self.last_step)
        })
    }
}

/// How far key frames are apart.
struct Distance<'a>(&'a Count);

impl fmt::Display for Distance<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.distance {
            None => Ok(()),
            Some((shortest, longest)) if shortest == longest => {
                write!(f, ", every {shortest} packets")
            }
            Some((shortest, longest)) => write!(f, ", every {shortest} to {longest} packets"),
        }
    }
}

/// A packet as `--packets` lists it.
struct PacketLine<'a>(&'a Packet);

impl fmt::Display for PacketLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let packet = self.0;
        write!(
            f,
            "packet track={} pts={} dts={} size={} key={}",
            packet.track,
            packet.pts.0,
            packet.dts.0,
            packet.data.len(),
            u8::from(packet.key)
        )
    }
}

/// Microseconds as seconds with three decimals.
fn seconds(micros: i64) -> String {
    let millis = Timestamp(micros)
        .rescale(TimeBase::MICROS, TimeBase::MILLIS)
        .0;
    format!("{}.{:03}", millis / 1000, (millis % 1000).abs())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn listing(file: &str, packets: bool) -> String {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("conformance/corpus/ffserver")
            .join(file);
        let mut out = Vec::new();
        let faults = list(file, path.as_os_str(), packets, &mut out).unwrap();
        assert_eq!(faults, 0, "{file}");
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn recorded_files_are_listed_as_ffprobe_lists_them() {
        // Packets and key frames by: ffprobe -show_packets
        for (file, want) in [
            (
                "media/v_mjpeg.avi",
                "track 0: mjpeg 320x240, 25 frames a second",
            ),
            (
                "media/v_h264.mp4",
                "track 0: h264 320x240, 25 frames a second",
            ),
        ] {
            let text = listing(file, false);
            assert!(text.contains(want), "{text}");
        }
    }

    #[test]
    fn every_packet_has_a_line() {
        let text = listing("media/v_mjpeg.avi", true);
        let lines = text
            .lines()
            .filter(|line| line.starts_with("packet "))
            .count();
        assert_eq!(lines, 50, "{text}");
        assert!(text.contains("50 packets"), "{text}");
    }
}
