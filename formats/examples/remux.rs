<<<<<<< HEAD
//! Reads a media file and writes it in another container: `remux FROM-FORMAT IN TO-FORMAT OUT
//! [SHIFT-US]`. The last argument is added to all times, in microseconds.

use std::error::Error;

use formats::{Demuxed, Format, Muxer, Need};
use media::{TimeBase, Timestamp};

#[expect(
    clippy::disallowed_methods,
    reason = "an example reads and writes files"
)]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, from, input, to, output, rest @ ..] = &arguments[..] else {
        return Err("usage: remux FROM-FORMAT IN TO-FORMAT OUT [SHIFT-US]".into());
    };
    let shift_us: i64 = rest.first().map_or(Ok(0), |text| text.parse())?;
    let format = |name: &str| Format::from_name(name).ok_or(format!("no format {name}"));
    let source = std::fs::read(input)?;
    let mut demuxer = format(from)?.demuxer();
    let mut muxer: Option<Box<dyn Muxer>> = None;
    let mut bases: Vec<TimeBase> = Vec::new();
    let mut headed = false;
    let mut out = Vec::new();
    let mut at = 0;
    loop {
        match demuxer.next() {
            Ok(Demuxed::Tracks(tracks)) => {
                bases = tracks.iter().map(|track| track.time_base).collect();
                match &mut muxer {
                    None => muxer = Some(format(to)?.muxer(&tracks)?),
                    Some(muxer) => muxer.new_tracks(&tracks, Timestamp::ZERO, &mut out)?,
                }
            }
            Ok(Demuxed::Packet(mut packet)) => {
                let muxer = muxer.as_mut().ok_or("packet before tracks")?;
                let base = bases[packet.track];
                let shift = Timestamp(shift_us).rescale(TimeBase::MICROS, base).0;
                packet.pts = packet.pts.plus(shift);
                packet.dts = packet.dts.plus(shift);
                if !std::mem::replace(&mut headed, true) {
                    muxer.write_header(packet.dts.rescale(base, TimeBase::MICROS), &mut out)?;
                }
                muxer.write_packet(&packet, &mut out)?;
            }
            Ok(Demuxed::Need(Need::Bytes)) if at < source.len() => {
                let end = source.len().min(at + 65_536);
                demuxer.push(&source[at..end]);
                at = end;
            }
            Ok(Demuxed::Need(Need::Bytes)) => demuxer.push_end(),
            Ok(Demuxed::Need(Need::Seek(offset))) => {
                at = usize::try_from(offset)?.min(source.len())
            }
            Ok(Demuxed::End) => break,
            Err(error) => eprintln!("{error}"),
        }
    }
    let patches = muxer.ok_or("no tracks")?.finish(&mut out)?;
    for patch in patches {
        let at = usize::try_from(patch.offset)?;
        out[at..at + patch.bytes.len()].copy_from_slice(&patch.bytes);
    }
    std::fs::write(output, out)?;
=======
//! Reads a media file and writes its packets into another container:
//! `remux INPUT OUTPUT [SECONDS]`. The formats are told by the first bytes and by the name. With
//! SECONDS the packets are written as if the stream had been running so long.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "the crate is sans-IO; its example is a program with files"
)]

use std::error::Error;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use formats::{Demuxed, Demuxer, Format, Muxer, Need};
use media::{TimeBase, Timestamp, Track};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "remux INPUT OUTPUT [SECONDS]";
    let input = arguments.next().ok_or(usage)?;
    let output = arguments.next().ok_or(usage)?;
    let seconds: i64 = arguments.next().map_or(Ok(0), |text| text.parse())?;
    let mut source = File::open(&input)?;
    let mut prefix = Vec::new();
    Read::by_ref(&mut source)
        .take(1024)
        .read_to_end(&mut prefix)?;
    source.rewind()?;
    let from = Format::probe(&prefix).ok_or("the input is in no known format")?;
    let to = Format::from_file_name(&output).ok_or("the output's extension is not known")?;
    let mut demuxer = from.demuxer();
    let mut bytes = Vec::new();
    let mut patches = Vec::new();
    let mut writer: Option<(Box<dyn Muxer>, Vec<Track>)> = None;
    let mut first = true;
    loop {
        match demuxer.next() {
            Ok(Demuxed::Need(Need::Bytes)) => feed(&mut source, demuxer.as_mut())?,
            Ok(Demuxed::Need(Need::Seek(offset))) => {
                source.seek(SeekFrom::Start(offset))?;
            }
            Ok(Demuxed::Tracks(tracks)) => writer = Some((to.muxer(&tracks)?, tracks)),
            Ok(Demuxed::Packet(mut packet)) => {
                let (muxer, tracks) = writer.as_mut().ok_or("a packet before the tracks")?;
                let base = tracks.get(packet.track).ok_or("no such track")?.time_base;
                let shift = Timestamp(seconds * 1_000_000).rescale(TimeBase::MICROS, base);
                packet.dts = packet.dts.plus(shift.0);
                packet.pts = packet.pts.plus(shift.0);
                if std::mem::take(&mut first) {
                    let start = packet.dts.rescale(base, TimeBase::MICROS);
                    muxer.write_header(start, &mut bytes)?;
                }
                muxer.write_packet(&packet, &mut bytes)?;
            }
            Ok(Demuxed::End) => break,
            Err(error) => eprintln!("{input}: {error}"),
        }
    }
    if let Some((mut muxer, _)) = writer {
        patches = muxer.finish(&mut bytes)?;
    }
    let mut sink = File::create(&output)?;
    sink.write_all(&bytes)?;
    for patch in patches {
        sink.seek(SeekFrom::Start(patch.offset))?;
        sink.write_all(&patch.bytes)?;
    }
    Ok(())
}

fn feed(source: &mut File, demuxer: &mut dyn Demuxer) -> std::io::Result<()> {
    let mut chunk = [0; 65_536];
    match source.read(&mut chunk)? {
        0 => demuxer.push_end(),
        len => demuxer.push(&chunk[..len]),
    }
>>>>>>> mp4
    Ok(())
}
