//! onMetaData, the script data that describes the file (annex E.5).

use media::{CodecId, FrameRate, MediaParameters, Track};

use super::amf::{Amf, AmfError, AmfReader};
use super::audio::AudioTagHeader;
use super::header::FileHeader;
use super::tag::TagHeader;
use super::video;

const ON_META_DATA: &str = "onMetaData";
const DURATION: &str = "duration";

/// Where the number of `duration` stands in a file written here: behind the file header with
/// PreviousTagSize0, the tag header, the string "onMetaData" with type and length, type and count
/// of the array, the name with its length, and the type of the number.
pub(super) const DURATION_OFFSET: u64 =
    (FileHeader::LEN + 4 + TagHeader::LEN + 3 + ON_META_DATA.len() + 5 + 2 + DURATION.len() + 1)
        as u64;

/// Appends the data of the tag. `duration` is 0, which readers take as unknown, until it is patched.
pub(super) fn write(tracks: &[Track], out: &mut Vec<u8>) {
    let mut properties = vec![(DURATION.to_owned(), Amf::Number(0.0))];
    let mut add = |name: &str, value| properties.push((name.to_owned(), value));
    for Track { params, .. } in tracks {
        let kbps = params.bit_rate_bps.map(|bps| f64::from(bps) / 1000.0);
        match params.media {
            MediaParameters::Video(video) => {
                add("width", Amf::Number(f64::from(video.width_px)));
                add("height", Amf::Number(f64::from(video.height_px)));
                if let Some(kbps) = kbps {
                    add("videodatarate", Amf::Number(kbps));
                }
                if let Some(rate) = video.frame_rate {
                    add("framerate", Amf::Number(rate.as_f64()));
                }
                if let Some(id) = video::codec_id(params.codec) {
                    add("videocodecid", Amf::Number(f64::from(id)));
                }
            }
            MediaParameters::Audio(audio) => {
                if let Some(kbps) = kbps {
                    add("audiodatarate", Amf::Number(kbps));
                }
                add(
                    "audiosamplerate",
                    Amf::Number(f64::from(audio.sample_rate_hz)),
                );
                let bits = if params.codec == CodecId::PcmU8 {
                    8.0
                } else {
                    16.0
                };
                add("audiosamplesize", Amf::Number(bits));
                add("stereo", Amf::Boolean(audio.channels > 1));
                if let Ok(header) = AudioTagHeader::of(params) {
                    add("audiocodecid", Amf::Number(f64::from(header.sound_format)));
                }
            }
        }
    }
    Amf::String(ON_META_DATA.to_owned()).write(out);
    Amf::EcmaArray(properties).write(out);
}

/// What a reader takes from onMetaData.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Metadata {
    /// Width and height in pixels.
    pub(super) size_px: Option<(u32, u32)>,
    /// Frame rate.
    pub(super) frame_rate: Option<FrameRate>,
    /// Bit rate of the video in bit/s.
    pub(super) video_bps: Option<u32>,
    /// Bit rate of the audio in bit/s.
    pub(super) audio_bps: Option<u32>,
    /// Time in ms and offset of the tag in the file of key frames, as several writers add them;
    /// by rising time.
    pub(super) keyframes: Vec<(i64, u64)>,
}

impl Metadata {
    /// Reads the data of a script tag; `None` if it is another message.
    pub(super) fn parse(data: &[u8]) -> Result<Option<Self>, AmfError> {
        let mut reader = AmfReader::new(data);
        if reader.value()? != Amf::String(ON_META_DATA.to_owned()) {
            return Ok(None);
        }
        let properties = reader.value()?;
        let number = |name| properties.get(name).and_then(Amf::number);
        let pixels = |name| number(name).and_then(|px| whole(px, 65_535.0));
        let bps = |name| number(name).and_then(|kbps| whole(kbps * 1000.0, 4e9));
        Ok(Some(Self {
            size_px: pixels("width").zip(pixels("height")),
            frame_rate: number("framerate").and_then(frame_rate),
            video_bps: bps("videodatarate"),
            audio_bps: bps("audiodatarate"),
            keyframes: properties
                .get("keyframes")
                .map(keyframes)
                .unwrap_or_default(),
        }))
    }
}

/// The whole number nearest to `value`, from 1 to `max`.
fn whole(value: f64, max: f64) -> Option<u32> {
    let rounded = value.round();
    // In the range of u32 by the test.
    (1.0..=max).contains(&rounded).then_some(rounded as u32)
}

/// The fraction that a frame rate stands for: a whole number, one of the NTSC rates (n * 1000 /
/// 1001), else thousandths.
fn frame_rate(fps: f64) -> Option<FrameRate> {
    let near = |wanted: f64| (fps - wanted).abs() < 0.0005 * wanted;
    if !(0.001..=1000.0).contains(&fps) {
        return None;
    }
    if let Some(fps_whole) = whole(fps, 1000.0) {
        if (fps - f64::from(fps_whole)).abs() < 0.0005 {
            return FrameRate::new(fps_whole, 1);
        }
        let ntsc = whole(fps * 1.001, 1000.0)?;
        if near(f64::from(ntsc) / 1.001) {
            return FrameRate::new(ntsc * 1000, 1001);
        }
    }
    FrameRate::new(whole(fps * 1000.0, 1_000_000.0)?, 1000)
}

/// `keyframes`: an object with the arrays `times` (s) and `filepositions` (bytes).
fn keyframes(index: &Amf) -> Vec<(i64, u64)> {
    let items = |name| index.get(name).map(Amf::items).unwrap_or_default();
    let mut keyframes = Vec::new();
    for (time, position) in items("times").iter().zip(items("filepositions")) {
        let (Some(seconds), Some(position)) = (time.number(), position.number()) else {
            continue;
        };
        if !(0.0..1e10).contains(&seconds) || !(0.0..1e15).contains(&position) {
            continue;
        }
        // Both in range by the test above.
        let entry = ((seconds * 1000.0).round() as i64, position as u64);
        let rising = keyframes.last().is_none_or(|(before, _)| *before < entry.0);
        if rising {
            keyframes.push(entry);
        }
    }
    keyframes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_rates_are_told_as_fractions() {
        for (fps, want) in [
            (25.0, FrameRate::new(25, 1)),
            (29.97, FrameRate::new(30_000, 1001)),
            (29.97002997, FrameRate::new(30_000, 1001)),
            (23.976, FrameRate::new(24_000, 1001)),
            (59.94, FrameRate::new(60_000, 1001)),
            (12.5, FrameRate::new(12_500, 1000)),
            (0.5, FrameRate::new(500, 1000)),
            (1000.0, FrameRate::new(1000, 1)),
            (90_000.0, None),
            (0.0, None),
            (-1.0, None),
            (f64::NAN, None),
        ] {
            assert_eq!(frame_rate(fps), want, "{fps}");
        }
    }

    #[test]
    fn key_frame_index_drops_what_makes_no_sense() {
        let numbers =
            |list: &[f64]| Amf::StrictArray(list.iter().copied().map(Amf::Number).collect());
        let index = Amf::Object(vec![
            (
                "times".to_owned(),
                numbers(&[0.0, 1.0, 1.0, f64::NAN, -4.0, 2.04, 9.0]),
            ),
            (
                "filepositions".to_owned(),
                numbers(&[13.0, 400.0, 500.0, 1.0, 1.0, 900.0]),
            ),
        ]);
        assert_eq!(keyframes(&index), [(0, 13), (1000, 400), (2040, 900)]);
        assert_eq!(keyframes(&Amf::Null), []);
    }
}
