//! The reference of the language, made from the table of directives.

use std::fmt::Write as _;

use super::directive::{Directive, Standing, TOPICS, Topic, all};

/// The reference page in Markdown.
#[must_use]
pub fn page() -> String {
    let mut page = String::from(INTRODUCTION);
    for topic in &TOPICS {
        page.push_str(&section(topic));
    }
    page
}

/// What the manual has on a word: a directive in any case, or a topic (`server`, `feed`, `stream`,
/// `video`, `audio`, `redirect`). Markdown.
#[must_use]
pub fn help(word: &str) -> Option<String> {
    if let Some(topic) = TOPICS
        .iter()
        .find(|topic| topic.slug.eq_ignore_ascii_case(word))
    {
        return Some(section(topic));
    }
    let entries: Vec<_> = all()
        .filter(|directive| directive.is(word))
        .map(entry)
        .collect();
    (!entries.is_empty()).then(|| entries.join("\n"))
}

const INTRODUCTION: &str = "\
# The configuration file

<!-- Made from src/config/directive; `UPDATE_EXPECT=1 cargo test --lib config::reference` writes it anew. -->

An `ffserver.conf` of ffserver 0.8 or 3.x is read as it is. `ferrocast check FILE` explains every
problem of a file, and `ferrocast check FILE --fix` prints it with the typing mistakes repaired.

A line is a keyword and its arguments. The case of keywords does not matter. Words with spaces stand
in `\"` or `'`. What follows a word that begins with `#` is a comment. Sections begin with `<Feed
NAME>`, `<Stream NAME>` or `<Redirect NAME>`, end with `</Feed>`, `</Stream>` or `</Redirect>`, and do
not nest.

**(ours)** marks what ffserver did not know.
";

fn section(topic: &Topic) -> String {
    let mut text = format!("\n## {}\n\n{}\n", topic.title, topic.intro);
    for directive in topic.directives {
        text.push('\n');
        text.push_str(&entry(directive));
    }
    text
}

fn entry(directive: &Directive) -> String {
    let ours = if directive.standing == Standing::Ours {
        " **(ours)**"
    } else {
        ""
    };
    let space = if directive.args.is_empty() { "" } else { " " };
    let mut text = format!(
        "### `{}{space}{}`{ours}\n\n",
        directive.name, directive.args
    );
    let mut line = |what: std::fmt::Arguments<'_>| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{what}");
    };
    line(format_args!("{}", directive.doc));
    if !directive.aliases.is_empty() {
        line(format_args!(
            "\nAlso: `{}`.",
            directive.aliases.join("`, `")
        ));
    }
    if !directive.default.is_empty() {
        line(format_args!("\nDefault: {}.", directive.default));
    }
    match directive.standing {
        Standing::Honoured | Standing::Ours => {}
        Standing::OldFeeders => {
            line(format_args!("\nReaches ffmpeg's own feeders only."));
        }
        Standing::NotYet(instead) => {
            line(format_args!("\n**Not in this version**: {instead}."));
        }
        Standing::NoEffect(why) => line(format_args!("\nNo effect: {why}.")),
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_the_documentation_is_current() {
        expect_test::expect_file!["../docs/configuration.md"].assert_eq(&page());
    }

    #[test]
    fn help_knows_directives_and_topics() {
        assert!(help("bindaddress").is_some_and(|text| text.contains("### `HTTPBindAddress")));
        assert_eq!(
            help("File").map(|text| text.matches("### ").count()),
            Some(2)
        );
        assert!(help("audio").is_some_and(|text| text.contains("### `AudioCodec")));
        assert_eq!(help("nonsense"), None);
    }
}
