//! The streams of an FFM2 header: chunks (FORMAT.md, section 2.2).

use bytes::{Buf, Bytes};

use super::fields::{AudioFields, FieldError, FieldList, VideoFields};
use super::header::{
    Chunk, Header, MAX_HEADER_SIZE, MAX_STREAMS, Settings, Stream, StreamKind, Syntax,
    parse_extradata, write_extradata,
};

/// Most chunks with unknown tags that are kept.
const MAX_UNKNOWN: usize = 16;

/// Reads chunks up to the zero tag.
///
/// | tag | content |
/// |-----|---------|
/// | `MAIN` | nb_streams and bit_rate, 4 bytes each; exactly once |
/// | `COMM` | starts a stream: codec_id 4, codec_type 1, bit_rate 4, flags 4, flags2 4, debug 4; with flag 0x00400000 extradata_size 4 and extradata |
/// | `S2VI`, `S2AU` | settings as text, ended by a NUL |
/// | `CPRV` | settings of the codec alone, in the same form |
/// | `STVI`, `STAU` | settings as fixed fields, of the shorter list |
pub(super) fn parse(chunks: &[u8]) -> Result<Header, FieldError> {
    let mut buf = chunks;
    let mut main = None;
    let mut streams: Vec<Stream> = Vec::new();
    let mut unknown = Vec::new();
    loop {
        let tag = buf.try_get_u32()?.to_be_bytes();
        if tag == [0; 4] {
            break;
        }
        let len = usize::try_from(buf.try_get_u32()?).unwrap_or(usize::MAX);
        if len > MAX_HEADER_SIZE {
            return Err(FieldError::Bad("a chunk is larger than a header can be"));
        }
        let (data, rest) = buf.split_at_checked(len).ok_or(FieldError::Short)?;
        buf = rest;
        match &tag {
            b"MAIN" if main.is_some() => return Err(FieldError::Bad("a second MAIN chunk")),
            b"MAIN" => main = Some(parse_main(data)?),
            b"COMM" if streams.len() == MAX_STREAMS => {
                return Err(FieldError::Bad("more streams than are read"));
            }
            b"COMM" => streams.push(in_chunk(parse_comm(data))?),
            b"S2VI" | b"S2AU" | b"CPRV" | b"STVI" | b"STAU" => {
                let stream = streams.last_mut();
                let stream =
                    stream.ok_or(FieldError::Bad("settings before the first COMM chunk"))?;
                in_chunk(parse_settings(stream, tag, data))?;
            }
            _ if unknown.len() < MAX_UNKNOWN => {
                let data = Bytes::copy_from_slice(data);
                unknown.push(Chunk { tag, data });
            }
            _ => {}
        }
    }
    let (count, bit_rate) = main.ok_or(FieldError::Bad("no MAIN chunk"))?;
    if streams.is_empty() || count != streams.len() {
        return Err(FieldError::Bad("MAIN counts other streams than there are"));
    }
    Ok(Header {
        syntax: Syntax::Ffm2,
        write_index: 0,
        bit_rate,
        streams,
        unknown,
    })
}

/// A field that a whole chunk lacks will not come.
fn in_chunk<T>(result: Result<T, FieldError>) -> Result<T, FieldError> {
    result.map_err(|error| match error {
        FieldError::Short => FieldError::Bad("a chunk ends before its fields do"),
        bad @ FieldError::Bad(_) => bad,
    })
}

fn parse_main(mut data: &[u8]) -> Result<(usize, u32), FieldError> {
    let count = in_chunk(data.try_get_u32().map_err(Into::into))?;
    let bit_rate = in_chunk(data.try_get_u32().map_err(Into::into))?;
    Ok((usize::try_from(count).unwrap_or(usize::MAX), bit_rate))
}

fn parse_comm(mut data: &[u8]) -> Result<Stream, FieldError> {
    let buf = &mut data;
    let mut stream = Stream {
        codec_id: buf.try_get_u32()?,
        kind: StreamKind::from_byte(buf.try_get_u8()?)?,
        bit_rate: buf.try_get_u32()?,
        quality: 0,
        flags: buf.try_get_u32()?,
        flags2: buf.try_get_u32()?,
        debug: buf.try_get_u32()?,
        extradata: Bytes::new(),
        settings: Settings::Text {
            shared: None,
            private: None,
        },
    };
    stream.extradata = parse_extradata(buf, stream.flags)?;
    Ok(stream)
}

fn parse_settings(stream: &mut Stream, tag: [u8; 4], mut data: &[u8]) -> Result<(), FieldError> {
    let matches = match &tag {
        b"S2VI" | b"STVI" => stream.kind == StreamKind::Video,
        b"S2AU" | b"STAU" => stream.kind == StreamKind::Audio,
        _ => true,
    };
    if !matches {
        return Err(FieldError::Bad("settings of the other medium"));
    }
    let list = FieldList::Later;
    match &tag {
        b"STVI" => {
            stream.settings = Settings::Video(Box::new(VideoFields::parse(&mut data, list)?))
        }
        b"STAU" => stream.settings = Settings::Audio(AudioFields::parse(&mut data, list)?),
        _ => {
            // Beside fixed fields, text says nothing new that a reader needs.
            if let Settings::Text { shared, private } = &mut stream.settings {
                let slot = if &tag == b"CPRV" { private } else { shared };
                if slot.replace(text(data)?).is_some() {
                    return Err(FieldError::Bad("two chunks of settings for one stream"));
                }
            }
        }
    }
    Ok(())
}

fn text(data: &[u8]) -> Result<String, FieldError> {
    let len = data.iter().position(|byte| *byte == 0);
    let text = data.get(..len.ok_or(FieldError::Bad("settings have no NUL at their end"))?);
    Ok(String::from_utf8_lossy(text.unwrap_or_default()).into_owned())
}

/// Appends the chunks of a header, zero tag excluded (what pads the header is one).
pub(super) fn write(header: &Header, out: &mut Vec<u8>) {
    let count = u32::try_from(header.streams.len()).unwrap_or(u32::MAX);
    write_chunk(*b"MAIN", out, |out| {
        out.extend(count.to_be_bytes());
        out.extend(header.bit_rate.to_be_bytes());
    });
    for stream in &header.streams {
        write_stream(stream, out);
    }
    for chunk in &header.unknown {
        write_chunk(chunk.tag, out, |out| out.extend(&chunk.data));
    }
    out.extend([0; 8]);
}

fn write_stream(stream: &Stream, out: &mut Vec<u8>) {
    write_chunk(*b"COMM", out, |out| {
        out.extend(stream.codec_id.to_be_bytes());
        out.push(stream.kind.to_byte());
        out.extend(stream.bit_rate.to_be_bytes());
        out.extend(stream.flags.to_be_bytes());
        out.extend(stream.flags2.to_be_bytes());
        out.extend(stream.debug.to_be_bytes());
        write_extradata(stream, out);
    });
    let Settings::Text { shared, private } = &stream.settings else {
        return;
    };
    let shared_tag = match stream.kind {
        StreamKind::Video => *b"S2VI",
        StreamKind::Audio => *b"S2AU",
    };
    for (tag, text) in [(shared_tag, shared), (*b"CPRV", private)] {
        if let Some(text) = text {
            write_chunk(tag, out, |out| {
                out.extend(text.bytes());
                out.push(0);
            });
        }
    }
}

/// Appends a chunk: tag, size, and what `content` appends. The size is filled in afterwards.
fn write_chunk(tag: [u8; 4], out: &mut Vec<u8>, content: impl FnOnce(&mut Vec<u8>)) {
    out.extend(tag);
    let size_at = out.len();
    out.extend([0; 4]);
    content(out);
    let size = u32::try_from(out.len() - size_at - 4).unwrap_or(u32::MAX);
    if let Some(field) = out.get_mut(size_at..size_at + 4) {
        field.copy_from_slice(&size.to_be_bytes());
    }
}
