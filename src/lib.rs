//! Ferrocast turns a camera, a file or an incoming stream into live streams that any player opens.

pub mod capture;
pub mod cli;
pub mod config;
pub mod feed;
pub mod feeder;
pub mod http;
pub mod pipeline;
pub mod probe;
pub mod server;
pub mod stream;
pub mod web;
