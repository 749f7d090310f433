//! From an article and a recording to a reading without recognising anything: the article is
//! spoken, and its sounds are found in the recording's. The store remembers the result.

use super::kept::Found;
use super::spelled::article_hash;
use super::tie::{Tied, make_findable};
use super::{damage, kept};
use crate::align::{Alignment, Belongs};
use crate::article::Article;
use crate::decode;
use crate::episode::{Episode, EpisodeId, file_name};
use crate::reading::Reading;
use crate::reason::Hinted;
use crate::refusal;
use crate::speech::{Frame, Scorer};
use crate::store::{About, Key, Outcome, Store};
use crate::synth::mecab::Dictionary;
use crate::synth::script::{Script, needs_dictionary};
use crate::synth::{Speaker, Trouble, sounds};
use crate::time::Timestamp;
use crate::transcript::characters::is_han;
use crate::transcript::{AudioRef, Transcript};
use crate::warp::{Recording, Text, warp_beside};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Raised whenever the same article and recording would be tied otherwise than before.
const METHOD: u32 = 10;
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
    Hash(PathBuf, #[source] io::Error),
    /// Nobody speaks.
    #[error(transparent)]
    Trouble(Trouble),
    /// The system gives no thread or process for the work; names the limit.
    #[error("{0}")]
    Threads(String),
    /// Nobody knows how to read the text aloud.
    #[error("the article's language is not known, so it cannot be spoken")]
    NoLanguage,
    /// Cancelled.
    #[error("cancelled")]
    Cancelled,
}

impl Hinted for SynthError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Input(error) => error.hint(),
            Self::Trouble(trouble) => trouble.hint(),
            Self::NoLanguage => Some("`-l CODE` names it".into()),
            Self::Hash(..) | Self::Threads(_) | Self::Cancelled => None,
        }
    }
}

impl From<Trouble> for SynthError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Threads(why) => Self::Threads(why),
            Trouble::Refused(_) | Trouble::Broken(_) => Self::Trouble(trouble),
        }
    }
}

/// Ties `article` to the recording at `audio`, whose hash is `id`, by speaking it. `watch` hears how much of the work is
/// done, 0 to 1; `cancelled` is asked often.
///
/// # Errors
/// See [`SynthError`]. An article that does not belong to the recording is no error.
pub fn synth(
    article: &Article,
    (audio, id): (&Path, EpisodeId),
    store: &Store,
    voice: Voice<'_>,
    watch: &mut dyn FnMut(f32),
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Tied, SynthError> {
    Work { article, audio, id, store, voice, cancelled }.done(None, watch).map(|(tied, _)| tied)
}

/// As [`synth`] for the article of `heard`, and joined with where a recogniser heard it: each
/// sentence where it fits the sound best. The alignment beside is the joined one.
///
/// # Errors
/// As [`synth`].
pub fn join(
    heard: &Reading,
    (audio, id): (&Path, EpisodeId),
    store: &Store,
    voice: Voice<'_>,
    watch: &mut dyn FnMut(f32),
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<(Tied, Alignment), SynthError> {
    let (tied, joined) = Work { article: &heard.article, audio, id, store, voice, cancelled }
        .done(Some(heard), watch)?;
    Ok((tied, joined.unwrap_or_else(|| heard.alignment.clone())))
}

/// What is to be done, and who is asked whether to go on.
struct Work<'a> {
    article: &'a Article,
    audio: &'a Path,
    /// The hash of its bytes.
    id: EpisodeId,
    store: &'a Store,
    voice: Voice<'a>,
    cancelled: &'a (dyn Fn() -> bool + Sync),
}

impl Work<'_> {
    fn done(
        &self,
        heard: Option<&Reading>,
        watch: &mut dyn FnMut(f32),
    ) -> Result<(Tied, Option<Alignment>), SynthError> {
        let (article, store, id) = (self.article, self.store, self.id);
        let decoder = decode::open(self.audio)?;
        let mut reference = AudioRef {
            file: file_name(self.audio),
            id: Some(id),
            duration: decoder.length().map(|length| length.at),
        };
        let (key, joined_key) = (key(id, article), heard.map(|heard| joined_key(id, heard)));
        let nothing = Transcript::default();
        let kept = |key: &Key, said: &Transcript| {
            store.get(key).and_then(|bytes| kept::read(&bytes, article, said))
        };
        let joined =
            joined_key.as_ref().zip(heard).map(|(key, heard)| kept(key, &heard.transcript));
        if let (Some(found), None | Some(Some(_))) = (kept(&key, &nothing), &joined) {
            reference.duration = found.length.or(reference.duration);
            let mut tied =
                tied(found, article, reference, damage::known(store, id).into_iter().collect());
            make_findable(&mut tied, id, self.audio, store, self.cancelled);
            return Ok((tied, joined.flatten().map(|found| found.alignment)));
        }
        let language = language(article)?;
        let dictionary = dictionary(&article.text, language, self.voice)?;
        let mut speaker = Speaker::start(self.voice.child, language, self.voice.library)?;
        let speaking = || {
            speak(
                article,
                dictionary.as_ref(),
                &mut speaker,
                &mut |share| watch(SPEAKING * share),
                self.cancelled,
            )
        };
        let (text, sound) = beside(decoder, speaking, self.cancelled)?;
        let (recording, frames, damage) = sound;
        let length = Timestamp::from_millis(frames.len() as u64 * 10);
        // A header may promise more sound than there is.
        let promised =
            reference.duration.filter(|promised| promised.millis() <= length.millis() + 1000);
        reference.duration = Some(length).max(promised);
        let mut watch = |share: f32| {
            watch(SPEAKING + (1.0 - SPEAKING) * share);
            !(self.cancelled)()
        };
        let warped = warp_beside(
            article,
            &text,
            &recording,
            &frames,
            heard.map(|heard| &heard.alignment),
            &mut watch,
        )
        .ok_or(SynthError::Cancelled)?;
        let episode = Episode { file: reference.file.clone(), id, tags: <_>::default() };
        let about = About::new(&episode, Some(&format!("espeak-ng {}", speaker.version())));
        if let Some(what) = &damage {
            damage::keep(store, &episode, what);
        }
        let found = Found {
            reason: warped.verdict.to_string(),
            alignment: warped.alignment,
            length: reference.duration,
        };
        let mut notes: Vec<String> = damage.into_iter().collect();
        if let Outcome::Failed(why) = store.put(&key, &about, &kept::write(&found)) {
            notes.push(why);
        }
        if let (Some(key), Some(joined)) = (joined_key, &warped.joined) {
            // Where this cannot be kept, nor could that, and it was told.
            let _ = store.put(&key, &about, &kept::write(&Found::bare(joined.clone())));
        }
        let mut tied = tied(found, article, reference, notes);
        make_findable(&mut tied, id, self.audio, store, self.cancelled);
        Ok((tied, warped.joined))
    }
}

/// The language that `article` is spoken in. A short text may not tell its own for certain; its
/// letters do well enough.
pub(super) fn language(article: &Article) -> Result<&str, SynthError> {
    article.language.as_deref().or_else(|| by_letters(&article.text)).ok_or(SynthError::NoLanguage)
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

/// What the store has of it, where `id` is the hash of the recording at `audio`.
pub fn recall_synth(
    article: &Article,
    (audio, id): (&Path, EpisodeId),
    store: &Store,
) -> Option<Tied> {
    let found = kept::read(&store.get(&key(id, article))?, article, &Transcript::default())?;
    let file = file_name(audio);
    let duration = found.length;
    Some(tied(found, article, AudioRef { file, id: Some(id), duration }, Vec::new()))
}

pub(super) fn key(id: EpisodeId, article: &Article) -> Key {
    Key::new("synth", id).with("method", &METHOD).with("article", &article_hash(article))
}

/// Everything that joining depends on besides: where the words were heard.
fn joined_key(id: EpisodeId, heard: &Reading) -> Key {
    let alignment = kept::write(&Found::bare(heard.alignment.clone()));
    Key::new("joined", id)
        .with("method", &METHOD)
        .with("article", &article_hash(&heard.article))
        .with("heard", &blake3::hash(&alignment).to_hex())
}

pub(super) fn tied(found: Found, article: &Article, audio: AudioRef, notes: Vec<String>) -> Tied {
    // Of what is said nothing is known where it is not the text.
    let language = article.language.clone().filter(|_| found.alignment.belongs != Belongs::No);
    let transcript = Transcript { audio, language, ..Transcript::default() };
    let reading = Reading { transcript, article: article.clone(), alignment: found.alignment };
    Tied { reading, reason: found.reason, notes }
}

/// What kanji in `text` are read by; nothing where there are none.
pub(super) fn dictionary(
    text: &str,
    language: &str,
    voice: Voice<'_>,
) -> Result<Option<Dictionary>, SynthError> {
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
    let (mut script, mut text) =
        (Script::new(article).with_dictionary(dictionary), Text::default());
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

/// What `speaking` gives, and what is heard in the recording meanwhile.
pub(super) fn beside(
    decoder: decode::Decoder,
    speaking: impl FnOnce() -> Result<Text, SynthError>,
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<(Text, Heard), SynthError> {
    let is_mute = AtomicBool::new(false);
    let is_idle = || cancelled() || is_mute.load(Ordering::Relaxed);
    thread::scope(|threads| {
        let listening = thread::Builder::new()
            .name("listen".into())
            .spawn_scoped(threads, || listen(decoder, &is_idle));
        let listening = listening.map_err(|e| SynthError::Threads(refusal::no_thread(&e)))?;
        let text = speaking();
        // Nobody waits for the rest of the sound where there is nothing to find in it.
        is_mute.store(text.is_err(), Ordering::Relaxed);
        let heard = listening.join().unwrap_or(Err(SynthError::Cancelled));
        Ok((text?, heard?))
    })
}

/// The recording as frames, and what of it is damaged.
type Heard = (Recording, Vec<Frame>, Option<String>);

fn listen(mut decoder: decode::Decoder, cancelled: &dyn Fn() -> bool) -> Result<Heard, SynthError> {
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
        for (text, want) in [
            ("Ask not.", Some("en")),
            ("奶奶打開收音機，DeepSeek 說早安。", Some("zh")),
            ("開放的 open", Some("zh")),
            ("1 + 1", None),
        ] {
            assert_eq!(by_letters(text), want, "{text}");
        }
    }
}
