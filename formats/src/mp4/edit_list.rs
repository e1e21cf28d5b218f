//! The edit list (ISO/IEC 14496-12:2015, 8.6.6): where a track's own time zero lies in the movie.

use std::num::NonZeroU32;

use bytes::Bytes;
use media::{TimeBase, Timestamp};
use mp4_atom::Elst;

use super::boxes::{decode, find};

/// Ticks of the track to take from a media time to get the time of presentation: the media time
/// that the first edit with media starts at, less the empty edits before it. What follows in the
/// list is left out. 0 without a list, or for a damaged one.
pub(super) fn shift(trak: &Bytes, track: TimeBase, movie_timescale: Option<NonZeroU32>) -> i64 {
    let elst = find(trak, *b"edts").and_then(|edts| find(&edts, *b"elst"));
    let Some(list) = elst.and_then(|body| decode::<Elst>(&body).ok()) else {
        return 0;
    };
    let mut empty = 0_i64;
    for edit in &list.entries {
        if let Some(media_time) = edit.media_time {
            let delay = movie_timescale.map_or(Timestamp::ZERO, |timescale| {
                Timestamp(empty).rescale(TimeBase::per_second(timescale), track)
            });
            return i64::try_from(media_time)
                .unwrap_or(0)
                .saturating_sub(delay.0);
        }
        empty = empty.saturating_add(i64::try_from(edit.segment_duration).unwrap_or(0));
    }
    0
}
