//! A live stream: what one `<Stream>` with a `Feed` publishes.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use formats::Format;
use media::{CodecId, MediaKind, Packet, Timestamp, Track};

use super::hub::Hub;
use crate::config::model::StreamConfig;

/// Hubs of one live stream, and the way from the feed's packets to theirs.
#[derive(Debug)]
pub struct LiveStream {
    feed_name: String,
    /// Indexes of the feed's encodings that this stream wants.
    encodings: Vec<usize>,
    hub: Hub,
    /// Fragmented MP4 of the video alone, for the page.
    preview_mp4: Hub,
    /// Multipart JPEG of the video alone, for the page.
    preview_jpeg: Hub,
    /// The feed's time at which this stream's time is zero, set by the first packet.
    epoch: OnceLock<Timestamp>,
    /// Stream time of the first packet.
    origin: Timestamp,
    selected: Mutex<Vec<Selected>>,
}

/// One of the stream's tracks.
#[derive(Debug, Clone, Copy)]
struct Selected {
    /// Index of the feed's track.
    source: usize,
    codec: CodecId,
}

impl LiveStream {
    /// A stream that waits for its feeder. `origin` is the stream time of its first packet.
    #[must_use]
    pub fn new(
        config: &StreamConfig,
        format: Format,
        feed_name: &str,
        encodings: Vec<usize>,
        origin: Timestamp,
    ) -> Self {
        let idle = &format!("no feeder is connected to {feed_name}");
        let preview = |format| Hub::new(format, std::time::Duration::ZERO, idle);
        Self {
            feed_name: feed_name.to_owned(),
            encodings,
            hub: Hub::new(format, config.preroll, idle),
            preview_mp4: preview(Format::Mp4),
            preview_jpeg: preview(Format::MpJpeg),
            epoch: OnceLock::new(),
            origin,
            selected: Mutex::default(),
        }
    }

    /// The feed it lives on.
    #[must_use]
    pub fn feed_name(&self) -> &str {
        &self.feed_name
    }

    /// The hub of the stream itself.
    #[must_use]
    pub const fn hub(&self) -> &Hub {
        &self.hub
    }

    /// The hub that the page shows this stream from, if a browser can show its video.
    #[must_use]
    pub fn preview(&self) -> Option<&Hub> {
        let video = self
            .hub
            .tracks()
            .into_iter()
            .find(|t| t.params.kind() == MediaKind::Video)?;
        self.preview_for(video.params.codec)
    }

    const fn preview_for(&self, codec: CodecId) -> Option<&Hub> {
        match codec {
            CodecId::H264 => Some(&self.preview_mp4),
            CodecId::Mjpeg => Some(&self.preview_jpeg),
            _ => None,
        }
    }

    /// A feeder announces its tracks, times in microseconds. `sources` says for each of the feed's encodings which of the
    /// posted tracks carries it; `newest` is the feed's newest time, if it has one.
    ///
    /// # Errors
    /// Why the stream cannot be served from these tracks.
    pub fn begin(
        &self,
        posted: &[Track],
        sources: &[Option<usize>],
        newest: Option<Timestamp>,
    ) -> Result<(), String> {
        let mut chosen: Vec<usize> = Vec::new();
        for source in self
            .encodings
            .iter()
            .filter_map(|encoding| *sources.get(*encoding)?)
        {
            if source < posted.len() && !chosen.contains(&source) {
                chosen.push(source);
            }
        }
        let tracks: Vec<Track> = chosen
            .iter()
            .map(|source| posted[*source].clone())
            .collect();
        *self.lock_selected() = chosen
            .into_iter()
            .map(|source| Selected {
                source,
                codec: posted[source].params.codec,
            })
            .collect();
        let at = newest.map_or(self.origin, |newest| self.stream_time(newest));
        for video in tracks
            .iter()
            .filter(|track| track.params.kind() == MediaKind::Video)
        {
            if let Some(preview) = self.preview_for(video.params.codec) {
                // A preview that cannot be made leaves the page without a picture, no more.
                let _ = preview.begin(std::slice::from_ref(video), at);
            }
        }
        if tracks.is_empty() {
            let reason = "the feeder sends no track for this stream";
            self.hub.end(reason);
            return Err(reason.to_owned());
        }
        self.hub
            .begin(&tracks, at)
            .map_err(|error| error.to_string())
    }

    /// A packet of the feed, times in the feed's microseconds. What is of no interest here is
    /// passed over.
    ///
    /// # Errors
    /// Why the packet was left out.
    pub fn push(&self, packet: &Packet) -> Result<(), formats::MuxError> {
        let selected = {
            let selected = self.lock_selected();
            selected
                .iter()
                .position(|s| s.source == packet.track)
                .map(|i| (i, selected[i].codec))
        };
        let Some((track, codec)) = selected else {
            return Ok(());
        };
        self.epoch.get_or_init(|| packet.dts.plus(-self.origin.0));
        let packet = Packet {
            track,
            dts: self.stream_time(packet.dts),
            pts: self.stream_time(packet.pts),
            ..packet.clone()
        };
        if let Some(preview) = self.preview_for(codec) {
            // The preview has the video alone, as its track 0; failing it is no failure of the
            // stream, which says so itself if it cannot mux this packet either.
            let _ = preview.push(&Packet {
                track: 0,
                ..packet.clone()
            });
        }
        self.hub.push(&packet)
    }

    /// The feeder is gone for good: viewers get the trailer and this reason.
    pub fn end(&self, reason: &str) {
        for hub in [&self.hub, &self.preview_mp4, &self.preview_jpeg] {
            hub.end(reason);
        }
    }

    fn lock_selected(&self) -> MutexGuard<'_, Vec<Selected>> {
        self.selected.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stream_time(&self, feed_time: Timestamp) -> Timestamp {
        let epoch = self
            .epoch
            .get()
            .copied()
            .unwrap_or(feed_time.plus(-self.origin.0));
        Timestamp(feed_time.since(epoch))
    }
}
