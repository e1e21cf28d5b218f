//! `CustomLog`: the access log.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::GlobalDraft;
use crate::config::model::LogTarget;
use crate::config::value::Wrong;
use crate::config::value::path::path;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "CustomLog",
    args: "<file>|-",
    default: "no access log",
    doc: "Appends a line in the format of Apache for every request to a file; `-` is the standard output.",
    apply: Apply::Global(apply),
    ..Directive::BASE
};

fn apply(global: &mut GlobalDraft, args: &mut Args<'_, '_>) {
    if let Some(target) = args.value("a file or `-`", target) {
        global.custom_log = Some(target.value);
    }
}

fn target(word: &str) -> Result<LogTarget, Wrong> {
    match word {
        "-" => Ok(LogTarget::Stdout),
        _ => path(word).map(LogTarget::File),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{global, problems};

    use super::LogTarget;

    #[test]
    fn requests_are_logged_to_a_file_or_the_output() {
        for (line, want) in [
            ("", None),
            ("Customlog -", Some(LogTarget::Stdout)),
            (
                "CustomLog /var/log/a.log",
                Some(LogTarget::File("/var/log/a.log".into())),
            ),
            ("CustomLog \"/a b\"", Some(LogTarget::File("/a b".into()))),
        ] {
            assert_eq!(global(line).custom_log, want, "{line}");
        }
        for (line, want) in [
            ("Customlog-", "error: a space is missing behind `Customlog`"),
            ("CustomLog", "error: `CustomLog` wants a file or `-`"),
        ] {
            assert_eq!(problems("", line), [want], "{line}");
        }
    }
}
