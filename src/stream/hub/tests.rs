use media::{CodecId, CodecParameters, MediaParameters, TimeBase, VideoParameters};

use super::*;

/// Multipart JPEG shows its packets in plain bytes, and every one of them is told apart by its data.
fn tracks(width_px: u32) -> Vec<Track> {
    let video = VideoParameters {
        width_px,
        height_px: 8,
        frame_rate: None,
    };
    vec![Track {
        time_base: TimeBase::MICROS,
        params: CodecParameters {
            codec: CodecId::Mjpeg,
            bit_rate_bps: None,
            config: Bytes::new(),
            media: MediaParameters::Video(video),
        },
    }]
}

fn packet(frame: i64, key: bool) -> Packet {
    Packet {
        track: 0,
        pts: Timestamp(frame * 40_000),
        dts: Timestamp(frame * 40_000),
        duration: 40_000,
        key,
        discontinuity: false,
        data: [
            &b"\xff\xd8"[..],
            format!("frame {frame}.").as_bytes(),
            b"\xff\xd9",
        ]
        .concat()
        .into(),
    }
}

/// A hub with frames `0..frames`, a key frame every ten.
fn hub_with(frames: i64) -> Hub {
    let hub = Hub::new(Format::MpJpeg, Duration::ZERO, "idle");
    hub.begin(&tracks(16), Timestamp::ZERO).unwrap();
    for frame in 0..frames {
        hub.push(&packet(frame, frame % 10 == 0)).unwrap();
    }
    hub
}

/// The frame numbers in what a cursor reads until it has to wait.
fn frames(hub: &Hub, cursor: &mut Cursor) -> (Vec<i64>, u64, Option<Arc<str>>) {
    let (mut chunks, mut lost) = (Vec::new(), 0);
    let end = loop {
        match hub.read(cursor, &mut chunks) {
            Read::Chunks { skipped } => lost += skipped,
            Read::Wait => break None,
            Read::Ended(reason) => break Some(reason),
        }
    };
    let text = String::from_utf8_lossy(&chunks.concat()).into_owned();
    let numbers = text.split("frame ").skip(1).filter_map(|rest| {
        rest.split('.')
            .next()
            .and_then(|number| number.parse().ok())
    });
    (numbers.collect(), lost, end)
}

#[test]
fn a_viewer_starts_at_the_newest_key_frame_already_here() {
    for (have, want) in [(1, 0), (10, 0), (11, 10), (15, 10), (20, 10)] {
        let hub = hub_with(have);
        let (_, mut cursor) = hub.join(Duration::ZERO).unwrap();
        let (got, lost, end) = frames(&hub, &mut cursor);
        assert_eq!(got, (want..have).collect::<Vec<_>>(), "{have} frames");
        assert_eq!((lost, end), (0, None));
    }
}

#[test]
fn a_viewer_can_start_further_back() {
    let hub = hub_with(100);
    for (back_ms, want) in [(0, 90), (360, 90), (361, 80), (1_000, 70), (3_600_000, 0)] {
        let (_, mut cursor) = hub.join(Duration::from_millis(back_ms)).unwrap();
        assert_eq!(
            frames(&hub, &mut cursor).0.first(),
            Some(&want),
            "{back_ms} ms"
        );
    }
}

#[test]
fn packets_before_the_first_key_frame_are_no_start() {
    let hub = Hub::new(Format::MpJpeg, Duration::ZERO, "idle");
    assert_eq!(&*hub.join(Duration::ZERO).unwrap_err(), "idle");
    hub.begin(&tracks(16), Timestamp::ZERO).unwrap();
    hub.push(&packet(0, false)).unwrap();
    assert_eq!(
        &*hub.join(Duration::ZERO).unwrap_err(),
        "waiting for a key frame"
    );
    hub.push(&packet(1, true)).unwrap();
    let (_, mut cursor) = hub.join(Duration::ZERO).unwrap();
    assert_eq!(frames(&hub, &mut cursor).0, [1]);
}

#[test]
fn an_overtaken_viewer_resumes_at_the_newest_key_frame() {
    let hub = hub_with(1);
    let (_, mut cursor) = hub.join(Duration::ZERO).unwrap();
    for frame in 1..1005 {
        hub.push(&packet(frame, frame % 10 == 0)).unwrap();
    }
    let (got, lost, _) = frames(&hub, &mut cursor);
    assert_eq!(got, (1000..1005).collect::<Vec<_>>());
    assert_eq!(lost, 1000);
}

#[test]
fn what_is_kept_is_the_window_and_whole() {
    let hub = hub_with(2000);
    let state = hub.lock();
    let kept = state.chunks.len() as i64;
    let window = i64::try_from(LAG_WINDOW.as_micros()).unwrap() / 40_000;
    assert!((window..=window + 10).contains(&kept), "{kept} chunks");
    assert_eq!(
        state.bytes,
        state
            .chunks
            .iter()
            .map(|chunk| chunk.bytes.len())
            .sum::<usize>()
    );
}

#[test]
fn memory_is_bounded_without_key_frames_too() {
    let hub = Hub::new(Format::MpJpeg, Duration::ZERO, "idle");
    hub.begin(&tracks(16), Timestamp::ZERO).unwrap();
    let data = Bytes::from([&b"\xff\xd8"[..], &[0; 1 << 20], b"\xff\xd9"].concat());
    for frame in 0..100 {
        hub.push(&Packet {
            data: data.clone(),
            ..packet(frame, frame == 0)
        })
        .unwrap();
    }
    assert!(hub.lock().bytes <= MAX_BYTES);
}

#[test]
fn a_feeder_that_comes_back_the_same_keeps_its_viewers() {
    let hub = hub_with(5);
    let (_, mut cursor) = hub.join(Duration::ZERO).unwrap();
    hub.begin(&tracks(16), Timestamp(400_000)).unwrap();
    hub.push(&packet(11, false)).unwrap();
    hub.push(&packet(12, true)).unwrap();
    assert_eq!(
        frames(&hub, &mut cursor),
        ((0..5).chain([12]).collect(), 0, None)
    );
}

#[test]
fn new_parameters_end_what_cannot_change_and_new_viewers_get_the_new() {
    let hub = Hub::new(Format::Avi, Duration::ZERO, "idle");
    hub.begin(&tracks(16), Timestamp::ZERO).unwrap();
    hub.push(&packet(0, true)).unwrap();
    let (old_header, mut old) = hub.join(Duration::ZERO).unwrap();
    hub.begin(&tracks(32), Timestamp(40_000)).unwrap();
    hub.push(&packet(1, true)).unwrap();
    let (got, _, end) = frames(&hub, &mut old);
    assert_eq!(got, [0]);
    assert_eq!(
        end.as_deref(),
        Some("the feeder came back with other parameters")
    );
    let (header, mut new) = hub.join(Duration::ZERO).unwrap();
    assert_ne!(header, old_header);
    assert_eq!(frames(&hub, &mut new), (vec![1], 0, None));
}

#[test]
fn the_end_is_told_with_its_reason_and_a_new_start_is_possible() {
    let hub = hub_with(3);
    let (_, mut cursor) = hub.join(Duration::ZERO).unwrap();
    hub.end("gone");
    let (got, _, end) = frames(&hub, &mut cursor);
    assert_eq!((got, end.as_deref()), (vec![0, 1, 2], Some("gone")));
    assert_eq!(&*hub.join(Duration::ZERO).unwrap_err(), "gone");
    hub.begin(&tracks(16), Timestamp(200_000)).unwrap();
    hub.push(&packet(7, true)).unwrap();
    assert!(hub.join(Duration::ZERO).is_ok());
    assert!(matches!(
        hub.read(&mut cursor, &mut Vec::new()),
        Read::Ended(_)
    ));
}

#[test]
fn chunks_are_shared_not_copied() {
    let hub = hub_with(1);
    let (_, first) = hub.join(Duration::ZERO).unwrap();
    let read = |mut cursor: Cursor| {
        let mut chunks = Vec::new();
        hub.read(&mut cursor, &mut chunks);
        chunks[0].as_ptr()
    };
    assert_eq!(read(first.clone()), read(first));
}
