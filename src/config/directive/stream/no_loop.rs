//! `NoLoop`: send a file to a group once.

use super::super::{Apply, Directive, Standing};

pub(super) static DIRECTIVE: Directive = Directive {
    name: "NoLoop",
    standing: Standing::NotYet("multicast is not sent yet: let players open the stream over HTTP"),
    doc: "Ended a multicast file stream at the end of its file.",
    apply: Apply::Stream(|_, _| {}),
    ..Directive::BASE
};

#[cfg(test)]
mod tests {
    use crate::config::testing::problems;

    #[test]
    fn multicast_is_announced_as_missing() {
        assert_eq!(
            problems("Stream", "NoLoop"),
            ["warning: `NoLoop` does not work in this version"]
        );
    }
}
