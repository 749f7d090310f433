//! A stretch of a recording as a file of its own.

use super::exit::Exit;
use super::report::Failure;
use crate::decode::{self, SeekIndex, Source};
use crate::reason::Reason;
use crate::speech::{Frame, Scorer, best_cut};
use crate::time::{Span, Timestamp};
use flacenc::bitsink::ByteSink;
use flacenc::component::BitRepr;
use flacenc::error::Verify;
use flacenc::source::MemSource;
use std::path::Path;
use std::sync::Arc;

/// A pause is looked for so far on either side of what is cut out, in milliseconds.
const REACH_MS: u64 = 1_000;
/// A cut may take so much off a word's edge, which is never so exact.
const EDGE_MS: u64 = 40;
/// Sound before the part that is looked at, from which speech and background are told apart.
const LEAD_MS: u64 = 8_000;
/// A frame each so many milliseconds.
const FRAME_MS: u64 = 10;

/// What a clip is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// RIFF WAVE, PCM of 16 bits.
    Wav,
    /// FLAC of 16 bits.
    Flac,
}

impl Kind {
    /// As the name of `path` asks for.
    ///
    /// # Errors
    /// With exit code 2 for anything else; the hint says how to get there.
    pub fn of_path(path: &Path) -> Result<Self, Failure> {
        let extension =
            path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
        match extension.as_str() {
            "wav" | "wave" => Ok(Self::Wav),
            "flac" => Ok(Self::Flac),
            _ => {
                let shown = path.display();
                let wav = path.with_extension("wav");
                let (why, hint) = match extension.as_str() {
                    "" => (
                        format!("`{shown}` does not say what to write"),
                        "name it .wav or .flac".to_owned(),
                    ),
                    _ => (
                        format!("clips are written as .wav or .flac, and `{shown}` is neither"),
                        format!(
                            "write `{0}` and turn it with `ffmpeg -i {0} {shown}`",
                            wav.display()
                        ),
                    ),
                };
                Err(Failure::new(Exit::Usage, why).hint(hint))
            }
        }
    }
}

/// The stretch `span` of `audio` as a file's bytes, sample for sample, with the recording's own
/// rate and channels. With an `index` it is found without reading what comes before; `go_on` is
/// asked often.
///
/// # Errors
/// When it cannot be read, or is not to go on.
pub fn clip(
    audio: &Path,
    span: Span,
    kind: Kind,
    index: Option<Arc<SeekIndex>>,
    go_on: &dyn Fn() -> bool,
) -> Result<Vec<u8>, Reason> {
    let mut source = Source::open(audio)?;
    index.into_iter().for_each(|index| source.set_index(index));
    let rate = source.rate();
    let (from, to) = (span.start().to_frames(rate), span.end().to_frames(rate));
    source.seek(from)?;
    let (mut samples, mut channels) = (Vec::new(), source.channels().max(1));
    while samples.len() < (to - from) as usize * channels {
        let Some(frames) = source.next_frames()? else { break };
        if !go_on() {
            return Err("cancelled".into());
        }
        channels = frames.channels.max(1);
        // Decoders give a sample of 16 bits as a part of 32768.
        samples.extend(
            frames.samples.iter().map(|s| (s * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16),
        );
    }
    samples.truncate((to - from) as usize * channels);
    match kind {
        Kind::Wav => Ok(wav(&samples, rate, channels)),
        Kind::Flac => Ok(flac(&samples, rate, channels)?),
    }
}

/// From this on somebody speaks in a frame, and it is in no pause.
const SPOKEN: f32 = 0.5;

/// `span` of `audio` widened to the pauses around it; where nobody pauses, as it is.
pub fn at_pauses(audio: &Path, span: Span) -> Span {
    let (from, to) = (span.start().minus(REACH_MS), span.end().plus(REACH_MS));
    let first = from.minus(LEAD_MS);
    let Some(frames) = frames(audio, Span::new(first, to)) else { return span };
    let part = |from: Timestamp, to: Timestamp| {
        let index = |at: Timestamp| {
            ((at.millis().saturating_sub(first.millis()) / FRAME_MS) as usize).min(frames.len())
        };
        index(from)..index(to)
    };
    let cut = |from: Timestamp, to: Timestamp| {
        let part = &frames[part(from, to)];
        let at = best_cut(part, part.len());
        // The quietest moment of fluent speech is in the middle of another word.
        let frame = part.get(at.min(part.len().saturating_sub(1)))?;
        (frame.speech < SPOKEN).then(|| from.plus(at as u64 * FRAME_MS))
    };
    let start = if from == Timestamp::ZERO && span.start().millis() < EDGE_MS {
        None
    } else {
        cut(from, span.start().plus(EDGE_MS))
    };
    let end = cut(span.end().minus(EDGE_MS), to);
    Span::new(start.unwrap_or(span.start()), end.unwrap_or(span.end()))
}

/// The frames of a stretch, from its start on.
fn frames(audio: &Path, span: Span) -> Option<Vec<Frame>> {
    let mut decoder = decode::open(audio).ok()?;
    decoder.seek(span.start()).ok()?;
    let (mut scorer, mut frames, mut n) = (Scorer::new(), Vec::new(), 0);
    while n * 1000 < span.millis() * u64::from(crate::pcm::SAMPLE_RATE) {
        let Some(block) = decoder.next_block().ok()? else { break };
        scorer.push(block, &mut frames);
        n += block.len() as u64;
    }
    scorer.finish(&mut frames);
    Some(frames)
}

fn wav(samples: &[i16], rate: u32, channels: usize) -> Vec<u8> {
    let mut bytes = wav_header(samples.len() as u32 * 2, rate, channels);
    bytes.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
    bytes
}

/// What stands before `n` bytes of 16-bit PCM in RIFF WAVE (Microsoft, Multimedia Programming
/// Interface 1.0): 44 bytes.
pub fn wav_header(n: u32, rate: u32, channels: usize) -> Vec<u8> {
    let block = channels as u32 * 2;
    let mut bytes = Vec::with_capacity(44);
    for part in [
        &b"RIFF"[..],
        &n.saturating_add(36).to_le_bytes(),
        b"WAVEfmt ",
        &16u32.to_le_bytes(),
        &1u16.to_le_bytes(),
    ] {
        bytes.extend_from_slice(part);
    }
    bytes.extend_from_slice(&(channels as u16).to_le_bytes());
    for number in [rate, rate * block] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    for number in [block as u16, 16] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(b"data");
    bytes.extend_from_slice(&n.to_le_bytes());
    bytes
}

fn flac(samples: &[i16], rate: u32, channels: usize) -> Result<Vec<u8>, String> {
    let config =
        flacenc::config::Encoder::default().into_verified().map_err(|(_, e)| e.to_string())?;
    let samples: Vec<i32> = samples.iter().map(|s| i32::from(*s)).collect();
    let source = MemSource::from_samples(&samples, channels, 16, rate as usize);
    let mut stream = flacenc::encode_with_fixed_block_size(&config, source, config.block_size)
        .map_err(|e| format!("no FLAC: {e:?}"))?;
    // The last block is shorter and does not count (RFC 9639, 8.2); with it, decoders take the
    // block size for a varying one.
    stream
        .stream_info_mut()
        .set_block_sizes(config.block_size, config.block_size)
        .map_err(|e| format!("no FLAC: {e}"))?;
    let mut sink = ByteSink::new();
    stream.write(&mut sink).map_err(|e| format!("no FLAC: {e:?}"))?;
    Ok(sink.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn samples(path: &Path) -> Vec<f32> {
        let mut source = Source::open(path).unwrap();
        let mut samples = Vec::new();
        while let Some(frames) = source.next_frames().unwrap() {
            samples.extend_from_slice(frames.samples);
        }
        samples
    }

    #[test]
    fn a_clip_is_the_stretch_asked_for_to_the_sample() {
        let folder = tempfile::tempdir().unwrap();
        for (rate, channels) in [(8_000, 2), (44_100, 1), (48_000, 2)] {
            let path = folder.path().join("a.wav");
            let noise: Vec<i16> = (0..rate as usize * channels)
                .map(|i| (i.wrapping_mul(2_654_435_761) >> 9) as i16)
                .collect();
            fs::write(&path, wav(&noise, rate, channels)).unwrap();
            let span = Span::from_millis(251, 507);
            for (kind, name) in [(Kind::Wav, "clip.wav"), (Kind::Flac, "clip.flac")] {
                let clipped = folder.path().join(name);
                fs::write(&clipped, clip(&path, span, kind, None, &|| true).unwrap()).unwrap();
                let (from, to) = (
                    span.start().to_frames(rate) as usize * channels,
                    span.end().to_frames(rate) as usize * channels,
                );
                let got: Vec<i16> =
                    samples(&clipped).iter().map(|s| (s * 32_768.0).round() as i16).collect();
                assert!(
                    got == noise[from..to],
                    "{name} at {rate} Hz, {channels} channels: {} and {}",
                    got.len(),
                    to - from
                );
            }
            let past_the_end =
                clip(&path, Span::from_millis(900, 5_000), Kind::Wav, None, &|| true).unwrap();
            assert!(clip(&path, span, Kind::Wav, None, &|| false).is_err());
            assert_eq!(
                past_the_end.len(),
                44 + 2 * channels * (rate as usize - rate as usize * 9 / 10)
            );
        }
    }

    #[test]
    fn an_index_leads_to_the_same_samples_without_what_comes_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mp3");
        let mut bytes =
            fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("audio/open-models.en.mp3"))
                .unwrap();
        bytes.truncate(600_000);
        fs::write(&path, &bytes).unwrap();
        let index = SeekIndex::build(&path, &|| true).unwrap().map(Arc::new).unwrap();
        // 4 kB are a second.
        let span = Span::from_millis(130_000, 132_000);
        let cut =
            |index: Option<&Arc<SeekIndex>>| clip(&path, span, Kind::Wav, index.cloned(), &|| true);
        let whole = cut(None).unwrap();
        assert_eq!(whole.len(), 44 + 2 * 2 * 16_000);
        assert!(cut(Some(&index)) == Ok(whole.clone()));
        // Whoever has to go through this does not come out where it should.
        bytes[50_000..480_000].fill(0);
        fs::write(&path, &bytes).unwrap();
        assert!(cut(None) != Ok(whole.clone()));
        assert!(cut(Some(&index)) == Ok(whole));
    }

    #[test]
    fn kinds_by_name() {
        assert_eq!(Kind::of_path(Path::new("a.WAV")).unwrap(), Kind::Wav);
        assert_eq!(Kind::of_path(Path::new("b/a.flac")).unwrap(), Kind::Flac);
        assert!(
            Kind::of_path(Path::new("a.mp3"))
                .unwrap_err()
                .why
                .one_line()
                .contains("ffmpeg -i a.wav a.mp3")
        );
        assert!(
            Kind::of_path(Path::new("a")).unwrap_err().why.one_line().contains(".wav or .flac")
        );
    }
}
