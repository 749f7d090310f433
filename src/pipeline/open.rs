//! What was tied without a recogniser, completed with what one heard where that left something
//! open.

use super::synth::{SynthError, Voice, join};
use super::tie::{Tied, make_findable};
use crate::align;
use crate::episode::EpisodeId;
use crate::store::Store;
use crate::transcript::{AudioRef, Transcript};
use std::path::Path;

/// Completes `tied`, which is of the recording at `audio` with the hash `id`, by `heard`, a transcript of the windows
/// that reach into what [`open`](crate::align::open::open) says of it. Passages get their words at
/// no cost; where a doubtful sentence was heard, the article is spoken and laid over the sound once
/// more.
///
/// # Errors
/// As [`join`].
pub fn complete(
    mut tied: Tied,
    heard: Transcript,
    (audio, id): (&Path, EpisodeId),
    store: &Store,
    voice: Voice<'_>,
    watch: &mut dyn FnMut(f32),
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Tied, SynthError> {
    let article = &tied.reading.article;
    let told = align::open::told(&tied.reading.alignment, &heard);
    let doubted = align::open::heard_of(article, align::align(article, &heard), &told);
    let audio_ref = AudioRef {
        duration: tied.reading.transcript.audio.duration.or(heard.audio.duration),
        ..heard.audio.clone()
    };
    tied.reading.transcript = Transcript {
        audio: audio_ref,
        language: heard.language.or(article.language.clone()),
        ..heard
    };
    tied.reading.alignment = told;
    if let Some(doubted) = doubted {
        let own = tied.reading.alignment.clone();
        tied.reading.alignment = doubted;
        let (_, joined) = join(&tied.reading, (audio, id), store, voice, watch, cancelled)?;
        // Where nothing that was heard is better, it is by synthesised speech as before.
        let is_same = joined.words.iter().zip(&own.words).all(|(a, b)| a.span == b.span);
        tied.reading.alignment = if is_same { own } else { joined };
    }
    make_findable(&mut tied, id, audio, store, cancelled);
    Ok(tied)
}
