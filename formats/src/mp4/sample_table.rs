//! The sample tables of `stbl` (ISO/IEC 14496-12:2015, 8.6 and 8.7), kept as they stand in the
//! file and walked from sample to sample.
//!
//! | box        | entry                                                          | bits           |
//! |------------|----------------------------------------------------------------|----------------|
//! | stts       | sample_count, sample_delta                                     | 32, 32         |
//! | ctts       | sample_count, sample_offset (signed in version 1)              | 32, 32         |
//! | stsc       | first_chunk, samples_per_chunk, sample_description_index       | 32, 32, 32     |
//! | stsz, stz2 | size, unless one is said for all                               | 32; 4, 8 or 16 |
//! | stco, co64 | chunk_offset                                                   | 32; 64         |
//! | stss       | sample_number; without the box every sample is a sync sample   | 32             |

use bytes::Bytes;

use super::boxes::{BoxError, find, require, slice, u32_at};
use super::sample::{MAX_SAMPLES, Sample};

/// The tables of a track.
#[derive(Debug, Clone)]
pub(super) struct SampleTable {
    time_to_sample: Bytes,
    composition_offsets: Option<Offsets>,
    sample_to_chunk: Bytes,
    sizes: Sizes,
    chunks: Chunks,
    sync_samples: Option<Bytes>,
    /// Number of samples.
    count: u32,
}

/// The place of a sample in all tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Position {
    /// Number of the sample, from 0.
    index: u32,
    dts: i64,
    offset: u64,
    time_to_sample: Run,
    composition_offset: Run,
    /// Number of the chunk, from 1.
    chunk: u32,
    /// Samples from this one to the end of the chunk.
    left_in_chunk: u32,
    sample_to_chunk: usize,
    sync_sample: usize,
}

/// A place in a table of runs (`stts`, `ctts`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Run {
    entry: usize,
    /// Samples of the run that are passed.
    passed: u32,
}

#[derive(Debug, Clone)]
struct Offsets {
    entries: Bytes,
    signed: bool,
}

#[derive(Debug, Clone)]
enum Sizes {
    Same(u32),
    Each { entries: Bytes, bits: usize },
}

#[derive(Debug, Clone)]
struct Chunks {
    entries: Bytes,
    width: usize,
}

impl SampleTable {
    /// Takes the tables out of the body of `stbl`.
    ///
    /// # Errors
    /// [`BoxError`] if a table is missing, says more than it holds, or is above the limit.
    pub(super) fn parse(stbl: &Bytes) -> Result<Self, BoxError> {
        let table = |kind, width| require(stbl, kind).and_then(|body| entries(kind, &body, width));
        let optional = |kind, width| match find(stbl, kind) {
            Some(body) => entries(kind, &body, width).map(Some),
            None => Ok(None),
        };
        let (sizes, count) = Sizes::parse(stbl)?;
        if count > MAX_SAMPLES {
            return Err(BoxError::Limit {
                what: "number of samples of a track",
                value: count.into(),
                limit: MAX_SAMPLES.into(),
            });
        }
        let signed = find(stbl, *b"ctts").is_some_and(|body| body.first() == Some(&1));
        let (width, chunks) = match find(stbl, *b"co64") {
            Some(body) => (8, entries(*b"co64", &body, 8)?),
            None => (4, table(*b"stco", 4)?),
        };
        Ok(Self {
            time_to_sample: table(*b"stts", 8)?,
            composition_offsets: optional(*b"ctts", 8)?.map(|entries| Offsets { entries, signed }),
            sample_to_chunk: table(*b"stsc", 12)?,
            sizes,
            chunks: Chunks {
                entries: chunks,
                width,
            },
            sync_samples: optional(*b"stss", 4)?,
            count,
        })
    }

    /// Number of samples.
    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// Bytes of all samples.
    pub(super) fn total_size(&self) -> u64 {
        match self.sizes {
            Sizes::Same(size) => u64::from(size) * u64::from(self.count),
            Sizes::Each { .. } => (0..self.count)
                .filter_map(|index| self.sizes.get(index))
                .map(u64::from)
                .sum(),
        }
    }

    /// Ticks of all samples, by `stts`.
    pub(super) fn total_duration(&self) -> u64 {
        let mut left = self.count;
        let mut total = 0_u64;
        for entry in self.time_to_sample.chunks_exact(8) {
            let (count, delta) = (u32_at(entry, 0), u32_at(entry, 4));
            let count = count.unwrap_or(0).min(left);
            // 24 + 32 bits per entry, and the counts add up to 24 bits.
            total += u64::from(count) * u64::from(delta.unwrap_or(0));
            left -= count;
        }
        total
    }

    /// The smallest composition offset; 0 without `ctts`.
    pub(super) fn min_composition_offset(&self) -> i64 {
        let Some(offsets) = &self.composition_offsets else {
            return 0;
        };
        let entries = offsets.entries.len() / 8;
        (0..entries)
            .filter(|entry| u32_at(&offsets.entries, entry * 8) != Some(0))
            .filter_map(|entry| offsets.get(entry))
            .min()
            .unwrap_or(0)
    }

    /// The place of the first sample.
    pub(super) fn start(&self) -> Position {
        let mut position = Position::default();
        position.time_to_sample.settle(&self.time_to_sample);
        if let Some(offsets) = &self.composition_offsets {
            position.composition_offset.settle(&offsets.entries);
        }
        self.enter_next_chunk(&mut position);
        position
    }

    /// The sample at a place; `None` behind the last one, or where the chunks hold no more.
    pub(super) fn sample(&self, position: &Position) -> Option<Sample> {
        if position.index >= self.count || position.left_in_chunk == 0 {
            return None;
        }
        let number = position.index + 1;
        let key = self.sync_samples.as_ref().is_none_or(|samples| {
            u32_at(samples, position.sync_sample * 4).is_some_and(|next| next == number)
        });
        let composition_offset = self
            .composition_offsets
            .as_ref()
            .and_then(|offsets| offsets.get(position.composition_offset.entry));
        Some(Sample {
            offset: position.offset,
            size: self.sizes.get(position.index)?,
            dts: position.dts,
            composition_offset: composition_offset.unwrap_or(0),
            duration: self.delta(position),
            key,
            description: u32_at(&self.sample_to_chunk, position.sample_to_chunk * 12 + 8)?,
        })
    }

    /// Goes on to the next sample.
    pub(super) fn advance(&self, position: &mut Position) {
        let size = self.sizes.get(position.index).unwrap_or(0);
        position.dts += i64::from(self.delta(position));
        position.time_to_sample.step(&self.time_to_sample);
        if let Some(offsets) = &self.composition_offsets {
            position.composition_offset.step(&offsets.entries);
        }
        position.index += 1;
        if let Some(samples) = &self.sync_samples {
            while u32_at(samples, position.sync_sample * 4)
                .is_some_and(|number| number <= position.index)
            {
                position.sync_sample += 1;
            }
        }
        position.offset = position.offset.saturating_add(u64::from(size));
        position.left_in_chunk = position.left_in_chunk.saturating_sub(1);
        if position.left_in_chunk == 0 {
            self.enter_next_chunk(position);
        }
    }

    /// Ticks from the sample to the next; samples behind the end of `stts` last as long as the
    /// last one in it.
    fn delta(&self, position: &Position) -> u32 {
        let last = (self.time_to_sample.len() / 8).saturating_sub(1);
        let entry = position.time_to_sample.entry.min(last);
        u32_at(&self.time_to_sample, entry * 8 + 4).unwrap_or(0)
    }

    /// Goes to the next chunk that has samples; `left_in_chunk` stays 0 if there is none.
    fn enter_next_chunk(&self, position: &mut Position) {
        let table = &self.sample_to_chunk;
        while let Some(offset) = self.chunks.get(position.chunk) {
            position.chunk += 1;
            while u32_at(table, (position.sample_to_chunk + 1) * 12)
                .is_some_and(|first_chunk| first_chunk <= position.chunk)
            {
                position.sample_to_chunk += 1;
            }
            let samples = u32_at(table, position.sample_to_chunk * 12 + 4).unwrap_or(0);
            if samples > 0 {
                position.offset = offset;
                position.left_in_chunk = samples;
                return;
            }
        }
    }
}

impl Run {
    /// Goes on by a sample.
    fn step(&mut self, entries: &[u8]) {
        self.passed += 1;
        self.settle(entries);
    }

    /// Passes over runs that are over, empty ones included.
    fn settle(&mut self, entries: &[u8]) {
        while u32_at(entries, self.entry * 8).is_some_and(|count| count <= self.passed) {
            self.entry += 1;
            self.passed = 0;
        }
    }
}

impl Offsets {
    fn get(&self, entry: usize) -> Option<i64> {
        let value = u32_at(&self.entries, entry * 8 + 4)?;
        Some(if self.signed {
            i64::from(value.cast_signed())
        } else {
            i64::from(value)
        })
    }
}

impl Chunks {
    /// Offset of the chunk at a place counted from 0.
    fn get(&self, index: u32) -> Option<u64> {
        let at = usize::try_from(index).ok()?.checked_mul(self.width)?;
        let high = u32_at(&self.entries, at)?;
        if self.width == 4 {
            return Some(high.into());
        }
        Some(u64::from(high) << 32 | u64::from(u32_at(&self.entries, at + 4)?))
    }
}

impl Sizes {
    /// Reads `stsz` or `stz2`, and the number of samples.
    ///
    /// | byte | bits | field        | meaning                                                  |
    /// |-----:|-----:|--------------|----------------------------------------------------------|
    /// |    0 |   32 | version      | and flags                                                |
    /// |    4 |   32 | sample_size  | of every sample, or 0; in stz2 the bits of an entry      |
    /// |    8 |   32 | sample_count | entries, unless sample_size says them all                |
    fn parse(stbl: &Bytes) -> Result<(Self, u32), BoxError> {
        let compact = find(stbl, *b"stz2");
        let kind = if compact.is_some() {
            *b"stz2"
        } else {
            *b"stsz"
        };
        let body = match compact {
            Some(body) => body,
            None => require(stbl, kind)?,
        };
        let damaged = BoxError::Damaged { kind };
        let (Some(size), Some(count)) = (u32_at(&body, 4), u32_at(&body, 8)) else {
            return Err(damaged);
        };
        let bits = match (&kind, size) {
            (b"stsz", 0) => 32,
            (b"stsz", size) => return Ok((Self::Same(size), count)),
            (_, size) if matches!(size & 0xff, 4 | 8 | 16) => (size & 0xff) as usize,
            _ => return Err(damaged),
        };
        let entries = slice(&body, 12..).unwrap_or_default();
        let room = entries.len() as u64 * 8 / bits as u64;
        if u64::from(count) > room {
            return Err(BoxError::Entries { kind, count, room });
        }
        Ok((Self::Each { entries, bits }, count))
    }

    fn get(&self, index: u32) -> Option<u32> {
        let index = usize::try_from(index).ok()?;
        let Self::Each { entries, bits } = self else {
            let Self::Same(size) = self else { return None };
            return Some(*size);
        };
        match bits {
            4 => {
                let pair = entries.get(index / 2)?;
                Some(u32::from(if index % 2 == 0 {
                    pair >> 4
                } else {
                    pair & 0xf
                }))
            }
            8 => entries.get(index).copied().map(u32::from),
            16 => {
                let entry = entries.get(index * 2..)?.first_chunk()?;
                Some(u16::from_be_bytes(*entry).into())
            }
            _ => u32_at(entries, index * 4),
        }
    }
}

/// The entries of a table with version, flags and a count before them.
fn entries(kind: [u8; 4], body: &Bytes, width: usize) -> Result<Bytes, BoxError> {
    let count = u32_at(body, 4).ok_or(BoxError::Damaged { kind })?;
    let room = (body.len() - 8) / width;
    let wanted = usize::try_from(count).unwrap_or(usize::MAX);
    if wanted > room {
        return Err(BoxError::Entries {
            kind,
            count,
            room: room as u64,
        });
    }
    slice(body, 8..8 + wanted * width).ok_or(BoxError::Damaged { kind })
}
