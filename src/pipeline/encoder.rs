//! The loop of an encoder thread.

use codecs::{CodecError, VideoEncoder};
use media::Packet;

use super::queue::FrameQueue;

/// What an encoder thread did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EncoderReport {
    /// Frames that could not be encoded.
    pub failed: u64,
}

/// Encodes what the queue delivers until it is closed, then what the encoder still holds. `sink`
/// takes the packets in order, times in microseconds, and answers whether it wants more.
///
/// A frame that cannot be encoded is passed over; `complain` hears of the first.
pub fn run(
    encoder: &mut dyn VideoEncoder,
    queue: &FrameQueue,
    mut sink: impl FnMut(Packet) -> bool,
    mut complain: impl FnMut(&CodecError),
) -> EncoderReport {
    let mut report = EncoderReport::default();
    let mut failed = |error: &CodecError| {
        if report.failed == 0 {
            complain(error);
        }
        report.failed += 1;
    };
    let mut wanted = true;
    while wanted && let Some(timed) = queue.pop() {
        let mut frame = (*timed.frame).clone();
        frame.pts = timed.pts;
        match encoder.send_frame(&frame) {
            Ok(()) => wanted = drain(encoder, &mut sink, &mut failed),
            Err(error) => failed(&error),
        }
    }
    if wanted {
        match encoder.flush() {
            Ok(()) => {
                drain(encoder, &mut sink, &mut failed);
            }
            Err(error) => failed(&error),
        }
    }
    queue.abandon();
    report
}

/// Passes on the packets that are ready; `false` once the sink wants no more.
fn drain(
    encoder: &mut dyn VideoEncoder,
    sink: &mut impl FnMut(Packet) -> bool,
    failed: &mut impl FnMut(&CodecError),
) -> bool {
    loop {
        match encoder.receive_packet() {
            Ok(Some(packet)) => {
                if !sink(packet) {
                    return false;
                }
            }
            Ok(None) => return true,
            Err(error) => {
                failed(&error);
                return true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use media::{CodecId, Timestamp, VideoFrame};

    use super::*;
    use crate::pipeline::queue::WhenFull;
    use crate::pipeline::rate::TimedFrame;
    use crate::pipeline::tests::HoldingEncoder;

    fn queue_of(times: std::ops::Range<i64>) -> FrameQueue {
        let queue = FrameQueue::new(100, WhenFull::Wait);
        let frame = Arc::new(VideoFrame::black(2, 2, Timestamp(-1)));
        for time in times {
            queue.push(TimedFrame {
                frame: Arc::clone(&frame),
                pts: Timestamp(time),
            });
        }
        queue.close();
        queue
    }

    #[test]
    fn packets_carry_the_converted_times_and_the_flushed_ones_come_too() {
        let mut encoder = HoldingEncoder::new(2);
        let mut times = Vec::new();
        let report = run(
            &mut encoder,
            &queue_of(0..5),
            |packet| {
                times.push(packet.pts.0);
                true
            },
            |error| panic!("{error}"),
        );
        assert_eq!(times, [0, 1, 2, 3, 4]);
        assert_eq!(report, EncoderReport { failed: 0 });
    }

    #[test]
    fn frames_that_fail_are_passed_over_and_told_once() {
        let mut encoder = HoldingEncoder::new(0);
        encoder.refuse = |pts| pts % 2 == 1;
        let (mut times, mut complaints) = (Vec::new(), 0);
        let report = run(
            &mut encoder,
            &queue_of(0..6),
            |packet| {
                times.push(packet.pts.0);
                true
            },
            |error| {
                complaints += 1;
                assert!(matches!(
                    error,
                    CodecError::BackEnd {
                        codec: CodecId::H264,
                        ..
                    }
                ));
            },
        );
        assert_eq!(times, [0, 2, 4]);
        assert_eq!((report.failed, complaints), (3, 1));
    }

    #[test]
    fn a_sink_that_is_gone_ends_the_thread_and_frees_the_producer() {
        let queue = queue_of(0..5);
        let mut encoder = HoldingEncoder::new(0);
        let mut taken = 0;
        run(
            &mut encoder,
            &queue,
            |_| {
                taken += 1;
                taken < 2
            },
            |error| panic!("{error}"),
        );
        assert_eq!(taken, 2);
        assert!(!queue.push(TimedFrame {
            frame: Arc::new(VideoFrame::black(2, 2, Timestamp(9))),
            pts: Timestamp(9),
        }));
    }
}
