//! The tracks of a source as they become known: containers without a list of tracks up front tell
//! them only when each has shown its parameters.

use std::collections::VecDeque;

use media::{CodecParameters, Packet, TimeBase, Track};

use crate::Demuxed;

/// Tracks in the making, and the packets that wait for them to be told.
#[derive(Debug)]
pub(crate) struct Lineup {
    time_base: TimeBase,
    /// Stream time that packets wait at most, in ticks.
    max_wait: i64,
    /// Bytes that wait at most, but for the last packet.
    max_wait_bytes: usize,
    slots: Vec<Slot>,
    /// Packets with their slot.
    waiting: VecDeque<(usize, Packet)>,
    waiting_bytes: usize,
    announced: bool,
    /// The tracks are not those told last.
    changed: bool,
}

#[derive(Debug, Default)]
struct Slot {
    /// It may still show its parameters.
    expected: bool,
    params: Option<CodecParameters>,
    /// Place in the list of tracks told last.
    index: Option<usize>,
}

impl Lineup {
    /// A lineup without slots, for tracks of this time base.
    pub(crate) const fn new(time_base: TimeBase, max_wait: i64, max_wait_bytes: usize) -> Self {
        Self {
            time_base,
            max_wait,
            max_wait_bytes,
            slots: Vec::new(),
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            announced: false,
            changed: false,
        }
    }

    /// Adds a slot for a track; slots are told in the order they were added.
    pub(crate) fn add(&mut self, expected: bool) -> usize {
        self.slots.push(Slot {
            expected,
            ..Slot::default()
        });
        self.slots.len() - 1
    }

    /// Says whether the track may still show its parameters.
    pub(crate) fn expect(&mut self, slot: usize, expected: bool) {
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.expected = expected;
        }
    }

    /// The track is no more.
    pub(crate) fn remove(&mut self, slot: usize) {
        if let Some(slot) = self.slots.get_mut(slot) {
            self.changed |= slot.params.is_some();
            *slot = Slot::default();
        }
    }

    /// The parameters of a track, once known.
    pub(crate) fn params(&self, slot: usize) -> Option<&CodecParameters> {
        self.slots.get(slot)?.params.as_ref()
    }

    /// Takes the parameters of a track, which may be new or those it had.
    pub(crate) fn set_params(&mut self, slot: usize, params: CodecParameters) {
        if let Some(slot) = self.slots.get_mut(slot)
            && slot.params.as_ref() != Some(&params)
        {
            slot.params = Some(params);
            self.changed = true;
        }
    }

    /// Whether the tracks have been told.
    pub(crate) const fn announced(&self) -> bool {
        self.announced
    }

    /// Takes a packet of a track whose parameters are known; others are dropped.
    pub(crate) fn queue(&mut self, slot: usize, packet: Packet) {
        if self.params(slot).is_some() {
            // The wait is measured in what waits, so a change is told before the packet after it.
            self.waiting_bytes += packet.data.len();
            self.waiting.push_back((slot, packet));
        }
    }

    /// Forgets what waits.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
        self.waiting_bytes = 0;
    }

    /// Hands over what waits, if the tracks are known or enough has been waited for them.
    pub(crate) fn release(&mut self, ready: &mut VecDeque<Demuxed>) {
        let (Some((_, first)), Some((_, last))) = (self.waiting.front(), self.waiting.back())
        else {
            return;
        };
        let enough =
            last.dts.since(first.dts) >= self.max_wait || self.waiting_bytes >= self.max_wait_bytes;
        let settled = self
            .slots
            .iter()
            .all(|slot| !slot.expected || slot.params.is_some());
        if self.announced || settled || enough {
            self.let_go(ready);
        }
    }

    /// No more will come: hands over what waits.
    pub(crate) fn finish(&mut self, ready: &mut VecDeque<Demuxed>) {
        if !self.waiting.is_empty() {
            self.let_go(ready);
        }
    }

    fn let_go(&mut self, ready: &mut VecDeque<Demuxed>) {
        if !self.announced || self.changed {
            self.announce(ready);
        }
        self.waiting_bytes = 0;
        for (slot, mut packet) in self.waiting.drain(..) {
            if let Some(index) = self.slots.get(slot).and_then(|slot| slot.index) {
                packet.track = index;
                ready.push_back(Demuxed::Packet(packet));
            }
        }
    }

    fn announce(&mut self, ready: &mut VecDeque<Demuxed>) {
        self.announced = true;
        self.changed = false;
        let mut tracks = Vec::new();
        for slot in &mut self.slots {
            slot.index = slot.params.as_ref().map(|params| {
                tracks.push(Track {
                    time_base: self.time_base,
                    params: params.clone(),
                });
                tracks.len() - 1
            });
        }
        ready.push_back(Demuxed::Tracks(tracks));
    }
}
