//! One session with a server: a GET that asks what to encode, a POST that sends it.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use formats::ffm::{FfmMuxer, Header};
use formats::{MuxError, Muxer};
use media::{MediaKind, Packet, Timestamp};

use super::asked::Asked;
use super::client::{self, ConnectError, HeaderReply, Post, PostEnd, Refusal};
use super::console::Console;
use super::dispatch::{Dispatcher, FrameSink, InputEnd, PacketSink, Stop};
use super::fit::Observation;
use super::input::{Inlet, InputKind, Item};
use super::plan::{self, Job, Plan, PlanError, Source, Wishes};
use super::progress::Progress;
use super::url::FeedUrl;
use crate::pipeline::encoder;
use crate::pipeline::queue::{FrameQueue, WhenFull};
use crate::pipeline::rate::FrameRateConverter;

/// What all sessions of a feeder share.
#[derive(Debug)]
pub(super) struct Feeder {
    /// Where to.
    pub(super) url: FeedUrl,
    /// What the command line wants.
    pub(super) wishes: Wishes,
    /// `-readrate`.
    pub(super) read_rate: f64,
    /// What is left of `-t`, in microseconds.
    pub(super) limit_us: Option<i64>,
    /// Set by signals.
    pub(super) stop: Stop,
    /// Where messages go.
    pub(super) console: Console,
    /// The input.
    pub(super) inlet: Inlet,
    /// Items that were taken from it but not sent.
    pub(super) pending: VecDeque<Item>,
}

/// How a session ended.
#[derive(Debug)]
pub(super) enum SessionEnd {
    /// The input is exhausted, or the user asked, and the server took all.
    Finished,
    /// The input has new tracks: the next session follows at once.
    NewTracks,
    /// There is no sense in trying again.
    Hopeless(String),
    /// The server was not reached.
    Unreachable(ConnectError),
    /// The server cannot take the feed now.
    Busy(String),
    /// The session was broken after it had begun.
    Lost(String),
}

impl Feeder {
    /// Runs a session from the first connection to the final status.
    pub(super) fn session(&mut self) -> SessionEnd {
        let asked = match self.ask() {
            Ok(asked) => asked,
            Err(end) => return end,
        };
        let plan = match self.plan(&asked) {
            Ok(plan) => plan,
            Err(error) => return SessionEnd::Hopeless(super::chain(&error)),
        };
        let muxer = match FfmMuxer::new(&plan.tracks) {
            Ok(muxer) => muxer,
            Err(error) => return SessionEnd::Hopeless(super::chain(&error)),
        };
        for warning in &plan.warnings {
            self.console.warning(warning);
        }
        for note in &plan.notes {
            self.console.info(note);
        }
        let everything = plan.tracks.len() == asked.len();
        let post = client::connect(&self.url, CONNECT_TIMEOUT)
            .map_err(SessionEnd::Unreachable)
            .and_then(|stream| {
                Post::start(stream, &self.url).map_err(|error| SessionEnd::Lost(lost(&error)))
            });
        match post {
            Ok(post) => self.send(plan, muxer, post, everything),
            Err(end) => end,
        }
    }

    /// The first connection.
    fn ask(&self) -> Result<Vec<Asked>, SessionEnd> {
        self.console.verbose(&format!("GET {}", self.url));
        let stream =
            client::connect(&self.url, CONNECT_TIMEOUT).map_err(SessionEnd::Unreachable)?;
        let parse = |bytes: &[u8]| {
            if bytes.is_empty() {
                return Ok(None);
            }
            Header::parse(bytes)
                .map(|header| header.map(|(header, _)| header))
                .map_err(|error| error.to_string())
        };
        match client::get_header(stream, &self.url, REPLY_TIMEOUT, parse) {
            Ok(HeaderReply::Header(header)) => {
                Ok(header.streams.iter().map(Asked::from_stream).collect())
            }
            Ok(HeaderReply::NoFeed(reason)) => Err(SessionEnd::Hopeless(format!(
                "{} is no feed: {reason}",
                self.url
            ))),
            Ok(HeaderReply::Refused(refusal)) => Err(self.refused(&refusal)),
            Err(error) => Err(SessionEnd::Lost(super::chain(&error))),
        }
    }

    fn plan(&mut self, asked: &[Asked]) -> Result<Plan, PlanError> {
        let observed = self.observe(asked);
        let source = Source {
            kind: &self.inlet.kind,
            observed: &observed,
        };
        plan::make(asked, &source, self.wishes, &codecs::video_encoder)
    }

    /// Looks at the first packets of the input's tracks, if a copy of them is possible at all.
    fn observe(&mut self, asked: &[Asked]) -> Vec<Observation> {
        let InputKind::Packets(tracks) = &self.inlet.kind else {
            return Vec::new();
        };
        let mut observed = vec![Observation::default(); tracks.len()];
        let candidate = tracks.iter().position(|track| {
            track.params.kind() == MediaKind::Video
                && asked
                    .iter()
                    .any(|asked| asked.codec == Some(track.params.codec))
        });
        let Some(candidate) = candidate.filter(|_| !self.wishes.copy_video) else {
            return observed;
        };
        let (mut seen, mut bytes) = (0, 0);
        loop {
            let Some(item) = self.pending.get(seen) else {
                let Ok(item) = self.inlet.items.recv() else {
                    return observed;
                };
                self.pending.push_back(item);
                continue;
            };
            seen += 1;
            let packet = match item {
                Item::Packet(packet) => packet,
                Item::Damage(_) => continue,
                _ => return observed,
            };
            bytes += packet.data.len();
            if let Some(track) = observed.get_mut(packet.track) {
                track.add(packet);
            }
            let enough = observed
                .get(candidate)
                .is_none_or(|track| track.is_enough() || track.span_us() >= MAX_OBSERVED_US);
            if enough || bytes >= MAX_OBSERVED_BYTES || seen >= MAX_OBSERVED_ITEMS {
                return observed;
            }
        }
    }

    /// The second connection, until the input or the server ends it.
    fn send(&mut self, plan: Plan, muxer: FfmMuxer, post: Post, everything: bool) -> SessionEnd {
        self.stop.aborted.store(false, Ordering::Relaxed);
        let main_track = plan
            .tracks
            .iter()
            .position(|track| track.params.kind() == MediaKind::Video);
        let when_full = if self.read_rate > 0.0 {
            WhenFull::DropOldest
        } else {
            WhenFull::Wait
        };
        let queues: Vec<FrameQueue> = (0..plan.jobs.len())
            .map(|_| FrameQueue::new(WAITING_FRAMES, when_full))
            .collect();
        let (sender, packets) = mpsc::sync_channel(WAITING_PACKETS);
        let console = self.console.clone();
        let stop = self.stop.clone();
        let mut frame_sinks = Vec::new();
        let mut packet_sinks = Vec::new();
        let (posted, (input_end, reached_us)) = thread::scope(|scope| {
            for (job, queue) in plan.jobs.into_iter().zip(&queues) {
                match job {
                    Job::Copy { source, tracks } => packet_sinks.push(PacketSink {
                        source,
                        tracks,
                        started: false,
                    }),
                    Job::Encode {
                        source,
                        frame_rate,
                        mut encoder,
                        tracks,
                    } => {
                        frame_sinks.push(FrameSink {
                            source,
                            converter: FrameRateConverter::new(frame_rate),
                            queue,
                        });
                        let sender = sender.clone();
                        let console = console.clone();
                        scope.spawn(move || {
                            let sink = |packet| send_to(&sender, &tracks, packet);
                            let complain =
                                |error: &codecs::CodecError| console.warning(&super::chain(error));
                            encoder::run(&mut *encoder, queue, sink, complain)
                        });
                    }
                }
            }
            let dispatcher = Dispatcher {
                inlet: &mut self.inlet,
                pending: &mut self.pending,
                frame_sinks,
                packet_sinks,
                output: sender,
                read_rate: self.read_rate,
                limit_us: self.limit_us,
                stop: stop.clone(),
                console: console.clone(),
            };
            let input = scope.spawn(move || dispatcher.run());
            let poster = Poster {
                muxer,
                post,
                main_track,
                progress: Progress::new(console, Instant::now()),
                queues: &queues,
            };
            let posted = poster.run(packets);
            stop.aborted.store(true, Ordering::Relaxed);
            let input = input.join();
            (posted, input.unwrap_or((InputEnd::Aborted, 0)))
        });
        self.limit_us = self.limit_us.map(|limit| limit.saturating_sub(reached_us));
        self.session_end(posted, input_end, everything)
    }

    /// Puts together what the server and what the input said.
    fn session_end(&mut self, posted: Posted, input: InputEnd, everything: bool) -> SessionEnd {
        let end = match posted {
            Posted::Complete(end) => end,
            Posted::Early(end) => return self.early(end, everything),
            Posted::Mux(error) => return SessionEnd::Hopeless(super::chain(&error)),
        };
        match end {
            PostEnd::Status(refusal) if !(200..300).contains(&refusal.status) => {
                return self.refused(&refusal);
            }
            PostEnd::Status(_) => {}
            PostEnd::Closed => self.console.verbose("the server closed without a status"),
            PostEnd::Silent => self.console.warning("the server gave no final status"),
            PostEnd::Broken(error) => self.console.warning(&format!(
                "the connection broke at the end: {}",
                super::chain(&error)
            )),
        }
        match input {
            InputEnd::Finished | InputEnd::Interrupted | InputEnd::Aborted => SessionEnd::Finished,
            InputEnd::Failed(reason) => SessionEnd::Hopeless(reason),
            InputEnd::NewTracks(tracks) => {
                self.inlet.kind = InputKind::Packets(tracks);
                SessionEnd::NewTracks
            }
        }
    }

    /// The server ended the POST before the feeder did.
    fn early(&self, end: PostEnd, everything: bool) -> SessionEnd {
        match end {
            PostEnd::Status(refusal) if (200..300).contains(&refusal.status) => {
                SessionEnd::Lost(format!("the server ended the feed: {refusal}"))
            }
            PostEnd::Status(refusal) => self.refused(&refusal),
            PostEnd::Broken(error) => SessionEnd::Lost(super::chain(&error)),
            PostEnd::Closed | PostEnd::Silent if !everything => SessionEnd::Lost(
                "the server closed the connection; it may insist on every stream of the feed, \
                 and some were left out"
                    .to_owned(),
            ),
            PostEnd::Closed | PostEnd::Silent => {
                SessionEnd::Lost("the server closed the connection".to_owned())
            }
        }
    }

    /// What a status means for a feeder.
    fn refused(&self, refusal: &Refusal) -> SessionEnd {
        let taken = refusal.text.contains("already being received");
        match refusal.status {
            409 => SessionEnd::Busy(format!("another feeder is connected: {refusal}")),
            404 if taken => SessionEnd::Busy(format!("another feeder is connected: {refusal}")),
            404 => SessionEnd::Hopeless(format!(
                "the server has no feed {}, or does not let this host feed it: {refusal}",
                self.url.path
            )),
            401 | 403 => SessionEnd::Hopeless(format!("this host may not feed: {refusal}")),
            400 => SessionEnd::Hopeless(format!("the server refuses the feed: {refusal}")),
            408 | 429 | 503 => SessionEnd::Busy(format!("the server is too busy: {refusal}")),
            500.. => SessionEnd::Lost(format!("the server failed: {refusal}")),
            _ => SessionEnd::Hopeless(format!("the server answers {refusal}")),
        }
    }
}

/// How the POST went.
#[derive(Debug)]
enum Posted {
    /// All was sent, and this is the server's word on it.
    Complete(PostEnd),
    /// The server ended it.
    Early(PostEnd),
    /// A packet does not fit into FFM.
    Mux(MuxError),
}

/// Writes packets as they come.
struct Poster<'a> {
    muxer: FfmMuxer,
    post: Post,
    main_track: Option<usize>,
    progress: Progress,
    queues: &'a [FrameQueue],
}

impl Poster<'_> {
    fn run(mut self, packets: Receiver<Packet>) -> Posted {
        let mut blocks = Vec::new();
        if let Err(error) = self.muxer.write_header(Timestamp::ZERO, &mut blocks) {
            return Posted::Mux(error);
        }
        loop {
            if !blocks.is_empty()
                && let Err(error) = self.post.write_blocks(&blocks)
            {
                drop(packets);
                return Posted::Early(self.post.failed(error));
            }
            blocks.clear();
            if let Some(end) = self.post.ended() {
                return Posted::Early(end);
            }
            self.progress.show(Instant::now(), self.dropped());
            match packets.recv_timeout(ATTENTION) {
                Ok(packet) => {
                    if let Err(error) = self.mux(packet, &packets, &mut blocks) {
                        return Posted::Mux(error);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let dropped = self.dropped();
        if let Err(error) = self.muxer.finish(&mut blocks) {
            return Posted::Mux(error);
        }
        if let Err(error) = self.post.write_blocks(&blocks) {
            return Posted::Early(self.post.failed(error));
        }
        self.progress.finish(Instant::now(), dropped);
        Posted::Complete(self.post.finish())
    }

    /// Writes a packet, and those that are ready behind it, into one buffer.
    fn mux(
        &mut self,
        first: Packet,
        packets: &Receiver<Packet>,
        blocks: &mut Vec<u8>,
    ) -> Result<(), MuxError> {
        let mut next = Some(first);
        while let Some(packet) = next {
            let is_frame = Some(packet.track) == self.main_track;
            self.progress.count(packet.data.len(), is_frame);
            self.muxer.write_packet(&packet, blocks)?;
            if blocks.len() >= MAX_WRITE_BYTES {
                break;
            }
            next = packets.try_recv().ok();
        }
        Ok(())
    }

    fn dropped(&self) -> u64 {
        self.queues.iter().map(FrameQueue::dropped).sum()
    }
}

/// Sends a packet to each of its tracks. `false` if nobody takes it.
fn send_to(sender: &mpsc::SyncSender<Packet>, tracks: &[usize], packet: Packet) -> bool {
    tracks.iter().all(|track| {
        let packet = Packet {
            track: *track,
            ..packet.clone()
        };
        sender.send(packet).is_ok()
    })
}

fn lost(error: &io::Error) -> String {
    format!("the connection broke: {error}")
}

/// How long a server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a server may take to say what a feed wants.
const REPLY_TIMEOUT: Duration = Duration::from_secs(10);

/// Frames that may wait for an encoder.
const WAITING_FRAMES: usize = 8;

/// Packets that may wait to be sent.
const WAITING_PACKETS: usize = 64;

/// How long the sender waits for a packet before it looks at the server.
const ATTENTION: Duration = Duration::from_millis(100);

/// What is put into one write, roughly.
const MAX_WRITE_BYTES: usize = 256 * 1024;

/// How much of an input is looked at before it is sent.
const MAX_OBSERVED_US: i64 = 10_000_000;
const MAX_OBSERVED_BYTES: usize = 16 * 1024 * 1024;
const MAX_OBSERVED_ITEMS: usize = 2_000;
