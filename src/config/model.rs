//! What a configuration means, once it has been understood.
//!
//! Values here are checked: the server can be started from a [`Config`] without further questions.
//! `None` means that the file says nothing and the default of the place that uses it holds.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use formats::Format;
use media::{CodecId, FrameRate};

/// A whole configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// `HTTPPort`; `None`: no HTTP.
    pub http_port: Option<u16>,
    /// `HTTPBindAddress`; `None`: all addresses, IPv4 and IPv6.
    pub http_bind: Option<IpAddr>,
    /// `RTSPPort`; `None`: no RTSP.
    pub rtsp_port: Option<u16>,
    /// `RTSPBindAddress`; `None`: all addresses, IPv4 and IPv6.
    pub rtsp_bind: Option<IpAddr>,
    /// `MaxHTTPConnections`: open connections, idle ones included.
    pub max_http_connections: u32,
    /// `MaxClients`: connections that are being served.
    pub max_clients: u32,
    /// `MaxBandwidth` in kbit/s: sum of the nominal rates of what is being served.
    pub max_bandwidth_kbps: u64,
    /// `CustomLog`.
    pub custom_log: Option<LogTarget>,
    /// `<Feed>` sections in file order.
    pub feeds: Vec<FeedConfig>,
    /// `<Stream>` sections in file order.
    pub streams: Vec<StreamConfig>,
    /// `<Redirect>` sections in file order.
    pub redirects: Vec<RedirectConfig>,
}

/// Where the access log goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogTarget {
    /// `CustomLog -`.
    Stdout,
    /// Appended to a file.
    File(PathBuf),
}

/// A `<Feed>`: what an encoder pushes.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedConfig {
    /// Name, as in the URL.
    pub name: String,
    /// `File` or `ReadOnlyFile`: the ring. ffserver's default is `/tmp/NAME.ffm`.
    pub file: PathBuf,
    /// `ReadOnlyFile`: no posts, the file is never written.
    pub read_only: bool,
    /// `FileMaxSize` in bytes; `None`: unlimited.
    pub max_size_bytes: Option<u64>,
    /// `Truncate`: every feeder starts with an empty ring.
    pub truncate: bool,
    /// `ACL` lines.
    pub acl: Acl,
    /// `HoldViewers` (ours): how long viewers are kept when the feeder is gone.
    pub hold_viewers: Duration,
}

/// A `<Stream>`: a published URL.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamConfig {
    /// Name, as in the URL.
    pub name: String,
    /// What is published.
    pub source: StreamSource,
    /// How it is packaged.
    pub format: StreamFormat,
    /// Video wanted of the feeder; `None` after `NoVideo` or where the format has none.
    pub video: Option<VideoSettings>,
    /// Audio wanted of the feeder; `None` after `NoAudio` or where the format has none.
    pub audio: Option<AudioSettings>,
    /// `Preroll`: how far before the newest key frame a viewer starts.
    pub preroll: Duration,
    /// `StartSendOnKey`. (A viewer always starts at a key frame here; kept for the reference.)
    pub start_send_on_key: bool,
    /// `MaxTime`: the longest a viewer is served.
    pub max_time: Option<Duration>,
    /// `Metadata`, `Title`, `Author`, `Comment`, `Copyright`: key and value in file order.
    pub metadata: Vec<(String, String)>,
    /// `BitExact`.
    pub bit_exact: bool,
    /// `ACL` lines.
    pub acl: Acl,
    /// `UseDefaults`: what the settings leave open is asked for with ffserver's defaults
    /// (FFSERVER.md 1.4). `false` after `NoDefaults`: it is left to the feeder.
    pub use_defaults: bool,
}

/// What a stream publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamSource {
    /// `Feed NAME`: live.
    Feed(String),
    /// `File PATH`.
    File(PathBuf),
    /// Nothing: a page of the server's own (`Format status`).
    Server,
}

/// How a stream is packaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamFormat {
    /// A container of the `formats` crate.
    Container(Format),
    /// `Format rtp`: over RTSP only.
    Rtp,
    /// `Format status`: the status page.
    Status,
    /// A format of ffserver's that this version cannot write yet, by its name. Such a stream
    /// answers 501 with the reason.
    Unavailable(&'static str),
}

/// Video asked of a feeder, as ffserver keeps it: options under their AVOption names.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VideoSettings {
    /// `VideoCodec`; `None`: ffserver's default of the format for old feeders, H.264 for ours.
    pub codec: Option<CodecId>,
    /// `VideoBitRate` in bit/s.
    pub bit_rate_bps: Option<u32>,
    /// `VideoSize` in pixels.
    pub size_px: Option<(u32, u32)>,
    /// `VideoFrameRate`.
    pub frame_rate: Option<FrameRate>,
    /// `VideoGopSize` in frames; 1 after `VideoIntraOnly`.
    pub gop_size: Option<u32>,
    /// `VideoQMin`.
    pub qmin: Option<u8>,
    /// `VideoQMax`.
    pub qmax: Option<u8>,
    /// All encoder options in file order, as `key=value` of the FFM2 header (FFSERVER.md 1.4),
    /// those with fields above included.
    pub options: Vec<(String, String)>,
}

/// Audio asked of a feeder.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AudioSettings {
    /// `AudioCodec`.
    pub codec: Option<CodecId>,
    /// `AudioBitRate` in bit/s.
    pub bit_rate_bps: Option<u32>,
    /// `AudioSampleRate` in Hz.
    pub sample_rate_hz: Option<u32>,
    /// `AudioChannels`.
    pub channels: Option<u16>,
    /// All encoder options in file order, as for video.
    pub options: Vec<(String, String)>,
}

/// A `<Redirect>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectConfig {
    /// Name, as in the URL.
    pub name: String,
    /// `URL`.
    pub url: String,
}

/// Rules in file order; the first that matches decides. Where none does, the answer is the opposite
/// of the last rule's, and without rules everybody is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Acl {
    /// The rules.
    pub rules: Vec<AclRule>,
}

/// One `ACL` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AclRule {
    /// `allow` or `deny`.
    pub allow: bool,
    /// First address of the range.
    pub first: IpAddr,
    /// Last address of the range.
    pub last: IpAddr,
}

impl Acl {
    /// Whether a peer may come in. An IPv4 peer on an IPv6 socket counts as IPv4.
    #[must_use]
    pub fn allows(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        let same_family = |rule: &&AclRule| rule.first.is_ipv4() == peer.is_ipv4();
        let hit = self
            .rules
            .iter()
            .filter(same_family)
            .find(|rule| (rule.first..=rule.last).contains(&peer));
        match hit {
            Some(rule) => rule.allow,
            None => self.rules.last().is_none_or(|last| !last.allow),
        }
    }
}
