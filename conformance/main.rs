//! The conformance suite: the real program between real peers.
//!
//! Each test starts what it needs on ports that the system chose, waits for conditions and not for
//! times, and leaves nothing behind. `conformance/run` installs the players and runs everything.

mod encoders;
mod harness;
mod judges;
mod page_script;
