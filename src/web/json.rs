//! The numbers behind the page, as JSON.

use super::escape::json;
use super::view::{Preview, StreamView, preview_path};

/// `{"streams":[...]}`, one object a stream with the fields of [`StreamView`] under their names.
/// `preview` is `null` or an object: `kind` (`mp4` or `mjpeg`), `path`, and for MP4 `mime_type`.
#[must_use]
pub fn streams_json(streams: &[StreamView]) -> String {
    let entries: Vec<String> = streams.iter().map(entry).collect();
    format!("{{\"streams\":[{}]}}", entries.join(",\n"))
}

fn entry(stream: &StreamView) -> String {
    let urls: Vec<String> = stream.urls.iter().map(|url| json(url)).collect();
    let feed = stream.feed.as_deref().map_or("null".to_owned(), json);
    format!(
        "{{\"name\":{},\"format\":{},\"feed\":{feed},\"urls\":[{}],\"preview\":{},\"viewers\":{},\
         \"kbit_per_s\":{},\"live\":{},\"state\":{}}}",
        json(&stream.name),
        json(&stream.format),
        urls.join(","),
        preview(stream),
        stream.viewers,
        stream.kbit_per_s,
        stream.live,
        json(&stream.state),
    )
}

fn preview(stream: &StreamView) -> String {
    let Some(path) = preview_path(&stream.name, &stream.preview) else {
        return "null".to_owned();
    };
    let path = json(&path);
    match &stream.preview {
        Preview::Mp4 { mime_type } => {
            let mime_type = json(mime_type);
            format!("{{\"kind\":\"mp4\",\"path\":{path},\"mime_type\":{mime_type}}}")
        }
        Preview::MultipartJpeg | Preview::None => {
            format!("{{\"kind\":\"mjpeg\",\"path\":{path}}}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_independent_parser_reads_back_every_field() {
        let streams = [
            StreamView {
                name: "a \"quoted\" name.flv".to_owned(),
                format: "flv".to_owned(),
                feed: Some("feed1.ffm".to_owned()),
                urls: vec!["http://127.0.0.1:8090/a".to_owned()],
                preview: Preview::Mp4 {
                    mime_type: "video/mp4; codecs=\"avc1.42c01e\"".to_owned(),
                },
                viewers: 3,
                kbit_per_s: 512,
                live: true,
                state: "live".to_owned(),
            },
            StreamView {
                name: "file.avi".to_owned(),
                format: "avi".to_owned(),
                feed: None,
                urls: Vec::new(),
                preview: Preview::None,
                viewers: 0,
                kbit_per_s: 0,
                live: false,
                state: "the file is missing:\n/srv/file.avi".to_owned(),
            },
        ];
        let parsed: serde_json::Value = serde_json::from_str(&streams_json(&streams)).unwrap();
        let want = serde_json::json!({ "streams": [
            { "name": "a \"quoted\" name.flv", "format": "flv", "feed": "feed1.ffm",
              "urls": ["http://127.0.0.1:8090/a"],
              "preview": { "kind": "mp4", "mime_type": "video/mp4; codecs=\"avc1.42c01e\"",
                "path": "/.ferrocast/preview/a%20%22quoted%22%20name.flv.mp4?buffer=0" },
              "viewers": 3, "kbit_per_s": 512, "live": true, "state": "live" },
            { "name": "file.avi", "format": "avi", "feed": null, "urls": [], "preview": null,
              "viewers": 0, "kbit_per_s": 0, "live": false,
              "state": "the file is missing:\n/srv/file.avi" },
        ] });
        assert_eq!(parsed, want);
    }
}
