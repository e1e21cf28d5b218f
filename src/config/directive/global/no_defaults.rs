//! `NoDefaults` outside of sections: encoder settings that a stream does not state.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::GlobalDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "NoDefaults",
    doc: "Leaves what a stream does not state to the feeder. Size, audio bit rate and sample rate must then \
          be stated.",
    apply: Apply::Global(apply),
    ..Directive::BASE
};

fn apply(global: &mut GlobalDraft, _: &mut Args<'_, '_>) {
    global.no_defaults = true;
}

#[cfg(test)]
mod tests {
    use crate::config::testing::config;

    #[test]
    fn streams_inherit_it() {
        let text = "HTTPPort 8090\nNoDefaults\n<Feed f>\n</Feed>\n<Stream a.flv>\nFeed f\nVideoSize cif\nNoAudio\n</Stream>";
        assert!(!config(text).streams[0].use_defaults);
    }
}
