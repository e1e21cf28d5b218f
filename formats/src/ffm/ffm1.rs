//! The streams of an FFM1 header (FORMAT.md, section 2.1).

use bytes::{Buf, Bytes};

use super::fields::{AudioFields, FieldError, FieldList, VideoFields};
use super::header::{
    Header, MAX_STREAMS, Settings, Stream, StreamKind, Syntax, parse_extradata, write_extradata,
};

/// Reads the streams with the given field list, off bytes that hold nothing else but zeros.
///
/// | field | bytes | meaning |
/// |-------|------:|---------|
/// | nb_streams | 4 | number of streams |
/// | bit_rate | 4 | of all streams together, bit/s |
/// | per stream: codec_id, codec_type, bit_rate | 4, 1, 4 | |
/// | quality | 4 | 0.8 only |
/// | flags, flags2, debug | 4, 4, 4 | |
/// | video or audio fields | | [`VideoFields`], [`AudioFields`] |
/// | extradata_size, extradata | 4, size | only with flag 0x00400000 |
pub(super) fn parse(streams: &[u8], list: FieldList) -> Result<Header, FieldError> {
    let mut buf = streams;
    let count = usize::try_from(buf.try_get_u32()?).unwrap_or(usize::MAX);
    if !(1..=MAX_STREAMS).contains(&count) {
        return Err(FieldError::Bad("number of streams is out of range"));
    }
    let bit_rate = buf.try_get_u32()?;
    let streams = (0..count)
        .map(|_| parse_stream(&mut buf, list))
        .collect::<Result<_, _>>()?;
    if buf.iter().any(|byte| *byte != 0) {
        return Err(FieldError::Bad(
            "something other than zeros follows the streams",
        ));
    }
    Ok(Header {
        syntax: match list {
            FieldList::V08 => Syntax::Ffm1V08,
            FieldList::Later => Syntax::Ffm1Later,
        },
        write_index: 0,
        bit_rate,
        streams,
        unknown: Vec::new(),
    })
}

fn parse_stream(buf: &mut &[u8], list: FieldList) -> Result<Stream, FieldError> {
    let codec_id = buf.try_get_u32()?;
    let kind = StreamKind::from_byte(buf.try_get_u8()?)?;
    let bit_rate = buf.try_get_u32()?;
    let quality = match list {
        FieldList::V08 => buf.try_get_u32()?,
        FieldList::Later => 0,
    };
    let mut stream = Stream {
        codec_id,
        kind,
        bit_rate,
        quality,
        flags: buf.try_get_u32()?,
        flags2: buf.try_get_u32()?,
        debug: buf.try_get_u32()?,
        extradata: Bytes::new(),
        settings: match kind {
            StreamKind::Video => Settings::Video(Box::new(VideoFields::parse(buf, list)?)),
            StreamKind::Audio => Settings::Audio(AudioFields::parse(buf, list)?),
        },
    };
    stream.extradata = parse_extradata(buf, stream.flags)?;
    Ok(stream)
}

/// Appends the streams as the 0.8 releases have them. `None` if one has its settings as text; `out`
/// then holds a part.
pub(super) fn write_08(header: &Header, out: &mut Vec<u8>) -> Option<()> {
    let count = u32::try_from(header.streams.len()).ok()?;
    out.extend(count.to_be_bytes());
    out.extend(header.bit_rate.to_be_bytes());
    for stream in &header.streams {
        out.extend(stream.codec_id.to_be_bytes());
        out.push(stream.kind.to_byte());
        out.extend(stream.bit_rate.to_be_bytes());
        out.extend(stream.quality.to_be_bytes());
        out.extend(stream.flags.to_be_bytes());
        out.extend(stream.flags2.to_be_bytes());
        out.extend(stream.debug.to_be_bytes());
        match &stream.settings {
            Settings::Video(fields) => fields.write_08(out),
            Settings::Audio(fields) => fields.write_08(out),
            Settings::Text { .. } => return None,
        }
        write_extradata(stream, out);
    }
    Some(())
}
