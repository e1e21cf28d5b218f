//! The `Range` field (RFC 9110, section 14).

use std::ops::Range;

/// What a `Range` field asks of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RangeRequest {
    /// No field, or one that is ignored: malformed, of another unit, or of several ranges.
    Whole,
    /// These bytes.
    Part(Range<u64>),
    /// A single range that the file does not reach.
    Unsatisfiable,
}

/// Reads the value of a `Range` field for a file of `len` bytes.
///
/// Several ranges are legal to ignore, and are: the sum of many overlapping ones is how a small
/// request becomes a large reply.
#[must_use]
pub fn parse(value: Option<&str>, len: u64) -> RangeRequest {
    value
        .and_then(|value| parse_single(value, len))
        .unwrap_or(RangeRequest::Whole)
}

fn parse_single(value: &str, len: u64) -> Option<RangeRequest> {
    let (unit, spec) = value.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = spec.trim().split_once('-')?;
    let range = match (number(first)?, number(last)?) {
        (None, None) => return None,
        (None, Some(suffix)) => len.saturating_sub(suffix)..len,
        (Some(first), None) => first..len,
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(len),
        (Some(_), Some(_)) => return None,
    };
    Some(if range.start < range.end {
        RangeRequest::Part(range)
    } else {
        RangeRequest::Unsatisfiable
    })
}

/// `Some(None)` for nothing, `None` for what is no number. A number beyond 64 bits is beyond every
/// file.
fn number(text: &str) -> Option<Option<u64>> {
    if text.is_empty() {
        return Some(None);
    }
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| Some(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_a_file_of_100_bytes() {
        use RangeRequest::{Part, Unsatisfiable, Whole};
        for (value, want) in [
            ("bytes=0-0", Part(0..1)),
            ("bytes=0-", Part(0..100)),
            ("bytes=99-", Part(99..100)),
            ("bytes=10-19", Part(10..20)),
            ("bytes=90-1000", Part(90..100)),
            ("BYTES=1-2", Part(1..3)),
            ("bytes=-1", Part(99..100)),
            ("bytes=-100", Part(0..100)),
            ("bytes=-1000", Part(0..100)),
            ("bytes=5-99999999999999999999999", Part(5..100)),
            ("bytes=100-", Unsatisfiable),
            ("bytes=100-200", Unsatisfiable),
            ("bytes=99999999999999999999999-", Unsatisfiable),
            ("bytes=-0", Unsatisfiable),
            ("bytes=0-1,5-6", Whole),
            ("bytes=2-1", Whole),
            ("bytes=-", Whole),
            ("bytes=a-b", Whole),
            ("bytes=+1-2", Whole),
            ("bytes=--1", Whole),
            ("bytes 1-2", Whole),
            ("lines=1-2", Whole),
            ("", Whole),
        ] {
            assert_eq!(parse(Some(value), 100), want, "{value}");
        }
        assert_eq!(parse(None, 100), Whole);
        assert_eq!(parse(Some("bytes=0-"), 0), Unsatisfiable);
    }
}
