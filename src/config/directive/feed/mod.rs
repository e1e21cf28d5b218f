//! Directives of `<Feed>`.

mod acl;
mod file;
mod file_max_size;
mod hold_viewers;
mod launch;
mod read_only_file;
mod truncate;

use super::Directive;

/// In the order of the reference.
pub(super) const ALL: &[&Directive] = &[
    &file::DIRECTIVE,
    &read_only_file::DIRECTIVE,
    &file_max_size::DIRECTIVE,
    &truncate::DIRECTIVE,
    &launch::DIRECTIVE,
    &acl::DIRECTIVE,
    &hold_viewers::DIRECTIVE,
];
