//! Where pictures come from: test patterns, later cameras.

pub mod stamp;
pub mod test_pattern;
