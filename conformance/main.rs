//! The conformance suite: the real program between real peers.
//!
//! Each test starts what it needs on ports that the system chose, waits for conditions and not for
//! times, and leaves nothing behind. `conformance/run` installs the players and runs everything.

mod alone;
mod bad_input;
mod checkers;
mod crash;
mod encoders;
mod epoch;
mod files;
#[path = "fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "a library of its own for the fuzzer")]
mod fuzz;
mod harness;
mod judges;
mod layering;
#[path = "../benches/load/mod.rs"]
#[expect(dead_code, reason = "the benches use the rest of it")]
mod load;
mod no_panic;
mod page_script;
mod players;
mod policy;
mod restart;
mod table;
mod tutorial;
mod wire;
