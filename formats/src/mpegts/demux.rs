//! A transport stream to packets.

use std::collections::VecDeque;

use media::{TimeBase, Timestamp};

use crate::{DemuxError, Demuxed, Demuxer, InputBuffer, Need};

use super::FORMAT;
use super::packet::{PID_NULL, TsPacket};
use super::pes::{PesHeader, PesStart};
use super::programs::Programs;
use super::search::{Next, Place, Search};
use super::streams::Streams;
use super::sync::{Framed, Sync};
use super::units;

/// Reads the first program of a transport stream. Holds one PES packet of each stream (16 MiB each
/// at most), and until the tracks are known the packets of five seconds or 16 MiB.
///
/// The tracks are told when all streams of the program map have shown their parameters, and again
/// when they change. Times are unwrapped: each is taken as nearest to the one before, whole turns of
/// 2^33 added. Packets are lost where continuity counters say so: what they belonged to is dropped,
/// and the next packet of the track is a discontinuity.
///
/// It can seek once [`set_source_len`](Demuxer::set_source_len) was called.
#[derive(Debug)]
pub struct TsDemuxer {
    input: InputBuffer,
    sync: Sync,
    programs: Programs,
    streams: Streams,
    ready: VecDeque<Demuxed>,
    /// Packets have been found once.
    found: bool,
    source_len: Option<u64>,
    /// A time in 90 kHz ticks to go to, as soon as the tracks are known.
    wanted: Option<i64>,
    search: Option<Search>,
    ended: bool,
}

impl Default for TsDemuxer {
    fn default() -> Self {
        Self::new()
    }
}

impl TsDemuxer {
    /// A reader at the start of a source, or in its middle.
    #[must_use]
    pub fn new() -> Self {
        Self {
            input: InputBuffer::new(),
            sync: Sync::default(),
            programs: Programs::default(),
            streams: Streams::new(),
            ready: VecDeque::new(),
            found: false,
            source_len: None,
            wanted: None,
            search: None,
            ended: false,
        }
    }

    /// One step; `None` if it gave nothing to tell but there may be more.
    fn step(&mut self) -> Result<Option<Demuxed>, DemuxError> {
        if self.streams.announced()
            && let (Some(target), Some(len)) = (self.wanted.take(), self.source_len)
        {
            let (search, next) = Search::new(target, len);
            self.search = Some(search);
            return Ok(self.follow(next));
        }
        if self.ended {
            return Ok(Some(Demuxed::End));
        }
        match self.sync.next(&mut self.input) {
            Framed::Short if !self.input.ended() => Ok(Some(Demuxed::Need(Need::Bytes))),
            Framed::Short => self.end(),
            Framed::Found { offset, lost } => self.take_found(offset, lost),
            Framed::Packet(bytes, offset) => match TsPacket::parse(&bytes) {
                Some(packet) if !packet.header.error => self.take_packet(&packet, offset),
                _ => Err(DemuxError::Malformed {
                    format: FORMAT,
                    offset,
                    reason: "packet is marked as damaged or contradicts itself".to_owned(),
                }),
            },
        }
    }

    fn take_found(&mut self, offset: u64, lost: u64) -> Result<Option<Demuxed>, DemuxError> {
        let first = !std::mem::replace(&mut self.found, true);
        // A capture may start anywhere in a packet, and a search goes anywhere.
        if first || lost == 0 || self.search.is_some() {
            return Ok(None);
        }
        self.streams.lose();
        Err(DemuxError::Malformed {
            format: FORMAT,
            offset: offset - lost,
            reason: format!("{lost} bytes between packets are none"),
        })
    }

    fn take_packet(
        &mut self,
        packet: &TsPacket<'_>,
        offset: u64,
    ) -> Result<Option<Demuxed>, DemuxError> {
        let pid = packet.header.pid;
        if self.search.is_some() {
            return Ok(self.search_packet(packet, offset));
        }
        if pid == PID_NULL {
            return Ok(None);
        }
        if !self.programs.listens(pid) {
            self.streams.handle(packet, offset, &mut self.ready)?;
            return Ok(None);
        }
        let payload = packet.payload.unwrap_or_default();
        match self.programs.push(pid, packet.header.unit_start, payload) {
            Ok(None) => Ok(None),
            Ok(Some(map)) => self.streams.take_map(&map, offset).map(|()| None),
            Err(reason) => {
                self.programs.lose(pid);
                let reason = reason.to_owned();
                Err(DemuxError::Malformed {
                    format: FORMAT,
                    offset,
                    reason,
                })
            }
        }
    }

    fn search_packet(&mut self, packet: &TsPacket<'_>, offset: u64) -> Option<Demuxed> {
        let (pid, codec) = self.streams.searched()?;
        let payload = packet
            .payload
            .filter(|_| packet.header.pid == pid && packet.header.unit_start)?;
        let PesStart::Header(header, len) = PesHeader::parse(payload) else {
            return None;
        };
        let time = self.streams.time_from_start(header.dts.or(header.pts)?);
        let marked = packet.adaptation.is_some_and(|field| field.random_access);
        let data = payload.get(len..).unwrap_or_default();
        let key = marked || units::begins_key(codec, data);
        let next = self.search.as_mut()?.place(Place { offset, time, key });
        self.follow(next)
    }

    fn follow(&mut self, next: Next) -> Option<Demuxed> {
        let (offset, near) = match next {
            Next::On => return None,
            Next::From(offset) => (offset, None),
            Next::Found(offset, time) => {
                self.search = None;
                (offset, Some(time))
            }
            Next::Start => {
                self.search = None;
                (0, None)
            }
        };
        self.ended = false;
        self.streams.jump(near);
        self.sync.reset();
        self.input.seek(offset);
        Some(Demuxed::Need(Need::Seek(offset)))
    }

    fn end(&mut self) -> Result<Option<Demuxed>, DemuxError> {
        if let Some(search) = &mut self.search {
            let next = search.end();
            return Ok(self.follow(next));
        }
        self.ended = true;
        self.streams.finish(self.input.position(), &mut self.ready);
        let cut = !self.input.bytes().is_empty();
        if !self.found || cut {
            let offset = self.input.position() + self.input.bytes().len() as u64;
            return Err(DemuxError::Truncated {
                format: FORMAT,
                offset,
                what: "a packet",
            });
        }
        Ok(None)
    }
}

impl Demuxer for TsDemuxer {
    fn push(&mut self, bytes: &[u8]) {
        self.input.push(bytes);
    }

    fn push_end(&mut self) {
        self.input.push_end();
    }

    fn set_source_len(&mut self, len: u64) {
        self.source_len = Some(len);
    }

    fn next(&mut self) -> Result<Demuxed, DemuxError> {
        loop {
            let leaving = self.wanted.is_some() && self.streams.announced();
            while let Some(item) = self.ready.pop_front() {
                if !leaving || matches!(item, Demuxed::Tracks(_)) {
                    return Ok(item);
                }
            }
            if let Some(item) = self.step()? {
                return Ok(item);
            }
        }
    }

    /// Bisects the source by the times of the first video stream (of audio, if there is none), then
    /// looks back for a key frame. Times are taken to rise throughout the source. Called before the
    /// tracks are told, it takes effect then.
    fn seek(&mut self, to: Timestamp) -> Result<(), DemuxError> {
        if self.source_len.is_none() {
            return Err(DemuxError::NotSeekable);
        }
        self.wanted = Some(to.rescale(TimeBase::MICROS, TimeBase::MPEG).0);
        Ok(())
    }
}
