//! What a configuration publishes, looked up by name.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use formats::Format;
use media::Timestamp;

use crate::access::AccessLog;
use crate::admission::Admission;
use crate::config::model::{Config, StreamConfig, StreamFormat, StreamSource};
use crate::feed::recorder::{OpenError, Recorder};
use crate::feed::{Feed, encodings};
use crate::stream::live::LiveStream;

/// Everything that connections share.
#[derive(Debug)]
pub(crate) struct Site {
    config: Config,
    feeds: HashMap<String, Arc<Feed>>,
    /// In file order.
    streams: Vec<Arc<Stream>>,
    redirects: HashMap<String, String>,
    admission: Arc<Admission>,
    access_log: AccessLog,
}

/// A `<Stream>` at work.
#[derive(Debug)]
pub(crate) struct Stream {
    /// Its section of the configuration.
    pub config: StreamConfig,
    /// What it publishes.
    pub content: Content,
    viewers: AtomicU32,
}

/// What a stream publishes.
#[derive(Debug)]
pub(crate) enum Content {
    /// A feed, live.
    Live(Arc<LiveStream>),
    /// A file in this container.
    File(PathBuf, Format),
    /// Nothing over HTTP, for this reason.
    Unavailable(String),
}

/// What a name stands for.
#[derive(Debug, Clone)]
pub(crate) enum Resource {
    /// A `<Feed>`.
    Feed(Arc<Feed>),
    /// A `<Stream>`.
    Stream(Arc<Stream>),
    /// A `<Redirect>`, to this URL.
    Redirect(String),
}

impl Site {
    /// Builds all feeds and streams. `origin` is the stream time at which live streams start.
    ///
    /// # Errors
    /// [`OpenError`] if a feed file cannot be used.
    pub(crate) fn new(
        config: Config,
        access_log: AccessLog,
        origin: Timestamp,
    ) -> Result<Self, OpenError> {
        let mut live = HashMap::new();
        let mut feeds = HashMap::new();
        for feed in &config.feeds {
            let wanted = encodings::encodings(&feed.name, &config.streams);
            let recorder = if feed.read_only {
                None
            } else {
                Some(Recorder::start(feed)?)
            };
            let mut streams = Vec::new();
            for (index, stream) in config.streams.iter().enumerate() {
                let StreamFormat::Container(format) = stream.format else {
                    continue;
                };
                if !matches!(&stream.source, StreamSource::Feed(name) if *name == feed.name) {
                    continue;
                }
                let of_stream = encodings::of_stream(&wanted, index);
                let on_air = LiveStream::new(stream, format, &feed.name, of_stream, origin);
                let on_air = Arc::new(on_air);
                live.insert(stream.name.clone(), Arc::clone(&on_air));
                streams.push((stream.name.clone(), on_air));
            }
            feeds.insert(
                feed.name.clone(),
                Arc::new(Feed::new(feed.clone(), wanted, streams, recorder)),
            );
        }
        let streams = config
            .streams
            .iter()
            .map(|stream| Arc::new(Stream::new(stream, &live)));
        let redirects = config
            .redirects
            .iter()
            .map(|r| (r.name.clone(), r.url.clone()));
        Ok(Self {
            streams: streams.collect(),
            redirects: redirects.collect(),
            admission: Arc::new(Admission::new(
                u64::from(config.max_clients),
                config.max_bandwidth_kbps,
            )),
            feeds,
            access_log,
            config,
        })
    }

    /// The configuration.
    #[must_use]
    pub(crate) const fn config(&self) -> &Config {
        &self.config
    }

    /// The limits of clients and bandwidth.
    #[must_use]
    pub(crate) const fn admission(&self) -> &Arc<Admission> {
        &self.admission
    }

    /// The access log.
    #[must_use]
    pub(crate) const fn access_log(&self) -> &AccessLog {
        &self.access_log
    }

    /// All feeds.
    pub(crate) fn feeds(&self) -> impl Iterator<Item = &Arc<Feed>> {
        self.feeds.values()
    }

    /// Whether a feeder is connected to a feed.
    #[must_use]
    pub(crate) fn is_fed(&self, feed: &str) -> bool {
        self.feeds
            .get(feed)
            .is_some_and(|feed| feed.feeder().is_some())
    }

    /// All streams in file order.
    #[must_use]
    pub(crate) fn streams(&self) -> &[Arc<Stream>] {
        &self.streams
    }

    /// What `name` stands for, if this peer may know it: what an ACL hides is not told apart from
    /// what does not exist.
    #[must_use]
    pub(crate) fn lookup(&self, name: &str, peer: IpAddr) -> Option<Resource> {
        if let Some(feed) = self.feeds.get(name) {
            return feed
                .config()
                .acl
                .allows(peer)
                .then(|| Resource::Feed(Arc::clone(feed)));
        }
        if let Some(stream) = self
            .streams
            .iter()
            .find(|stream| stream.config.name == name)
        {
            return stream
                .config
                .acl
                .allows(peer)
                .then(|| Resource::Stream(Arc::clone(stream)));
        }
        self.redirects
            .get(name)
            .map(|url| Resource::Redirect(url.clone()))
    }
}

impl Stream {
    fn new(config: &StreamConfig, live: &HashMap<String, Arc<LiveStream>>) -> Self {
        let content = match (&config.source, config.format) {
            (_, StreamFormat::Unavailable(format)) => {
                Content::Unavailable(format!("the format {format} cannot be written yet"))
            }
            (_, StreamFormat::Rtp) => Content::Unavailable("it is for RTSP only".to_owned()),
            (_, StreamFormat::Status) | (StreamSource::Server, _) => {
                Content::Unavailable("the status page cannot be shown yet".to_owned())
            }
            (StreamSource::File(path), StreamFormat::Container(format)) => {
                Content::File(path.clone(), format)
            }
            (StreamSource::Feed(feed), StreamFormat::Container(_)) => {
                match live.get(&config.name) {
                    Some(live) => Content::Live(Arc::clone(live)),
                    None => Content::Unavailable(format!("there is no feed {feed}")),
                }
            }
        };
        Self {
            config: config.clone(),
            content,
            viewers: AtomicU32::new(0),
        }
    }

    /// Clients that are watching.
    #[must_use]
    pub(crate) fn viewers(&self) -> u32 {
        self.viewers.load(Ordering::Relaxed)
    }

    /// Counts a viewer until the guard is dropped.
    #[must_use]
    pub(crate) fn watch(self: &Arc<Self>) -> Watching {
        self.viewers.fetch_add(1, Ordering::Relaxed);
        Watching(Arc::clone(self))
    }
}

/// A viewer that counts.
#[derive(Debug)]
pub(crate) struct Watching(Arc<Stream>);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.viewers.fetch_sub(1, Ordering::Relaxed);
    }
}
