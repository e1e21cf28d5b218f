//! `URL`: where a redirect leads.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::RedirectDraft;
use crate::config::value::Wrong;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "URL",
    args: "<address>",
    doc: "Where the redirect leads: an absolute address, or a path of this server that begins with `/`.",
    apply: Apply::Redirect(apply),
    ..Directive::BASE
};

fn apply(redirect: &mut RedirectDraft, args: &mut Args<'_, '_>) {
    if let Some(url) = args.value("an address", url) {
        redirect.url = Some(url);
    }
}

fn url(word: &str) -> Result<String, Wrong> {
    const MAX_URL_BYTES: usize = 2048;
    if word.len() > MAX_URL_BYTES || !word.chars().all(|c| c.is_ascii_graphic()) {
        return Err(Wrong::new(
            "an address is made of ASCII letters, digits and signs",
        ));
    }
    let absolute = word.split_once("://").is_some_and(|(scheme, rest)| {
        !rest.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric())
    });
    if absolute || word.starts_with('/') {
        return Ok(word.to_owned());
    }
    Err(Wrong::new("an address begins with `http://` or `/`")
        .perhaps(Some(format!("http://{word}"))))
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{config, problems};

    #[test]
    fn redirects_lead_somewhere() {
        for url in ["http://www.ffmpeg.org/", "rtsp://host/a", "/live.flv"] {
            let text = format!("HTTPPort 1\n<Redirect index.html>\nURL {url}\n</Redirect>");
            assert_eq!(config(&text).redirects[0].url, url);
        }
        for (line, want) in [
            ("", "error: the redirect `r` leads nowhere"),
            (
                "URL www.ffmpeg.org",
                "error: URL `www.ffmpeg.org`: an address begins with `http://` or `/`",
            ),
            ("URL", "error: `URL` wants an address"),
            (
                "URL \"http://a b\"",
                "error: URL `http://a b`: an address is made of ASCII letters, digits and signs",
            ),
        ] {
            assert_eq!(
                problems("Redirect", line).first().map(String::as_str),
                Some(want),
                "{line}"
            );
        }
    }
}
