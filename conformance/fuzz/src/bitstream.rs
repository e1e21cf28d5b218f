//! The syntax of elementary streams that containers have to know.

use media::bitstream::{aac, avc_config, jpeg, mpeg_audio, mpeg_video, mpeg4, nal, sps};

// Invariant: no bytes make a parser panic, read behind them, or tell a length that is not there;
// what was parsed and written parses as the same.
pub(super) fn check(data: &[u8]) {
    check_h264(data);
    if let Ok(config) = avc_config::AvcConfig::parse(data) {
        let mut out = Vec::new();
        config.write(&mut out);
        assert_eq!(avc_config::AvcConfig::parse(&out), Ok(config.clone()));
        let annex_b = config.to_annex_b();
        let _ = avc_config::AvcConfig::from_annex_b(&annex_b);
    }
    if let Some(config) = aac::AudioSpecificConfig::parse(data)
        && config.object_type <= 30
    {
        let again = aac::AudioSpecificConfig::parse(&config.write());
        assert_eq!(again, Some(config));
        let _ = config.channels();
        if let Some(header) = config.adts_header(data.len().min(8000)) {
            assert!(aac::AdtsHeader::parse(&header).is_some());
        }
    }
    let _ = aac::AdtsHeader::parse(data);
    if let Some(len) = jpeg::image_len(data) {
        assert!(len <= data.len());
    }
    let _ = jpeg::JpegHeader::parse(data);
    if let Some(header) = mpeg_audio::MpegAudioHeader::parse(data) {
        let _ = header.codec();
    }
    assert!(mpeg4::config(data).len() <= data.len());
    let _ = (mpeg4::is_key(data), mpeg_video::is_key(data));
}

fn check_h264(data: &[u8]) {
    let units: Vec<&[u8]> = nal::annex_b(data).collect();
    assert!(units.iter().map(|unit| unit.len()).sum::<usize>() <= data.len());
    let mut prefixed = Vec::new();
    nal::annex_b_to_length_prefixed(data, &mut prefixed);
    let mut annex_b = Vec::new();
    let back = nal::length_prefixed_to_annex_b(&prefixed, 4, &mut annex_b);
    assert!(back.is_ok(), "lengths of our own: {back:?}");
    for length_size in [1, 2, 4] {
        assert!(nal::length_prefixed(data, length_size).count() <= data.len() + 1);
    }
    if let Ok(parsed) = sps::Sps::parse(data) {
        assert!(parsed.rfc6381().starts_with("avc1."));
    }
    let _ = (sps::Sps::find(data), nal::is_idr(data), nal::has_sps(data));
    assert!(nal::parameter_sets(data).len() <= 2 * data.len() + 8);
    assert!(sps::unescape(data).len() <= data.len());
}
