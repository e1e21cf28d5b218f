//! Raw H.264: a byte stream of NAL units (ITU-T H.264, Annex B), and what containers without
//! timestamps share with it.

mod access_unit;

pub(crate) use access_unit::with_parameter_sets;
