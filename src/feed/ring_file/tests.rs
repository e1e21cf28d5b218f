use bytes::Bytes;
use formats::ffm::{FfmDemuxer, PAYLOAD_SIZE};
use formats::{DemuxError, Demuxed, Demuxer, Need};
use media::{
    AudioParameters, CodecId, CodecParameters, FrameRate, MediaParameters, VideoParameters,
};

use super::*;
use crate::feed::store::MemoryStorage;
use crate::feed::store::faulty::{Fate, FaultyStorage, Op, replay, tears};

fn tracks() -> Vec<Track> {
    let track = |codec, config: &'static [u8], media| Track {
        time_base: TimeBase::MICROS,
        params: CodecParameters {
            codec,
            bit_rate_bps: Some(500_000),
            config: Bytes::from_static(config),
            media,
        },
    };
    let video = VideoParameters {
        width_px: 640,
        height_px: 480,
        frame_rate: FrameRate::new(25, 1),
    };
    let audio = AudioParameters {
        sample_rate_hz: 44_100,
        channels: 1,
    };
    vec![
        track(CodecId::Mjpeg, &[], MediaParameters::Video(video)),
        track(CodecId::Aac, &[0x12, 0x08], MediaParameters::Audio(audio)),
    ]
}

/// Seeded numbers (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// 2026-11-22, as microseconds since 1970.
const START_US: i64 = 1_795_300_000_000_000;

fn packet(index: usize, len: usize, random: &mut Random) -> Packet {
    let track = usize::from(index % 3 == 2);
    let time = Timestamp(START_US + i64::try_from(index).unwrap() * 20_000);
    Packet {
        track,
        pts: time,
        dts: time,
        duration: 20_000,
        key: track == 1 || index.is_multiple_of(12),
        discontinuity: false,
        data: (0..len)
            .map(|_| u8::try_from(random.below(256)).unwrap())
            .collect(),
    }
}

/// Packets of sizes that meet block borders in all ways.
fn packets(count: usize, seed: u64) -> Vec<Packet> {
    let mut random = Random(seed);
    (0..count)
        .map(|index| {
            let limit = [10, 300, 2500, 9000][index % 4];
            let len = usize::try_from(random.below(limit)).unwrap();
            packet(index, len, &mut random)
        })
        .collect()
}

fn options(max_size_bytes: u64, sync: SyncPolicy) -> RingOptions {
    RingOptions {
        max_size_bytes: Some(max_size_bytes),
        sync,
    }
}

fn ring_of<S: Storage>(storage: S, max_size_bytes: u64) -> RingFile<S> {
    let options = options(max_size_bytes, SyncPolicy::SessionEnd);
    RingFile::open(storage, options, Some(&tracks())).unwrap().0
}

fn read_from<S: Storage>(ring: &RingFile<S>, mut cursor: RingCursor) -> Vec<Packet> {
    let mut packets = Vec::new();
    loop {
        match ring.read(&mut cursor).unwrap() {
            RingRead::Packet(packet) => packets.push(packet),
            RingRead::CaughtUp => return packets,
            RingRead::Lapped { .. } => panic!("nobody writes"),
        }
    }
}

fn read_all<S: Storage>(ring: &RingFile<S>) -> Vec<Packet> {
    read_from(ring, ring.rewind())
}

fn without_breaks(packets: &[Packet]) -> Vec<Packet> {
    let packets = packets.iter().cloned();
    packets
        .map(|packet| Packet {
            discontinuity: false,
            ..packet
        })
        .collect()
}

/// What a reader of FFM2 that knows nothing of seals gets. It may meet frames that a crash or the
/// end of a session has left open.
fn read_plainly(bytes: &[u8]) -> Vec<Packet> {
    let mut demuxer = FfmDemuxer::new();
    let mut packets = Vec::new();
    demuxer.push(bytes);
    demuxer.push_end();
    loop {
        let demuxed = match demuxer.next() {
            Ok(demuxed) => demuxed,
            Err(DemuxError::Truncated {
                what: "a frame", ..
            }) => continue,
            Err(DemuxError::Malformed { reason, .. }) if reason.contains("a session begins") => {
                continue;
            }
            Err(error) => panic!("{error}"),
        };
        match demuxed {
            Demuxed::Tracks(found) => assert_eq!(found.len(), 2),
            Demuxed::Packet(packet) => packets.push(packet),
            Demuxed::Need(Need::Seek(offset)) => {
                let offset = usize::try_from(offset).unwrap();
                demuxer.push(bytes.get(offset..).unwrap_or_default());
                demuxer.push_end();
            }
            Demuxed::Need(Need::Bytes) => panic!("all bytes are there"),
            Demuxed::End => return packets,
        }
    }
}

#[test]
fn packets_are_there_at_once_and_after_opening_again() {
    let sent = packets(60, 1);
    let mut ring = ring_of(MemoryStorage::default(), 1 << 20);
    for (index, packet) in sent.iter().enumerate() {
        ring.append(packet).unwrap();
        assert_eq!(read_all(&ring), sent[..=index]);
        assert_eq!(read_plainly(ring.storage().bytes()), sent[..=index]);
    }
    let (again, opened) = RingFile::open(
        ring.into_storage(),
        options(1 << 20, SyncPolicy::SessionEnd),
        Some(&tracks()),
    )
    .unwrap();
    let want = Opened {
        frames: 60,
        ..Opened::default()
    };
    assert_eq!(opened, want);
    assert_eq!(read_all(&again), sent);
    assert_eq!(again.tracks(), tracks());
}

#[test]
fn ring_goes_round_and_keeps_the_newest() {
    let sent = packets(400, 2);
    let mut ring = ring_of(MemoryStorage::default(), 65_536);
    for (index, packet) in sent.iter().enumerate() {
        ring.append(packet).unwrap();
        let kept = read_all(&ring);
        assert_eq!(
            kept,
            sent[index + 1 - kept.len()..=index],
            "after packet {index}"
        );
        assert!(ring.storage().bytes().len() <= 65_536);
    }
    let kept = read_all(&ring);
    let bytes: usize = kept.iter().map(|packet| packet.data.len() + 16).sum();
    assert!(bytes > 65_536 - 4096 * 4, "{bytes} bytes are kept");
    assert_eq!(read_plainly(ring.storage().bytes()), kept);

    let keys = ring.span(0).unwrap();
    let bytes = ring.into_storage();
    let again = ring_of(bytes, 65_536);
    assert_eq!(read_all(&again), kept);
    assert_eq!(again.span(0), Some(keys), "the index is rebuilt");
}

#[test]
fn sessions_follow_each_other() {
    let sent = packets(40, 3);
    let mut storage = MemoryStorage::default();
    let mut want = Vec::new();
    for (session, chunk) in sent.chunks(10).enumerate() {
        let mut ring = ring_of(storage, 1 << 20);
        for (index, packet) in chunk.iter().enumerate() {
            ring.append(packet).unwrap();
            let discontinuity = session > 0 && index == 0;
            want.push(Packet {
                discontinuity,
                ..packet.clone()
            });
        }
        ring.end_session().unwrap();
        assert_eq!(read_all(&ring), want);
        assert_eq!(read_plainly(ring.storage().bytes()), want);
        storage = ring.into_storage();
    }
    // Every session begins a block, with the flag of its own.
    let flags = storage.bytes()[BLOCK_SIZE..].chunks(BLOCK_SIZE);
    assert_eq!(flags.filter(|block| block[12] & 0x80 != 0).count(), 4);
}

#[test]
fn ring_of_a_camera_is_dense() {
    // 25 frames a second, 500 kbit/s, a key frame five times as large each second.
    let mut random = Random(4);
    let mut ring = ring_of(MemoryStorage::default(), 5 << 20);
    for index in 0..4000 {
        let average = 500_000 / 8 / 25;
        let len = if index % 25 == 0 {
            average * 5
        } else {
            average * 20 / 24
        };
        let mut packet = packet(index, len, &mut random);
        packet.track = 0;
        packet.dts = Timestamp(START_US + i64::try_from(index).unwrap() * 40_000);
        packet.pts = packet.dts;
        packet.key = index % 25 == 0;
        ring.append(&packet).unwrap();
    }
    let kept = read_all(&ring);
    let span_us = kept.last().unwrap().dts.since(kept[0].dts);
    // Blocks without seals, packed without gaps, hold 4082 bytes each.
    let dense: usize = ((5 << 20) / BLOCK_SIZE - 1) * PAYLOAD_SIZE;
    let mean = kept
        .iter()
        .map(|packet| packet.data.len() + 16)
        .sum::<usize>()
        / kept.len();
    let dense_us = i64::try_from(dense / mean).unwrap() * 40_000;
    let percent = span_us * 100 / dense_us;
    assert!(percent >= 95, "{percent} % of densely packed data");
}

#[test]
fn cursor_starts_at_the_key_frame_before_and_follows() {
    let sent = packets(120, 5);
    let mut ring = ring_of(MemoryStorage::default(), 1 << 20);
    for packet in &sent[..100] {
        ring.append(packet).unwrap();
    }
    // Video key frames: packets 0, 12, 24, ...
    for (name, at, first) in [
        ("between two", 30, 24),
        ("on one", 36, 36),
        ("before all", -5, 0),
        ("after all", 1000, 96),
    ] {
        let to = Timestamp(START_US + at * 20_000);
        let found = read_from(&ring, ring.seek(to, 0));
        assert_eq!(found, sent[first..100], "{name}");
    }
    let mut cursor = ring.seek(Timestamp(i64::MAX), 0);
    while ring.read(&mut cursor).unwrap() != RingRead::CaughtUp {}
    for packet in &sent[100..] {
        assert_eq!(ring.read(&mut cursor).unwrap(), RingRead::CaughtUp);
        ring.append(packet).unwrap();
        assert_eq!(
            ring.read(&mut cursor).unwrap(),
            RingRead::Packet(packet.clone())
        );
    }
}

#[test]
fn lapped_cursor_is_told_and_goes_on_at_the_oldest_key_frame() {
    let sent = packets(300, 6);
    let mut ring = ring_of(MemoryStorage::default(), 65_536);
    for packet in &sent[..20] {
        ring.append(packet).unwrap();
    }
    let mut cursor = ring.rewind();
    assert!(matches!(ring.read(&mut cursor), Ok(RingRead::Packet(_))));
    for packet in &sent[20..] {
        ring.append(packet).unwrap();
    }
    // What was read ahead of the lap still comes.
    let lapped = loop {
        match ring.read(&mut cursor).unwrap() {
            RingRead::Packet(packet) => assert!(sent[..20].contains(&packet)),
            other => break other,
        }
    };
    assert!(
        matches!(lapped, RingRead::Lapped { blocks: 10.. }),
        "{lapped:?}"
    );
    let RingRead::Packet(first) = ring.read(&mut cursor).unwrap() else {
        panic!("there are packets");
    };
    assert!(first.key && first.track == 0 && first.discontinuity);
    assert_eq!(Some(first.dts), ring.span(0).map(|(oldest, _)| oldest));
    let rest = read_from(&ring, cursor);
    assert_eq!(rest, sent[300 - rest.len()..]);
}

#[test]
fn ring_is_kept_if_and_only_if_the_tracks_are_the_same() {
    let mut ring = ring_of(MemoryStorage::default(), 65_536);
    for packet in packets(10, 7) {
        ring.append(&packet).unwrap();
    }
    let stored = ring.into_storage();
    let with = |change: &dyn Fn(&mut Vec<Track>)| {
        let mut tracks = tracks();
        change(&mut tracks);
        tracks
    };
    let size = |tracks: &mut Vec<Track>| {
        if let MediaParameters::Video(video) = &mut tracks[0].params.media {
            video.width_px = 320;
        }
    };
    for (name, tracks, want) in [
        ("same", tracks(), None),
        (
            "other bit rate",
            with(&|tracks| tracks[0].params.bit_rate_bps = None),
            None,
        ),
        (
            "other codec",
            with(&|tracks| tracks[0].params.codec = CodecId::H264),
            Some("track 0 is mjpeg in it, not h264"),
        ),
        (
            "other size",
            with(&size),
            Some("track 0 has another size or rate in it"),
        ),
        (
            "other configuration",
            with(&|tracks| tracks[1].params.config = Bytes::from_static(&[0x11, 0x90])),
            Some("track 1 has another configuration in it"),
        ),
        (
            "fewer tracks",
            with(&|tracks| tracks.truncate(1)),
            Some("it has 2 tracks, not 1"),
        ),
    ] {
        let options = options(65_536, SyncPolicy::Never);
        let (ring, opened) = RingFile::open(stored.clone(), options, Some(&tracks)).unwrap();
        let reason = opened.anew.map(|anew| anew.to_string());
        assert_eq!(reason.as_deref(), want, "{name}");
        let kept = if want.is_none() { 10 } else { 0 };
        assert_eq!(
            (opened.frames, read_all(&ring).len()),
            (kept, kept as usize),
            "{name}"
        );

        let (mut ring, _) = RingFile::open(stored.clone(), options, None).unwrap();
        assert_eq!(read_all(&ring).len(), 10, "{name}");
        let anew = ring
            .set_tracks(&tracks)
            .unwrap()
            .map(|anew| anew.to_string());
        assert_eq!(anew.as_deref(), want, "{name}");
    }
}

#[test]
fn files_that_are_no_ring_of_ours_start_anew() {
    let recorded = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/conformance/corpus/ffserver/ffm2/ring64K_wrapped.ffm"
    );
    let mut ours = ring_of(MemoryStorage::default(), 65_536)
        .into_storage()
        .bytes()
        .to_vec();
    ours[300] ^= 1;
    for (name, bytes, want) in [
        ("empty", Vec::new(), Anew::Empty),
        (
            "ring of ffserver",
            std::fs::read(recorded).unwrap(),
            Anew::Foreign,
        ),
        ("text", vec![b'a'; 9000], Anew::Foreign),
        ("cut header", ours[..100].to_vec(), Anew::HeaderDamaged),
        ("changed header", ours, Anew::HeaderDamaged),
    ] {
        let options = options(65_536, SyncPolicy::Never);
        let storage = MemoryStorage::new(bytes);
        let (mut ring, opened) = RingFile::open(storage, options, Some(&tracks())).unwrap();
        assert_eq!(opened.anew, Some(want), "{name}");
        ring.append(&packets(1, 8)[0]).unwrap();
        assert_eq!(read_all(&ring).len(), 1, "{name}");
    }
}

#[test]
fn size_limits() {
    for (size, allowed) in [(16_383, false), (16_384, true)] {
        let options = options(size, SyncPolicy::Never);
        let ring = RingFile::open(MemoryStorage::default(), options, Some(&tracks()));
        assert_eq!(ring.is_ok(), allowed, "{size} bytes");
    }
    let mut ring = ring_of(MemoryStorage::default(), 16_384);
    let mut random = Random(9);
    for (len, fits) in [(4056 * 2 - 1, true), (4056 * 2, false), (100, true)] {
        let appended = ring.append(&packet(0, len, &mut random));
        assert_eq!(appended.is_ok(), fits, "{len} bytes: {appended:?}");
    }
}

#[test]
fn another_size_keeps_what_fits() {
    let mut ring = ring_of(MemoryStorage::default(), 65_536);
    for packet in &packets(400, 10) {
        ring.append(packet).unwrap();
        // In the middle of a later lap.
        if ring.layout.newest() > 30 && ring.layout.offset(ring.layout.newest()) == 8 * 4096 {
            break;
        }
    }
    let kept = read_all(&ring);
    let newest = ring.layout.newest();
    let slot = ring.layout.offset(newest);
    let stored = ring.into_storage();
    for (name, size, anew) in [
        ("larger", 131_072, false),
        ("smaller, newest inside", slot + 4096, false),
        ("smaller, newest outside", slot, true),
    ] {
        let size = size.max(MIN_SIZE_BYTES);
        let options = options(size, SyncPolicy::Never);
        let (mut ring, opened) = RingFile::open(stored.clone(), options, Some(&tracks())).unwrap();
        assert_eq!(opened.anew.is_some(), anew, "{name}: {opened:?}");
        let found = read_all(&ring);
        assert_eq!(found, kept[kept.len() - found.len()..], "{name}");
        for packet in packets(100, 11)
            .iter()
            .filter(|packet| packet.data.len() < 3000)
        {
            ring.append(packet).unwrap();
            assert!(
                ring.storage().bytes().len() as u64 <= size.next_multiple_of(4096),
                "{name}"
            );
        }
        let all = read_all(&ring);
        let reopened = ring_of(ring.into_storage(), size);
        assert_eq!(read_all(&reopened), all, "{name}");
    }
}

#[test]
fn full_disk_stops_the_ring_until_there_is_room() {
    let sent = packets(60, 12);
    let mut ring = ring_of(FaultyStorage::new(Vec::new()), 1 << 20);
    ring.storage.capacity = Some(50_000);
    let taken = sent
        .iter()
        .take_while(|packet| ring.append(packet).is_ok())
        .count();
    assert!((5..55).contains(&taken), "{taken}");
    assert!(matches!(ring.append(&sent[taken]), Err(RingError::Failed)));
    ring.storage.capacity = None;
    let opened = ring.recover().unwrap();
    assert_eq!(opened.frames, taken as u64);
    ring.append(&sent[taken + 1]).unwrap();
    let mut want = sent[..taken].to_vec();
    want.push(sent[taken + 1].clone());
    assert_eq!(without_breaks(&read_all(&ring)), want);
}

/// A block and a place in it.
type Place = (u64, usize);

/// A run of a ring on a logging storage: what was sent, and where each packet lies.
struct History {
    ops: Vec<Op>,
    /// Packets in order, with the blocks and places where they start and end.
    sent: Vec<(Packet, Place, Place)>,
    /// Length of the log when each packet was on its way.
    logged: Vec<usize>,
}

fn history(sync: SyncPolicy, seed: u64) -> History {
    let mut storage = FaultyStorage::default();
    let mut history = History {
        ops: Vec::new(),
        sent: Vec::new(),
        logged: Vec::new(),
    };
    for (session, chunk) in packets(48, seed).chunks(16).enumerate() {
        let options = options(40_000, sync);
        let (mut ring, opened) = RingFile::open(storage, options, Some(&tracks())).unwrap();
        assert_eq!(opened.anew.is_some(), session == 0);
        for packet in chunk {
            let start = match ring.packer.partial_end() {
                end if end > 0 && ring.in_session => (ring.layout.newest(), end),
                _ => (ring.layout.newest() + 1, BlockHeader::LEN),
            };
            ring.append(packet).unwrap();
            let end = (ring.layout.newest(), ring.head_end);
            history.sent.push((packet.clone(), start, end));
            history.logged.push(ring.storage.log.len());
        }
        ring.end_session().unwrap();
        storage = ring.into_storage();
    }
    history.ops = storage.log;
    history
}

/// The blocks that a medium holds as the model has it: for each slot the block last written whole,
/// with where its frames end. Nothing of the ring's code but the seal of a whole block is used.
#[derive(Default, Clone)]
struct Model {
    header: bool,
    synced: u64,
    slots: Vec<Option<(u64, usize, u16)>>,
}

impl Model {
    fn apply(&mut self, op: &Op, fate: Fate, id: u64) {
        match (op, fate) {
            (_, Fate::Lost) | (Op::Sync, _) => {}
            (Op::SetLen(len), _) => {
                let blocks = usize::try_from(len.div_ceil(4096)).unwrap();
                self.header &= blocks > 0;
                self.slots.resize(blocks.saturating_sub(1), None);
            }
            (Op::Write { offset, bytes }, fate) => {
                let done = match fate {
                    Fate::Torn(len) => len,
                    _ => bytes.len(),
                };
                let first = usize::try_from(*offset).unwrap() / BLOCK_SIZE;
                if first == 0 {
                    self.header |= done == BLOCK_SIZE;
                    if let Some((synced, [_, _, _, _])) = bytes.split_first_chunk::<8>()
                        && *offset > 16
                    {
                        self.synced = u64::from_be_bytes(*synced);
                    }
                    return;
                }
                if bytes.len() < BLOCK_SIZE {
                    return; // the header of a block that is mended: its frames stay
                }
                let (blocks, _) = bytes.as_chunks::<BLOCK_SIZE>();
                for (index, block) in blocks.iter().enumerate() {
                    let slot = first - 1 + index;
                    if self.slots.len() <= slot && index * BLOCK_SIZE < done {
                        self.slots.resize(slot + 1, None);
                    }
                    let sealed = Seal::check(id, block);
                    let new = sealed.map(|sealed| (sealed.sequence, sealed.end, sealed.last_end));
                    if (index + 1) * BLOCK_SIZE <= done {
                        self.slots[slot] = new;
                    } else if index * BLOCK_SIZE < done {
                        // A part of it: over an older version the frames of that one stay.
                        let sequence = |slot: Option<(u64, usize, u16)>| slot.map(|slot| slot.0);
                        if sequence(self.slots[slot]) != sequence(new) {
                            self.slots[slot] = None;
                        }
                    }
                }
            }
        }
    }

    /// First and last place of the blocks before the damage. What was there at the last sync that
    /// the header tells of is whole; without word of one, what is oldest is.
    fn span(&self) -> Option<(u64, (u64, usize))> {
        let blocks = || self.slots.iter().flatten();
        let newest = blocks().map(|block| block.0).max()?;
        let lap = self.slots.len() as u64;
        let living = || blocks().filter(|block| block.0 + lap > newest);
        let synced = living().find(|block| block.0 == self.synced);
        let mut first = *synced.or_else(|| living().min_by_key(|block| block.0))?;
        let mut last = first;
        let connected = |one: &(u64, usize, u16), next: &(u64, usize, u16)| {
            next.0 == one.0 + 1 && usize::from(next.2) == one.1
        };
        while let Some(before) = living().find(|block| connected(block, &first)) {
            first = *before;
        }
        while let Some(next) = living().find(|block| connected(&last, block)) {
            last = *next;
        }
        Some((first.0, (last.0, last.1)))
    }
}

/// Opens what a crash left and compares with the model; returns the number of packets kept.
fn check_crash(history: &History, medium: Vec<u8>, model: &Model, what: &str) -> usize {
    let options = options(40_000, SyncPolicy::Never);
    let storage = MemoryStorage::new(medium);
    let (mut ring, _) = RingFile::open(storage, options, Some(&tracks()))
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    let found = read_all(&ring);
    let span = model.span().filter(|_| model.header);
    let inside = |(_, start, end): &&(Packet, (u64, usize), (u64, usize))| {
        span.is_some_and(|(first, last)| start.0 >= first && *end <= last)
    };
    let want: Vec<_> = history
        .sent
        .iter()
        .filter(inside)
        .map(|sent| sent.0.clone())
        .collect();
    assert_eq!(without_breaks(&found), want, "{what}");
    assert_eq!(
        without_breaks(&read_plainly(ring.storage().bytes())),
        want,
        "{what}: plainly"
    );

    // It goes on from there.
    let next = packet(1, 3000, &mut Random(99));
    ring.append(&next).unwrap();
    let again = ring_of(ring.into_storage(), 40_000);
    let found = read_all(&again);
    assert_eq!(
        found.last().map(|packet| &packet.data),
        Some(&next.data),
        "{what}"
    );
    want.len()
}

#[test]
fn every_prefix_of_the_log_with_any_lost_or_torn_write_keeps_what_came_before() {
    let interval = SyncPolicy::Every(Duration::from_millis(150));
    for (name, sync, seed) in [
        ("no syncs", SyncPolicy::Never, 21),
        ("syncs at session ends", SyncPolicy::SessionEnd, 22),
        ("syncs at intervals", interval, 23),
    ] {
        let history = history(sync, seed);
        let ops = &history.ops;
        let id = ops.iter().find_map(|op| match op {
            Op::Write { offset: 0, bytes } => {
                RingHeader::parse(bytes.as_slice().try_into().unwrap()).ok()
            }
            _ => None,
        });
        let id = id.unwrap().id;
        let mut cases = 0;
        let mut random = Random(seed);
        for prefix in 0..=ops.len() {
            let synced = ops[..prefix]
                .iter()
                .rposition(|op| *op == Op::Sync)
                .unwrap_or(0);
            let mut fates = vec![Vec::new()];
            let unsynced = || (synced..prefix).zip(&ops[synced..prefix]);
            for (index, op) in unsynced() {
                fates.push(vec![(index, Fate::Lost)]);
                let torn = tears(op).into_iter().map(|len| (index, Fate::Torn(len)));
                fates.extend(torn.map(|fate| vec![fate]));
            }
            // Besides, several at once.
            for _ in 0..20 {
                let mut several = Vec::new();
                for (index, op) in unsynced() {
                    let tears = tears(op);
                    let choice = usize::try_from(random.below(3 * (tears.len() as u64 + 1)));
                    match choice.unwrap() {
                        0 => several.push((index, Fate::Lost)),
                        n if n <= tears.len() => several.push((index, Fate::Torn(tears[n - 1]))),
                        _ => {}
                    }
                }
                fates.push(several);
            }
            for damaged in fates {
                let fate_of = |index| {
                    let found = damaged.iter().find(|(damaged, _)| *damaged == index);
                    found.map_or(Fate::Done, |(_, fate)| *fate)
                };
                let all = || ops[..prefix].iter().enumerate();
                let medium = replay(&[], all().map(|(index, op)| (op, fate_of(index))));
                let mut model = Model::default();
                for (index, op) in all() {
                    model.apply(op, fate_of(index), id);
                }
                let what = format!("{name}: {prefix} operations, {damaged:?}");
                let kept = check_crash(&history, medium, &model, &what);
                if damaged.is_empty() {
                    // Nothing is lost but what was on its way.
                    let arrived = history.logged.iter().filter(|len| **len <= prefix).count();
                    let newest = history.sent[..arrived].last().filter(|_| kept > 0);
                    assert!(newest.is_some() || arrived == 0, "{what}");
                }
                cases += 1;
            }
        }
        println!("{name}: {} operations, {cases} crashes", ops.len());
        assert!(cases > 500, "{name}: {cases} crashes");
    }
}
