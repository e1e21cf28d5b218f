//! Finding the packets: 188 bytes each, or with 4 bytes of time stamp before each (192, Blu-ray and
//! AVCHD) or 16 bytes of Reed-Solomon code behind each (204, ISDB and DVB).

use crate::InputBuffer;

use super::packet::{PACKET_LEN, SYNC_BYTE};

/// Bytes from packet to packet, the usual first.
const STRIDES: [usize; 3] = [188, 192, 204];
/// Sync bytes in a row that are believed.
const CONFIRMED: usize = 3;

/// The place of the packets in the source.
#[derive(Debug, Default)]
pub(super) struct Sync {
    stride: Option<usize>,
    /// Bytes passed over since the last packet.
    lost: u64,
}

/// What stands next in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framed {
    /// A packet and its offset.
    Packet([u8; PACKET_LEN], u64),
    /// Packets were found again behind this many bytes that are none.
    Found { offset: u64, lost: u64 },
    /// Not enough bytes.
    Short,
}

impl Sync {
    /// Forgets the place: the source was left.
    pub(super) const fn reset(&mut self) {
        self.stride = None;
        self.lost = 0;
    }

    /// Takes the next packet out of `input`.
    pub(super) fn next(&mut self, input: &mut InputBuffer) -> Framed {
        let Some(stride) = self.stride else {
            return self.search(input);
        };
        let offset = input.position();
        match input.peek_array() {
            None => Framed::Short,
            Some(packet) if packet.first() == Some(&SYNC_BYTE) => {
                input.skip(stride as u64);
                Framed::Packet(packet, offset)
            }
            Some(_) => {
                self.stride = None;
                self.search(input)
            }
        }
    }

    fn search(&mut self, input: &mut InputBuffer) -> Framed {
        let bytes = input.bytes();
        let found = (0..bytes.len()).find_map(|at| {
            let rest = bytes.get(at..)?;
            let judge = |stride: &usize| judge(rest, *stride, input.ended());
            if rest.first() != Some(&SYNC_BYTE) {
                return None;
            }
            match STRIDES
                .iter()
                .find(|stride| judge(stride) == Judgement::Packets)
            {
                Some(stride) => Some((at, Some(*stride))),
                None if STRIDES
                    .iter()
                    .any(|stride| judge(stride) == Judgement::Open) =>
                {
                    Some((at, None))
                }
                None => None,
            }
        });
        let (at, stride) = found.unwrap_or((bytes.len(), None));
        input.skip(at as u64);
        self.lost += at as u64;
        self.stride = stride;
        match (stride, std::mem::take(&mut self.lost)) {
            (None, lost) => {
                self.lost = lost;
                Framed::Short
            }
            (Some(_), lost) => Framed::Found {
                offset: input.position(),
                lost,
            },
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Judgement {
    Packets,
    /// Right so far, but more has to be seen.
    Open,
    No,
}

/// Judges whether packets of this stride start with `bytes`. At the end of the source a whole packet
/// is enough.
fn judge(bytes: &[u8], stride: usize, ended: bool) -> Judgement {
    let marks = bytes.iter().step_by(stride).take(CONFIRMED);
    let (mut seen, mut right) = (0, 0);
    for byte in marks {
        seen += 1;
        right += usize::from(*byte == SYNC_BYTE);
    }
    if right < seen {
        Judgement::No
    } else if seen == CONFIRMED || ended && bytes.len() >= PACKET_LEN {
        Judgement::Packets
    } else {
        Judgement::Open
    }
}

/// Whether a file starts with packets; looks at as many as are believed.
pub(super) fn probe(prefix: &[u8]) -> bool {
    STRIDES.iter().any(|stride| {
        let start = if *stride == 192 { 4 } else { 0 };
        let marks = prefix
            .get(start..)
            .unwrap_or_default()
            .iter()
            .step_by(*stride);
        let marks: Vec<_> = marks.take(CONFIRMED).collect();
        marks.iter().all(|byte| **byte == SYNC_BYTE)
            && (marks.len() == CONFIRMED || !marks.is_empty() && prefix.len() == PACKET_LEN)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packets with a number each, `before` and `behind` them filler.
    fn stream(count: u8, before: usize, behind: usize) -> Vec<u8> {
        let packet = |number| {
            let mut packet = vec![0x11; before];
            packet.push(SYNC_BYTE);
            packet.resize(before + PACKET_LEN, number);
            packet.resize(before + PACKET_LEN + behind, 0x22);
            packet
        };
        (0..count).flat_map(packet).collect()
    }

    /// Numbers of the packets found, bytes lost.
    fn read(bytes: &[u8], step: usize) -> (Vec<u8>, Vec<u64>) {
        let (mut sync, mut input) = (Sync::default(), InputBuffer::new());
        let (mut numbers, mut lost_each) = (Vec::new(), Vec::new());
        let mut chunks = bytes.chunks(step);
        loop {
            match sync.next(&mut input) {
                Framed::Packet(packet, _) => numbers.push(packet[1]),
                Framed::Found { lost, .. } => lost_each.push(lost),
                Framed::Short => match chunks.next() {
                    Some(chunk) => input.push(chunk),
                    None if input.ended() => return (numbers, lost_each),
                    None => input.push_end(),
                },
            }
        }
    }

    #[test]
    fn packets_of_all_strides_are_found_in_any_split() {
        for (before, behind) in [(0, 0), (4, 0), (0, 16)] {
            let bytes = stream(9, before, behind);
            for step in [1, 3, 188, 1000, 5000] {
                let want = ((0..9).collect(), vec![before as u64]);
                assert_eq!(read(&bytes, step), want, "{before} {behind} in {step}");
            }
            let bytes = stream(1, before, 0);
            assert_eq!(read(&bytes, 1).0, [0], "one packet alone");
        }
    }

    #[test]
    fn damage_costs_the_packets_it_hits() {
        let whole = stream(20, 0, 0);
        let mut cut = whole.clone();
        cut.drain(8 * 188 + 50..8 * 188 + 60);
        assert_eq!(
            read(&cut, 700),
            (
                [(0..9).collect::<Vec<_>>(), (10..20).collect()].concat(),
                vec![0, 178]
            )
        );
        let mut with_junk = whole.clone();
        with_junk.splice(8 * 188..8 * 188, [SYNC_BYTE; 100]);
        let (numbers, lost) = read(&with_junk, 700);
        assert_eq!((numbers.last(), lost.len()), (Some(&19), 2));
        let mut junk = vec![0x47, 0, 0x47, 1];
        junk.extend(&whole);
        assert_eq!(read(&junk, 9), ((0..20).collect(), vec![4]));
    }

    #[test]
    fn nothing_is_found_in_noise_and_no_memory_kept() {
        let mut random = crate::testing::Random(3);
        let noise: Vec<u8> = (0..50_000)
            .map(|_| u8::try_from(random.below(256)).unwrap())
            .collect();
        let (mut sync, mut input) = (Sync::default(), InputBuffer::new());
        for chunk in noise.chunks(1000) {
            input.push(chunk);
            assert_eq!(sync.next(&mut input), Framed::Short);
            assert!(input.bytes().len() <= 2 * 204 + 1);
        }
    }

    #[test]
    fn probe_wants_three_packets_or_one_alone() {
        for (before, behind) in [(0, 0), (4, 0), (0, 16)] {
            assert!(probe(&stream(4, before, behind)));
        }
        assert!(probe(&stream(1, 0, 0)));
        let mut other = stream(4, 0, 0);
        other[376] = 0;
        assert!(!probe(&other));
        assert!(!probe(&[]));
        assert!(!probe(b"G"));
    }
}
