//! What the tests of several formats share: a driver for demuxers, the corpus, random numbers.

use std::path::PathBuf;

use media::{CodecId, MediaKind, Packet, Track};

use crate::{DemuxError, Demuxed, Demuxer, Need};

/// Everything that a demuxer gave.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Driven {
    /// Each list of tracks, with the number of packets before it.
    pub(crate) tracks: Vec<(usize, Vec<Track>)>,
    pub(crate) packets: Vec<Packet>,
    pub(crate) errors: Vec<DemuxError>,
    /// Where `Need::Seek` asked to go on.
    pub(crate) seeks: Vec<u64>,
}

/// Reads `source` to its end in pushes of at most `step` bytes.
pub(crate) fn drive(demuxer: &mut dyn Demuxer, source: &[u8], step: usize) -> Driven {
    drive_splits(demuxer, source, |_| step)
}

/// Reads `source` to its end; `step` tells from the offset how many bytes to push.
pub(crate) fn drive_splits(
    demuxer: &mut dyn Demuxer,
    source: &[u8],
    mut step: impl FnMut(usize) -> usize,
) -> Driven {
    let mut driven = Driven::default();
    let mut at = 0;
    // Each call must make progress: a packet, an error, a push or the end.
    for _ in 0..64 * source.len() + 10_000 {
        match demuxer.next() {
            Ok(Demuxed::Tracks(tracks)) => driven.tracks.push((driven.packets.len(), tracks)),
            Ok(Demuxed::Packet(packet)) => driven.packets.push(packet),
            Ok(Demuxed::Need(Need::Bytes)) if at < source.len() => {
                let end = source.len().min(at + step(at).max(1));
                demuxer.push(&source[at..end]);
                at = end;
            }
            Ok(Demuxed::Need(Need::Bytes)) => demuxer.push_end(),
            Ok(Demuxed::Need(Need::Seek(offset))) => {
                driven.seeks.push(offset);
                at = source.len().min(usize::try_from(offset).unwrap());
            }
            Ok(Demuxed::End) => return driven,
            Err(error) => driven.errors.push(error),
        }
    }
    panic!("the demuxer does not come to an end");
}

/// A file of the corpus, out of the media that ffserver had to do with.
pub(crate) fn corpus(name: &str) -> Vec<u8> {
    corpus_in("ffserver/media", name)
}

/// A file of the corpus.
#[expect(clippy::disallowed_methods, reason = "tests read the corpus")]
pub(crate) fn corpus_in(folder: &str, name: &str) -> Vec<u8> {
    let path = corpus_path(folder).join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn corpus_path(folder: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../conformance/corpus")
        .join(folder)
}

/// A packet as an independent reader lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Listed {
    pub(crate) stream: usize,
    pub(crate) pts: i64,
    pub(crate) dts: i64,
    pub(crate) size: usize,
    pub(crate) key: bool,
}

/// What ffprobe lists for a file of the corpus.
pub(crate) fn listed(name: &str) -> Vec<Listed> {
    let path = corpus_path("ffprobe").join(format!("{name}.packets"));
    let text = std::fs::read_to_string(path).unwrap();
    let line = |line: &str| {
        let fields: Vec<_> = line.split(',').collect();
        Listed {
            stream: fields[0].parse().unwrap(),
            pts: fields[1].parse().unwrap(),
            dts: fields[2].parse().unwrap(),
            size: fields[3].parse().unwrap(),
            key: fields[4].starts_with('K'),
        }
    };
    text.lines().map(line).collect()
}

/// Names the codecs and kinds of a list of tracks.
pub(crate) fn codecs(tracks: &[Track]) -> Vec<(CodecId, MediaKind)> {
    tracks
        .iter()
        .map(|track| (track.params.codec, track.params.kind()))
        .collect()
}

/// Seeded random numbers (xorshift64*).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let value = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16;
        usize::try_from(value).unwrap() % limit
    }
}

/// A copy of `source` with damage: bytes changed, cut out, or repeated.
pub(crate) fn mutated(source: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = source.to_vec();
    for _ in 0..1 + random.below(20) {
        let at = random.below(bytes.len());
        match random.below(8) {
            0 => {
                let end = bytes.len().min(at + 1 + random.below(400));
                bytes.drain(at..end);
            }
            1 => {
                let end = bytes.len().min(at + 1 + random.below(400));
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            2 => bytes[at] = 0xff,
            3 => bytes[at] = 0,
            _ => bytes[at] ^= 1 << random.below(8),
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
    bytes
}
