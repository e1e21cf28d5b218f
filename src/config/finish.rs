//! From a draft to a configuration: defaults, and what only shows when lines are compared.

mod streams;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::time::Duration;

use super::diagnostic::{Diagnostic, Diagnostics, quoted};
use super::draft::{Draft, FeedDraft, GlobalDraft, RedirectDraft, StreamDraft};
use super::model::{Config, FeedConfig, RedirectConfig};
use super::source::{Span, Spanned};
use super::world::World;

/// `MaxHTTPConnections` (ffserver's).
const MAX_HTTP_CONNECTIONS: u32 = 2000;
/// `MaxClients`. (ffserver's 5 turned away the sixth viewer of a household.)
const MAX_CLIENTS: u32 = 1000;
/// `MaxBandwidth` in kbit/s: a gigabit interface. (ffserver's 1000 is one viewer.)
const MAX_BANDWIDTH_KBPS: u64 = 1_000_000;
/// `FileMaxSize` in bytes (ffserver's).
const RING_BYTES: u64 = 5 << 20;
/// `HoldViewers`.
const HOLD_VIEWERS: Duration = Duration::from_secs(10);

/// Makes the configuration. It may be used if no error was found, here or before.
pub(crate) fn finish(draft: Draft, world: World, found: &mut Diagnostics) -> Config {
    let Draft {
        global,
        feeds,
        streams,
        redirects,
    } = draft;
    names(&feeds, &streams, &redirects, found);
    let max_clients = limits(&global, found);
    ports(&global, found);
    unused(&feeds, &streams, found);
    let inherited = !global.no_defaults;
    let feed_names: BTreeSet<String> = feeds.iter().map(|feed| feed.name.value.clone()).collect();
    Config {
        http_port: global.http_port.map(|port| port.value),
        http_bind: global.http_bind,
        rtsp_port: global.rtsp_port.map(|port| port.value),
        rtsp_bind: global.rtsp_bind,
        max_http_connections: global
            .max_http_connections
            .map_or(MAX_HTTP_CONNECTIONS.max(max_clients), |count| count.value),
        max_clients,
        max_bandwidth_kbps: global.max_bandwidth_kbps.unwrap_or(MAX_BANDWIDTH_KBPS),
        custom_log: global.custom_log,
        feeds: feeds
            .into_iter()
            .map(|feed| self::feed(feed, world, found))
            .collect(),
        streams: streams
            .into_iter()
            .map(|stream| streams::stream(stream, &feed_names, inherited, found))
            .collect(),
        redirects: redirects
            .into_iter()
            .map(|redirect| self::redirect(redirect, found))
            .collect(),
    }
}

/// Feeds, streams and redirects share one set of names.
fn names(
    feeds: &[FeedDraft],
    streams: &[StreamDraft],
    redirects: &[RedirectDraft],
    found: &mut Diagnostics,
) {
    let feeds = feeds.iter().map(|feed| &feed.name);
    let streams = streams.iter().map(|stream| &stream.name);
    let redirects = redirects.iter().map(|redirect| &redirect.name);
    let mut all: Vec<&Spanned<String>> = feeds.chain(streams).chain(redirects).collect();
    all.sort_by_key(|name| name.span);
    let mut first: HashMap<&str, Span> = HashMap::new();
    for name in all.into_iter().filter(|name| !name.value.is_empty()) {
        match first.get(name.value.as_str()) {
            Some(&span) => found.push(
                Diagnostic::error(
                    name.span,
                    format!("the name {} is taken", quoted(&name.value)),
                )
                .label("named again")
                .related(span, "named here first")
                .help("feeds, streams and redirects share one set of names"),
            ),
            None => {
                first.insert(&name.value, name.span);
            }
        }
    }
}

/// Checks the limits against each other; answers how many clients are served.
fn limits(global: &GlobalDraft, found: &mut Diagnostics) -> u32 {
    match (&global.max_clients, &global.max_http_connections) {
        (Some(clients), Some(connections)) if clients.value > connections.value => {
            let (more, less) = (clients.value, connections.value);
            let message = format!("MaxClients ({more}) is more than MaxHTTPConnections ({less})");
            found.push(
                Diagnostic::error(clients.span, message)
                    .label("every client is a connection")
                    .related(connections.span, "fewer connections")
                    .help(format!(
                        "write `MaxClients {less}` or `MaxHTTPConnections {more}`"
                    )),
            );
            more
        }
        (Some(clients), _) => clients.value,
        (None, Some(connections)) => MAX_CLIENTS.min(connections.value),
        (None, None) => MAX_CLIENTS,
    }
}

fn ports(global: &GlobalDraft, found: &mut Diagnostics) {
    match (&global.http_port, &global.rtsp_port) {
        (None, _) if global.refused.contains(&"HTTPPort") => {}
        (None, _) => found.push(
            Diagnostic::warning(
                Span::default(),
                "no `HTTPPort`: nothing is served over HTTP",
            )
            .help("write `HTTPPort 8090` above the first section"),
        ),
        (Some(http), Some(rtsp))
            if http.value == rtsp.value
                && http.value != 0
                && global.http_bind == global.rtsp_bind =>
        {
            let message = format!("HTTP and RTSP on the same port {}", http.value);
            found.push(
                Diagnostic::error(rtsp.span, message)
                    .label("a port of its own is wanted, such as 5454")
                    .related(http.span, "taken by HTTP"),
            );
        }
        (Some(_), _) => {}
    }
}

fn unused(feeds: &[FeedDraft], streams: &[StreamDraft], found: &mut Diagnostics) {
    let used: HashSet<&str> = streams
        .iter()
        .filter_map(|stream| Some(stream.feed.as_ref()?.value.as_str()))
        .collect();
    for name in feeds.iter().map(|feed| &feed.name) {
        if !name.value.is_empty() && !used.contains(name.value.as_str()) {
            let message = format!("no stream publishes the feed {}", quoted(&name.value));
            found.push(
                Diagnostic::warning(name.span, message)
                    .label("a feeder is not told what to encode")
                    .help(format!(
                        "write a `<Stream NAME>` with the line `Feed {}`",
                        name.value
                    )),
            );
        }
    }
}

fn feed(draft: FeedDraft, world: World, found: &mut Diagnostics) -> FeedConfig {
    let name = draft.name.value;
    if draft.read_only
        && let Some(file) = &draft.file
        && (world.exists)(&file.value) == Some(false)
    {
        let message = format!("no file {}", quoted(&file.value.to_string_lossy()));
        found.push(
            Diagnostic::error(file.span, message)
                .label("a `ReadOnlyFile` is never created")
                .help("write `File` to have it created"),
        );
    }
    FeedConfig {
        file: draft
            .file
            .map_or_else(|| default_ring(&name), |file| file.value),
        read_only: draft.read_only,
        max_size_bytes: draft.max_size.unwrap_or(Some(RING_BYTES)),
        truncate: draft.truncate,
        acl: draft.acl,
        hold_viewers: draft.hold_viewers.unwrap_or(HOLD_VIEWERS),
        name,
    }
}

/// ffserver's ring file: in `/tmp`, whatever slashes the name has.
fn default_ring(name: &str) -> PathBuf {
    PathBuf::from(format!("/tmp/{}.ffm", name.replace('/', "_")))
}

fn redirect(draft: RedirectDraft, found: &mut Diagnostics) -> RedirectConfig {
    let name = draft.name.value;
    if draft.url.is_none() && !draft.refused.contains(&"URL") {
        found.push(
            Diagnostic::error(
                draft.name.span,
                format!("the redirect {} leads nowhere", quoted(&name)),
            )
            .label("no `URL` in the section")
            .help("write a line like `URL http://www.example.org/`"),
        );
    }
    RedirectConfig {
        name,
        url: draft.url.map_or_else(String::new, |url| url.value),
    }
}
