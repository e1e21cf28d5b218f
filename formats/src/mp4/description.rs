//! Sample entries as they are read, out of `stsd` (ISO/IEC 14496-12:2015, 8.5.2 and 12.1, 12.2).

use bytes::Bytes;
use media::bitstream::{
    aac::AudioSpecificConfig,
    avc_config::AvcConfig,
    mpeg_audio::MpegAudioHeader,
    nal::{self, NalType},
};
use media::{AudioParameters, CodecId, CodecParameters, MediaParameters, VideoParameters};

use super::boxes::{Child, children, find, slice, u32_at};
use super::esds::EsDescription;

/// How samples of a track are coded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Description {
    /// The parameters that packets of it have.
    pub(super) params: CodecParameters,
    form: SampleForm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SampleForm {
    /// A packet as it is.
    Unchanged,
    /// NAL units with lengths of so many bytes.
    LengthPrefixed(usize),
    /// MPEG audio: the layer is known when the first frame is seen.
    MpegAudio,
}

impl Description {
    /// Reads a sample entry; `None` if its codec is not read here or its configuration is damaged.
    pub(super) fn parse(entry: &Child) -> Option<Self> {
        match &entry.kind {
            b"avc1" | b"avc3" => avc(&entry.body),
            b"av01" => {
                let boxes = visual_boxes(&entry.body)?;
                let config = find(&boxes, *b"av1C")?;
                video(&entry.body, CodecId::Av1, config, SampleForm::Unchanged)
            }
            b"jpeg" | b"mjpg" => {
                let form = SampleForm::Unchanged;
                video(&entry.body, CodecId::Mjpeg, Bytes::new(), form)
            }
            b"mp4v" => {
                let boxes = visual_boxes(&entry.body)?;
                let es = EsDescription::parse(&find(&boxes, *b"esds")?)?;
                let codec = es.codec()?;
                let config = es.decoder_specific.clone();
                let read = video(&entry.body, codec, config, SampleForm::Unchanged)?;
                Some(read.with_bit_rate(es.avg_bitrate))
            }
            b"mp4a" => mp4a(&entry.body),
            b".mp3" => {
                let audio = audio_fields(&entry.body)?;
                Some(Self::audio(
                    CodecId::Mp3,
                    Bytes::new(),
                    audio,
                    SampleForm::MpegAudio,
                ))
            }
            _ => None,
        }
    }

    /// The bytes of a packet and whether a decoder can start with it. `None` if the sample is not
    /// in the form that its description says.
    pub(super) fn packet_data(&self, sample: &[u8], key: bool) -> Option<(Bytes, bool)> {
        match self.form {
            SampleForm::LengthPrefixed(length_size) => {
                annex_b(sample, length_size, &self.params.config, key)
            }
            SampleForm::Unchanged | SampleForm::MpegAudio => {
                Some((Bytes::copy_from_slice(sample), key))
            }
        }
    }

    /// Whether the first sample has to be seen before the track can be told.
    pub(super) const fn wants_first_sample(&self) -> bool {
        matches!(self.form, SampleForm::MpegAudio)
    }

    /// Takes the layer, rate and channels from the first sample.
    pub(super) fn set_first_sample(&mut self, sample: &[u8]) {
        if let (SampleForm::MpegAudio, Some(header)) = (self.form, MpegAudioHeader::parse(sample)) {
            self.params.codec = header.codec();
            self.params.media = MediaParameters::Audio(AudioParameters {
                sample_rate_hz: header.sample_rate_hz,
                channels: header.channels,
            });
        }
        self.form = SampleForm::Unchanged;
    }

    fn audio(codec: CodecId, config: Bytes, audio: AudioParameters, form: SampleForm) -> Self {
        Self {
            params: CodecParameters {
                codec,
                bit_rate_bps: None,
                config,
                media: MediaParameters::Audio(audio),
            },
            form,
        }
    }

    fn with_bit_rate(mut self, bit_rate_bps: u32) -> Self {
        self.params.bit_rate_bps = (bit_rate_bps > 0).then_some(bit_rate_bps);
        self
    }
}

/// Bytes of a VisualSampleEntry before its boxes: SampleEntry 8, then 70.
const VISUAL_LEN: usize = 78;

/// The boxes at the end of a VisualSampleEntry.
fn visual_boxes(entry: &Bytes) -> Option<Bytes> {
    slice(entry, VISUAL_LEN..)
}

/// A video description; the size is at byte 24 of the entry.
fn video(entry: &Bytes, codec: CodecId, config: Bytes, form: SampleForm) -> Option<Description> {
    let size = u32_at(entry, 24)?;
    Some(Description {
        params: CodecParameters {
            codec,
            bit_rate_bps: None,
            config,
            media: MediaParameters::Video(VideoParameters {
                width_px: size >> 16,
                height_px: size & 0xffff,
                frame_rate: None,
            }),
        },
        form,
    })
}

fn avc(entry: &Bytes) -> Option<Description> {
    let boxes = visual_boxes(entry)?;
    let config = AvcConfig::parse(&find(&boxes, *b"avcC")?).ok()?;
    let form = SampleForm::LengthPrefixed(config.length_size);
    let parameter_sets = Bytes::from(config.to_annex_b());
    let read = video(entry, CodecId::H264, parameter_sets, form)?;
    let btrt = find(&boxes, *b"btrt");
    let avg_bitrate = btrt.and_then(|body| u32_at(&body, 8));
    Some(read.with_bit_rate(avg_bitrate.unwrap_or(0)))
}

fn mp4a(entry: &Bytes) -> Option<Description> {
    let fields = audio_fields(entry)?;
    let boxes = audio_boxes(entry)?;
    // QuickTime puts the descriptor into a box of its own around all that concerns the decoder.
    let esds = find(&boxes, *b"esds")
        .or_else(|| find(&boxes, *b"wave").and_then(|wave| find(&wave, *b"esds")))?;
    let es = EsDescription::parse(&esds)?;
    let codec = es.codec()?;
    let read = match codec {
        CodecId::Aac => {
            let config = AudioSpecificConfig::parse(&es.decoder_specific)?;
            let channels = match config.channels() {
                0 => fields.channels, // stated in the stream
                channels => channels,
            };
            let audio = AudioParameters {
                sample_rate_hz: config.sample_rate_hz,
                channels,
            };
            Description::audio(codec, es.decoder_specific, audio, SampleForm::Unchanged)
        }
        CodecId::Mp3 => Description::audio(codec, Bytes::new(), fields, SampleForm::MpegAudio),
        _ => return None,
    };
    Some(read.with_bit_rate(es.avg_bitrate))
}

/// The fields of an AudioSampleEntry: channels at byte 16, the rate as 16.16 at byte 24.
fn audio_fields(entry: &Bytes) -> Option<AudioParameters> {
    let channels = u32_at(entry, 16)? >> 16;
    Some(AudioParameters {
        sample_rate_hz: u32_at(entry, 24)? >> 16,
        channels: u16::try_from(channels).ok()?,
    })
}

/// The boxes at the end of an AudioSampleEntry: SampleEntry 8 and 20 more bytes, and what versions
/// 1 and 2 of QuickTime's sound description add.
fn audio_boxes(entry: &Bytes) -> Option<Bytes> {
    let version = u32_at(entry, 8)? >> 16;
    let added = match version {
        1 => 16,
        2 => 36,
        _ => 0,
    };
    slice(entry, 28 + added..)
}

/// A sample as an Annex B access unit, the parameter sets before a picture that a decoder can start
/// with, and whether it is one: an IDR picture is, also where the index does not say so.
fn annex_b(
    sample: &[u8],
    length_size: usize,
    parameter_sets: &[u8],
    key: bool,
) -> Option<(Bytes, bool)> {
    let mut has_sps = false;
    let mut has_idr = false;
    let mut delimiter_len = 0;
    let mut out = Vec::with_capacity(sample.len() + parameter_sets.len() + 64);
    for nal in nal::length_prefixed(sample, length_size) {
        let nal = nal.ok()?;
        match NalType::of(nal) {
            None => continue,
            Some(NalType::SPS) => has_sps = true,
            Some(NalType::IDR) => has_idr = true,
            _ => {}
        }
        nal::push_annex_b(nal, &mut out);
        // An access unit delimiter is the first NAL unit wherever there is one (7.4.1.2.3).
        if NalType::of(nal) == Some(NalType::AUD) && delimiter_len == 0 {
            delimiter_len = out.len();
        }
    }
    let key = key || has_idr;
    if key && !has_sps {
        out.splice(delimiter_len..delimiter_len, parameter_sets.iter().copied());
    }
    (!out.is_empty()).then(|| (Bytes::from(out), key))
}

/// The sample entries of `stsd`, at most [`MAX_DESCRIPTIONS`]; `None` for those that are not read.
pub(super) fn parse_all(stsd: &Bytes) -> Vec<(String, Option<Description>)> {
    let Some(entries) = slice(stsd, 8..) else {
        return Vec::new();
    };
    children(&entries)
        .map_while(Result::ok)
        .take(MAX_DESCRIPTIONS)
        .map(|entry| {
            let name = entry.kind.escape_ascii().to_string();
            (name, Description::parse(&entry))
        })
        .collect()
}

/// Sample entries of a track that are looked at.
const MAX_DESCRIPTIONS: usize = 64;
