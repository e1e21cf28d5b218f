//! Finding a time in a file: bisection by the times of one stream, then a look back for a key frame.

/// Spans of the source that are looked through rather than halved, in bytes.
const WINDOW: u64 = 256 << 10;

/// A search for the last key frame at or before a time. It is told of the places that the demuxer
/// comes by, and says where to read.
#[derive(Debug)]
pub(super) struct Search {
    target: i64,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    /// The time at `low` is not after the target; at `high` it is, or the source ends.
    Bisect { low: u64, high: u64, probed: u64 },
    /// Looking for key frames from `from` on; `limit` is where an earlier look began.
    Look {
        from: u64,
        limit: u64,
        span: u64,
        best: Option<(u64, i64)>,
    },
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Read on.
    On,
    /// Read from here.
    From(u64),
    /// The key frame is at this offset and time.
    Found(u64, i64),
    /// There is none before the target: go to the start.
    Start,
}

/// The start of an access unit in the source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) time: i64,
    pub(super) key: bool,
}

impl Search {
    /// A search for `target` in a source of `len` bytes.
    pub(super) fn new(target: i64, len: u64) -> (Self, Next) {
        let phase = Phase::Bisect {
            low: 0,
            high: len,
            probed: 0,
        };
        let mut search = Self { target, phase };
        let next = search.halve(0, len);
        (search, next)
    }

    /// The demuxer came by the start of an access unit.
    pub(super) fn place(&mut self, place: Place) -> Next {
        let late = place.time > self.target;
        match &mut self.phase {
            Phase::Bisect { low, high, probed } => {
                let (low, high) = match late || place.offset >= *high {
                    true => (*low, *probed),
                    false => (place.offset, *high),
                };
                self.halve(low, high)
            }
            Phase::Look { limit, best, .. } => {
                if late || place.offset >= *limit {
                    return self.look_back();
                }
                if place.key {
                    *best = Some((place.offset, place.time));
                }
                Next::On
            }
        }
    }

    /// The source ended.
    pub(super) fn end(&mut self) -> Next {
        match self.phase {
            Phase::Bisect { low, probed, .. } => self.halve(low, probed),
            Phase::Look { .. } => self.look_back(),
        }
    }

    fn halve(&mut self, low: u64, high: u64) -> Next {
        if high.saturating_sub(low) > WINDOW {
            let probed = low + (high - low) / 2;
            self.phase = Phase::Bisect { low, high, probed };
            return Next::From(probed);
        }
        let from = low.saturating_sub(WINDOW);
        self.phase = Phase::Look {
            from,
            limit: u64::MAX,
            span: WINDOW,
            best: None,
        };
        Next::From(from)
    }

    /// The span is looked through: its last key frame, or a longer span before it.
    fn look_back(&mut self) -> Next {
        match self.phase {
            Phase::Look {
                best: Some((offset, time)),
                ..
            } => Next::Found(offset, time),
            Phase::Look { from, span, .. } if from > 0 => {
                let (limit, span) = (from, span.saturating_mul(4));
                let from = from.saturating_sub(span);
                self.phase = Phase::Look {
                    from,
                    limit,
                    span,
                    best: None,
                };
                Next::From(from)
            }
            _ => Next::Start,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Searches a source with a unit of 1000 bytes each tick and a key frame every `gop` ticks, from
    /// tick 50 on. Gives the result and the number of units read.
    fn search(target: i64, count: u64, gop: u64) -> (Next, usize) {
        let (mut search, mut next) = Search::new(target, count * 1000);
        let (mut unit, mut read) = (0, 0);
        loop {
            match next {
                Next::From(offset) => unit = offset.div_ceil(1000),
                Next::On => unit += 1,
                done => return (done, read),
            }
            read += 1;
            next = match unit < count {
                true => search.place(Place {
                    offset: unit * 1000,
                    time: 50 + i64::try_from(unit).unwrap(),
                    key: unit % gop == 0,
                }),
                false => search.end(),
            };
        }
    }

    #[test]
    fn last_key_frame_before_the_time_is_found_by_few_reads() {
        for (name, target, count, gop, want) in [
            ("before the first", 49, 5_000, 25, None),
            ("the first", 50, 5_000, 25, Some(0)),
            ("between", 1_099, 5_000, 25, Some(1_025)),
            ("exactly", 1_100, 5_000, 25, Some(1_050)),
            ("after the last", 999_999, 5_000, 25, Some(4_975)),
            ("long groups", 4_999, 5_000, 2_000, Some(4_000)),
            ("one group", 4_999, 5_000, 10_000, Some(0)),
            ("short file", 60, 20, 5, Some(10)),
            ("long file", 654_321, 1_000_000, 50, Some(654_250)),
        ] {
            let want = want.map_or(Next::Start, |unit: u64| {
                Next::Found(unit * 1000, 50 + i64::try_from(unit).unwrap())
            });
            let (found, read) = search(target, count, gop);
            assert_eq!(found, want, "{name}");
            assert!(read < 900 || gop > 1000, "{name}: {read} units read");
        }
    }

    #[test]
    fn times_without_order_do_not_make_it_run_for_ever() {
        let mut random = crate::testing::Random(5);
        for _ in 0..200 {
            let (mut search, mut next) = Search::new(500, 10_000_000);
            let mut at = 0;
            let mut steps = 0;
            while matches!(next, Next::From(_) | Next::On) {
                at = if let Next::From(offset) = next {
                    offset
                } else {
                    at + 5000
                };
                let time = i64::try_from(random.below(1000)).unwrap();
                let key = random.below(500) == 0;
                next = match at < 10_000_000 {
                    true => search.place(Place {
                        offset: at,
                        time,
                        key,
                    }),
                    false => search.end(),
                };
                steps += 1;
                assert!(steps < 100_000);
            }
        }
    }
}
