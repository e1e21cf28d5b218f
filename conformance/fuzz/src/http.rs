//! What clients send over HTTP.

use std::time::{Duration, UNIX_EPOCH};

use ferrocast::http::body::BodyDecoder;
use ferrocast::http::conditional::Validators;
use ferrocast::http::head::{MAX_FIELDS, MAX_HEAD_BYTES, Parsed, RequestHead};
use ferrocast::http::range::{self, RangeRequest};
use ferrocast::http::status::RequestError;
use ferrocast::http::target::Target;

// Invariant: a head is accepted or refused by its bytes alone: where a prefix is complete, the same
// head with anything behind it is the same; where a prefix is refused, so is all that continues it.
// An accepted head keeps to the limits, and its framing has one meaning.
pub(super) fn check_head(data: &[u8]) {
    let whole = RequestHead::parse(data);
    let prefixes = (0..data.len().min(MAX_PREFIXES)).chain([data.len() / 2, data.len()]);
    for len in prefixes {
        match RequestHead::parse(&data[..len]) {
            Ok(Parsed::Partial) => assert!(len < MAX_HEAD_BYTES),
            Ok(Parsed::Complete(head, used)) => {
                assert!(used <= len);
                assert_eq!(whole, Ok(Parsed::Complete(head, used)), "{len} bytes");
            }
            Err(_) => assert!(whole.is_err(), "{len} bytes were refused"),
        }
    }
    if let Ok(Parsed::Complete(head, used)) = whole {
        assert!(used <= MAX_HEAD_BYTES);
        assert!(!head.target.contains(['\r', '\n', '\0', ' ']));
        let _ = head.keep_alive();
        let _ = BodyDecoder::for_request(&head);
        let _ = Target::parse(&head.target);
        let file = Validators::new(1000, UNIX_EPOCH + Duration::from_secs(1_700_000_000));
        let _ = (file.not_modified(&head), file.range_applies(&head));
    }
    const { assert!(MAX_FIELDS <= MAX_HEAD_BYTES) };
}

/// Prefixes of each length up to here are parsed.
const MAX_PREFIXES: usize = 300;

// Invariant: any split of a body gives the same data and the same verdict; data are bytes of the
// input; nothing is decoded behind the end.
pub(super) fn check_body(data: &[u8]) {
    let Ok(Parsed::Complete(head, _)) =
        RequestHead::parse(b"POST /f HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    else {
        panic!("a sound head")
    };
    let decode = |step: usize| {
        let mut decoder = BodyDecoder::for_request(&head).expect("the chunked coding");
        let mut out = Vec::new();
        for piece in data.chunks(step) {
            decode_piece(&mut decoder, piece, &mut out)?;
        }
        assert!(out.len() <= data.len());
        Ok((out, decoder.finished(), decoder.may_end_at_close()))
    };
    let whole: Result<_, RequestError> = decode(data.len().max(1));
    for step in [1, 2, 3, 7, 64] {
        assert_eq!(decode(step), whole, "in steps of {step}");
    }
    for split in 1..data.len().min(64) {
        let mut decoder = BodyDecoder::for_request(&head).expect("the chunked coding");
        let mut out = Vec::new();
        let halves = decode_piece(&mut decoder, &data[..split], &mut out)
            .and_then(|()| decode_piece(&mut decoder, &data[split..], &mut out))
            .map(|()| (out, decoder.finished(), decoder.may_end_at_close()));
        assert_eq!(halves, whole, "split at {split}");
    }
}

fn decode_piece(
    decoder: &mut BodyDecoder,
    mut piece: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), RequestError> {
    while !piece.is_empty() && !decoder.finished() {
        let decoded = decoder.decode(piece)?;
        assert!(decoded.consumed > 0, "a step that uses nothing");
        assert!(decoded.data.len() <= decoded.consumed);
        out.extend(decoded.data);
        piece = &piece[decoded.consumed..];
    }
    Ok(())
}

// Invariant: a range is one of the file's bytes or none; a target's name has no escape that is left
// to be decoded by accident; neither panics, whatever the text.
pub(super) fn check_target(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for len in [0, 1, 100, u64::MAX] {
        match range::parse(Some(&text), len) {
            RangeRequest::Part(part) => {
                assert!(
                    part.start < part.end && part.end <= len,
                    "{part:?} of {len}"
                );
            }
            RangeRequest::Whole | RangeRequest::Unsatisfiable => {}
        }
    }
    for target in [text.clone().into_owned(), format!("/{text}")] {
        if let Some(target) = Target::parse(&target) {
            assert!(target.name.len() <= 3 * data.len(), "an escape that grows");
            let _ = target.query("buffer");
        }
    }
}
