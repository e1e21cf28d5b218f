//! What to do for each encoding that the feed asks for: encode, copy, or leave out.
//!
//! The POST names one track per encoding asked for, in their order, so that the server can tell
//! them apart by position; encodings that come out alike are made once and sent for each.

use codecs::{CodecError, VideoEncoder, VideoEncoderConfig};
use media::{CodecId, CodecParameters, FrameRate, MediaKind, TimeBase, Track};

use super::asked::{Asked, AskedMedia, AskedVideo};
use super::fit::{self, Observation};
use super::input::InputKind;

/// What a session does.
#[derive(Debug)]
pub(super) struct Plan {
    /// The tracks of the POST header.
    pub(super) tracks: Vec<Track>,
    /// How their packets come about.
    pub(super) jobs: Vec<Job>,
    /// What is done differently from what was asked.
    pub(super) warnings: Vec<String>,
    /// What is done, a line per job.
    pub(super) notes: Vec<String>,
}

/// Where packets come from, and the tracks of the POST they go to.
#[derive(Debug)]
pub(super) enum Job {
    /// An encoder.
    Encode {
        /// The track of the input whose pictures it gets; 0 for an input of pictures.
        source: usize,
        /// Frames it gets a second.
        frame_rate: FrameRate,
        /// The encoder.
        encoder: Box<dyn VideoEncoder>,
        /// The tracks.
        tracks: Vec<usize>,
    },
    /// The input.
    Copy {
        /// Its track.
        source: usize,
        /// The tracks.
        tracks: Vec<usize>,
    },
}

/// What the command line says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Wishes {
    /// `-c:v copy`.
    pub(super) copy_video: bool,
    /// `-c:a copy`.
    pub(super) copy_audio: bool,
    /// `-vn`.
    pub(super) no_video: bool,
    /// `-an`.
    pub(super) no_audio: bool,
}

/// The input as far as plans depend on it.
#[derive(Debug)]
pub(super) struct Source<'a> {
    /// Its tracks or pictures.
    pub(super) kind: &'a InputKind,
    /// What was seen of each track; empty for pictures.
    pub(super) observed: &'a [Observation],
}

/// Makes encoders; `codecs::video_encoder` but in tests.
pub(super) type MakeEncoder<'a> =
    &'a dyn Fn(CodecId, &VideoEncoderConfig) -> Result<Box<dyn VideoEncoder>, CodecError>;

/// Why nothing can be sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum PlanError {
    /// The feed has no streams.
    #[error("the feed asks for no streams")]
    NothingAsked,
    /// None of the encodings can be made.
    #[error("nothing of what the feed asks for can be made of this input: {}", .reasons.join("; "))]
    NothingLeft {
        /// Why, for each.
        reasons: Vec<String>,
    },
    /// The input has to be decoded, but cannot be.
    #[error("the input cannot be decoded; -c copy sends it as it is")]
    Decoder(#[source] CodecError),
    /// An encoder refuses its settings.
    #[error("stream {index} of the feed cannot be encoded")]
    Encoder {
        /// Index of the encoding in the feed.
        index: usize,
        /// Why.
        source: CodecError,
    },
}

/// Decides for every encoding asked.
pub(super) fn make(
    asked: &[Asked],
    source: &Source<'_>,
    wishes: Wishes,
    make_encoder: MakeEncoder<'_>,
) -> Result<Plan, PlanError> {
    if asked.is_empty() {
        return Err(PlanError::NothingAsked);
    }
    let mut planner = Planner {
        source,
        wishes,
        make_encoder,
        plan: Plan {
            tracks: Vec::new(),
            jobs: Vec::new(),
            warnings: Vec::new(),
            notes: Vec::new(),
        },
        encodings: Vec::new(),
    };
    for (index, asked) in asked.iter().enumerate() {
        planner.add(index, asked)?;
    }
    let plan = planner.plan;
    if plan.tracks.is_empty() {
        return Err(PlanError::NothingLeft {
            reasons: plan.warnings,
        });
    }
    Ok(plan)
}

/// An encoding that is made, and where.
#[derive(Debug, PartialEq)]
struct Encoding {
    codec: CodecId,
    config: VideoEncoderConfig,
}

struct Planner<'a> {
    source: &'a Source<'a>,
    wishes: Wishes,
    make_encoder: MakeEncoder<'a>,
    plan: Plan,
    /// What job `n` encodes, if it does.
    encodings: Vec<Option<Encoding>>,
}

impl Planner<'_> {
    fn add(&mut self, index: usize, asked: &Asked) -> Result<(), PlanError> {
        match &asked.media {
            AskedMedia::Video(video) => self.add_video(index, asked, video),
            AskedMedia::Audio {
                sample_rate_hz,
                channels,
            } => {
                self.add_audio(index, asked, *sample_rate_hz, *channels);
                Ok(())
            }
        }
    }

    fn add_video(
        &mut self,
        index: usize,
        asked: &Asked,
        video: &AskedVideo,
    ) -> Result<(), PlanError> {
        if self.wishes.no_video {
            self.leave_out(index, asked, "as -vn says");
            return Ok(());
        }
        let copied = match self.source.kind {
            InputKind::Frames { .. } => None,
            InputKind::Packets(tracks) => {
                let Some(source) = track_of(tracks, MediaKind::Video) else {
                    self.leave_out(index, asked, "the input has no video");
                    return Ok(());
                };
                self.copied_video(index, asked, video, source)
            }
        };
        match copied {
            Some(source) => {
                self.copy(index, source);
                Ok(())
            }
            None => self.encode(index, asked, video),
        }
    }

    /// The track of the input that is copied for the encoding, if one is.
    fn copied_video(
        &mut self,
        index: usize,
        asked: &Asked,
        video: &AskedVideo,
        source: usize,
    ) -> Option<usize> {
        let InputKind::Packets(tracks) = self.source.kind else {
            return None;
        };
        let track = tracks.get(source)?;
        if self.wishes.copy_video {
            if asked.codec != Some(track.params.codec) {
                self.plan.warnings.push(format!(
                    "stream {index} of the feed is to be {}, but -c copy sends {}",
                    asked.codec_name(),
                    track.params.codec
                ));
            }
            return Some(source);
        }
        let observed = self.source.observed.get(source)?;
        match fit::fits(asked.codec?, video, asked.bit_rate_bps, track, observed) {
            Ok(()) => Some(source),
            Err(reason) => {
                let note = format!("stream {index} is encoded, the input does not fit: {reason}");
                self.plan.notes.push(note);
                None
            }
        }
    }

    fn add_audio(
        &mut self,
        index: usize,
        asked: &Asked,
        sample_rate_hz: Option<u32>,
        channels: Option<u16>,
    ) {
        if self.wishes.no_audio {
            self.leave_out(index, asked, "as -an says");
            return;
        }
        let source = match self.source.kind {
            InputKind::Frames { .. } => None,
            InputKind::Packets(tracks) => track_of(tracks, MediaKind::Audio)
                .and_then(|source| Some((source, tracks.get(source)?))),
        };
        let Some((source, track)) = source else {
            self.leave_out(index, asked, "the input has no audio");
            return;
        };
        let same = asked.codec == Some(track.params.codec)
            && track.params.audio().is_some_and(|audio| {
                sample_rate_hz.is_none_or(|wanted| wanted == audio.sample_rate_hz)
                    && channels.is_none_or(|wanted| wanted == audio.channels)
            });
        if same || self.wishes.copy_audio {
            self.copy(index, source);
        } else {
            let reason = format!(
                "there is no audio encoder here, and the input has {}; -c:a copy sends that",
                crate::probe::describe_track(&track.params)
            );
            self.leave_out(index, asked, &reason);
        }
    }

    fn leave_out(&mut self, index: usize, asked: &Asked, reason: &str) {
        self.plan.warnings.push(format!(
            "stream {index} of the feed ({}) is left out: {reason}",
            asked.codec_name()
        ));
    }

    fn copy(&mut self, index: usize, source: usize) {
        let InputKind::Packets(tracks) = self.source.kind else {
            return;
        };
        let Some(track) = tracks.get(source) else {
            return;
        };
        let to = self.new_track(track.params.clone());
        self.plan.notes.push(format!(
            "stream {index}: {}, copied",
            crate::probe::describe_track(&track.params)
        ));
        for job in &mut self.plan.jobs {
            if let Job::Copy {
                source: known,
                tracks,
            } = job
                && *known == source
            {
                tracks.push(to);
                return;
            }
        }
        self.encodings.push(None);
        self.plan.jobs.push(Job::Copy {
            source,
            tracks: vec![to],
        });
    }

    fn encode(&mut self, index: usize, asked: &Asked, video: &AskedVideo) -> Result<(), PlanError> {
        self.check_decoder()?;
        let (source, config) = self.encoder_config(asked, video);
        let codec = asked.codec.unwrap_or(FALLBACK);
        let (codec, made) = match self.encoder(codec, &config) {
            Err(CodecError::Unsupported { .. }) if codec != FALLBACK => {
                self.plan.warnings.push(format!(
                    "stream {index} of the feed is to be {}, for which there is no encoder here; \
                     it becomes {FALLBACK}",
                    asked.codec_name()
                ));
                (FALLBACK, self.encoder(FALLBACK, &config))
            }
            made => (codec, made),
        };
        let made = made.map_err(|source| PlanError::Encoder { index, source })?;
        let params = match &made {
            Made::Job(job) => self.job_params(*job),
            Made::New(encoder) => Some(encoder.parameters().clone()),
        };
        let Some(params) = params else {
            return Ok(());
        };
        let to = self.new_track(params);
        self.plan.notes.push(format!(
            "stream {index}: {codec}, {}x{}, {} frames a second, {} kbit/s, key frame every {}",
            config.width_px,
            config.height_px,
            config.frame_rate,
            config.bit_rate_bps / 1000,
            config.gop_size
        ));
        match made {
            Made::Job(job) => {
                if let Some(Job::Encode { tracks, .. }) = self.plan.jobs.get_mut(job) {
                    tracks.push(to);
                }
            }
            Made::New(encoder) => {
                self.encodings.push(Some(Encoding { codec, config }));
                self.plan.jobs.push(Job::Encode {
                    source,
                    frame_rate: config.frame_rate,
                    encoder,
                    tracks: vec![to],
                });
            }
        }
        Ok(())
    }

    /// Whether the input's video can be decoded.
    fn check_decoder(&self) -> Result<(), PlanError> {
        let InputKind::Packets(tracks) = self.source.kind else {
            return Ok(());
        };
        let video = track_of(tracks, MediaKind::Video).and_then(|source| tracks.get(source));
        match video.map(|track| codecs::video_decoder(track.params.codec, &track.params.config)) {
            Some(Err(error)) => Err(PlanError::Decoder(error)),
            _ => Ok(()),
        }
    }

    /// The job that makes this encoding already, or a new encoder.
    fn encoder(&self, codec: CodecId, config: &VideoEncoderConfig) -> Result<Made, CodecError> {
        let wanted = Some(Encoding {
            codec,
            config: *config,
        });
        match self.encodings.iter().position(|made| *made == wanted) {
            Some(job) => Ok(Made::Job(job)),
            None => (self.make_encoder)(codec, config).map(Made::New),
        }
    }

    fn job_params(&self, job: usize) -> Option<CodecParameters> {
        match self.plan.jobs.get(job) {
            Some(Job::Encode { encoder, .. }) => Some(encoder.parameters().clone()),
            _ => None,
        }
    }

    /// The settings, with what the feed leaves open taken from the input, and the input's track.
    fn encoder_config(&self, asked: &Asked, video: &AskedVideo) -> (usize, VideoEncoderConfig) {
        let (source, size_px, frame_rate) = match self.source.kind {
            InputKind::Frames {
                size_px,
                frame_rate,
            } => (0, *size_px, Some(*frame_rate)),
            InputKind::Packets(tracks) => {
                let source = track_of(tracks, MediaKind::Video).unwrap_or(0);
                let video = tracks.get(source).and_then(|track| track.params.video());
                let size = video.map_or((0, 0), |video| (video.width_px, video.height_px));
                (source, size, video.and_then(|video| video.frame_rate))
            }
        };
        let (width_px, height_px) = video.size_px.unwrap_or(size_px);
        let frame_rate = video
            .frame_rate
            .or(frame_rate)
            .unwrap_or(DEFAULT_FRAME_RATE);
        let config = VideoEncoderConfig {
            width_px,
            height_px,
            frame_rate,
            bit_rate_bps: asked
                .bit_rate_bps
                .unwrap_or_else(|| default_bit_rate(width_px, height_px, frame_rate)),
            gop_size: video
                .gop_size
                .unwrap_or_else(|| default_gop(frame_rate))
                .max(1),
            quantizer: video.quantizer,
            skip_frames: false,
        };
        (source, config)
    }

    /// Appends a track to the POST header.
    fn new_track(&mut self, params: CodecParameters) -> usize {
        self.plan.tracks.push(Track {
            time_base: TimeBase::MICROS,
            params,
        });
        self.plan.tracks.len() - 1
    }
}

enum Made {
    /// By the job of this index.
    Job(usize),
    New(Box<dyn VideoEncoder>),
}

fn track_of(tracks: &[Track], kind: MediaKind) -> Option<usize> {
    tracks.iter().position(|track| track.params.kind() == kind)
}

/// A tenth of a bit per pixel: a plain picture for a plain connection.
fn default_bit_rate(width_px: u32, height_px: u32, frame_rate: FrameRate) -> u32 {
    let pixels_per_second =
        u64::from(width_px) * u64::from(height_px) * u64::from(frame_rate.num())
            / u64::from(frame_rate.den());
    u32::try_from(pixels_per_second / 10)
        .unwrap_or(u32::MAX)
        .max(MIN_BIT_RATE_BPS)
}

/// Two seconds.
fn default_gop(frame_rate: FrameRate) -> u32 {
    (frame_rate.num().saturating_mul(2) / frame_rate.den()).max(1)
}

/// What video becomes whose codec has no encoder here.
const FALLBACK: CodecId = CodecId::H264;

const DEFAULT_FRAME_RATE: FrameRate = FrameRate::new(25, 1).unwrap();

const MIN_BIT_RATE_BPS: u32 = 64_000;

#[cfg(test)]
mod tests;
