//! Configuration texts.

use ferrocast::config::{self, Severity};

// Invariant: a configuration is there exactly if no finding is an error; every finding lies within
// the text; a fixed text needs no more fixing, and is not worse than before.
pub(super) fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (config, found) = config::parse(&text, "fuzz.conf");
    let errors = |found: &[config::Diagnostic]| {
        found
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .count()
    };
    assert_eq!(config.is_some(), errors(&found) == 0);
    for finding in &found {
        let (start, end) = (finding.span.start, finding.span.end);
        assert!(text.get(start..end).is_some(), "{finding:?}");
        assert!(finding.line >= 1 && finding.column >= 1, "{finding:?}");
    }
    let rendered = config::render(&found, &text, false);
    assert_eq!(rendered.is_empty(), found.is_empty());
    assert!(!rendered.contains('\u{1b}'), "escapes reach the terminal");
    let fixed = config::fix(&text);
    let (config_of_fixed, _) = config::parse(&fixed, "fuzz.conf");
    assert!(
        config.is_none() || config_of_fixed.is_some(),
        "fixing broke a sound text"
    );
    assert_eq!(config::fix(&fixed), fixed, "fixing twice");
}
