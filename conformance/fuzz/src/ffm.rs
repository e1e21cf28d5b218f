//! The header of a feed and its blocks.

use formats::InputBuffer;
use formats::ffm::{FeedHeader, Header, MAX_HEADER_SIZE, Unpacked, Unpacker};

// Invariant: a header that was read can be written, and as FFM2 read again; more
// bytes behind a header change nothing; blocks give the same frames in any split.
pub(super) fn check(data: &[u8]) {
    if let Ok(Some((header, len))) = Header::parse(data) {
        assert!(len <= MAX_HEADER_SIZE && len <= data.len());
        let more = [data, &[0xff; 5000]].concat();
        assert_eq!(Header::parse(&more), Ok(Some((header.clone(), len))));
        let mut out = Vec::new();
        header.write_ffm2(&mut out);
        let mut ignored = Vec::new();
        let _ = header.write_ffm1_08(&mut ignored);
    }
    if let Ok(Some(feed)) = FeedHeader::parse(data) {
        let mut out = Vec::new();
        feed.write_ffm2(&mut out);
        if data.starts_with(b"FFM2") {
            let again = FeedHeader::parse(&out);
            assert!(matches!(again, Ok(Some(_))), "{again:?}");
        }
        let mut old = Vec::new();
        feed.write_ffm1_08(&mut old);
    }
    let streams = data.first().copied().unwrap_or_default() % 4;
    let whole = unpack(streams, data, data.len().max(1));
    assert_eq!(unpack(streams, data, 1000), whole, "in pieces");
}

fn unpack(streams: u8, data: &[u8], step: usize) -> Vec<Unpacked> {
    let mut unpacker = Unpacker::new(streams);
    let mut input = InputBuffer::new();
    let mut all = Vec::new();
    for piece in data.chunks(step) {
        input.push(piece);
        for _ in 0..=2 * data.len() + 16 {
            match unpacker.next(&mut input) {
                Unpacked::Starved => break,
                other => all.push(other),
            }
        }
    }
    assert_eq!(unpacker.next(&mut input), Unpacked::Starved);
    all
}
