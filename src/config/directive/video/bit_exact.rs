//! `BitExact`: output that depends on nothing but the input.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::StreamDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "BitExact",
    doc: "Asks for output that is the same on every machine (`flags=+bitexact`); an old feeder then counts \
          time from zero.",
    apply: Apply::Stream(apply),
    ..Directive::BASE
};

fn apply(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    stream.video_options.set(args, "flags", "+bitexact");
    stream.bit_exact = true;
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{problems, video};

    #[test]
    fn the_option_is_handed_on() {
        let want = [("flags", "+bitexact")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(video("BitExact").options, want);
        assert_eq!(problems("Stream", "BitExact"), [""; 0]);
    }
}
