//! Every demuxer.

use std::mem::{Discriminant, discriminant};

use formats::{DemuxError, Demuxed, Demuxer, Format, Need};
use media::{Packet, Timestamp, Track};

/// Everything that a demuxer gave.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Given {
    /// Each list of tracks, with the number of packets before it.
    pub(super) tracks: Vec<(usize, Vec<Track>)>,
    pub(super) packets: Vec<Packet>,
    /// Their kinds: what they say of places and lengths may tell how far the input had come.
    pub(super) errors: Vec<Discriminant<DemuxError>>,
}

// Invariant: any split of the input gives the same tracks, packets and kinds of errors, each call makes
// progress, packets are of tracks that were told, the input's end comes to an end, and a demuxer can
// be told to seek whenever it likes.
pub(super) fn check(format: Format, data: &[u8]) {
    let whole = read(format, data, |_| usize::MAX);
    assert_tracks(&whole);
    let seed = data.iter().fold(data.len(), |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(usize::from(*byte))
    });
    assert_eq!(read(format, data, |at| steps(seed, at)), whole, "in pieces");
    if data.len() <= MAX_BYTEWISE {
        assert_eq!(read(format, data, |_| 1), whole, "byte by byte");
    }
    seek(format, data, i64::try_from(seed % 10_000_000).unwrap_or(0));
}

/// The longest input that is also pushed byte by byte.
const MAX_BYTEWISE: usize = 2048;

/// Pieces of 1 to some 200 bytes, and now and then of some thousands.
const fn steps(seed: usize, at: usize) -> usize {
    let mixed = (seed ^ at).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    match mixed % 16 {
        0 => 1 + mixed % 5000,
        kind => 1 + mixed % (kind * 13),
    }
}

/// Reads `data` to its end; `step` tells from the offset how many bytes to push.
pub(super) fn read(format: Format, data: &[u8], step: impl Fn(usize) -> usize) -> Given {
    let mut given = Given::default();
    let mut demuxer = format.demuxer();
    drive(&mut *demuxer, data, step, &mut given);
    given
}

fn drive(demuxer: &mut dyn Demuxer, data: &[u8], step: impl Fn(usize) -> usize, given: &mut Given) {
    let mut at = 0;
    let mut ended = false;
    // A call gives a packet or an error, or uses up a push.
    for _ in 0..16 * data.len() + 10_000 {
        match demuxer.next() {
            Ok(Demuxed::Tracks(tracks)) => given.tracks.push((given.packets.len(), tracks)),
            Ok(Demuxed::Packet(packet)) => given.packets.push(packet),
            Ok(Demuxed::Need(Need::Bytes)) if at < data.len() => {
                let end = at.saturating_add(step(at)).min(data.len());
                demuxer.push(&data[at..end]);
                at = end;
            }
            Ok(Demuxed::Need(Need::Bytes)) => {
                assert!(!ended, "bytes are asked for behind the end");
                ended = true;
                demuxer.push_end();
            }
            Ok(Demuxed::Need(Need::Seek(offset))) => {
                ended = false;
                at = usize::try_from(offset)
                    .unwrap_or(usize::MAX)
                    .min(data.len());
            }
            Ok(Demuxed::End) => return,
            Err(error) => given.errors.push(discriminant(&error)),
        }
    }
    panic!("the demuxer does not come to an end");
}

/// Seeks after half of the input, and reads on.
fn seek(format: Format, data: &[u8], to: i64) {
    let mut demuxer = format.demuxer();
    demuxer.set_source_len(data.len() as u64);
    let mut at = 0;
    let mut ended = false;
    let mut sought = 0;
    for _ in 0..16 * data.len() + 10_000 {
        if sought < 2 && at >= data.len() / 2 {
            sought += 1;
            // A source that cannot be searched says so and stays where it was.
            let _ = demuxer.seek(Timestamp(to * (sought - 1)));
        }
        match demuxer.next() {
            Ok(Demuxed::Need(Need::Bytes)) if at < data.len() => {
                let end = at.saturating_add(4096).min(data.len());
                demuxer.push(&data[at..end]);
                at = end;
            }
            Ok(Demuxed::Need(Need::Bytes)) => {
                assert!(!ended, "bytes are asked for behind the end");
                ended = true;
                demuxer.push_end();
            }
            Ok(Demuxed::Need(Need::Seek(offset))) => {
                ended = false;
                at = usize::try_from(offset)
                    .unwrap_or(usize::MAX)
                    .min(data.len());
            }
            Ok(Demuxed::End) => return,
            Ok(Demuxed::Tracks(_) | Demuxed::Packet(_)) | Err(_) => {}
        }
    }
    panic!("the demuxer does not come to an end after a seek");
}

fn assert_tracks(given: &Given) {
    let mut lists = given.tracks.iter().peekable();
    let mut count = 0;
    for (index, packet) in given.packets.iter().enumerate() {
        while let Some((_, tracks)) = lists.next_if(|(before, _)| *before <= index) {
            count = tracks.len();
        }
        assert!(packet.track < count, "{packet:?} of {count} tracks");
    }
}
