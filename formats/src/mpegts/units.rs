//! Video PES data to access units.

use bytes::Bytes;
use media::bitstream::avc_config::AvcConfig;
use media::bitstream::mpeg_video::SequenceHeader;
use media::bitstream::mpeg4::VideoObjectLayer;
use media::bitstream::nal::{self, NalType};
use media::bitstream::sps::Sps;
use media::bitstream::{mpeg_video, mpeg4};
use media::{CodecId, CodecParameters, MediaParameters, VideoParameters};

use super::hevc;
use super::reassembly::{MAX_PES_BYTES, TooLarge};

/// An access unit with its times in 90 kHz ticks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    /// When it is shown.
    pub(super) pts: i64,
    /// When it is decoded.
    pub(super) dts: i64,
    /// A decoder can start here.
    pub(super) key: bool,
    /// The unit in the form of a packet.
    pub(super) data: Bytes,
}

/// Collects the access units of one PID. A unit is the data from one PES packet with a time up to
/// the next; several pictures in one are taken apart.
#[derive(Debug)]
pub(super) struct Units {
    codec: CodecId,
    pending: Option<Pending>,
    params: Option<CodecParameters>,
}

#[derive(Debug)]
struct Pending {
    pts: i64,
    dts: i64,
    random_access: bool,
    data: Pieces,
}

/// The data of one PES packet as it came, or of several in a row.
#[derive(Debug)]
enum Pieces {
    One(Bytes),
    Many(Vec<u8>),
}

impl Units {
    /// A collector for this codec.
    pub(super) const fn new(codec: CodecId) -> Self {
        Self {
            codec,
            pending: None,
            params: None,
        }
    }

    /// Forgets the unit that is not whole.
    pub(super) fn lose(&mut self) {
        self.pending = None;
    }

    /// How the units are coded, once a unit has shown it.
    pub(super) const fn params(&self) -> Option<&CodecParameters> {
        self.params.as_ref()
    }

    /// Takes the data of a PES packet. With times a new unit begins; call [`Self::flush`] before.
    pub(super) fn push(
        &mut self,
        times: Option<(i64, i64)>,
        random_access: bool,
        data: Bytes,
    ) -> Result<(), TooLarge> {
        if let Some((pts, dts)) = times {
            self.pending = Some(Pending {
                pts,
                dts,
                random_access,
                data: Pieces::One(data),
            });
            return Ok(());
        }
        let Some(pending) = &mut self.pending else {
            return Ok(()); // the end of a unit whose start is not there
        };
        let joined = match &mut pending.data {
            Pieces::One(first) => {
                pending.data = Pieces::Many([&first[..], &data].concat());
                return Ok(());
            }
            Pieces::Many(joined) => joined,
        };
        if joined.len() + data.len() > MAX_PES_BYTES {
            self.pending = None;
            return Err(TooLarge);
        }
        joined.extend_from_slice(&data);
        Ok(())
    }

    /// The units that are there, as nothing more belongs to them. What comes before the parameters
    /// are known is dropped: nobody could decode it.
    pub(super) fn flush(&mut self) -> Vec<Unit> {
        let Some(pending) = self.pending.take() else {
            return Vec::new();
        };
        let data = match pending.data {
            Pieces::One(data) => data,
            Pieces::Many(data) => data.into(),
        };
        let starts = picture_starts(self.codec, &data);
        let mut units = Vec::new();
        for (number, start) in starts.iter().enumerate() {
            let end = starts.get(number + 1).copied().unwrap_or(data.len());
            let random_access = pending.random_access && number == 0;
            if let Some((key, data)) = self.unit(data.slice(*start..end), random_access) {
                let later = self
                    .frame_ticks()
                    .saturating_mul(i64::try_from(number).unwrap_or(0));
                let (pts, dts) = (pending.pts, pending.dts);
                let pts = pts.max(dts).saturating_add(later);
                units.push(Unit {
                    pts,
                    dts: dts.saturating_add(later),
                    key,
                    data,
                });
            }
        }
        units
    }

    /// Ticks from picture to picture, if the parameters tell.
    fn frame_ticks(&self) -> i64 {
        let rate = self
            .params
            .as_ref()
            .and_then(|params| params.video()?.frame_rate);
        rate.map_or(0, |rate| {
            90_000 * i64::from(rate.den()) / i64::from(rate.num())
        })
    }

    /// Brings a unit into the form of a packet and learns from it. `None` if it is empty or comes
    /// before the parameters.
    fn unit(&mut self, data: Bytes, random_access: bool) -> Option<(bool, Bytes)> {
        match self.codec {
            CodecId::H264 => self.h264(data, random_access),
            CodecId::Hevc => self.hevc(data),
            CodecId::Mpeg4 => self.mpeg4(data),
            _ => self.mpeg_video(data),
        }
    }

    fn h264(&mut self, data: Bytes, random_access: bool) -> Option<(bool, Bytes)> {
        let data = without_delimiter(data, |first| first & 0x1f == NalType::AUD.0);
        let has_sps = nal::has_sps(&data);
        if has_sps && let Ok(config) = AvcConfig::from_annex_b(&data) {
            let config = config.to_annex_b();
            if self
                .params
                .as_ref()
                .is_none_or(|params| params.config[..] != config)
            {
                let sps = Sps::find(&config)?;
                let rate = sps.frame_rate;
                self.set(
                    CodecId::H264,
                    config.into(),
                    sps.width_px,
                    sps.height_px,
                    rate,
                );
            }
        }
        let params = self.params.as_ref()?;
        if !nal::annex_b(&data).any(|nal| NalType::of(nal).is_some_and(NalType::is_slice)) {
            return None; // parameter sets alone
        }
        let key = nal::is_idr(&data) || random_access && has_sps;
        if key && !has_sps {
            return Some((key, [&params.config[..], &data].concat().into()));
        }
        Some((key, data))
    }

    fn hevc(&mut self, data: Bytes) -> Option<(bool, Bytes)> {
        let data = without_delimiter(data, |first| hevc::nal_type(first) == hevc::DELIMITER);
        let has_sps = hevc::has_sps(&data);
        if has_sps && let Some((config, width_px, height_px)) = hevc::parameters(&data) {
            self.set(CodecId::Hevc, config.into(), width_px, height_px, None);
        }
        let params = self.params.as_ref()?;
        if !hevc::types(&data).any(hevc::is_slice) {
            return None; // parameter sets alone
        }
        let key = hevc::is_key(&data);
        if key && !has_sps {
            return Some((key, [&params.config[..], &data].concat().into()));
        }
        Some((key, data))
    }

    fn mpeg4(&mut self, data: Bytes) -> Option<(bool, Bytes)> {
        let config = mpeg4_config(&data);
        if let Some(layer) = VideoObjectLayer::find(config) {
            let rate = media::FrameRate::new(layer.time_increment_resolution, 1)
                .filter(|rate| rate.num() <= MAX_WHOLE_RATE);
            let config = data.slice_ref(config);
            self.set(
                CodecId::Mpeg4,
                config,
                layer.width_px,
                layer.height_px,
                rate,
            );
        }
        let params = self.params.as_ref()?;
        let vop = match data.strip_prefix(&params.config[..]) {
            Some(vop) => data.slice_ref(vop),
            None => data,
        };
        (!vop.is_empty()).then(|| (mpeg4::is_key(&vop), vop))
    }

    fn mpeg_video(&mut self, data: Bytes) -> Option<(bool, Bytes)> {
        if let Some(header) = SequenceHeader::find(&data) {
            let codec = if header.mpeg2 {
                CodecId::Mpeg2Video
            } else {
                CodecId::Mpeg1Video
            };
            let rate = Some(header.frame_rate);
            self.set(codec, Bytes::new(), header.width_px, header.height_px, rate);
        }
        self.params.as_ref()?;
        (!data.is_empty()).then(|| (mpeg_video::is_key(&data), data))
    }

    fn set(
        &mut self,
        codec: CodecId,
        config: Bytes,
        width_px: u32,
        height_px: u32,
        frame_rate: Option<media::FrameRate>,
    ) {
        let media = MediaParameters::Video(VideoParameters {
            width_px,
            height_px,
            frame_rate,
        });
        self.params = Some(CodecParameters {
            codec,
            bit_rate_bps: None,
            config,
            media,
        });
    }
}

/// vop_time_increment_resolution is the frame rate for encoders that count frames, but ticks of a
/// finer clock for others.
const MAX_WHOLE_RATE: u32 = 120;

/// A look at the start of a PES packet's data, for who searches: whether a decoder can start there.
pub(super) fn begins_key(codec: CodecId, data: &[u8]) -> bool {
    match codec {
        CodecId::H264 => nal::annex_b(data)
            .filter_map(NalType::of)
            .any(|nal_type| matches!(nal_type, NalType::IDR | NalType::SPS)),
        CodecId::Hevc => hevc::is_key(data) || hevc::has_sps(data),
        CodecId::Mpeg4 => VideoObjectLayer::find(data).is_some() || mpeg4::is_key(data),
        _ => SequenceHeader::find(data).is_some(),
    }
}

/// The unit without the access unit delimiter at its start: it belongs to the container.
fn without_delimiter(data: Bytes, is_delimiter: impl Fn(u8) -> bool) -> Bytes {
    let Some((_, first)) = nal::find_start_code(&data) else {
        return Bytes::new();
    };
    if !data.get(first).copied().is_some_and(is_delimiter) {
        return data;
    }
    let Some((next, _)) = data.get(first..).and_then(nal::find_start_code) else {
        return Bytes::new();
    };
    // A start code of four bytes begins one zero before the one of three.
    let long = data.get(first + next - 1) == Some(&0);
    data.slice(first + next - usize::from(long)..)
}

/// The bytes before the first group or VOP.
fn mpeg4_config(data: &[u8]) -> &[u8] {
    let end = start_codes(data).find(|(_, code)| matches!(code, 0xb3 | 0xb6));
    match end {
        Some((at, _)) if data.starts_with(&[0, 0, 1]) => data.get(..at).unwrap_or_default(),
        _ => &[],
    }
}

/// Start codes `00 00 01 xx`: where, and xx.
fn start_codes(data: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let (at, after) = nal::find_start_code(data.get(from..)?)?;
        let found = (from + at, *data.get(from + after)?);
        from += after;
        Some(found)
    })
}

/// Where the units in the data of a PES packet begin; the first always at 0. H.264 is taken apart at
/// access unit delimiters, unless it may be interlaced: two fields stay one packet.
fn picture_starts(codec: CodecId, data: &[u8]) -> Vec<usize> {
    let progressive =
        || codec == CodecId::Hevc || Sps::find(data).is_none_or(|sps| sps.frame_mbs_only);
    let delimited = matches!(codec, CodecId::H264 | CodecId::Hevc);
    let mut starts = vec![0];
    let (mut picture_seen, mut front) = (false, None);
    let mut last_reference = None;
    for (at, code) in start_codes(data) {
        let part = match codec {
            CodecId::H264 => match code & 0x1f {
                9 => Part::Front,
                1 | 5 => Part::Slice,
                _ => Part::Other,
            },
            CodecId::Hevc => match hevc::nal_type(code) {
                hevc::DELIMITER => Part::Front,
                nal_type if hevc::is_slice(nal_type) => Part::Slice,
                _ => Part::Other,
            },
            CodecId::Mpeg4 => match code {
                0xb6 => Part::Picture,
                0xb0 | 0xb3 | 0x20..=0x2f => Part::Front,
                _ => Part::Other,
            },
            _ => match code {
                0x00 => Part::Picture,
                0xb3 | 0xb8 => Part::Front,
                _ => Part::Other,
            },
        };
        match part {
            Part::Front if delimited && picture_seen && progressive() => {
                // The fourth byte of the start code goes with it.
                let long = at > 0 && data.get(at - 1) == Some(&0);
                starts.push(at - usize::from(long));
                picture_seen = false;
            }
            Part::Front => front = front.or(picture_seen.then_some(at)),
            Part::Slice => picture_seen = true,
            Part::Picture => {
                // Two fields of a frame have one temporal_reference.
                let reference = data
                    .get(at + 4..at + 6)
                    .map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]) >> 6);
                let field = codec != CodecId::Mpeg4 && reference == last_reference;
                if picture_seen && !field {
                    starts.push(front.unwrap_or(at));
                }
                (picture_seen, front, last_reference) = (true, None, reference);
            }
            Part::Other => {}
        }
    }
    starts
}

enum Part {
    /// Stands in front of a picture.
    Front,
    /// Begins a picture.
    Picture,
    /// Part of a picture.
    Slice,
    Other,
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    const SETS: [u8; 24] = hex!("00000001 6742c00ad90141fb 00000001 68ce3c80 00000001");

    fn unit(codec: CodecId, random_access: bool, data: &[u8]) -> (Units, Vec<Unit>) {
        let mut units = Units::new(codec);
        units
            .push(
                Some((9000, 3000)),
                random_access,
                Bytes::copy_from_slice(data),
            )
            .unwrap();
        let flushed = units.flush();
        (units, flushed)
    }

    #[test]
    fn h264_units_lose_the_delimiter_and_gain_parameter_sets() {
        let sets = &SETS[..20];
        let first = [&hex!("00000001 09f0")[..], sets, &hex!("000001 6588")].concat();
        let (mut units, got) = unit(CodecId::H264, true, &first);
        assert_eq!(
            (got.len(), got[0].pts, got[0].dts, got[0].key),
            (1, 9000, 3000, true)
        );
        assert_eq!(got[0].data[..], first[6..]);
        assert_eq!(units.params().unwrap().config[..], *sets);
        units
            .push(
                Some((0, 0)),
                false,
                Bytes::from_static(&hex!("000001 09f0 000001 6588")),
            )
            .unwrap();
        let got = units.flush();
        assert_eq!(got[0].data[..], [sets, &hex!("000001 6588")].concat());
        units
            .push(
                Some((0, 0)),
                false,
                Bytes::from_static(&hex!("00000001 41")),
            )
            .unwrap();
        units
            .push(None, false, Bytes::from_static(&hex!("9a 55")))
            .unwrap();
        units
            .push(None, false, Bytes::from_static(&hex!("66")))
            .unwrap();
        let got = units.flush();
        assert_eq!(
            (got[0].data[..].to_vec(), got[0].key),
            (hex!("00000001 419a5566").to_vec(), false)
        );
        assert_eq!(units.flush(), []);
    }

    #[test]
    fn units_before_their_parameters_are_dropped() {
        for codec in [CodecId::H264, CodecId::Mpeg4, CodecId::Mpeg2Video] {
            let (units, got) = unit(codec, false, &hex!("000001 41 9a"));
            assert_eq!((units.params(), got), (None, vec![]), "{codec}");
        }
    }

    #[test]
    fn several_pictures_in_one_pes_packet_are_taken_apart() {
        let delimited = hex!("000001 09f0 000001 419a");
        let two = [
            &SETS[..20],
            &hex!("000001 6588")[..],
            &delimited,
            &[0],
            &delimited,
        ]
        .concat();
        assert_eq!(picture_starts(CodecId::H264, &two), [0, 25, 35]);
        let pictures =
            hex!("000001b3 00 00000100 0010 00000101 00000100 0050 000001b8 00000100 0090");
        assert_eq!(picture_starts(CodecId::Mpeg2Video, &pictures), [0, 15, 21]);
        let fields = hex!("00000100 0010 00000101 00000100 0010");
        assert_eq!(picture_starts(CodecId::Mpeg2Video, &fields), [0]);
        let vops = hex!("000001b0 01 000001b6 10 000001b6 50 000001b3 00 000001b6 10");
        assert_eq!(picture_starts(CodecId::Mpeg4, &vops), [0, 10, 15]);
    }

    #[test]
    fn open_gop_starts_are_keys_only_where_the_container_says_so() {
        let recovery = [&SETS[..20], &hex!("000001 419a")].concat();
        for random_access in [true, false] {
            let (_, got) = unit(CodecId::H264, random_access, &recovery);
            assert_eq!(got[0].key, random_access);
        }
    }
}
