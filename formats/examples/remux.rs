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
    Ok(())
}
