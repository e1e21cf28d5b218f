//! A sample as the index of a file tells it.

/// One sample. Times are in the timescale of its track, before any edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    /// Where it starts, in bytes from the start of the source.
    pub(super) offset: u64,
    /// Its bytes.
    pub(super) size: u32,
    /// When it is decoded.
    pub(super) dts: i64,
    /// Ticks from decoding to composition, negative in some files.
    pub(super) composition_offset: i64,
    /// Ticks to the next sample.
    pub(super) duration: u32,
    /// A sync sample.
    pub(super) key: bool,
    /// `sample_description_index`, from 1.
    pub(super) description: u32,
}

/// The most samples of a track, or of a fragment whose samples are only counted: 185 hours at 25 a
/// second. Tables that list their samples are bounded by the size of their box.
pub(super) const MAX_SAMPLES: u32 = 1 << 24;
