//! What the server says about itself: the numbers behind its page.

use serde_json::Value;

use super::client;
use super::server::Server;

/// Where they are.
pub(crate) const STREAMS_JSON: &str = "/.ferrocast/streams.json";

/// The entries of [`STREAMS_JSON`].
pub(crate) fn streams(server: &Server) -> Vec<Value> {
    let reply = client::get(server.http(), STREAMS_JSON);
    assert_eq!(reply.head.status, 200, "{STREAMS_JSON}");
    let mut answer: Value = serde_json::from_slice(&reply.body).expect("JSON");
    match answer["streams"].take() {
        Value::Array(streams) => streams,
        other => panic!("no list of streams: {other}"),
    }
}

/// Whether every stream of a feed is live.
pub(crate) fn feed_is_live(server: &Server, feed: &str) -> bool {
    let of_feed: Vec<Value> = streams(server)
        .into_iter()
        .filter(|stream| stream["feed"] == feed)
        .collect();
    !of_feed.is_empty() && of_feed.iter().all(|stream| stream["live"] == true)
}
