//! Audio PES data to frames. Frames and PES packets need not begin together.

use bytes::Bytes;
use media::bitstream::aac::{self, AdtsHeader};
use media::bitstream::mpeg_audio::MpegAudioHeader;
use media::{AudioParameters, CodecId, CodecParameters, MediaParameters};

use super::ac3::Ac3Header;

/// A frame with its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    /// Time in 90 kHz ticks.
    pub(super) pts: i64,
    /// Ticks it lasts.
    pub(super) duration: u64,
    /// The frame in the form of a packet.
    pub(super) data: Bytes,
    /// How it is coded.
    pub(super) params: CodecParameters,
}

/// Splits the data of one PID into frames.
#[derive(Debug)]
pub(super) struct Frames {
    codec: CodecId,
    /// Bytes of a frame that is not whole.
    rest: Vec<u8>,
    clock: Option<FrameClock>,
    /// A frame was found at its place: the next header needs no confirmation.
    synced: bool,
    /// Bytes passed over since the last report.
    skipped: u64,
}

/// Time as frames count it from the last PTS.
#[derive(Debug, Clone, Copy)]
struct FrameClock {
    pts: i64,
    samples: u64,
}

impl FrameClock {
    fn now(self, rate_hz: u32) -> i64 {
        let rate = u64::from(rate_hz.max(1));
        let ticks = self.samples.saturating_mul(90_000).saturating_add(rate / 2) / rate;
        self.pts.saturating_add_unsigned(ticks)
    }
}

/// A frame header, whatever the codec.
struct Head {
    header_len: usize,
    frame_len: usize,
    samples: u32,
    params: CodecParameters,
}

impl Frames {
    /// A splitter for this codec; MP2 stands for all of MPEG audio.
    pub(super) const fn new(codec: CodecId) -> Self {
        Self {
            codec,
            rest: Vec::new(),
            clock: None,
            synced: false,
            skipped: 0,
        }
    }

    /// Data is missing: forgets what is not whole.
    pub(super) fn lose(&mut self) {
        self.rest.clear();
        self.clock = None;
        self.synced = false;
    }

    /// Takes the data of a PES packet and gives the frames that are whole. Frames without any time
    /// before them are dropped.
    pub(super) fn push(&mut self, pts: Option<i64>, data: &[u8]) -> Vec<Frame> {
        // The PTS is that of the first frame that begins in this PES packet.
        let mut begins = self.rest.len();
        let mut pts = pts;
        let mut bytes = std::mem::take(&mut self.rest);
        bytes.extend_from_slice(data);
        let bytes = Bytes::from(bytes);
        let mut frames = Vec::new();
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| rest.len() >= MIN_HEADER) {
            if at >= begins
                && let Some(pts) = pts.take()
            {
                self.clock = Some(FrameClock { pts, samples: 0 });
                begins = usize::MAX;
            }
            let Some(head) = self.head(rest) else {
                at += 1;
                self.skipped += 1;
                self.synced = false;
                continue;
            };
            let Some(frame) = bytes.get(at + head.header_len..at + head.frame_len) else {
                break;
            };
            self.synced = true;
            if let Some(clock) = &mut self.clock {
                let rate_hz = head.params.audio().map_or(0, |audio| audio.sample_rate_hz);
                let start = clock.now(rate_hz);
                clock.samples += u64::from(head.samples);
                let duration = clock.now(rate_hz).abs_diff(start);
                let data = bytes.slice_ref(frame);
                frames.push(Frame {
                    pts: start,
                    duration,
                    data,
                    params: head.params,
                });
            }
            at += head.frame_len;
        }
        // The PTS also counts if the only frame that begins here is not whole.
        if let Some(pts) = pts
            && begins <= at
        {
            self.clock = Some(FrameClock { pts, samples: 0 });
        }
        self.rest = bytes.get(at..).unwrap_or_default().to_vec();
        frames
    }

    /// Bytes passed over since the last call, as no frame began there.
    pub(super) const fn take_skipped(&mut self) -> u64 {
        std::mem::replace(&mut self.skipped, 0)
    }

    /// The header at the start of `bytes`. Out of step, the next header has to be there as well.
    fn head(&self, bytes: &[u8]) -> Option<Head> {
        let head = parse(self.codec, bytes)?;
        match bytes.get(head.frame_len..) {
            Some(next) if !self.synced && next.len() >= MIN_HEADER => {
                parse(self.codec, next).map(|_| head)
            }
            _ => Some(head),
        }
    }
}

/// Bytes that are enough for every header.
const MIN_HEADER: usize = 7;

fn parse(codec: CodecId, bytes: &[u8]) -> Option<Head> {
    match codec {
        CodecId::Aac => AdtsHeader::parse(bytes).map(|header| Head {
            header_len: header.header_len,
            frame_len: header.frame_len,
            samples: aac::SAMPLES_PER_FRAME,
            params: params(
                CodecId::Aac,
                header.config.write().into(),
                header.config.sample_rate_hz,
                header.config.channels(),
            ),
        }),
        CodecId::Ac3 => Ac3Header::parse(bytes).map(|header| Head {
            header_len: 0,
            frame_len: header.frame_len,
            samples: Ac3Header::SAMPLES,
            params: params(
                CodecId::Ac3,
                Bytes::new(),
                header.sample_rate_hz,
                header.channels,
            ),
        }),
        _ => MpegAudioHeader::parse(bytes)
            .filter(|header| header.frame_len >= 4)
            .map(|header| Head {
                header_len: 0,
                frame_len: header.frame_len,
                samples: header.samples,
                params: params(
                    header.codec(),
                    Bytes::new(),
                    header.sample_rate_hz,
                    header.channels,
                ),
            }),
    }
}

fn params(codec: CodecId, config: Bytes, sample_rate_hz: u32, channels: u16) -> CodecParameters {
    let media = MediaParameters::Audio(AudioParameters {
        sample_rate_hz,
        channels,
    });
    CodecParameters {
        codec,
        bit_rate_bps: None,
        config,
        media,
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    /// Three layer II frames of 208 bytes (1152 samples at 44.1 kHz).
    fn three() -> Vec<u8> {
        let mut frame = hex!("fffd40c4").to_vec();
        frame.resize(208, 0x33);
        frame.repeat(3)
    }

    fn times(frames: &[Frame]) -> Vec<i64> {
        frames.iter().map(|frame| frame.pts).collect()
    }

    #[test]
    fn frames_across_packets_get_the_time_of_their_own_start() {
        let bytes = three();
        let mut frames = Frames::new(CodecId::Mp2);
        let first = frames.push(Some(1000), &bytes[..300]);
        assert_eq!(
            (times(&first), first[0].data.len(), first[0].duration),
            (vec![1000], 208, 2351)
        );
        assert_eq!(first[0].params.codec, CodecId::Mp2);
        // The second frame began before this PES packet, the third is the first to begin in it.
        assert_eq!(times(&frames.push(Some(9000), &bytes[300..])), [3351, 9000]);
        assert_eq!(frames.take_skipped(), 0);
    }

    #[test]
    fn times_between_do_not_drift() {
        let mut frames = Frames::new(CodecId::Mp2);
        let many = three().repeat(100);
        let times = times(&frames.push(Some(0), &many));
        assert_eq!(times.len(), 300);
        assert_eq!(times[299], (299 * 1152 * 90_000 + 22_050) / 44_100);
    }

    #[test]
    fn junk_is_passed_over_and_counted() {
        let mut bytes = hex!("fffd40c4 00 fffd 11").to_vec();
        bytes.extend(three());
        let mut frames = Frames::new(CodecId::Mp2);
        assert_eq!(times(&frames.push(Some(0), &bytes)).len(), 3);
        assert_eq!(frames.take_skipped(), 8);
        assert_eq!(frames.take_skipped(), 0);
    }

    #[test]
    fn frames_before_any_time_are_dropped() {
        let mut frames = Frames::new(CodecId::Mp2);
        assert_eq!(frames.push(None, &three()), []);
        assert_eq!(times(&frames.push(Some(5), &three())), [5, 2356, 4707]);
        frames.lose();
        assert_eq!(frames.push(None, &three()), []);
    }

    #[test]
    fn adts_headers_become_configuration() {
        let frame = [&hex!("fff15080 013ffc")[..], &hex!("2110")].concat();
        let mut frames = Frames::new(CodecId::Aac);
        let got = frames.push(Some(0), &frame.repeat(2));
        assert_eq!(times(&got), [0, 2090]);
        assert_eq!(got[1].data[..], hex!("2110"));
        assert_eq!(got[1].params.config[..], hex!("1210"));
    }
}
