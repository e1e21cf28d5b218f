//! Ferrocast turns a camera, a file or an incoming stream into live streams that any player opens.
//!
//! The library is the program: [`cli::run`] is all that `main` calls. [`server::Server`] runs a
//! configuration in-process, [`feeder`] feeds one.

mod access;
mod admission;
pub mod capture;
pub mod cli;
pub mod config;
pub mod feed;
pub mod feeder;
pub mod http;
mod net;
pub mod pipeline;
pub mod probe;
pub mod server;
mod site;
pub mod stream;
pub mod web;
