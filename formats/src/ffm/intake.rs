//! Frames become packets of tracks in the form that the program holds them.

use std::collections::VecDeque;

use bytes::Bytes;
use media::bitstream::aac::AdtsHeader;
use media::bitstream::nal::{self, NalType};
use media::{CodecId, MediaParameters, Packet, Track};

use super::frame::Frame;
use super::header::Header;
use super::tracks;
use crate::Demuxed;

/// Packets held back while a track is not fully known.
const MAX_HELD_PACKETS: usize = 256;

/// Bytes of the packets held back.
const MAX_HELD_BYTES: usize = 8 << 20;

/// Turns frames into packets. Feeders keep back in the header what they tell in the first frames:
/// parameter sets, and the frame rate. The tracks are announced when that is known, so until then
/// packets are held back, within limits.
#[derive(Debug)]
pub(super) struct Intake {
    tracks: Vec<Track>,
    /// Per stream of the header.
    streams: Vec<Option<StreamIntake>>,
    announced: bool,
    held_bytes: usize,
    held: VecDeque<Packet>,
    ready: VecDeque<Demuxed>,
    /// A break fell on a stream that is left out.
    broken: bool,
}

#[derive(Debug)]
struct StreamIntake {
    track: usize,
    nal_length_size: Option<usize>,
    /// The first frames are still to tell something.
    waiting: bool,
}

impl Intake {
    /// The intake of a source, and what of it is not supported, in words: such streams are left
    /// out.
    pub(super) fn new(header: &Header) -> (Self, Vec<String>) {
        let mut unsupported = Vec::new();
        let mut all = Vec::new();
        let mut streams = Vec::new();
        for (index, stream) in header.streams.iter().enumerate() {
            match tracks::track(stream) {
                Ok(track) => {
                    let avc = track.params.codec == CodecId::H264;
                    streams.push(Some(StreamIntake {
                        track: all.len(),
                        nal_length_size: avc.then(|| tracks::nal_length_size(stream)).flatten(),
                        waiting: lacks_something(&track),
                    }));
                    all.push(track);
                }
                Err(what) => {
                    unsupported.push(format!("stream {index}: {what}"));
                    streams.push(None);
                }
            }
        }
        let mut intake = Self {
            tracks: all,
            streams,
            announced: false,
            held_bytes: 0,
            held: VecDeque::new(),
            ready: VecDeque::new(),
            broken: false,
        };
        intake.announce_if_known();
        (intake, unsupported)
    }

    /// What is ready, in order.
    pub(super) fn pop(&mut self) -> Option<Demuxed> {
        self.ready.pop_front()
    }

    /// Takes a frame; `Err` says why it is dropped.
    pub(super) fn push(&mut self, mut frame: Frame) -> Result<(), &'static str> {
        frame.discontinuity |= self.broken;
        let stream = self.streams.get_mut(usize::from(frame.stream));
        let Some(stream) = stream.and_then(Option::as_mut) else {
            self.broken = frame.discontinuity;
            return Ok(());
        };
        self.broken = false;
        let index = stream.track;
        let Some(track) = self.tracks.get_mut(index) else {
            return Ok(());
        };
        let mut packet = frame.into_packet(index);
        let changed = normalise(&mut packet, track, stream.nal_length_size)?;
        if stream.waiting {
            learn(&packet, track);
            stream.waiting = lacks_something(track) && !packet.key;
        }
        if self.announced {
            if changed {
                self.ready.push_back(Demuxed::Tracks(self.tracks.clone()));
            }
            self.ready.push_back(Demuxed::Packet(packet));
        } else {
            self.held_bytes += packet.data.len();
            self.held.push_back(packet);
            self.announce_if_known();
        }
        Ok(())
    }

    /// No more frames come.
    pub(super) fn finish(&mut self) {
        if !self.announced {
            self.announce();
        }
    }

    fn announce_if_known(&mut self) {
        let known = self.streams.iter().flatten().all(|stream| !stream.waiting);
        let full = self.held.len() >= MAX_HELD_PACKETS || self.held_bytes >= MAX_HELD_BYTES;
        if known || full {
            self.announce();
        }
    }

    fn announce(&mut self) {
        self.announced = true;
        self.held_bytes = 0;
        self.ready.push_back(Demuxed::Tracks(self.tracks.clone()));
        self.ready.extend(self.held.drain(..).map(Demuxed::Packet));
    }
}

/// Whether the first frames can tell more of the track than its header does.
fn lacks_something(track: &Track) -> bool {
    let no_sets = track.params.codec == CodecId::H264 && track.params.config.is_empty();
    let video = track.params.video();
    no_sets || video.is_some_and(|video| video.frame_rate.is_none())
}

/// Takes from a packet what the header left out.
fn learn(packet: &Packet, track: &mut Track) {
    if let MediaParameters::Video(video) = &mut track.params.media
        && video.frame_rate.is_none()
    {
        let duration_us = u32::try_from(packet.duration).unwrap_or(0);
        video.frame_rate = tracks::rate_of_duration(duration_us);
    }
}

/// Brings the packet into the form that the program holds it in; whether the track's configuration
/// is another than before.
fn normalise(
    packet: &mut Packet,
    track: &mut Track,
    nal_length_size: Option<usize>,
) -> Result<bool, &'static str> {
    match track.params.codec {
        CodecId::H264 => normalise_avc(packet, track, nal_length_size),
        CodecId::Aac => Ok(normalise_aac(packet, track)),
        _ => Ok(false),
    }
}

fn normalise_avc(
    packet: &mut Packet,
    track: &mut Track,
    nal_length_size: Option<usize>,
) -> Result<bool, &'static str> {
    if let Some(length_size) = nal_length_size {
        let mut annex_b = Vec::with_capacity(packet.data.len() + 16);
        nal::length_prefixed_to_annex_b(&packet.data, length_size, &mut annex_b)
            .map_err(|_| "a NAL length points past its frame")?;
        packet.data = annex_b.into();
    }
    if !packet.key {
        return Ok(false);
    }
    if !nal::has_sps(&packet.data) {
        packet.data = with_parameter_sets(&packet.data, &track.params.config);
        return Ok(false);
    }
    let sets = nal::parameter_sets(&packet.data);
    if sets == track.params.config {
        return Ok(false);
    }
    track.params.config = sets.into();
    tracks::size_from_config(&mut track.params);
    Ok(true)
}

/// The access unit with the parameter sets in front, behind an access unit delimiter if there is
/// one (ITU-T H.264, 7.4.1.2.3).
fn with_parameter_sets(access_unit: &[u8], sets: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(access_unit.len() + sets.len() + 8);
    let mut nals = nal::annex_b(access_unit).peekable();
    if let Some(delimiter) = nals.next_if(|nal| NalType::of(nal) == Some(NalType::AUD)) {
        nal::push_annex_b(delimiter, &mut out);
    }
    out.extend(sets);
    for nal in nals {
        nal::push_annex_b(nal, &mut out);
    }
    out.into()
}

/// Takes an ADTS header off; it tells the configuration.
fn normalise_aac(packet: &mut Packet, track: &mut Track) -> bool {
    let header = AdtsHeader::parse(&packet.data);
    let Some(header) = header.filter(|header| header.frame_len == packet.data.len()) else {
        return false;
    };
    packet.data = packet.data.slice(header.header_len..);
    let config = header.config.write();
    if config == track.params.config {
        return false;
    }
    track.params.config = config.into();
    true
}
