//! A recogniser's word times made exact: its words are spoken by a synthesiser, and laid over the
//! sound as an article's are. The store remembers the result beside what was recognised; where
//! nobody speaks the language that stands.

use super::synth::{SynthError, Voice, beside, dictionary, speak};
use super::{as_kept, read, to_bytes};
use crate::align;
use crate::decode;
use crate::episode::Episode;
use crate::reading::Reading;
use crate::speech;
use crate::store::{About, Key, Outcome, Store};
use crate::synth::Speaker;
use crate::time::Span;
use crate::transcript::Transcript;
use crate::warp;
use std::path::Path;

/// Raised whenever the same transcript would be given other times than before.
const METHOD: u32 = 3;

/// What came of it.
pub(super) enum Sharpened {
    /// Every word that has a place in the sound is there; and what the user should know.
    Laid(Box<Transcript>, Vec<String>),
    /// Nobody can speak it, or the sound cannot be read again: why, for the log.
    Not(String),
    /// The system gives no thread or process for it.
    Refused(String),
    /// Cancelled.
    Cancelled,
}

/// What the store has of `transcript`.
pub(super) fn recall(
    transcript: &Transcript,
    episode: &Episode,
    store: &Store,
) -> Option<Transcript> {
    let mut sharpened = read(&store.get(&key(transcript, episode))?)?;
    sharpened.audio.file.clone_from(&episode.file);
    Some(sharpened)
}

/// Lays the words of `transcript` over the sound of the recording at `audio`.
pub(super) fn sharpen(
    transcript: &Transcript,
    (audio, episode): (&Path, &Episode),
    store: &Store,
    voice: Voice<'_>,
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Sharpened {
    match lay(transcript, audio, voice, cancelled) {
        Ok((laid, version)) => {
            let laid = as_kept(laid);
            let about =
                About::new(episode, transcript.model.as_ref().map(|model| model.name.as_str()));
            log::debug!("word times by espeak-ng {version}");
            match store.put(&key(transcript, episode), &about, &to_bytes(&laid)) {
                Outcome::Failed(why) => Sharpened::Laid(Box::new(laid), vec![why]),
                Outcome::Kept | Outcome::Forgotten => Sharpened::Laid(Box::new(laid), Vec::new()),
            }
        }
        Err(SynthError::Threads(why)) => Sharpened::Refused(why),
        Err(SynthError::Cancelled) => Sharpened::Cancelled,
        Err(error) => Sharpened::Not(error.to_string()),
    }
}

/// The transcript with its words laid over the sound, and the synthesiser's version.
fn lay(
    transcript: &Transcript,
    audio: &Path,
    voice: Voice<'_>,
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<(Transcript, String), SynthError> {
    let language = transcript.language.as_deref().ok_or(SynthError::NoLanguage)?;
    let reading = Reading::of_transcript(transcript.clone());
    let dictionary = dictionary(&reading.article.text, language, voice)?;
    let mut speaker = Speaker::start(voice.child, language, voice.library)?;
    let decoder = decode::open(audio)?;
    let speaking =
        || speak(&reading.article, dictionary.as_ref(), &mut speaker, &mut |_| {}, cancelled);
    let (text, heard) = beside(decoder, speaking, cancelled)?;
    let (recording, frames, _) = heard;
    let rough: Vec<_> = reading.alignment.words.iter().map(|timing| timing.span).collect();
    let mut placed =
        warp::lay(&reading.article, &text, &recording, &frames, &rough, &mut |_| !cancelled())
            .ok_or(SynthError::Cancelled)?;
    let mut spans: Vec<Span> = placed.iter().copied().flatten().collect();
    let pauses = speech::pauses(&frames);
    speech::trim(&mut spans, &pauses);
    for (placed, span) in placed.iter_mut().flatten().zip(spans) {
        *placed = span;
    }
    let laid = align::laid(reading.transcript, &reading.alignment.words, &placed, &pauses);
    Ok((laid, speaker.version().to_owned()))
}

fn key(transcript: &Transcript, episode: &Episode) -> Key {
    // The same sound may lie under another name by now.
    let mut nameless = transcript.clone();
    nameless.audio.file.clear();
    Key::new("sharpened", episode.id)
        .with("method", &METHOD)
        .with("transcript", &blake3::hash(&to_bytes(&nameless)).to_hex())
}
