//! Directives outside of sections.

mod custom_log;
mod http_bind_address;
mod http_port;
mod load_module;
mod max_bandwidth;
mod max_clients;
mod max_http_connections;
mod no_daemon;
mod no_defaults;
mod rtsp_bind_address;
mod rtsp_port;
mod use_defaults;

use super::Directive;

/// In the order of the reference.
pub(super) const ALL: &[&Directive] = &[
    &http_port::DIRECTIVE,
    &http_bind_address::DIRECTIVE,
    &rtsp_port::DIRECTIVE,
    &rtsp_bind_address::DIRECTIVE,
    &max_http_connections::DIRECTIVE,
    &max_clients::DIRECTIVE,
    &max_bandwidth::DIRECTIVE,
    &custom_log::DIRECTIVE,
    &no_daemon::DIRECTIVE,
    &load_module::DIRECTIVE,
    &use_defaults::DIRECTIVE,
    &no_defaults::DIRECTIVE,
];
