//! The list of formats: names, MIME types, file extensions, what each can carry.

use media::{CodecId, Track};

use crate::avi::{self, AviDemuxer, AviMuxer};
use crate::ffm::{self, FfmDemuxer, FfmMuxer};
use crate::flv::{self, FlvDemuxer, FlvMuxer};
use crate::h264::{self, H264Demuxer, H264Muxer};
use crate::jpeg::{self, JpegDemuxer, JpegMuxer};
use crate::mjpeg::{self, MjpegDemuxer, MjpegMuxer};
use crate::mp4::{self, Mp4Demuxer, Mp4Muxer};
use crate::mpegts::{self, TsDemuxer, TsMuxer};
use crate::mpjpeg::{self, MpJpegDemuxer, MpJpegMuxer};
use crate::{Demuxer, MuxError, Muxer};

/// A container or raw format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// AVI 1.0 with OpenDML beyond 1 GiB.
    Avi,
    /// The feed format of ffserver, as an endless stream of blocks.
    Ffm,
    /// Flash Video.
    Flv,
    /// Raw H.264 in Annex B form.
    H264,
    /// One JPEG image, then the end.
    Jpeg,
    /// JPEG images one after the other.
    Mjpeg,
    /// Fragmented MP4.
    Mp4,
    /// MPEG transport stream.
    MpegTs,
    /// Multipart JPEG, as browsers show in an `<img>`.
    MpJpeg,
}

impl Format {
    /// Every format, in the order of the reference page.
    pub const ALL: [Self; 9] = [
        Self::Avi,
        Self::Ffm,
        Self::Flv,
        Self::H264,
        Self::Jpeg,
        Self::Mjpeg,
        Self::Mp4,
        Self::MpegTs,
        Self::MpJpeg,
    ];

    /// The name that `Format` and `-f` take.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Avi => "avi",
            Self::Ffm => "ffm",
            Self::Flv => "flv",
            Self::H264 => "h264",
            Self::Jpeg => "jpeg",
            Self::Mjpeg => "mjpeg",
            Self::Mp4 => "mp4",
            Self::MpegTs => "mpegts",
            Self::MpJpeg => "mpjpeg",
        }
    }

    /// The format of a name, in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|format| format.name().eq_ignore_ascii_case(name))
    }

    /// The format that the extension of a file or stream name stands for.
    #[must_use]
    pub fn from_file_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        Self::ALL.into_iter().find(|format| {
            format
                .extensions()
                .iter()
                .any(|known| known.eq_ignore_ascii_case(extension))
        })
    }

    /// File name extensions, the usual one first.
    #[must_use]
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Avi => &["avi"],
            Self::Ffm => &["ffm"],
            Self::Flv => &["flv"],
            Self::H264 => &["h264", "264"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Mjpeg => &["mjpeg"],
            Self::Mp4 => &["mp4", "m4v", "m4s"],
            Self::MpegTs => &["ts", "m2t"],
            Self::MpJpeg => &["mjpg", "mpjpeg"],
        }
    }

    /// The `Content-Type` of a live stream or file. (FFSERVER.md 3.3; `video/mjpeg` for raw MJPEG,
    /// since ffserver's `video/x-mjpeg` made browsers save instead of show.)
    #[must_use]
    pub const fn mime_type(self) -> &'static str {
        match self {
            Self::Avi => "video/x-msvideo",
            Self::Ffm => "application/x-octet-stream",
            Self::Flv => "video/x-flv",
            Self::H264 => "video/h264",
            Self::Jpeg => "image/jpeg",
            Self::Mjpeg => "video/mjpeg",
            Self::Mp4 => "video/mp4",
            Self::MpegTs => "video/MP2T",
            Self::MpJpeg => "multipart/x-mixed-replace;boundary=ffserver",
        }
    }

    /// Whether a viewer can stay when the tracks change (a new feeder with other parameters): the
    /// container lets new headers stand in the middle.
    #[must_use]
    pub const fn survives_new_tracks(self) -> bool {
        match self {
            Self::Flv | Self::MpegTs | Self::MpJpeg | Self::Mjpeg | Self::H264 => true,
            Self::Avi | Self::Ffm | Self::Jpeg | Self::Mp4 => false,
        }
    }

    /// Whether the container has a mapping of the codec that this crate writes.
    #[must_use]
    pub fn can_carry(self, codec: CodecId) -> bool {
        match self {
            Self::Avi => avi::can_carry(codec),
            Self::Ffm => ffm::can_carry(codec),
            Self::Flv => flv::can_carry(codec),
            Self::H264 => h264::can_carry(codec),
            Self::Jpeg => jpeg::can_carry(codec),
            Self::Mjpeg => mjpeg::can_carry(codec),
            Self::Mp4 => mp4::can_carry(codec),
            Self::MpegTs => mpegts::can_carry(codec),
            Self::MpJpeg => mpjpeg::can_carry(codec),
        }
    }

    /// Makes a writer.
    ///
    /// # Errors
    /// [`MuxError`] if the container cannot carry these tracks.
    pub fn muxer(self, tracks: &[Track]) -> Result<Box<dyn Muxer>, MuxError> {
        Ok(match self {
            Self::Avi => Box::new(AviMuxer::new(tracks)?),
            Self::Ffm => Box::new(FfmMuxer::new(tracks)?),
            Self::Flv => Box::new(FlvMuxer::new(tracks)?),
            Self::H264 => Box::new(H264Muxer::new(tracks)?),
            Self::Jpeg => Box::new(JpegMuxer::new(tracks)?),
            Self::Mjpeg => Box::new(MjpegMuxer::new(tracks)?),
            Self::Mp4 => Box::new(Mp4Muxer::new(tracks)?),
            Self::MpegTs => Box::new(TsMuxer::new(tracks)?),
            Self::MpJpeg => Box::new(MpJpegMuxer::new(tracks)?),
        })
    }

    /// Makes a reader.
    #[must_use]
    pub fn demuxer(self) -> Box<dyn Demuxer> {
        match self {
            Self::Avi => Box::new(AviDemuxer::new()),
            Self::Ffm => Box::new(FfmDemuxer::new()),
            Self::Flv => Box::new(FlvDemuxer::new()),
            Self::H264 => Box::new(H264Demuxer::new()),
            Self::Jpeg => Box::new(JpegDemuxer::new()),
            Self::Mjpeg => Box::new(MjpegDemuxer::new()),
            Self::Mp4 => Box::new(Mp4Demuxer::new()),
            Self::MpegTs => Box::new(TsDemuxer::new()),
            Self::MpJpeg => Box::new(MpJpegDemuxer::new()),
        }
    }

    /// The format that the first bytes of a file show; wants 1 KiB, does with less.
    #[must_use]
    pub fn probe(prefix: &[u8]) -> Option<Self> {
        PROBES
            .iter()
            .find(|(_, probe)| probe(prefix))
            .map(|(format, _)| *format)
    }
}

/// A look at the first bytes of a file.
type Probe = fn(&[u8]) -> bool;

/// How each container shows itself, the unmistakable ones first: a raw stream begins like other
/// things, and a transport stream is known by a byte that recurs.
const PROBES: [(Format, Probe); 9] = [
    (Format::Avi, avi::probe),
    (Format::Ffm, ffm::probe),
    (Format::Flv, flv::probe),
    (Format::Mp4, mp4::probe),
    (Format::MpJpeg, mpjpeg::probe),
    (Format::MpegTs, mpegts::probe),
    (Format::Jpeg, jpeg::probe),
    (Format::Mjpeg, mjpeg::probe),
    (Format::H264, h264::probe),
];
