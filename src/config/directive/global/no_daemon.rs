//! `NoDaemon`: stay in the foreground.

use super::super::{Apply, Directive};

pub(super) static DIRECTIVE: Directive = Directive {
    name: "NoDaemon",
    doc: "Stays in the foreground, which this server always does.",
    apply: Apply::Global(|_, _| {}),
    ..Directive::BASE
};

#[cfg(test)]
mod tests {
    use crate::config::testing::problems;

    #[test]
    fn the_foreground_is_no_finding() {
        assert_eq!(problems("", "Nodaemon"), [""; 0]);
    }
}
