//! The adaptation field of a transport packet (ISO/IEC 13818-1, 2.4.3.4).

use super::pcr::Pcr;

/// What stands between header and payload, as far as it is used.
///
/// | byte | bits | name                                 | meaning                                |
/// |-----:|-----:|--------------------------------------|----------------------------------------|
/// |    0 |    8 | adaptation_field_length              | bytes that follow, 0 to 183            |
/// |    1 |    1 | discontinuity_indicator              | clock or counter start anew            |
/// |      |    1 | random_access_indicator              | a decoder can start here               |
/// |      |    1 | elementary_stream_priority_indicator |                                        |
/// |      |    1 | PCR_flag                             | the reference follows                  |
/// |      |    4 | other flags                          | what they announce follows the PCR     |
/// |    2 |   48 | PCR                                  | see [`Pcr`]                            |
/// |      |      | stuffing_byte                        | 0xff                                   |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct AdaptationField {
    /// discontinuity_indicator.
    pub(super) discontinuity: bool,
    /// random_access_indicator.
    pub(super) random_access: bool,
    /// The clock, if it stands here.
    pub(super) pcr: Option<Pcr>,
}

impl AdaptationField {
    /// Reads the field at the start of `data` and gives what follows; `None` if it is longer than
    /// the packet, or its clock longer than itself.
    pub(super) fn parse(data: &[u8]) -> Option<(Self, &[u8])> {
        let (len, rest) = data.split_first()?;
        let (field, payload) = rest.split_at_checked(usize::from(*len))?;
        let Some((flags, optional)) = field.split_first() else {
            return Some((Self::default(), payload));
        };
        let pcr = match flags & 0x10 {
            0 => None,
            _ => Some(Pcr::parse(*optional.first_chunk()?)),
        };
        let field = Self {
            discontinuity: flags & 0x80 != 0,
            random_access: flags & 0x40 != 0,
            pcr,
        };
        Some((field, payload))
    }

    /// Bytes of the field without stuffing.
    pub(super) fn len(self) -> usize {
        2 + self.pcr.map_or(0, |_| Pcr::LEN)
    }

    /// Appends a field and `stuffing` bytes more. Without field the stuffing makes one of its own:
    /// a length, flags, filler.
    pub(super) fn write(field: Option<Self>, stuffing: usize, out: &mut Vec<u8>) {
        let total = field.map_or(0, Self::len) + stuffing;
        let Some(length) = total.checked_sub(1) else {
            return;
        };
        let end = out.len() + total;
        out.push((length & 0xff) as u8);
        if length > 0 {
            let field = field.unwrap_or_default();
            out.push(
                u8::from(field.discontinuity) << 7
                    | u8::from(field.random_access) << 6
                    | u8::from(field.pcr.is_some()) << 4,
            );
            if let Some(pcr) = field.pcr {
                out.extend(pcr.to_bytes());
            }
        }
        out.resize(end, 0xff);
    }
}
