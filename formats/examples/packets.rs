//! Prints the tracks and packets of a media file: `packets FILE`. A packet's line holds its track,
//! pts, dts, `K` for a key frame, and size in bytes.
#![expect(
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "the crate is sans-IO; its example is a program with files"
)]

use std::error::Error;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use formats::{Demuxed, Format, Need};

fn main() -> Result<(), Box<dyn Error>> {
    let input = std::env::args().nth(1).ok_or("packets FILE")?;
    let mut source = File::open(&input)?;
    let mut prefix = Vec::new();
    Read::by_ref(&mut source)
        .take(1024)
        .read_to_end(&mut prefix)?;
    source.rewind()?;
    let format = Format::probe(&prefix).ok_or("the input is in no known format")?;
    let mut demuxer = format.demuxer();
    let mut chunk = [0; 65_536];
    loop {
        match demuxer.next() {
            Ok(Demuxed::Need(Need::Bytes)) => match source.read(&mut chunk)? {
                0 => demuxer.push_end(),
                len => demuxer.push(&chunk[..len]),
            },
            Ok(Demuxed::Need(Need::Seek(offset))) => {
                println!("seek {offset}");
                source.seek(SeekFrom::Start(offset))?;
            }
            Ok(Demuxed::Tracks(tracks)) => {
                for (index, track) in tracks.iter().enumerate() {
                    let (codec, base) = (track.params.codec, track.time_base);
                    println!("track {index} {codec} {base} {:?}", track.params.media);
                }
            }
            Ok(Demuxed::Packet(packet)) => println!(
                "packet {} {} {} {} {}",
                packet.track,
                packet.pts.0,
                packet.dts.0,
                if packet.key { 'K' } else { '-' },
                packet.data.len()
            ),
            Ok(Demuxed::End) => return Ok(()),
            Err(error) => eprintln!("{input}: {error}"),
        }
    }
}
