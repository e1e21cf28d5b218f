//! From a feeder's clock to the server's.
//!
//! Rings and hubs hold absolute time, microseconds since 1970. A feeder whose clock is near the
//! server's keeps its own times, so that several feeds stay in step; one that counts from zero
//! (ffmpeg's `-fflags bitexact`) or is far off is shifted by one constant. Within a feed time never
//! goes back, whatever a feeder does.

use media::{Packet, Timestamp};

/// How far a feeder's first time may be off the server's clock before it is shifted.
const TOLERANCE_US: i64 = 10_000_000;
/// A step between two packets beyond which the feeder's clock is taken to have jumped.
const JUMP_US: i64 = 10_000_000;
/// What separates a session from the one before if their times would overlap.
const SESSION_GAP_US: i64 = 40_000;

/// Places the packets of one feeder session in the feed's time.
#[derive(Debug)]
pub struct SessionTimeline {
    /// Added to the feeder's times; `None` before the first packet.
    shift_us: Option<i64>,
    /// The feeder's dts of the packet before, whatever its track.
    previous: Timestamp,
    /// The newest placed dts of the feed, earlier sessions included.
    newest: Option<Timestamp>,
    /// The newest placed dts of each track in this session.
    per_track: Vec<Option<Timestamp>>,
}

impl SessionTimeline {
    /// A timeline for `tracks` tracks; `newest` is the last time that earlier sessions published.
    #[must_use]
    pub fn new(tracks: usize, newest: Option<Timestamp>) -> Self {
        Self {
            shift_us: None,
            previous: Timestamp::ZERO,
            newest,
            per_track: vec![None; tracks],
        }
    }

    /// Moves a packet, times in microseconds, to the feed's time. `now` is the server's wall clock
    /// in microseconds since 1970.
    pub fn place(&mut self, packet: &mut Packet, now: Timestamp) {
        let step_us = packet.dts.since(self.previous);
        let shift_us = match self.shift_us {
            Some(shift_us) if step_us.saturating_abs() <= JUMP_US => shift_us,
            known => {
                packet.discontinuity = true;
                self.anchor(packet.dts, now, known.is_some())
            }
        };
        self.shift_us = Some(shift_us);
        self.previous = packet.dts;
        packet.dts = packet.dts.plus(shift_us);
        packet.pts = packet.pts.plus(shift_us);
        self.keep_rising(packet);
        self.newest = self.newest.max(Some(packet.dts));
    }

    /// The newest time of the feed.
    #[must_use]
    pub const fn newest(&self) -> Option<Timestamp> {
        self.newest
    }

    /// The shift for a session, or for the rest of one, that starts with `first`.
    fn anchor(&self, first: Timestamp, now: Timestamp, jumped: bool) -> i64 {
        let off_us = now.since(first);
        let shift_us = if jumped || off_us.saturating_abs() > TOLERANCE_US {
            off_us
        } else {
            0
        };
        match self.newest {
            Some(newest) if first.plus(shift_us) <= newest => {
                newest.plus(SESSION_GAP_US).since(first)
            }
            _ => shift_us,
        }
    }

    /// A repeated or reversed time becomes the next microsecond: containers demand rising times.
    fn keep_rising(&mut self, packet: &mut Packet) {
        if let Some(newest) = self.per_track.get_mut(packet.track) {
            if let Some(before) = *newest
                && packet.dts <= before
            {
                packet.dts = before.plus(1);
            }
            packet.pts = packet.pts.max(packet.dts);
            *newest = Some(packet.dts);
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    const NOW: i64 = 1_800_000_000_000_000;

    fn place(timeline: &mut SessionTimeline, dts: i64, now: i64) -> (i64, bool) {
        let mut packet = Packet {
            track: 0,
            pts: Timestamp(dts),
            dts: Timestamp(dts),
            duration: 0,
            key: true,
            discontinuity: false,
            data: Bytes::new(),
        };
        timeline.place(&mut packet, Timestamp(now));
        (packet.dts.0, packet.discontinuity)
    }

    #[test]
    fn a_clock_near_ours_is_kept_and_others_are_shifted_once() {
        for (name, first, want) in [
            ("exact", NOW, NOW),
            ("9 s behind", NOW - 9_000_000, NOW - 9_000_000),
            ("11 s behind", NOW - 11_000_000, NOW),
            ("11 s ahead", NOW + 11_000_000, NOW),
            ("counts from zero", -40_000, NOW),
        ] {
            let mut timeline = SessionTimeline::new(1, None);
            assert_eq!(place(&mut timeline, first, NOW).0, want, "{name}");
            assert_eq!(
                place(&mut timeline, first + 40_000, NOW + 5).0,
                want + 40_000,
                "{name}"
            );
        }
    }

    #[test]
    fn time_never_goes_back() {
        let mut timeline = SessionTimeline::new(1, Some(Timestamp(NOW + 1_000_000)));
        let (first, _) = place(&mut timeline, NOW, NOW);
        assert_eq!(
            first,
            NOW + 1_000_000 + SESSION_GAP_US,
            "after an earlier session"
        );
        assert_eq!(place(&mut timeline, NOW, NOW).0, first + 1, "repeated");
        assert_eq!(
            place(&mut timeline, NOW - 500_000, NOW).0,
            first + 2,
            "reversed"
        );
        assert_eq!(
            place(&mut timeline, NOW + 40_000, NOW).0,
            first + 40_000,
            "and on"
        );
        for absurd in [i64::MIN, i64::MAX, 0] {
            let before = timeline.newest();
            place(&mut timeline, absurd, NOW);
            assert!(timeline.newest() > before, "{absurd}");
        }
    }

    #[test]
    fn a_jump_is_a_discontinuity_and_returns_to_the_present() {
        let mut timeline = SessionTimeline::new(1, None);
        assert_eq!(
            place(&mut timeline, NOW, NOW),
            (NOW, true),
            "the first packet"
        );
        assert_eq!(
            place(&mut timeline, NOW + 40_000, NOW + 40_000),
            (NOW + 40_000, false)
        );
        let year = 31_536_000_000_000;
        assert_eq!(
            place(&mut timeline, NOW + year, NOW + 80_000),
            (NOW + 80_000, true),
            "ahead"
        );
        assert_eq!(
            place(&mut timeline, 0, NOW + 120_000),
            (NOW + 120_000, true),
            "back"
        );
    }

    #[test]
    fn faster_than_real_time_is_no_jump() {
        let mut timeline = SessionTimeline::new(1, None);
        for frame in 0..1_000 {
            let dts = NOW + frame * 100_000;
            assert_eq!(place(&mut timeline, dts, NOW).0, dts, "frame {frame}");
        }
    }
}
