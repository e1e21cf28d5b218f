//! The box tree (ISO/IEC 14496-12:2015, 4.2): headers, checked sizes, children.

use std::ops::RangeBounds;

use bytes::Bytes;
use mp4_atom::Atom;

use super::FORMAT;
use crate::DemuxError;

/// A box header.
///
/// | byte | bits | field     | meaning                                                       |
/// |-----:|-----:|-----------|---------------------------------------------------------------|
/// |    0 |   32 | size      | bytes, this header included; 1: largesize; 0: to the file end |
/// |    4 |   32 | type      | four characters                                               |
/// |    8 |   64 | largesize | if size is 1                                                  |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BoxHeader {
    /// `type`.
    pub(super) kind: [u8; 4],
    /// Bytes of this header: 8 or 16.
    pub(super) len: u64,
    /// Bytes of the box, this header included; `None`: to the end of the file.
    pub(super) size: Option<u64>,
}

/// What is wrong with the box tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum BoxError {
    /// The size does not cover the header.
    #[error("box {} of {size} bytes is smaller than its header", .kind.escape_ascii())]
    TooSmall { kind: [u8; 4], size: u64 },
    /// A box reaches past the end of the one around it.
    #[error("box {} of {size} bytes has {left} bytes left in the box around it",
        .kind.escape_ascii())]
    TooLarge { kind: [u8; 4], size: u64, left: u64 },
    /// Only the last box of a file may leave its size open.
    #[error("box {} inside another leaves its size open", .kind.escape_ascii())]
    OpenSize { kind: [u8; 4] },
    /// A box that has to be there is not.
    #[error("box {} is missing", .kind.escape_ascii())]
    Missing { kind: [u8; 4] },
    /// A box is shorter than its fields, or its fields contradict each other.
    #[error("box {} is damaged", .kind.escape_ascii())]
    Damaged { kind: [u8; 4] },
    /// A table says more entries than its box has room for.
    #[error("box {} says {count} entries and has room for {room}", .kind.escape_ascii())]
    Entries {
        kind: [u8; 4],
        count: u32,
        room: u64,
    },
    /// A count above the limit set here.
    #[error("{what} is {value}, the limit is {limit}")]
    Limit {
        what: &'static str,
        value: u64,
        limit: u64,
    },
}

impl BoxError {
    /// The error of the demuxer, for a box of the top level at `offset`.
    pub(super) fn at(self, offset: u64) -> DemuxError {
        match self {
            Self::Limit { what, value, limit } => DemuxError::Limit {
                format: FORMAT,
                offset,
                what,
                value,
                limit,
            },
            other => DemuxError::Malformed {
                format: FORMAT,
                offset,
                reason: other.to_string(),
            },
        }
    }
}

impl BoxHeader {
    /// Reads the header at the start of `data`; `None` if it is cut off.
    ///
    /// # Errors
    /// [`BoxError::TooSmall`] if the size does not cover the header.
    pub(super) fn parse(data: &[u8]) -> Result<Option<Self>, BoxError> {
        let Some((size, rest)) = data.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let Some((kind, rest)) = rest.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let (len, size) = match u32::from_be_bytes(*size) {
            0 => (8, None),
            1 => match rest.first_chunk::<8>() {
                Some(largesize) => (16, Some(u64::from_be_bytes(*largesize))),
                None => return Ok(None),
            },
            size => (8, Some(u64::from(size))),
        };
        match size {
            Some(size) if size < len => Err(BoxError::TooSmall { kind: *kind, size }),
            _ => Ok(Some(Self {
                kind: *kind,
                len,
                size,
            })),
        }
    }
}

/// A box inside another.
#[derive(Debug, Clone)]
pub(super) struct Child {
    /// `type`.
    pub(super) kind: [u8; 4],
    /// What follows the header.
    pub(super) body: Bytes,
}

/// The boxes in the body of a box. An error ends the iteration. Up to seven bytes at the end and a
/// header of zeros, which QuickTime files have, are padding.
pub(super) fn children(body: &Bytes) -> impl Iterator<Item = Result<Child, BoxError>> {
    let mut rest = body.clone();
    std::iter::from_fn(move || {
        let child = split_child(&mut rest);
        if !matches!(child, Ok(Some(_))) {
            rest.clear();
        }
        child.transpose()
    })
}

/// The bodies of the children of one kind, as far as the tree is sound.
pub(super) fn find_all(body: &Bytes, kind: [u8; 4]) -> impl Iterator<Item = Bytes> {
    children(body)
        .map_while(Result::ok)
        .filter(move |child| child.kind == kind)
        .map(|child| child.body)
}

/// The body of the first child of one kind.
pub(super) fn find(body: &Bytes, kind: [u8; 4]) -> Option<Bytes> {
    find_all(body, kind).next()
}

/// The body of the first child of one kind, which has to be there.
pub(super) fn require(body: &Bytes, kind: [u8; 4]) -> Result<Bytes, BoxError> {
    for child in children(body) {
        let child = child?;
        if child.kind == kind {
            return Ok(child.body);
        }
    }
    Err(BoxError::Missing { kind })
}

/// Reads a body by the crate `mp4-atom`, which sees nothing but this one small box.
pub(super) fn decode<A: Atom>(body: &Bytes) -> Result<A, BoxError> {
    A::decode_body(&mut &body[..]).map_err(|_| BoxError::Damaged {
        kind: A::KIND.into(),
    })
}

/// The four bytes at `at` as a number.
pub(super) fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*data.get(at..)?.first_chunk()?))
}

/// Part of shared bytes, `None` where they are too short.
pub(super) fn slice(bytes: &Bytes, range: impl RangeBounds<usize>) -> Option<Bytes> {
    let range = (range.start_bound().cloned(), range.end_bound().cloned());
    bytes.get(range).map(|part| bytes.slice_ref(part))
}

fn split_child(rest: &mut Bytes) -> Result<Option<Child>, BoxError> {
    let Some(header) = BoxHeader::parse(rest)? else {
        return Ok(None);
    };
    let left = rest.len() as u64;
    let size = match header.size {
        Some(size) => size,
        None if header.kind == [0; 4] => return Ok(None),
        None => return Err(BoxError::OpenSize { kind: header.kind }),
    };
    let too_large = BoxError::TooLarge {
        kind: header.kind,
        size,
        left,
    };
    let end = usize::try_from(size).map_err(|_| too_large)?;
    if end > rest.len() {
        return Err(too_large);
    }
    let mut whole = rest.split_to(end);
    // The header is 8 or 16 bytes of a box that BoxHeader::parse has found to cover it.
    let body = whole.split_off(if header.len == 16 { 16 } else { 8 });
    Ok(Some(Child {
        kind: header.kind,
        body,
    }))
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn header_fields_and_bad_sizes() {
        let header = |len, size| {
            Ok(Some(BoxHeader {
                kind: *b"free",
                len,
                size,
            }))
        };
        let too_small = |size| {
            Err(BoxError::TooSmall {
                kind: *b"free",
                size,
            })
        };
        for (name, bytes, want) in [
            (
                "empty box",
                &hex!("00000008 66726565")[..],
                header(8, Some(8)),
            ),
            ("open size", &hex!("00000000 66726565"), header(8, None)),
            (
                "largesize",
                &hex!("00000001 66726565 0000000100000000"),
                header(16, Some(1 << 32)),
            ),
            (
                "largest largesize",
                &hex!("00000001 66726565 ffffffffffffffff"),
                header(16, Some(u64::MAX)),
            ),
            ("size 2", &hex!("00000002 66726565"), too_small(2)),
            ("size 7", &hex!("00000007 66726565"), too_small(7)),
            (
                "largesize 15",
                &hex!("00000001 66726565 000000000000000f"),
                too_small(15),
            ),
            ("nothing", &[], Ok(None)),
            ("cut in the type", &hex!("00000008 667265"), Ok(None)),
            (
                "cut in largesize",
                &hex!("00000001 66726565 00000001000000"),
                Ok(None),
            ),
        ] {
            assert_eq!(BoxHeader::parse(bytes), want, "{name}");
        }
    }

    #[test]
    fn children_are_bounded_by_their_parent() {
        let kinds = |body: &[u8]| {
            children(&Bytes::copy_from_slice(body))
                .map(|child| child.map(|child| (child.kind, child.body.len())))
                .collect::<Result<Vec<_>, _>>()
        };
        let (free, skip) = (*b"free", *b"skip");
        for (name, body, want) in [
            ("none", &[][..], Ok(vec![])),
            (
                "two",
                &hex!("00000009 66726565 ff 00000008 736b6970"),
                Ok(vec![(free, 1), (skip, 0)]),
            ),
            (
                "padding",
                &hex!("00000008 66726565 00000000"),
                Ok(vec![(free, 0)]),
            ),
            (
                "a header of zeros",
                &hex!("00000008 66726565 00000000 00000000 00"),
                Ok(vec![(free, 0)]),
            ),
            (
                "one byte too long",
                &hex!("0000000a 66726565 ff"),
                Err(BoxError::TooLarge {
                    kind: free,
                    size: 10,
                    left: 9,
                }),
            ),
            (
                "longer than 2^63",
                &hex!("00000001 66726565 ffffffffffffffff"),
                Err(BoxError::TooLarge {
                    kind: free,
                    size: u64::MAX,
                    left: 16,
                }),
            ),
            (
                "open size",
                &hex!("00000000 66726565"),
                Err(BoxError::OpenSize { kind: free }),
            ),
        ] {
            assert_eq!(kinds(body), want, "{name}");
        }
    }
}
