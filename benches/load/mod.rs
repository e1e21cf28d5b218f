//! What loads a server: a feeder in real time, viewers that only drain, and the bare loop that any
//! server is measured against. Shared by the bench and the conformance suite.

pub(crate) mod bare;
pub(crate) mod clip;
pub(crate) mod drain;
pub(crate) mod feeder;
pub(crate) mod process;
