//! Where pictures and packets come from: files, test patterns, cameras. Everything here blocks and
//! belongs on a thread of its own.

pub mod file;
pub mod stamp;
pub mod test_pattern;
pub mod y4m;
