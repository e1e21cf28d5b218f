//! Directives of `<Stream>` but for the encoder settings.

mod acl;
mod author;
mod comment;
mod copyright;
mod dynamic_acl;
mod favicon_url;
mod feed;
mod file;
mod format;
mod input_format;
mod max_time;
mod metadata;
mod multicast_address;
mod multicast_port;
mod multicast_ttl;
mod no_audio;
mod no_defaults;
mod no_loop;
mod no_video;
mod preroll;
mod read_only_file;
mod rtsp_option;
mod start_send_on_key;
mod title;
mod use_defaults;

use super::Directive;

/// In the order of the reference.
pub(super) const ALL: &[&Directive] = &[
    &feed::DIRECTIVE,
    &file::DIRECTIVE,
    &read_only_file::DIRECTIVE,
    &format::DIRECTIVE,
    &input_format::DIRECTIVE,
    &favicon_url::DIRECTIVE,
    &metadata::DIRECTIVE,
    &title::DIRECTIVE,
    &author::DIRECTIVE,
    &comment::DIRECTIVE,
    &copyright::DIRECTIVE,
    &preroll::DIRECTIVE,
    &start_send_on_key::DIRECTIVE,
    &max_time::DIRECTIVE,
    &no_video::DIRECTIVE,
    &no_audio::DIRECTIVE,
    &acl::DIRECTIVE,
    &dynamic_acl::DIRECTIVE,
    &rtsp_option::DIRECTIVE,
    &multicast_address::DIRECTIVE,
    &multicast_port::DIRECTIVE,
    &multicast_ttl::DIRECTIVE,
    &no_loop::DIRECTIVE,
    &use_defaults::DIRECTIVE,
    &no_defaults::DIRECTIVE,
];
