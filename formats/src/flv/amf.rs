//! AMF0, the encoding of script data (annex E.4.4; Adobe Action Message Format AMF0, 2).

/// A value. Dates, XML, references and typed objects are read as [`Amf::Null`] or as the plain
/// value below them: nothing in FLV needs them.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Amf {
    /// DOUBLE.
    Number(f64),
    /// UI8.
    Boolean(bool),
    /// SCRIPTDATASTRING and SCRIPTDATALONGSTRING.
    String(String),
    /// SCRIPTDATAOBJECT.
    Object(Vec<(String, Self)>),
    /// SCRIPTDATAECMAARRAY: an object that says, not bindingly, how many properties it has.
    EcmaArray(Vec<(String, Self)>),
    /// SCRIPTDATASTRICTARRAY.
    StrictArray(Vec<Self>),
    /// Null, undefined, and what is not kept.
    Null,
}

/// Levels of objects in objects.
pub(super) const MAX_DEPTH: u32 = 8;
/// Values in one tag, so that a small tag of nulls cannot fill the memory.
pub(super) const MAX_VALUES: u32 = 1 << 18;

const NUMBER: u8 = 0;
const BOOLEAN: u8 = 1;
const STRING: u8 = 2;
const OBJECT: u8 = 3;
const NULL: u8 = 5;
const UNDEFINED: u8 = 6;
const REFERENCE: u8 = 7;
const ECMA_ARRAY: u8 = 8;
const OBJECT_END: u8 = 9;
const STRICT_ARRAY: u8 = 10;
const DATE: u8 = 11;
const LONG_STRING: u8 = 12;
const UNSUPPORTED: u8 = 13;
const XML: u8 = 15;
const TYPED_OBJECT: u8 = 16;

impl Amf {
    /// The property of an object or array.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(properties) | Self::EcmaArray(properties) => properties
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// The number, if it is one and finite.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) if number.is_finite() => Some(*number),
            _ => None,
        }
    }

    /// The values of a strict array; of anything else none.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::StrictArray(items) => items,
            _ => &[],
        }
    }

    /// Appends the value. Strings above 65 535 bytes are cut: no writer here has such.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Number(number) => {
                out.push(NUMBER);
                out.extend(number.to_be_bytes());
            }
            Self::Boolean(flag) => out.extend([BOOLEAN, u8::from(*flag)]),
            Self::String(string) => {
                out.push(STRING);
                write_string(string, out);
            }
            Self::Object(properties) => {
                out.push(OBJECT);
                write_properties(properties, out);
            }
            Self::EcmaArray(properties) => {
                out.push(ECMA_ARRAY);
                out.extend(count(properties.len()));
                write_properties(properties, out);
            }
            Self::StrictArray(items) => {
                out.push(STRICT_ARRAY);
                out.extend(count(items.len()));
                items.iter().for_each(|item| item.write(out));
            }
            Self::Null => out.push(NULL),
        }
    }
}

fn count(len: usize) -> [u8; 4] {
    u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes()
}

fn write_string(string: &str, out: &mut Vec<u8>) {
    let len = u16::try_from(string.len()).unwrap_or(u16::MAX);
    out.extend(len.to_be_bytes());
    out.extend(string.as_bytes().iter().take(usize::from(len)));
}

fn write_properties(properties: &[(String, Amf)], out: &mut Vec<u8>) {
    for (name, value) in properties {
        write_string(name, out);
        value.write(out);
    }
    out.extend([0, 0, OBJECT_END]);
}

/// Why bytes are no AMF0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum AmfError {
    /// The bytes end inside a value.
    #[error("script data ends inside a value")]
    Truncated,
    /// Too many levels.
    #[error("script data is nested deeper than {MAX_DEPTH} levels")]
    Depth,
    /// Too many values.
    #[error("script data has more than {MAX_VALUES} values")]
    Values,
    /// No such type.
    #[error("script data has a value of type {0}")]
    Type(u8),
}

/// Reads values one after the other.
#[derive(Debug)]
pub(super) struct AmfReader<'a> {
    rest: &'a [u8],
    values_left: u32,
}

impl<'a> AmfReader<'a> {
    /// A reader at the start of `data`.
    pub(super) const fn new(data: &'a [u8]) -> Self {
        Self {
            rest: data,
            values_left: MAX_VALUES,
        }
    }

    /// The next value.
    pub(super) fn value(&mut self) -> Result<Amf, AmfError> {
        self.value_at(0)
    }

    fn value_at(&mut self, depth: u32) -> Result<Amf, AmfError> {
        if depth >= MAX_DEPTH {
            return Err(AmfError::Depth);
        }
        self.values_left = self.values_left.checked_sub(1).ok_or(AmfError::Values)?;
        let [value_type] = self.array()?;
        Ok(match value_type {
            NUMBER => Amf::Number(f64::from_be_bytes(self.array()?)),
            BOOLEAN => Amf::Boolean(self.array()? != [0]),
            STRING => Amf::String(self.string()?),
            OBJECT => Amf::Object(self.properties(depth)?),
            NULL | UNDEFINED | UNSUPPORTED => Amf::Null,
            REFERENCE => {
                self.array::<2>()?;
                Amf::Null
            }
            ECMA_ARRAY => {
                self.array::<4>()?; // ECMAArrayLength: the end mark decides
                Amf::EcmaArray(self.properties(depth)?)
            }
            STRICT_ARRAY => Amf::StrictArray(self.items(depth)?),
            DATE => {
                self.array::<10>()?;
                Amf::Null
            }
            LONG_STRING | XML => {
                let len = u32::from_be_bytes(self.array()?);
                Amf::String(self.text(usize::try_from(len).map_err(|_| AmfError::Truncated)?)?)
            }
            TYPED_OBJECT => {
                self.string()?; // class name
                Amf::Object(self.properties(depth)?)
            }
            other => return Err(AmfError::Type(other)),
        })
    }

    fn items(&mut self, depth: u32) -> Result<Vec<Amf>, AmfError> {
        let len = u32::from_be_bytes(self.array()?);
        // Grown as values appear, never by the count that the bytes state.
        let mut items = Vec::new();
        for _ in 0..len {
            items.push(self.value_at(depth + 1)?);
        }
        Ok(items)
    }

    /// Properties up to the end mark, or up to the end of the data: writers forget the mark.
    fn properties(&mut self, depth: u32) -> Result<Vec<(String, Amf)>, AmfError> {
        let mut properties = Vec::new();
        while !self.rest.is_empty() {
            let name = self.string()?;
            if name.is_empty() && self.rest.first() == Some(&OBJECT_END) {
                self.array::<1>()?;
                break;
            }
            properties.push((name, self.value_at(depth + 1)?));
        }
        Ok(properties)
    }

    fn string(&mut self) -> Result<String, AmfError> {
        let len = u16::from_be_bytes(self.array()?);
        self.text(usize::from(len))
    }

    fn text(&mut self, len: usize) -> Result<String, AmfError> {
        let (text, rest) = self.rest.split_at_checked(len).ok_or(AmfError::Truncated)?;
        self.rest = rest;
        Ok(String::from_utf8_lossy(text).into_owned())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], AmfError> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(AmfError::Truncated)?;
        self.rest = rest;
        Ok(*bytes)
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    fn everything() -> Amf {
        let pair = |name: &str, value| (name.to_owned(), value);
        Amf::EcmaArray(vec![
            pair("n", Amf::Number(25.0)),
            pair("b", Amf::Boolean(true)),
            pair("s", Amf::String("é".to_owned())),
            pair("o", Amf::Object(vec![pair("z", Amf::Null)])),
            pair(
                "a",
                Amf::StrictArray(vec![Amf::Number(-1.0), Amf::Boolean(false)]),
            ),
        ])
    }

    const EVERYTHING: [u8; 63] = hex!(
        "08 00000005"
        "0001 6e 00 4039000000000000"
        "0001 62 01 01"
        "0001 73 02 0002 c3a9"
        "0001 6f 03 0001 7a 05 0000 09"
        "0001 61 0a 00000002 00 bff0000000000000 01 00"
        "0000 09"
    );

    #[test]
    fn value_bytes() {
        let mut out = Vec::new();
        everything().write(&mut out);
        assert_eq!(out, EVERYTHING);
        assert_eq!(AmfReader::new(&out).value(), Ok(everything()));
    }

    #[test]
    fn what_is_not_kept_is_passed_over() {
        for (name, bytes, want) in [
            ("undefined", &hex!("06")[..], Amf::Null),
            ("reference", &hex!("07 0001"), Amf::Null),
            ("date", &hex!("0b 4039000000000000 0000"), Amf::Null),
            ("unsupported", &hex!("0d"), Amf::Null),
            (
                "long string",
                &hex!("0c 00000001 41"),
                Amf::String("A".to_owned()),
            ),
            ("XML", &hex!("0f 00000001 41"), Amf::String("A".to_owned())),
            (
                "typed object",
                &hex!("10 0001 43 0000 09"),
                Amf::Object(vec![]),
            ),
            ("object without end mark", &hex!("03"), Amf::Object(vec![])),
            (
                "string that is no UTF-8",
                &hex!("02 0001 ff"),
                Amf::String("\u{fffd}".to_owned()),
            ),
        ] {
            let mut bytes = bytes.to_vec();
            let mut reader = AmfReader::new(&bytes);
            assert_eq!(reader.value(), Ok(want), "{name}");
            assert!(reader.rest.is_empty(), "{name}");
            bytes.pop();
            if name != "object without end mark" && name != "typed object" {
                assert_eq!(
                    AmfReader::new(&bytes).value(),
                    Err(AmfError::Truncated),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn every_prefix_ends_without_a_panic() {
        for len in 0..EVERYTHING.len() {
            let _ = AmfReader::new(&EVERYTHING[..len]).value();
        }
    }

    #[test]
    fn depth_count_and_types_are_limited() {
        let nested: Vec<u8> = hex!("03 0001 61").repeat(1000);
        assert_eq!(AmfReader::new(&nested).value(), Err(AmfError::Depth));
        let mut nulls = hex!("0a ffffffff").to_vec();
        nulls.resize(nulls.len() + 300_000, NULL);
        assert_eq!(AmfReader::new(&nulls).value(), Err(AmfError::Values));
        assert_eq!(
            AmfReader::new(&hex!("0a ffffffff 05")).value(),
            Err(AmfError::Truncated)
        );
        assert_eq!(
            AmfReader::new(&hex!("04")).value(),
            Err(AmfError::Type(4)),
            "movie clip"
        );
    }
}
