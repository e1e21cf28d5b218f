//! The heart of a session: takes the input's items when they are due, hands packets on, decodes,
//! and deals frames out to the encoders.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use codecs::VideoDecoder;
use media::{Packet, Timestamp, Track, VideoFrame};

use super::console::Console;
use super::input::{Inlet, InputKind, Item};
use super::pace::Pacer;
use super::timeline::Timeline;
use crate::pipeline::queue::FrameQueue;
use crate::pipeline::rate::{FrameRateConverter, TimedFrame};

/// Why a session's input came to an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum InputEnd {
    /// It is exhausted, or `-t` is reached.
    Finished,
    /// The user asked.
    Interrupted,
    /// It goes on with other tracks, which need a session of their own.
    NewTracks(Vec<Track>),
    /// It cannot be read on.
    Failed(String),
    /// The session is over for another reason.
    Aborted,
}

/// What all threads of the feeder look at.
#[derive(Debug, Clone, Default)]
pub(super) struct Stop {
    /// The user wants an end.
    pub(super) interrupted: Arc<AtomicBool>,
    /// This session is over.
    pub(super) aborted: Arc<AtomicBool>,
}

/// An encoder's place among those who get frames.
#[derive(Debug)]
pub(super) struct FrameSink<'a> {
    /// Track of the input.
    pub(super) source: usize,
    /// Makes its rate.
    pub(super) converter: FrameRateConverter,
    /// Its queue.
    pub(super) queue: &'a FrameQueue,
}

/// A copied track's way to the output.
#[derive(Debug)]
pub(super) struct PacketSink {
    /// Track of the input.
    pub(super) source: usize,
    /// Tracks of the output.
    pub(super) tracks: Vec<usize>,
    /// A key frame was seen, with which a copy has to begin.
    pub(super) started: bool,
}

/// Runs a session's input.
#[derive(Debug)]
pub(super) struct Dispatcher<'a> {
    /// The input.
    pub(super) inlet: &'a mut Inlet,
    /// Items that were looked at before the session began.
    pub(super) pending: &'a mut VecDeque<Item>,
    /// Encoders.
    pub(super) frame_sinks: Vec<FrameSink<'a>>,
    /// Copies.
    pub(super) packet_sinks: Vec<PacketSink>,
    /// Where copied packets go.
    pub(super) output: SyncSender<Packet>,
    /// `-readrate`.
    pub(super) read_rate: f64,
    /// What is left of `-t`, in microseconds.
    pub(super) limit_us: Option<i64>,
    /// When to stop.
    pub(super) stop: Stop,
    /// Where warnings go.
    pub(super) console: Console,
}

/// The clock of a session, from its first item on.
struct Clock {
    pacer: Pacer,
    /// Wall clock at offset 0, in microseconds since 1970.
    start_us: i64,
    timeline: Timeline,
}

impl Dispatcher<'_> {
    /// Deals out items until there is a reason to stop; then closes the queues. Answers, too, how
    /// far it came, in microseconds.
    pub(super) fn run(mut self) -> (InputEnd, i64) {
        let mut clock = None;
        let mut decoder = None;
        let mut reached_us = 0;
        let end = loop {
            let item = match self.next_item() {
                Ok(item) => item,
                Err(end) => break end,
            };
            match self.deal(item, &mut clock, &mut decoder, &mut reached_us) {
                None => {}
                Some(end) => break end,
            }
        };
        if end != InputEnd::Aborted
            && let Some(decoder) = &mut decoder
        {
            self.drain_decoder(decoder, true);
        }
        for sink in &self.frame_sinks {
            sink.queue.close();
        }
        (end, reached_us)
    }

    fn next_item(&mut self) -> Result<Item, InputEnd> {
        loop {
            if let Some(end) = self.stopped() {
                return Err(end);
            }
            if let Some(item) = self.pending.pop_front() {
                return Ok(item);
            }
            match self.inlet.items.recv_timeout(ATTENTION) {
                Ok(item) => return Ok(item),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(InputEnd::Finished),
            }
        }
    }

    fn stopped(&self) -> Option<InputEnd> {
        if self.stop.aborted.load(Ordering::Relaxed) {
            return Some(InputEnd::Aborted);
        }
        self.stop
            .interrupted
            .load(Ordering::Relaxed)
            .then_some(InputEnd::Interrupted)
    }

    fn deal(
        &mut self,
        item: Item,
        clock: &mut Option<Clock>,
        decoder: &mut Option<Decoding>,
        reached_us: &mut i64,
    ) -> Option<InputEnd> {
        let dts = match &item {
            Item::Frame(frame) => frame.pts,
            Item::Packet(packet) => packet.dts,
            Item::Damage(error) => {
                self.console.warning(&format!("input: {error}"));
                return None;
            }
            Item::Tracks(_) | Item::Failed(_) | Item::End => return Some(end_of(item)),
        };
        let clock = clock.get_or_insert_with(|| self.start_clock());
        let shift = clock.timeline.shift_at(dts.0);
        let offset = dts.0.saturating_add(shift);
        if self.limit_us.is_some_and(|limit| offset >= limit) {
            return Some(InputEnd::Finished);
        }
        if let Some(end) = self.wait_until_due(&clock.pacer, offset) {
            // What was not sent belongs to the next session.
            self.pending.push_front(item);
            return Some(end);
        }
        *reached_us = (*reached_us).max(offset);
        let absolute = |time: Timestamp| time.plus(shift).plus(clock.start_us);
        let wanted = match item {
            Item::Frame(frame) => {
                let pts = absolute(frame.pts);
                self.deal_frame(0, frame, pts)
            }
            Item::Packet(packet) => {
                let packet = Packet {
                    pts: absolute(packet.pts),
                    dts: absolute(packet.dts),
                    ..packet
                };
                self.deal_packet(packet, decoder)
            }
            _ => true,
        };
        (!wanted).then_some(InputEnd::Aborted)
    }

    fn start_clock(&self) -> Clock {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let read_rate = if self.inlet.keeps_time {
            0.0
        } else {
            self.read_rate
        };
        Clock {
            pacer: Pacer::new(Instant::now(), read_rate),
            start_us: i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX),
            timeline: Timeline::default(),
        }
    }

    fn wait_until_due(&self, pacer: &Pacer, offset_us: i64) -> Option<InputEnd> {
        while let Some(wait) = pacer.wait(Instant::now(), offset_us) {
            if let Some(end) = self.stopped() {
                return Some(end);
            }
            thread::sleep(wait.min(ATTENTION));
        }
        None
    }

    /// Gives a frame to the encoders of its source. `false` if one of them is gone.
    fn deal_frame(&mut self, source: usize, frame: VideoFrame, pts: Timestamp) -> bool {
        let frame = Arc::new(frame);
        let mut converted = Vec::new();
        let sinks = &mut self.frame_sinks;
        sinks
            .iter_mut()
            .filter(|sink| sink.source == source)
            .all(|sink| {
                let frame = Arc::clone(&frame);
                sink.converter
                    .push(TimedFrame { frame, pts }, &mut converted);
                converted.drain(..).all(|timed| sink.queue.push(timed))
            })
    }

    /// Hands a packet on and decodes it, where wanted. `false` if nobody takes it.
    fn deal_packet(&mut self, packet: Packet, decoder: &mut Option<Decoding>) -> bool {
        if !self.copy_packet(&packet) {
            return false;
        }
        let source = packet.track;
        if !self.frame_sinks.iter().any(|sink| sink.source == source) {
            return true;
        }
        if decoder.is_none() {
            *decoder = self.open_decoder(source);
        }
        let Some(decoding) = decoder else {
            return false;
        };
        if !decoding.started && !packet.key {
            return true;
        }
        decoding.started = true;
        if let Err(error) = decoding.decoder.send_packet(&packet) {
            decoding.complain(&self.console, &error);
        }
        self.drain_decoder(decoding, false)
    }

    fn copy_packet(&mut self, packet: &Packet) -> bool {
        let sinks = &mut self.packet_sinks;
        for sink in sinks.iter_mut().filter(|sink| sink.source == packet.track) {
            sink.started |= packet.key;
            if !sink.started {
                continue;
            }
            for track in &sink.tracks {
                let packet = Packet {
                    track: *track,
                    discontinuity: false,
                    ..packet.clone()
                };
                if self.output.send(packet).is_err() {
                    return false;
                }
            }
        }
        true
    }

    fn open_decoder(&self, source: usize) -> Option<Decoding> {
        let InputKind::Packets(tracks) = &self.inlet.kind else {
            return None;
        };
        let params = &tracks.get(source)?.params;
        match codecs::video_decoder(params.codec, &params.config) {
            Ok(decoder) => Some(Decoding {
                decoder,
                source,
                started: false,
                failed: 0,
            }),
            Err(error) => {
                self.console.error(&format!("input: {error}"));
                None
            }
        }
    }

    /// Deals out the frames that are ready. `false` if nobody takes them.
    fn drain_decoder(&mut self, decoding: &mut Decoding, at_end: bool) -> bool {
        if at_end && let Err(error) = decoding.decoder.flush() {
            decoding.complain(&self.console, &error);
        }
        loop {
            match decoding.decoder.receive_frame() {
                Ok(Some(frame)) => {
                    let pts = frame.pts;
                    if !self.deal_frame(decoding.source, frame, pts) {
                        return false;
                    }
                }
                Ok(None) => return true,
                Err(error) => {
                    decoding.complain(&self.console, &error);
                    return true;
                }
            }
        }
    }
}

/// A decoder at work.
#[derive(Debug)]
struct Decoding {
    decoder: Box<dyn VideoDecoder>,
    source: usize,
    /// A key frame was seen.
    started: bool,
    failed: u64,
}

impl Decoding {
    /// Tells of the first fault; damaged files have thousands.
    fn complain(&mut self, console: &Console, error: &codecs::CodecError) {
        if self.failed == 0 {
            console.warning(&format!("input: {error}"));
        }
        self.failed += 1;
    }
}

fn end_of(item: Item) -> InputEnd {
    match item {
        Item::Tracks(tracks) => InputEnd::NewTracks(tracks),
        Item::Failed(reason) => InputEnd::Failed(reason),
        _ => InputEnd::Finished,
    }
}

/// How long a thread may wait before it looks whether it is to stop.
const ATTENTION: Duration = Duration::from_millis(50);
