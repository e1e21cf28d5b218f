//! Where a packet stands in a stream that has no timestamps.
//!
//! AVI counts: the n-th chunk of a video stream is shown at n frame durations. A packet's place is
//! therefore `round((dts - origin) / unit)`, where a unit is a frame (of samples for audio) and the
//! origin is the dts of the first packet of all tracks. The rules:
//!
//! - A place beyond the next one leaves a gap, which the muxer fills (zero-length chunks, silence).
//! - A place that is taken already (two packets within one frame, or time that went back a little)
//!   becomes the next one: nothing is lost and the order stays. The track then runs ahead of its
//!   clock until a gap lets the clock catch up.
//! - A packet further away than [`MAX_GAP`] in either direction, or more units
//!   than its track allows, restarts the
//!   numbering: the origin moves, for all tracks alike, so that this packet takes the next place.

use media::{TimeBase, Timestamp};

/// The longest gap that is filled, 10 s in µs: as long as viewers are held after a feeder's loss.
const MAX_GAP: i64 = 10_000_000;

/// The origin of all tracks of a muxer.
#[derive(Debug, Default)]
pub(super) struct Origin {
    /// Time of place 0 in µs; `None` before the first packet.
    micros: Option<i64>,
}

/// The next place of one track.
#[derive(Debug, Clone)]
pub(super) struct Places {
    /// What the packets' times count in.
    time_base: TimeBase,
    /// Seconds per place.
    unit: TimeBase,
    /// The first place not taken.
    next: i64,
    /// Places beyond which the numbering restarts.
    max_fill: i64,
}

/// Where a packet goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Places between the last packet and this one.
    pub(super) gap: u64,
    /// What [`Origin`] becomes once the packet is written.
    origin: i64,
}

impl Place {
    /// The place right after the last packet. The origin stays, so that gaps left out add up.
    pub(super) const fn without_gap(self) -> Self {
        Self { gap: 0, ..self }
    }
}

impl Places {
    /// `max_fill`: the most units that a gap is filled with.
    pub(super) fn new(time_base: TimeBase, unit: TimeBase, max_fill: i64) -> Self {
        let max_gap = Timestamp(MAX_GAP).rescale(TimeBase::MICROS, unit).0;
        Self {
            time_base,
            unit,
            next: 0,
            max_fill: max_gap.min(max_fill),
        }
    }

    /// The place of a packet with this dts. Nothing changes until [`Self::take`].
    pub(super) fn find(&self, origin: &Origin, dts: Timestamp) -> Place {
        let now = dts.rescale(self.time_base, TimeBase::MICROS);
        let origin = origin.micros.unwrap_or(now.0);
        let place = Timestamp(now.since(Timestamp(origin))).rescale(TimeBase::MICROS, self.unit);
        let gap = place.since(Timestamp(self.next));
        if gap.saturating_abs() > self.max_fill {
            let next = Timestamp(self.next).rescale(self.unit, TimeBase::MICROS);
            return Place {
                gap: 0,
                origin: now.since(next),
            };
        }
        Place {
            gap: u64::try_from(gap).unwrap_or(0),
            origin,
        }
    }

    /// Takes a place, and all up to it, for a packet that lasts `units`.
    pub(super) fn take(&mut self, origin: &mut Origin, place: Place, units: u64) {
        let taken = i64::try_from(place.gap.saturating_add(units)).unwrap_or(i64::MAX);
        self.next = self.next.saturating_add(taken);
        origin.micros = Some(place.origin);
    }

    /// Seconds per place.
    pub(super) const fn unit(&self) -> TimeBase {
        self.unit
    }

    /// Places taken so far.
    pub(super) fn taken(&self) -> u64 {
        u64::try_from(self.next).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gaps before each packet of a 25 fps track with times in ms.
    fn gaps(times_ms: &[i64]) -> Vec<u64> {
        let mut origin = Origin::default();
        let mut places = Places::new(TimeBase::MILLIS, TimeBase::new(1, 25).unwrap(), 1000);
        times_ms
            .iter()
            .map(|ms| {
                let place = places.find(&origin, Timestamp(*ms));
                places.take(&mut origin, place, 1);
                place.gap
            })
            .collect()
    }

    #[test]
    fn a_packet_takes_the_place_of_its_time() {
        for (name, times_ms, want) in [
            ("steady", &[0, 40, 80, 120][..], &[0, 0, 0, 0][..]),
            (
                "from an absolute clock",
                &[1_795_329_051_200, 1_795_329_051_240],
                &[0, 0],
            ),
            ("negative start", &[-80, -40, 0], &[0, 0, 0]),
            (
                "jitter below half a frame",
                &[0, 58, 62, 120],
                &[0, 0, 0, 0],
            ),
            ("one lost", &[0, 40, 120, 160], &[0, 0, 1, 0]),
            ("half the rate", &[0, 80, 160], &[0, 1, 1]),
            ("two at once", &[0, 40, 41, 120, 160], &[0, 0, 0, 0, 0]),
            (
                "two at once, then on time",
                &[0, 40, 41, 80, 160],
                &[0, 0, 0, 0, 0],
            ),
            ("back a little", &[0, 40, 80, 20, 160], &[0, 0, 0, 0, 0]),
            ("10 s are filled", &[0, 10_040, 10_080], &[0, 250, 0]),
            (
                "longer restarts",
                &[0, 10_080, 10_120, 10_200],
                &[0, 0, 0, 1],
            ),
            (
                "a day back restarts",
                &[86_400_000, 0, 40, 120],
                &[0, 0, 0, 1],
            ),
        ] {
            assert_eq!(gaps(times_ms), want, "{name}");
        }
    }

    #[test]
    fn a_restart_moves_all_tracks() {
        let mut origin = Origin::default();
        let mut video = Places::new(TimeBase::MILLIS, TimeBase::new(1, 25).unwrap(), 1000);
        let mut audio = Places::new(TimeBase::MILLIS, TimeBase::new(1, 50).unwrap(), 1000);
        for (video_ms, audio_ms, audio_gap) in [(0, 0, 0), (60_000, 60_000, 1), (60_040, 60_020, 0)]
        {
            let place = video.find(&origin, Timestamp(video_ms));
            assert_eq!(place.gap, 0);
            video.take(&mut origin, place, 1);
            let place = audio.find(&origin, Timestamp(audio_ms));
            assert_eq!(place.gap, audio_gap, "at {audio_ms} ms");
            audio.take(&mut origin, place, 1);
        }
    }

    #[test]
    fn extreme_times_are_no_trouble() {
        let mut origin = Origin::default();
        let mut places = Places::new(
            TimeBase::MPEG,
            TimeBase::new(1, u32::MAX).unwrap(),
            i64::MAX,
        );
        for dts in [i64::MIN, i64::MAX, 0, i64::MIN, -1, i64::MAX] {
            let place = places.find(&origin, Timestamp(dts));
            places.take(&mut origin, place, u64::MAX);
        }
        assert_eq!(places.taken(), i64::MAX as u64);
    }
}
