//! `File` in a stream: publish a file.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::diagnostic::{Diagnostic, quoted};
use crate::config::draft::StreamDraft;
use crate::config::value::path::{path, without_space_before_extension};

pub(super) static DIRECTIVE: Directive = Directive {
    name: "File",
    args: "<file>",
    doc: "Publishes a file. With another `Format` than its own it is repackaged, not encoded anew. A file \
          that is missing is answered 404.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    read(stream, args);
}

/// Reads the file, which `ReadOnlyFile` names as well.
pub(super) fn read(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    let Some(mut file) = args.value("a file", path) else {
        return;
    };
    let text = file.value.to_string_lossy().into_owned();
    let exists = args.world.exists;
    if text.contains("://") {
        args.push(
            Diagnostic::warning(file.span, "a URL is no file in this version")
                .label("not opened")
                .help("let `ferrocast feed -i URL` post it to a feed"),
        );
    } else if let Some(right) = without_space_before_extension(&text)
        && exists(&file.value) != Some(true)
    {
        args.push(
            Diagnostic::warning(
                file.span,
                format!("a space before the extension of {}", quoted(&text)),
            )
            .label("no such file")
            .help(format!("write `\"{right}\"`"))
            .repair(file.span, format!("\"{right}\"")),
        );
    } else if exists(&file.value) == Some(false) {
        args.push(
            Diagnostic::warning(file.span, format!("no file {}", quoted(&text)))
                .label("answered 404 until it is there"),
        );
    }
    file.span = args.line();
    stream.file = Some(file);
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{config, only};

    use crate::config::model::StreamSource;

    #[test]
    fn a_file_is_published() {
        for line in [
            "File \"/a b/c.flv\"",
            "file '/a b/c.flv'",
            "ReadOnlyFile \"/a b/c.flv\"",
        ] {
            let text = format!("HTTPPort 8090\n<Stream s.flv>\n{line}\n</Stream>");
            assert_eq!(
                config(&text).streams[0].source,
                StreamSource::File("/a b/c.flv".into()),
                "{line}"
            );
        }
        for (line, want) in [
            ("File /a.flv", &[][..]),
            (
                "File \"/a/test. FLV\"",
                &["warning: a space before the extension of `/a/test. FLV`"],
            ),
            (
                "File http://host/a.flv",
                &["warning: a URL is no file in this version"],
            ),
            ("File", &["error: `File` wants a file"]),
        ] {
            let text = format!("HTTPPort 8090\n<Stream s.flv>\n{line}\n</Stream>");
            assert_eq!(only(&text), want, "{line}");
        }
    }
}
