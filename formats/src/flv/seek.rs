//! Finding a time: a walk over the tag headers, from the nearest place that is known.

use super::tag::{self, TagHeader};
use super::video::{AVC_NALU, VideoCodec, VideoTagHeader};

/// A walk to the last key frame at or before a time.
#[derive(Debug)]
pub(super) struct Walk {
    target_ms: i64,
    /// Offset and time of the best key frame so far.
    best: Option<(u64, i64)>,
    /// Whether key frames are those of the video; else every audio tag is one.
    video: bool,
    /// The walk began at a place that an index claims, and has not yet met a tag there.
    unproven: bool,
}

/// What to do after a tag header.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Go to the next tag.
    On,
    /// The key frame is found.
    Found,
    /// The index lied: walk from the first tag.
    Restart,
}

impl Walk {
    /// Bytes of a tag's data that the walk looks at.
    pub(super) const PEEK: usize = 5;

    pub(super) const fn new(target_ms: i64, video: bool, unproven: bool) -> Self {
        Self {
            target_ms,
            best: None,
            video,
            unproven,
        }
    }

    /// Judges the tag at `offset`; `data` is at least the first [`Self::PEEK`] bytes of its data,
    /// or all of them.
    pub(super) fn judge(
        &mut self,
        header: &TagHeader,
        time_ms: i64,
        data: &[u8],
        offset: u64,
    ) -> Step {
        let plausible = matches!(header.tag_type, tag::AUDIO | tag::VIDEO | tag::SCRIPT);
        if std::mem::replace(&mut self.unproven, false) && !plausible {
            return Step::Restart;
        }
        if !self.is_key(header, data) {
            return Step::On;
        }
        if time_ms > self.target_ms {
            return Step::Found;
        }
        self.best = Some((offset, time_ms));
        Step::On
    }

    /// The key frame to go on at: offset and time, `None` if all are later than the target.
    pub(super) const fn best(&self) -> Option<(u64, i64)> {
        self.best
    }

    /// The time looked for.
    pub(super) const fn target_ms(&self) -> i64 {
        self.target_ms
    }

    fn is_key(&self, header: &TagHeader, data: &[u8]) -> bool {
        if !self.video {
            return header.tag_type == tag::AUDIO;
        }
        header.tag_type == tag::VIDEO
            && VideoTagHeader::parse(data).is_some_and(|(video, _)| {
                video.is_key()
                    && match video.codec {
                        VideoCodec::Flv1 => true,
                        VideoCodec::Avc { packet_type, .. } => packet_type == AVC_NALU,
                        VideoCodec::Unknown(_) => false,
                    }
            })
    }
}
