//! `MaxBandwidth`: how much may be served at once.

use super::super::{Apply, Directive};
use crate::config::args::Args;
use crate::config::draft::GlobalDraft;
use crate::config::value::number::number;

pub(super) static DIRECTIVE: Directive = Directive {
    name: "MaxBandwidth",
    args: "<kbit/s>",
    default: "1000000, a gigabit interface (ffserver: 1000)",
    doc: "Sum of the nominal bit rates of all that is being served, in kbit/s. A viewer beyond it is \
          answered 503.",
    apply: Apply::Global(apply),
    ..Directive::BASE
};

/// The limits of ffserver's documentation, the upper one raised to 1 Tbit/s.
const RANGE_KBPS: (u64, u64) = (10, 1_000_000_000);

fn apply(global: &mut GlobalDraft, args: &mut Args<'_, '_>) {
    let parse = |word: &str| number(word, RANGE_KBPS.0, RANGE_KBPS.1);
    if let Some(rate) = args.value("a number of kbit/s", parse) {
        global.max_bandwidth_kbps = Some(rate.value);
    }
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{global, problems};

    #[test]
    fn bandwidth_is_limited() {
        for (line, want) in [
            ("", 1_000_000),
            ("Maxbandwidth 1000", 1000),
            ("MaxBandwidth 10000000", 10_000_000),
        ] {
            assert_eq!(global(line).max_bandwidth_kbps, want, "{line}");
        }
        assert_eq!(
            problems("", "MaxBandwidth 5"),
            ["error: MaxBandwidth `5`: a whole number from 10 to 1000000000 is wanted"]
        );
    }
}
