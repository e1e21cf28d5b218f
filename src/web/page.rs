//! The page itself, made on the server: readable and copyable without its script, which adds the
//! live pictures and numbers.

use super::asset::{SCRIPT_PATH, STYLE_PATH};
use super::escape::{html, shell};
use super::view::StreamView;

/// The page as HTML (`text/html; charset=utf-8`).
#[must_use]
pub fn page(streams: &[StreamView]) -> String {
    let cards: String = streams.iter().map(card).collect();
    let main = if streams.is_empty() {
        "<p class=\"empty\">No stream is configured: a <code>&lt;Stream NAME&gt;</code> section in \
         the configuration makes one.</p>\n"
            .to_owned()
    } else {
        cards
    };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Ferrocast</title>\n<link rel=\"icon\" href=\"data:,\">\n\
         <link rel=\"stylesheet\" href=\"{STYLE_PATH}\">\n\
         <script src=\"{SCRIPT_PATH}\" defer></script>\n</head>\n<body>\n\
         <header class=\"top\"><h1>Ferrocast</h1><p id=\"total\">{}</p></header>\n\
         <p id=\"offline\" role=\"alert\" hidden>No answer from the server. Trying again.</p>\n\
         <noscript><p class=\"empty\">Live pictures need JavaScript. The addresses below work \
         without.</p></noscript>\n<main>\n{main}</main>\n\
         <footer>ferrocast {}</footer>\n</body>\n</html>\n",
        total(streams),
        env!("CARGO_PKG_VERSION"),
    )
}

/// How many streams and viewers there are.
fn total(streams: &[StreamView]) -> String {
    let viewers: u64 = streams.iter().map(|stream| u64::from(stream.viewers)).sum();
    let live = streams.iter().filter(|stream| stream.live).count();
    format!(
        "{} {}, {live} live, {viewers} {}",
        streams.len(),
        plural(streams.len(), "stream"),
        plural(usize::try_from(viewers).unwrap_or(usize::MAX), "viewer"),
    )
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 {
        word.to_owned()
    } else {
        format!("{word}s")
    }
}

fn card(stream: &StreamView) -> String {
    let name = html(&stream.name);
    let live = if stream.live { " live" } else { "" };
    let rows: String = stream.urls.iter().map(|url| address(url)).collect();
    format!(
        "<article class=\"card{live}\" data-name=\"{name}\">\n\
         <div class=\"screen\"><p class=\"note\">{note}</p></div>\n<div class=\"text\">\n\
         <h2>{name} <span class=\"format\">{format}</span></h2>\n\
         <p class=\"state\">{state}</p>\n\
         <p class=\"numbers\"><span class=\"viewers\">{viewers} {viewers_word}</span>\
         <span class=\"rate\">{rate}</span></p>\n{rows}</div>\n</article>\n",
        note = if stream.live { "" } else { NO_PICTURE },
        state = html(&stream.state),
        format = html(&stream.format),
        viewers = stream.viewers,
        viewers_word = plural(
            usize::try_from(stream.viewers).unwrap_or(usize::MAX),
            "viewer"
        ),
        rate = rate(stream.kbit_per_s),
    )
}

/// A bit rate for people; the script writes the same.
fn rate(kbit_per_s: u64) -> String {
    match kbit_per_s {
        0 => String::new(),
        1..1000 => format!("{kbit_per_s} kbit/s"),
        _ => {
            let tenths = kbit_per_s.saturating_add(50) / 100;
            format!("{}.{} Mbit/s", tenths / 10, tenths % 10)
        }
    }
}

/// One address, and what to type into each player to open it.
fn address(url: &str) -> String {
    let word = shell(url);
    let commands: String = [
        format!("ffplay {word}"),
        format!("vlc {word}"),
        format!("mpv {word}"),
        format!("gst-launch-1.0 playbin uri={word}"),
    ]
    .iter()
    .map(|command| copyable(command))
    .collect();
    format!(
        "{}<details><summary>In a player</summary>\n{commands}</details>\n",
        copyable(url)
    )
}

/// Text with a button beside it that copies it.
fn copyable(text: &str) -> String {
    let text = html(text);
    format!(
        "<p class=\"copy\"><code>{text}</code>\
         <button type=\"button\" aria-label=\"Copy {text}\">Copy</button></p>\n"
    )
}

/// What stands in the place of the picture while there is none; the script writes the same.
const NO_PICTURE: &str = "No picture yet";

#[cfg(test)]
mod tests {
    use super::super::view::Preview;
    use super::*;

    fn hostile() -> StreamView {
        StreamView {
            name: "\"><script>alert(1)</script>".to_owned(),
            format: "<b>".to_owned(),
            feed: None,
            urls: vec!["http://h/'><img src=x onerror=alert(1)>".to_owned()],
            preview: Preview::MultipartJpeg,
            viewers: 1,
            kbit_per_s: 1250,
            live: false,
            state: "</p><iframe>".to_owned(),
        }
    }

    #[test]
    fn nothing_from_a_configuration_becomes_markup() {
        let page = page(&[hostile()]);
        for forbidden in ["<script>", "<img", "<iframe", "<b>"] {
            assert!(!page.contains(forbidden), "{forbidden} in {page}");
        }
        assert!(page.contains("&lt;script&gt;alert(1)"), "{page}");
    }

    #[test]
    fn every_address_has_a_command_for_each_player() {
        let mut stream = hostile();
        stream.urls = vec!["http://127.0.0.1:8090/live.flv".to_owned()];
        let page = page(&[stream]);
        for command in [
            "<code>http://127.0.0.1:8090/live.flv</code>",
            "<code>ffplay http://127.0.0.1:8090/live.flv</code>",
            "<code>vlc http://127.0.0.1:8090/live.flv</code>",
            "<code>mpv http://127.0.0.1:8090/live.flv</code>",
            "<code>gst-launch-1.0 playbin uri=http://127.0.0.1:8090/live.flv</code>",
        ] {
            assert!(page.contains(command), "{command}");
        }
    }

    #[test]
    fn the_page_names_nothing_outside() {
        let mut stream = hostile();
        stream.urls.clear();
        let page = page(&[stream]);
        assert!(!page.contains("://"), "{page}");
    }

    #[test]
    fn rates_are_rounded_to_a_tenth() {
        for (kbit_per_s, want) in [
            (0, ""),
            (999, "999 kbit/s"),
            (1000, "1.0 Mbit/s"),
            (1949, "1.9 Mbit/s"),
            (1950, "2.0 Mbit/s"),
            (u64::MAX, "18446744073709551.6 Mbit/s"),
        ] {
            assert_eq!(rate(kbit_per_s), want);
        }
    }
}
