//! From an article and a recording to a reading without recognising anything: the article is spoken, and its sounds
//! are found in the recording's. The store remembers the result.

use super::tie::{Found, Tied, article_hash, make_findable};
use super::{damage, kept};
use crate::article::Article;
use crate::decode;
use crate::episode::{Episode, EpisodeId, file_name};
use crate::reading::Reading;
use crate::speech::{Frame, Scorer};
use crate::store::{About, Key, Outcome, Store};
use crate::synth::mecab::Dictionary;
use crate::synth::script::{Script, needs_dictionary};
use crate::synth::{Speaker, Trouble, sounds};
use crate::time::Timestamp;
use crate::transcript::letters::is_han;
use crate::transcript::{AudioRef, Transcript};
use crate::warp::{Recording, Text, warp};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

/// Raised whenever the same article and recording would be tied otherwise than before.
const METHOD: u32 = 4;
/// The share of the work that speaking is, and listening beside it.
const SPEAKING: f32 = 0.3;

/// Who speaks.
#[derive(Clone, Copy)]
pub struct Voice<'a> {
    /// Makes the command that runs [`crate::synth::child::serve`].
    pub child: fn() -> Command,
    /// The synthesiser's library, where it is not in its usual place.
    pub library: Option<&'a str>,
    /// The folder of the dictionary that kanji are read by, where it is not in its usual place.
    pub dictionary: Option<&'a Path>,
}

/// Why there is no alignment.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// The recording cannot be read.
    #[error(transparent)]
    Input(#[from] decode::DecodeError),
    /// The recording could be opened but not read through.
    #[error("cannot read `{}`: {}", .0.display(), .1)]
    Hash(PathBuf, io::Error),
    /// Nobody speaks.
    #[error(transparent)]
    Trouble(#[from] Trouble),
    /// Nobody knows how to read the text aloud.
    #[error("the article's language is not known, so it cannot be spoken; `-l CODE` names it")]
    NoLanguage,
    /// Cancelled.
    #[error("cancelled")]
    Cancelled,
}

/// Ties `article` to the recording at `audio` by speaking it. `watch` hears how much of the work is done, 0 to 1;
/// `cancelled` is asked often.
///
/// # Errors
/// See [`SynthError`]. An article that does not belong to the recording is no error.
pub fn synth(
    article: &Article,
    audio: &Path,
    store: &Store,
    voice: Voice<'_>,
    watch: &mut dyn FnMut(f32),
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Tied, SynthError> {
    let decoder = decode::open(audio)?;
    let id = decode::episode_id(audio).map_err(|e| SynthError::Hash(audio.to_owned(), e))?;
    let file = file_name(audio);
    let mut reference = AudioRef { file, id: Some(id), duration: decoder.length().map(|length| length.at) };
    let key = key(id, article);
    if let Some(found) = store.get(&key).and_then(|bytes| kept::read(&bytes, article, &Transcript::default())) {
        let mut tied = tied(found, article, reference, damage::known(store, id).into_iter().collect());
        make_findable(&mut tied, id, audio, store, cancelled);
        return Ok(tied);
    }
    // A short text may not tell its language for certain; its letters do well enough to be read aloud.
    let language = article.language.as_deref().or_else(|| by_letters(&article.text)).ok_or(SynthError::NoLanguage)?;
    let dictionary = dictionary(&article.text, language, voice)?;
    let mut speaker = Speaker::start(voice.child, language, voice.library)?;
    let (text, heard) = thread::scope(|threads| {
        let listening = threads.spawn(|| listen(decoder, cancelled));
        let text = speak(article, dictionary.as_ref(), &mut speaker, &mut |share| watch(SPEAKING * share), cancelled);
        let heard = listening.join().unwrap_or(Err(SynthError::Cancelled));
        Ok::<_, SynthError>((text?, heard?))
    })?;
    let (recording, frames, damage) = heard;
    let sound = Timestamp::from_millis(frames.len() as u64 * 10);
    // A header may promise more sound than there is.
    let promised = reference.duration.filter(|promised| promised.millis() <= sound.millis() + 1000);
    reference.duration = Some(sound).max(promised);
    let mut watch = |share: f32| {
        watch(SPEAKING + (1.0 - SPEAKING) * share);
        !cancelled()
    };
    let warped = warp(article, &text, &recording, &frames, &mut watch).ok_or(SynthError::Cancelled)?;
    let found = Found { alignment: warped.alignment, belongs: warped.verdict.belongs(), reason: warped.verdict.to_string() };
    let episode = Episode { file: reference.file.clone(), id, tags: <_>::default() };
    let about = About::new(&episode, Some(&format!("espeak-ng {}", speaker.version())));
    if let Some(what) = &damage {
        damage::keep(store, &episode, what);
    }
    let mut notes: Vec<String> = damage.into_iter().collect();
    if let Outcome::Failed(why) = store.put(&key, &about, &kept::write(&found)) {
        notes.push(why);
    }
    let mut tied = tied(found, article, reference, notes);
    make_findable(&mut tied, id, audio, store, cancelled);
    Ok(tied)
}

/// The language that most texts in these letters are in.
fn by_letters(text: &str) -> Option<&'static str> {
    let n_han = text.chars().filter(|&c| is_han(c)).count();
    let n_latin = text.chars().filter(char::is_ascii_alphabetic).count();
    match (n_han, n_latin) {
        (0, 0) => None,
        // A character says as much as several letters do.
        _ if 2 * n_han > n_latin => Some("zh"),
        _ => Some("en"),
    }
}

/// What the store has of it.
pub fn recall_synth(article: &Article, audio: &Path, store: &Store) -> Option<Tied> {
    let id = decode::episode_id(audio).ok()?;
    let found = kept::read(&store.get(&key(id, article))?, article, &Transcript::default())?;
    let file = file_name(audio);
    Some(tied(found, article, AudioRef { file, id: Some(id), duration: None }, Vec::new()))
}

fn key(id: EpisodeId, article: &Article) -> Key {
    Key::new("synth", id).with("method", &METHOD).with("article", &article_hash(article))
}

fn tied(found: Found, article: &Article, audio: AudioRef, notes: Vec<String>) -> Tied {
    let transcript = Transcript { audio, language: article.language.clone(), ..Transcript::default() };
    let reading = Reading { transcript, article: article.clone(), alignment: found.alignment };
    Tied { reading, belongs: found.belongs, reason: found.reason, notes }
}

/// What kanji in `text` are read by; nothing where there are none.
pub(super) fn dictionary(text: &str, language: &str, voice: Voice<'_>) -> Result<Option<Dictionary>, SynthError> {
    if !needs_dictionary(text, language) {
        return Ok(None);
    }
    Ok(Some(Dictionary::find(voice.dictionary).map_err(Trouble::Refused)?))
}

/// The article as sounds.
pub(super) fn speak(
    article: &Article,
    dictionary: Option<&Dictionary>,
    speaker: &mut Speaker,
    watch: &mut dyn FnMut(f32),
    cancelled: &dyn Fn() -> bool,
) -> Result<Text, SynthError> {
    let (mut script, mut text) = (Script::new(article).with_dictionary(dictionary), Text::default());
    let n = article.sentences.len();
    for index in 0..n {
        if cancelled() {
            return Err(SynthError::Cancelled);
        }
        watch(index as f32 / n as f32);
        let line = script.line(index);
        match speaker.speak(&line.text)? {
            Some(said) => text.push(&said.samples, said.rate, sounds::sounds(&said, &line)),
            None => text.push(&[], 0, []),
        }
    }
    Ok(text)
}

/// The recording as frames, and what of it is damaged.
pub(super) fn listen(
    mut decoder: decode::Decoder,
    cancelled: &dyn Fn() -> bool,
) -> Result<(Recording, Vec<Frame>, Option<String>), SynthError> {
    let (mut recording, mut scorer, mut frames) = (Recording::default(), Scorer::new(), Vec::new());
    while let Some(block) = decoder.next_block()? {
        recording.push(block);
        scorer.push(block, &mut frames);
        if cancelled() {
            return Err(SynthError::Cancelled);
        }
    }
    recording.finish();
    scorer.finish(&mut frames);
    Ok((recording, frames, decode::describe(decoder.losses())))
}

#[cfg(test)]
mod tests {
    use super::by_letters;

    #[test]
    fn a_language_by_its_letters() {
        for (text, want) in
            [("Ask not.", Some("en")), ("奶奶打開收音機，DeepSeek 說早安。", Some("zh")), ("開放的 open", Some("zh")), ("1 + 1", None)]
        {
            assert_eq!(by_letters(text), want, "{text}");
        }
    }
}
