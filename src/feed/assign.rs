//! Which of a feeder's tracks carries which of the feed's encodings.

use media::{CodecId, MediaKind, Track};

/// What a feed asks for, as far as it matters for recognising it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The medium.
    pub kind: MediaKind,
    /// The codec, if the configuration names one.
    pub codec: Option<CodecId>,
    /// Width and height of a video in pixels, if the configuration names them.
    pub size_px: Option<(u32, u32)>,
}

/// For each wanted encoding the index of the posted track that carries it, if any does.
///
/// A feeder that has read the feed's header sends the encodings in their order, so the media of the
/// two lists agree and positions count, whatever the codecs became. Otherwise (a copy of one track
/// for a feed of several encodings, say) each encoding takes the track that is most like it, and
/// one track may serve several.
#[must_use]
pub fn assign(wanted: &[Wanted], posted: &[Track]) -> Vec<Option<usize>> {
    let in_order = wanted.len() == posted.len()
        && wanted
            .iter()
            .zip(posted)
            .all(|(wanted, track)| wanted.kind == track.params.kind());
    if in_order {
        return (0..posted.len()).map(Some).collect();
    }
    wanted
        .iter()
        .map(|wanted| most_alike(*wanted, posted))
        .collect()
}

fn most_alike(wanted: Wanted, posted: &[Track]) -> Option<usize> {
    let likeness = |track: &Track| {
        let size = track
            .params
            .video()
            .map(|video| (video.width_px, video.height_px));
        let same_size = wanted.size_px.is_some() && wanted.size_px == size;
        let same_codec = wanted.codec == Some(track.params.codec);
        (same_size, same_codec)
    };
    posted
        .iter()
        .enumerate()
        .filter(|(_, track)| track.params.kind() == wanted.kind)
        // The first of equals: max_by_key takes the last, so the index counts backwards.
        .max_by_key(|(index, track)| (likeness(track), usize::MAX - index))
        .map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use media::{AudioParameters, CodecParameters, MediaParameters, TimeBase, VideoParameters};

    use super::*;

    fn track(codec: CodecId, width_px: u32, height_px: u32) -> Track {
        let media = match codec.kind() {
            MediaKind::Video => MediaParameters::Video(VideoParameters {
                width_px,
                height_px,
                frame_rate: None,
            }),
            MediaKind::Audio => MediaParameters::Audio(AudioParameters {
                sample_rate_hz: 44_100,
                channels: 1,
            }),
        };
        Track {
            time_base: TimeBase::MICROS,
            params: CodecParameters {
                codec,
                bit_rate_bps: None,
                config: Bytes::new(),
                media,
            },
        }
    }

    fn video(codec: Option<CodecId>, width: u32, height: u32) -> Wanted {
        Wanted {
            kind: MediaKind::Video,
            codec,
            size_px: Some((width, height)),
        }
    }

    #[test]
    fn positions_count_where_the_media_agree() {
        let wanted = [video(Some(CodecId::Mpeg4), 352, 288), video(None, 320, 240)];
        let posted = [
            track(CodecId::H264, 320, 240),
            track(CodecId::H264, 352, 288),
        ];
        assert_eq!(assign(&wanted, &posted), [Some(0), Some(1)]);
    }

    #[test]
    fn likeness_counts_where_they_do_not() {
        let audio = Wanted {
            kind: MediaKind::Audio,
            codec: Some(CodecId::Mp2),
            size_px: None,
        };
        let wanted = [
            audio,
            video(Some(CodecId::H264), 352, 288),
            video(None, 320, 240),
        ];
        let small = track(CodecId::Mjpeg, 320, 240);
        let large = track(CodecId::H264, 352, 288);
        for (name, posted, want) in [
            (
                "one for all",
                vec![small.clone()],
                vec![None, Some(0), Some(0)],
            ),
            ("by size", vec![small, large], vec![None, Some(1), Some(0)]),
            ("nothing", vec![], vec![None, None, None]),
            (
                "audio only",
                vec![track(CodecId::Aac, 0, 0)],
                vec![Some(0), None, None],
            ),
        ] {
            assert_eq!(assign(&wanted, &posted), want, "{name}");
        }
    }
}
