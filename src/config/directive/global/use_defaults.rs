//! `UseDefaults` outside of sections: encoder settings that a stream does not state.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::GlobalDraft;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "UseDefaults",
    default: "`UseDefaults`",
    doc: "Fills what a stream does not state with ffserver's defaults: 160x128 pixels, 5 frames and \
          64 kbit a second, audio with one channel, 22050 Hz and 64 kbit a second.",
    apply: Apply::Global(apply),
    ..Directive::BASE
};

fn apply(global: &mut GlobalDraft, _: &mut Args<'_, '_>) {
    global.no_defaults = false;
}

#[cfg(test)]
mod tests {
    use crate::config::testing::config;

    #[test]
    fn streams_inherit_it() {
        let text = "HTTPPort 8090\nUseDefaults\n<Feed f>\n</Feed>\n<Stream a.flv>\nFeed f\nVideoSize cif\nNoAudio\n</Stream>";
        assert!(config(text).streams[0].use_defaults);
    }
}
