//! The queue of frames in front of an encoder.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::rate::TimedFrame;

/// Frames that wait for an encoder: bounded, and it says what it does when full.
#[derive(Debug)]
pub struct FrameQueue {
    state: Mutex<State>,
    changed: Condvar,
    capacity: usize,
    when_full: WhenFull,
}

/// What a full queue does with one more frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenFull {
    /// The oldest waiting frame goes: nothing ever waits for the encoder. For live sources.
    DropOldest,
    /// The producer waits: nothing is lost. For files read as fast as it goes.
    Wait,
}

#[derive(Debug, Default)]
struct State {
    frames: VecDeque<TimedFrame>,
    dropped: u64,
    /// No more frames will be pushed.
    closed: bool,
    /// No more frames will be popped.
    abandoned: bool,
}

impl FrameQueue {
    /// An empty queue for `capacity` frames, at least one.
    #[must_use]
    pub fn new(capacity: usize, when_full: WhenFull) -> Self {
        Self {
            state: Mutex::default(),
            changed: Condvar::new(),
            capacity: capacity.max(1),
            when_full,
        }
    }

    /// Appends a frame. `false` if nobody will take it.
    pub fn push(&self, frame: TimedFrame) -> bool {
        let mut state = self.lock();
        while self.when_full == WhenFull::Wait
            && state.frames.len() >= self.capacity
            && !state.abandoned
        {
            state = self.wait(state);
        }
        if state.abandoned {
            return false;
        }
        if state.frames.len() >= self.capacity {
            state.frames.pop_front();
            state.dropped += 1;
        }
        state.frames.push_back(frame);
        self.changed.notify_all();
        true
    }

    /// Takes the oldest frame, waiting for one; `None` once the queue is closed and empty.
    pub fn pop(&self) -> Option<TimedFrame> {
        let mut state = self.lock();
        loop {
            if let Some(frame) = state.frames.pop_front() {
                self.changed.notify_all();
                return Some(frame);
            }
            if state.closed || state.abandoned {
                return None;
            }
            state = self.wait(state);
        }
    }

    /// The producer's last word: what waits is still delivered.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// The consumer's last word: what waits is forgotten, the producer does not wait any more.
    pub fn abandon(&self) {
        let mut state = self.lock();
        state.abandoned = true;
        state.frames.clear();
        self.changed.notify_all();
    }

    /// Frames dropped so far.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use media::{Timestamp, VideoFrame};

    use super::*;

    fn frame(time: i64) -> TimedFrame {
        TimedFrame {
            frame: Arc::new(VideoFrame::black(2, 2, Timestamp(time))),
            pts: Timestamp(time),
        }
    }

    fn drain(queue: &FrameQueue) -> Vec<i64> {
        std::iter::from_fn(|| queue.pop())
            .map(|frame| frame.pts.0)
            .collect()
    }

    #[test]
    fn a_full_live_queue_drops_the_oldest_and_counts() {
        let queue = FrameQueue::new(2, WhenFull::DropOldest);
        for time in 0..5 {
            assert!(queue.push(frame(time)));
        }
        queue.close();
        assert_eq!(drain(&queue), [3, 4]);
        assert_eq!(queue.dropped(), 3);
    }

    #[test]
    fn a_full_waiting_queue_loses_nothing() {
        let queue = FrameQueue::new(2, WhenFull::Wait);
        thread::scope(|scope| {
            scope.spawn(|| {
                for time in 0..100 {
                    assert!(queue.push(frame(time)));
                }
                queue.close();
            });
            assert_eq!(drain(&queue), (0..100).collect::<Vec<_>>());
        });
        assert_eq!(queue.dropped(), 0);
    }

    #[test]
    fn an_abandoned_queue_lets_its_producer_go() {
        let queue = FrameQueue::new(1, WhenFull::Wait);
        thread::scope(|scope| {
            let producer =
                scope.spawn(|| (0..).take_while(|time| queue.push(frame(*time))).count());
            assert!(queue.pop().is_some());
            queue.abandon();
            assert!(producer.join().unwrap() >= 1);
        });
        assert!(queue.pop().is_none());
    }
}
