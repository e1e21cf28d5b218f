//! Directives of `<Redirect>`.

mod url;

use super::Directive;

/// In the order of the reference.
pub(super) const ALL: &[&Directive] = &[&url::DIRECTIVE];
