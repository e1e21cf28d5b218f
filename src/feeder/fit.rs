//! Whether packets of the input are already what the feed asks for, so that they can go out as they
//! are.

use media::{CodecId, Packet, Timestamp, Track};

use super::asked::AskedVideo;

/// What the first packets of a video track show. Times in microseconds.
#[derive(Debug, Clone, Default)]
pub(super) struct Observation {
    first_dts: Option<Timestamp>,
    last_dts: Timestamp,
    packets: u32,
    shortest_step_us: i64,
    longest_step_us: i64,
    reordered: bool,
    bytes: u64,
    keys: u32,
    since_key: u32,
    longest_gop: u32,
}

impl Observation {
    /// Takes the next packet of the track.
    pub(super) fn add(&mut self, packet: &Packet) {
        match self.first_dts {
            None => {
                self.first_dts = Some(packet.dts);
                self.shortest_step_us = i64::MAX;
            }
            Some(_) => {
                let step = packet.dts.since(self.last_dts);
                self.shortest_step_us = self.shortest_step_us.min(step);
                self.longest_step_us = self.longest_step_us.max(step);
            }
        }
        self.last_dts = packet.dts;
        self.packets = self.packets.saturating_add(1);
        self.bytes = self.bytes.saturating_add(packet.data.len() as u64);
        self.reordered |= packet.pts != packet.dts;
        if packet.key {
            self.keys = self.keys.saturating_add(1);
            self.since_key = 0;
        }
        self.since_key = self.since_key.saturating_add(1);
        self.longest_gop = self.longest_gop.max(self.since_key);
    }

    /// Whether more packets would tell nothing new: two whole groups of pictures were seen.
    pub(super) const fn is_enough(&self) -> bool {
        self.keys >= 3 && self.packets >= MIN_PACKETS
    }

    /// Time from the first packet to the last, in microseconds.
    pub(super) fn span_us(&self) -> i64 {
        self.first_dts.map_or(0, |first| self.last_dts.since(first))
    }

    /// Mean distance of two packets, in microseconds.
    fn mean_step_us(&self) -> Option<f64> {
        let steps = self.packets.checked_sub(1).filter(|steps| *steps > 0)?;
        Some(self.span_us() as f64 / f64::from(steps)) // rounding does not matter here
    }
}

/// Whether packets of `track`, of which `observed` is known, can go out as `asked`; else what
/// speaks against it.
pub(super) fn fits(
    codec: CodecId,
    asked: &AskedVideo,
    bit_rate_bps: Option<u32>,
    track: &Track,
    observed: &Observation,
) -> Result<(), String> {
    if track.params.codec != codec {
        return Err(format!("it is {}", track.params.codec));
    }
    let video = track.params.video().ok_or("it is no video")?;
    let size = (video.width_px, video.height_px);
    if let Some(wanted) = asked.size_px.filter(|wanted| *wanted != size) {
        return Err(format!(
            "it is {}x{}, not {}x{}",
            size.0, size.1, wanted.0, wanted.1
        ));
    }
    frame_rate_fits(asked, observed)?;
    if codec.may_reorder() {
        if observed.reordered {
            return Err("it has B frames".to_owned());
        }
        gop_fits(asked, observed)?;
    }
    bit_rate_fits(bit_rate_bps, observed)
}

fn frame_rate_fits(asked: &AskedVideo, observed: &Observation) -> Result<(), String> {
    let mean = observed
        .mean_step_us()
        .ok_or("it is too short to be measured")?;
    let Some(wanted) = asked.frame_rate else {
        return Ok(());
    };
    let wanted_step = 1e6 / wanted.as_f64();
    if (mean / wanted_step - 1.0).abs() > RATE_TOLERANCE {
        return Err(format!(
            "it has {:.2} frames a second, not {wanted}",
            1e6 / mean
        ));
    }
    let uneven = |step_us: i64| (step_us as f64 / wanted_step - 1.0).abs() > STEP_TOLERANCE;
    if uneven(observed.shortest_step_us) || uneven(observed.longest_step_us) {
        return Err("its frames come at uneven times".to_owned());
    }
    Ok(())
}

fn gop_fits(asked: &AskedVideo, observed: &Observation) -> Result<(), String> {
    let Some(wanted) = asked.gop_size else {
        return Ok(());
    };
    let longest = observed.longest_gop;
    if longest > wanted {
        return Err(format!(
            "its key frames are {longest} frames apart, not {wanted}"
        ));
    }
    Ok(())
}

fn bit_rate_fits(wanted_bps: Option<u32>, observed: &Observation) -> Result<(), String> {
    let (Some(wanted), Some(mean)) = (wanted_bps, observed.mean_step_us()) else {
        return Ok(());
    };
    let seconds = mean * f64::from(observed.packets) / 1e6;
    if seconds <= 0.0 {
        return Err("its packets have no times".to_owned());
    }
    let bit_rate = observed.bytes as f64 * 8.0 / seconds; // rounding does not matter here
    if bit_rate > f64::from(wanted) * BIT_RATE_TOLERANCE {
        return Err(format!(
            "it has {:.0} kbit/s, not {}",
            bit_rate / 1000.0,
            wanted / 1000
        ));
    }
    Ok(())
}

/// Packets that are looked at in any case.
const MIN_PACKETS: u32 = 25;

/// How far the mean frame rate may be off.
const RATE_TOLERANCE: f64 = 0.01;

/// How far a single frame may be off: containers round times to milliseconds.
const STEP_TOLERANCE: f64 = 0.1;

/// How far the bit rate may be above what is asked.
const BIT_RATE_TOLERANCE: f64 = 1.1;

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use media::{CodecParameters, FrameRate, MediaParameters, TimeBase, VideoParameters};

    use super::*;

    fn track(codec: CodecId) -> Track {
        Track {
            time_base: TimeBase::MICROS,
            params: CodecParameters {
                codec,
                bit_rate_bps: None,
                config: Bytes::new(),
                media: MediaParameters::Video(VideoParameters {
                    width_px: 352,
                    height_px: 288,
                    frame_rate: None,
                }),
            },
        }
    }

    /// 1250 bytes a packet make 100 kbit/s at 10 frames a second.
    fn observe(
        count: i64,
        step_us: i64,
        gop: i64,
        change: impl Fn(i64, &mut Packet),
    ) -> Observation {
        let mut observed = Observation::default();
        for index in 0..count {
            let mut packet = Packet {
                track: 0,
                pts: Timestamp(index * step_us),
                dts: Timestamp(index * step_us),
                duration: 0,
                key: index % gop == 0,
                discontinuity: false,
                data: Bytes::from(vec![0; 1250]),
            };
            change(index, &mut packet);
            observed.add(&packet);
        }
        observed
    }

    #[test]
    fn packets_fit_only_where_everything_does() {
        let asked = AskedVideo {
            size_px: Some((352, 288)),
            frame_rate: FrameRate::new(10, 1),
            gop_size: Some(30),
            quantizer: None,
        };
        let same = |_: i64, _: &mut Packet| {};
        let h264 = CodecId::H264;
        for (name, track, asked, observed, want) in [
            (
                "all fits",
                track(h264),
                asked,
                observe(61, 100_000, 30, same),
                Ok(()),
            ),
            (
                "shorter groups fit",
                track(h264),
                asked,
                observe(61, 100_000, 10, same),
                Ok(()),
            ),
            (
                "milliseconds of a container",
                track(h264),
                AskedVideo {
                    frame_rate: FrameRate::new(30_000, 1001),
                    gop_size: None,
                    ..asked
                },
                observe(90, 33_367, 30, |index, packet| {
                    packet.dts.0 = index * 33_367 / 1000 * 1000;
                    packet.pts = packet.dts;
                    packet.data = Bytes::new();
                }),
                Ok(()),
            ),
            (
                "codec",
                track(CodecId::Mpeg4),
                asked,
                observe(61, 100_000, 30, same),
                Err("it is mpeg4"),
            ),
            (
                "size",
                track(h264),
                AskedVideo {
                    size_px: Some((640, 480)),
                    ..asked
                },
                observe(61, 100_000, 30, same),
                Err("it is 352x288, not 640x480"),
            ),
            (
                "frame rate",
                track(h264),
                asked,
                observe(61, 40_000, 30, same),
                Err("it has 25.00 frames a second, not 10"),
            ),
            (
                "a hole",
                track(h264),
                asked,
                observe(500, 100_000, 30, |index, packet| {
                    if index > 250 {
                        packet.dts.0 += 100_000;
                        packet.pts = packet.dts;
                    }
                }),
                Err("its frames come at uneven times"),
            ),
            (
                "key frames",
                track(h264),
                asked,
                observe(600, 100_000, 250, same),
                Err("its key frames are 250 frames apart, not 30"),
            ),
            (
                "one key frame in all that was seen",
                track(h264),
                asked,
                observe(31, 100_000, 1000, same),
                Err("its key frames are 31 frames apart, not 30"),
            ),
            (
                "B frames",
                track(h264),
                asked,
                observe(61, 100_000, 30, |_, packet| packet.pts.0 += 100_000),
                Err("it has B frames"),
            ),
            (
                "bit rate",
                track(h264),
                asked,
                observe(61, 100_000, 30, |_, packet| {
                    packet.data = Bytes::from(vec![0; 2000])
                }),
                Err("it has 160 kbit/s, not 100"),
            ),
            (
                "a single packet",
                track(h264),
                asked,
                observe(1, 0, 1, same),
                Err("it is too short to be measured"),
            ),
        ] {
            let got = fits(h264, &asked, Some(100_000), &track, &observed);
            assert_eq!(got, want.map_err(str::to_owned), "{name}");
        }
    }

    #[test]
    fn two_groups_of_pictures_are_enough() {
        let same = |_: i64, _: &mut Packet| {};
        assert!(!observe(60, 40_000, 30, same).is_enough());
        assert!(observe(61, 40_000, 30, same).is_enough());
        assert!(!observe(24, 40_000, 1, same).is_enough());
    }
}
