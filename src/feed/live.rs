//! The live side of a feed: who feeds it, and how packets reach the streams.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use event_listener::{Event, EventListener};
use formats::Format;
use media::{Packet, TimeBase, Timestamp, Track};

use super::assign::{Wanted, assign};
use super::encodings::Encoding;
use super::recorder::Recorder;
use super::timeline::SessionTimeline;
use crate::config::model::FeedConfig;
use crate::stream::hub::Hub;
use crate::stream::live::LiveStream;

/// A feed and the streams that live on it.
#[derive(Debug)]
pub struct Feed {
    config: FeedConfig,
    encodings: Vec<Encoding>,
    streams: Vec<(String, Arc<LiveStream>)>,
    /// The ring; `None` for feeds that are not stored.
    recorder: Option<Recorder>,
    /// The feed itself, relayed to who asks for it.
    relay: Hub,
    state: Mutex<State>,
    changed: Event,
}

#[derive(Debug, Default)]
struct State {
    feeder: Option<Feeder>,
    /// Counts sessions, so that a timer knows whether its session is still the last.
    session: u64,
    newest: Option<Timestamp>,
}

/// Who is feeding.
#[derive(Debug, Clone, Copy)]
pub struct Feeder {
    /// Its address.
    pub peer: SocketAddr,
    /// Since when.
    pub since: Instant,
}

impl Feed {
    /// A feed that nobody feeds yet.
    #[must_use]
    pub fn new(
        config: FeedConfig,
        encodings: Vec<Encoding>,
        streams: Vec<(String, Arc<LiveStream>)>,
        recorder: Option<Recorder>,
    ) -> Self {
        let relay = Hub::new(Format::Ffm, Duration::ZERO, "nobody feeds it");
        Self {
            config,
            encodings,
            streams,
            recorder,
            relay,
            state: Mutex::default(),
            changed: Event::new(),
        }
    }

    /// Its section of the configuration.
    #[must_use]
    pub const fn config(&self) -> &FeedConfig {
        &self.config
    }

    /// What it asks a feeder for.
    #[must_use]
    pub fn encodings(&self) -> &[Encoding] {
        &self.encodings
    }

    /// The hub that relays the feed as FFM.
    #[must_use]
    pub const fn relay(&self) -> &Hub {
        &self.relay
    }

    /// Who feeds it now.
    #[must_use]
    pub fn feeder(&self) -> Option<Feeder> {
        self.lock().feeder
    }

    /// Resolves when a feeder comes or goes.
    #[must_use]
    pub fn listen(&self) -> EventListener {
        self.changed.listen()
    }

    /// Makes `peer` the feeder.
    ///
    /// # Errors
    /// The feeder that is there already.
    pub fn claim(self: &Arc<Self>, peer: SocketAddr, now: Instant) -> Result<Session, Feeder> {
        let mut state = self.lock();
        if let Some(feeder) = state.feeder {
            return Err(feeder);
        }
        state.feeder = Some(Feeder { peer, since: now });
        state.session += 1;
        let number = state.session;
        drop(state);
        self.changed.notify(usize::MAX);
        Ok(Session {
            feed: Arc::clone(self),
            number,
            bases: Vec::new(),
            timeline: None,
        })
    }

    /// Ends the stream for all viewers if no feeder has come since session `number` ended.
    pub fn release_viewers(&self, number: u64) {
        let state = self.lock();
        if state.session == number && state.feeder.is_none() {
            drop(state);
            let reason = format!(
                "the feeder of {} has been gone for {} s",
                self.config.name,
                self.config.hold_viewers.as_secs()
            );
            self.end_streams(&reason);
        }
    }

    /// Ends the stream for all viewers now.
    pub fn end_streams(&self, reason: &str) {
        for (_, stream) in &self.streams {
            stream.end(reason);
        }
        self.relay.end(reason);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A feeder's hold on a feed. Dropping it lets the next one in.
#[derive(Debug)]
pub struct Session {
    feed: Arc<Feed>,
    number: u64,
    bases: Vec<TimeBase>,
    timeline: Option<SessionTimeline>,
}

impl Session {
    /// Name of the feed.
    #[must_use]
    pub fn feed_name(&self) -> &str {
        &self.feed.config.name
    }

    /// Its number, for [`Feed::release_viewers`].
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The feeder announces its tracks. Returns what cannot be served, stream by stream: the others
    /// go on.
    pub fn begin(&mut self, tracks: &[Track]) -> Vec<(String, String)> {
        let newest = self.feed.lock().newest;
        let wanted: Vec<Wanted> = self.feed.encodings.iter().map(Encoding::wanted).collect();
        let sources = assign(&wanted, tracks);
        self.bases = tracks.iter().map(|track| track.time_base).collect();
        self.timeline = Some(SessionTimeline::new(tracks.len(), newest));
        let micros: Vec<Track> = tracks
            .iter()
            .map(|track| Track {
                time_base: TimeBase::MICROS,
                ..track.clone()
            })
            .collect();
        let mut refused = Vec::new();
        for (name, stream) in &self.feed.streams {
            if let Err(reason) = stream.begin(&micros, &sources, newest) {
                refused.push((name.clone(), reason));
            }
        }
        if let Some(recorder) = &self.feed.recorder {
            recorder.begin(&micros);
        }
        if let Err(error) = self.feed.relay.begin(&micros, newest.unwrap_or_default()) {
            refused.push((self.feed.config.name.clone(), error.to_string()));
        }
        refused
    }

    /// A packet of the announced tracks. Returns it as it is published, times in the feed's
    /// microseconds; `None` if its track was not announced.
    pub fn push(&mut self, packet: Packet, wall: Timestamp) -> Option<Packet> {
        let (timeline, base) = (self.timeline.as_mut()?, *self.bases.get(packet.track)?);
        let mut packet = Packet {
            pts: packet.pts.rescale(base, TimeBase::MICROS),
            dts: packet.dts.rescale(base, TimeBase::MICROS),
            duration: duration_us(packet.duration, base),
            ..packet
        };
        timeline.place(&mut packet, wall);
        for (_, stream) in &self.feed.streams {
            // A packet that a container cannot hold is left out there; the others have it.
            let _ = stream.push(&packet);
        }
        let _ = self.feed.relay.push(&packet);
        if let Some(recorder) = &self.feed.recorder {
            recorder.push(&packet);
        }
        Some(packet)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(recorder) = &self.feed.recorder {
            recorder.end();
        }
        let mut state = self.feed.lock();
        state.feeder = None;
        state.newest = self
            .timeline
            .as_ref()
            .map_or(state.newest, SessionTimeline::newest);
        drop(state);
        self.feed.changed.notify(usize::MAX);
    }
}

fn duration_us(ticks: u64, base: TimeBase) -> u64 {
    let ticks = Timestamp(i64::try_from(ticks).unwrap_or(i64::MAX));
    u64::try_from(ticks.rescale(base, TimeBase::MICROS).0).unwrap_or(0)
}
