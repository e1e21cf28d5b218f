//! The file header (annex E.2).

/// What a file starts with, big-endian.
///
/// | byte | bits | name              | meaning                          |
/// |-----:|-----:|-------------------|----------------------------------|
/// |    0 |   24 | Signature         | "FLV"                            |
/// |    3 |    8 | Version           | 1                                |
/// |    4 |    5 | TypeFlagsReserved | 0                                |
/// |      |    1 | TypeFlagsAudio    | audio tags are present           |
/// |      |    1 | TypeFlagsReserved | 0                                |
/// |      |    1 | TypeFlagsVideo    | video tags are present           |
/// |    5 |   32 | DataOffset        | bytes of this header, 9          |
/// |    9 |   32 | PreviousTagSize0  | 0; the first of E.3's body       |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileHeader {
    /// Audio tags are present.
    pub(super) audio: bool,
    /// Video tags are present.
    pub(super) video: bool,
    /// Where the body starts, in bytes from the start of the file.
    pub(super) data_offset: u32,
}

/// All flags.
pub(super) const FLAGS: u8 = AUDIO | VIDEO;
const AUDIO: u8 = 4;
const VIDEO: u8 = 1;

impl FileHeader {
    /// Bytes of the header.
    pub(super) const LEN: usize = 9;

    /// Reads the header; the reason if it is none.
    pub(super) fn parse(bytes: [u8; Self::LEN]) -> Result<Self, String> {
        let [f, l, v, version, flags, offset @ ..] = bytes;
        let data_offset = u32::from_be_bytes(offset);
        if [f, l, v] != *b"FLV" {
            return Err(format!(
                "signature {f:02x}{l:02x}{v:02x} where \"FLV\" belongs"
            ));
        }
        if version != 1 {
            return Err(format!("version is {version}, only 1 is known"));
        }
        if data_offset < 9 {
            return Err(format!(
                "DataOffset is {data_offset}, the header has 9 bytes"
            ));
        }
        Ok(Self {
            audio: flags & AUDIO != 0,
            video: flags & VIDEO != 0,
            data_offset,
        })
    }

    /// Appends the header and PreviousTagSize0.
    pub(super) fn write(audio: bool, video: bool, out: &mut Vec<u8>) {
        out.extend(b"FLV\x01");
        out.push(if audio { AUDIO } else { 0 } | if video { VIDEO } else { 0 });
        out.extend([0, 0, 0, 9]);
        out.extend([0; 4]);
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn header_bytes() {
        for (name, audio, video, want) in [
            ("video", false, true, hex!("464c56 01 01 00000009 00000000")),
            ("audio", true, false, hex!("464c56 01 04 00000009 00000000")),
            ("both", true, true, hex!("464c56 01 05 00000009 00000000")),
        ] {
            let mut out = Vec::new();
            FileHeader::write(audio, video, &mut out);
            assert_eq!(out, want, "{name}");
            let header = FileHeader::parse(*out.first_chunk().unwrap()).unwrap();
            assert_eq!(
                header,
                FileHeader {
                    audio,
                    video,
                    data_offset: 9
                },
                "{name}"
            );
        }
    }

    #[test]
    fn other_headers_are_refused_with_what_was_found() {
        for (bytes, want) in [
            (
                hex!("464c57 01 05 00000009"),
                "signature 464c57 where \"FLV\" belongs",
            ),
            (
                hex!("464c56 02 05 00000009"),
                "version is 2, only 1 is known",
            ),
            (
                hex!("464c56 01 05 00000008"),
                "DataOffset is 8, the header has 9 bytes",
            ),
        ] {
            assert_eq!(FileHeader::parse(bytes), Err(want.to_owned()));
        }
    }
}
