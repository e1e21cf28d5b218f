//! Cuts a byte stream into access units (ITU-T H.264, 7.4.1.2.3 and 7.4.1.2.4).

use media::bitstream::nal::NalType;
use media::bitstream::sps::Sps;

use super::parameter_sets::ParameterSets;
use super::slice::SliceHeader;

/// Puts NAL units together to access units. The two fields of a frame make one, because containers
/// count frames.
#[derive(Debug, Default)]
pub(crate) struct Splitter {
    pub(crate) sets: ParameterSets,
    current: Vec<u8>,
    /// The first slice of `current`.
    first: Option<SliceHeader>,
    /// The last slice of `current`.
    last: Option<SliceHeader>,
    /// `current` holds slices.
    has_picture: bool,
    /// `current` holds two fields.
    has_pair: bool,
}

/// An access unit, start codes as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccessUnit {
    pub(crate) data: Vec<u8>,
    /// Its first slice; `None` if that could not be read.
    pub(crate) slice: Option<SliceHeader>,
}

impl Splitter {
    /// Takes the next NAL unit: `raw` with its start code and the zeros behind it, `nal` without.
    /// Returns the access unit before it, if that is complete.
    pub(crate) fn push(&mut self, raw: &[u8], nal: &[u8]) -> Option<AccessUnit> {
        let kind = NalType::of(nal)?;
        let complete = match kind.0 {
            1 | 2 | 5 => {
                let slice = SliceHeader::parse(nal, &self.sets);
                self.push_slice(slice, nal)
            }
            // What only the start of an access unit may have (7.4.1.2.3).
            6..=9 | 14..=18 if self.has_picture => self.take(),
            _ => None,
        };
        self.sets.add(nal);
        self.current.extend(raw);
        complete
    }

    /// Bytes of the access unit so far.
    pub(crate) const fn len(&self) -> usize {
        self.current.len()
    }

    /// The SPS that a slice refers to, or any.
    pub(crate) fn sps_of(&self, slice: Option<&SliceHeader>) -> Option<&Sps> {
        let of_slice = slice.and_then(|slice| self.sets.of_slice(slice.pps_id));
        of_slice.map_or_else(|| self.sets.sps(), |(sps, _)| Some(sps))
    }

    /// Drops what is there.
    pub(crate) fn discard(&mut self) {
        self.current = Vec::new();
        self.take();
    }

    /// What is there, at the end of the stream or where it breaks; `None` without a picture.
    pub(crate) fn take(&mut self) -> Option<AccessUnit> {
        let data = std::mem::take(&mut self.current);
        let slice = self.first.take();
        self.last = None;
        self.has_pair = false;
        std::mem::take(&mut self.has_picture).then_some(AccessUnit { data, slice })
    }

    fn push_slice(&mut self, slice: Option<SliceHeader>, nal: &[u8]) -> Option<AccessUnit> {
        let is_new = match (&slice, &self.last) {
            (Some(slice), Some(before)) => slice.starts_picture(before),
            // A slice that cannot be read starts a picture if its first macroblock is number 0,
            // that is if ue(v) is a 1 bit.
            _ => nal.get(1).is_some_and(|byte| byte & 0x80 != 0),
        };
        let mut complete = None;
        if self.has_picture && is_new {
            let second = matches!((&slice, &self.last), (Some(b), Some(a)) if b.completes_frame(a));
            if second && !self.has_pair {
                self.has_pair = true;
            } else {
                complete = self.take();
            }
        }
        if !std::mem::replace(&mut self.has_picture, true) {
            self.first = slice;
        }
        self.last = slice;
        complete
    }
}
