//! A text that nobody has read aloud: synthesised speech, of which it is known to the sample when
//! each word is spoken.

use super::kept::{self, Found};
use super::synth::{SynthError, Voice, dictionary, key, language, tied};
use super::tie::{Tied, make_findable};
use crate::align::{self, Alignment, Timing};
use crate::article::{Article, Sentence, Skip};
use crate::decode;
use crate::episode::{Episode, file_name};
use crate::reason::Hinted;
use crate::store::{About, Outcome, Store};
use crate::synth::script::{Line, Script};
use crate::synth::{Speaker, sounds};
use crate::time::{Span, Timestamp};
use crate::transcript::AudioRef;
use std::collections::HashSet;
use std::io;
use std::path::Path;

/// Silence after a sentence, and after a paragraph, in milliseconds; the synthesiser's own comes
/// before.
const SENTENCE_MS: u64 = 120;
const BLOCK_MS: u64 = 500;

/// Where the sound goes: samples, and how many are a second's.
pub type Sink<'a> = &'a mut dyn FnMut(&[i16], u32) -> io::Result<()>;

/// Why a text is not read aloud.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Nobody speaks it.
    #[error(transparent)]
    Synth(#[from] SynthError),
    /// The sound cannot be kept.
    #[error("the sound cannot be written: {0}")]
    Write(#[from] io::Error),
    /// There is nothing to say.
    #[error("there is nothing in it to be read aloud")]
    Nothing,
}

impl Hinted for ReadError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Synth(error) => error.hint(),
            // A WAVE file, or the user's limit.
            Self::Write(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                Some("name a `--chapter`".into())
            }
            Self::Write(_) | Self::Nothing => None,
        }
    }
}

/// Whether a sentence is read aloud: what narrators pass over (captions, navigation) is not, but a
/// title is.
pub fn is_read(sentence: &Sentence) -> bool {
    sentence.skip.is_none_or(|skip| skip == Skip::Title)
}

/// Has `article` read aloud into `sink`, and says when each word is spoken, of the
/// sentences that [`is_read`] tells. `watch` hears which share is done.
///
/// # Errors
/// See [`ReadError`].
pub fn read_aloud(
    article: &Article,
    voice: Voice<'_>,
    sink: Sink<'_>,
    watch: &mut dyn FnMut(f32),
    cancelled: &dyn Fn() -> bool,
) -> Result<Alignment, ReadError> {
    let language = language(article)?;
    let dictionary = dictionary(&article.text, language, voice)?;
    let mut speaker =
        Speaker::start(voice.child, language, voice.library).map_err(SynthError::from)?;
    let mut script = Script::new(article).with_dictionary(dictionary.as_ref());
    let mut words = vec![Timing::default(); article.words.len()];
    let mut clock = Clock::default();
    let n = article.sentences.len();
    let ends: HashSet<usize> = article.blocks.iter().map(|block| block.sentences.end).collect();
    for (index, sentence) in article.sentences.iter().enumerate() {
        if cancelled() {
            return Err(SynthError::Cancelled.into());
        }
        watch(index as f32 / n as f32);
        if !is_read(sentence) || sentence.words.is_empty() {
            continue;
        }
        // Kanji are read by a dictionary; everything else the synthesiser reads better as it is
        // written, tones and all.
        let line =
            if dictionary.is_some() { script.line(index) } else { Line::written(article, index) };
        let Some(said) = speaker.speak(&line.text).map_err(SynthError::from)? else { continue };
        let said_words = sounds::sounds(&said, &line);
        for sound in said_words.iter().filter(|sound| sound.name.is_some()) {
            let (start, end) = (
                clock.at(u64::from(sound.samples.start), said.rate),
                clock.at(u64::from(sound.samples.end), said.rate),
            );
            let word = &mut words[sound.word];
            let first = word.span.map_or(start, Span::start);
            *word = Timing {
                span: Some(Span::new(first, end.max(first))),
                confidence: 1.0,
                spoken: 0..0,
            };
        }
        clock.add(&said.samples, said.rate, sink)?;
        let pause = if ends.contains(&(index + 1)) { BLOCK_MS } else { SENTENCE_MS };
        clock.add(&vec![0; (u64::from(said.rate) * pause / 1000) as usize], said.rate, sink)?;
    }
    if clock.n == 0 {
        return Err(ReadError::Nothing);
    }
    Ok(align::given(article, words))
}

/// How much was said.
#[derive(Default)]
struct Clock {
    /// In samples.
    n: u64,
}

impl Clock {
    fn at(&self, samples: u64, rate: u32) -> Timestamp {
        Timestamp::from_frames(self.n + samples, rate)
    }

    fn add(&mut self, samples: &[i16], rate: u32, sink: Sink<'_>) -> io::Result<()> {
        self.n += samples.len() as u64;
        sink(samples, rate)
    }
}

/// Remembers that `audio` is `article` read aloud, so that the one opens with the other wherever it
/// is asked for.
///
/// # Errors
/// Where the sound cannot be read again.
pub fn keep_read_aloud(
    article: &Article,
    alignment: Alignment,
    audio: &Path,
    store: &Store,
    cancelled: &dyn Fn() -> bool,
) -> Result<Tied, SynthError> {
    let id = decode::episode_id(audio).map_err(|e| SynthError::Hash(audio.to_owned(), e))?;
    let length = decode::open(audio)?.length().map(|length| length.at);
    let reference = AudioRef { file: file_name(audio), id: Some(id), duration: length };
    let episode = Episode { file: reference.file.clone(), id, tags: <_>::default() };
    let found = Found { reason: "it was read aloud here".to_owned(), alignment, length };
    let kept = store.put(
        &key(id, article),
        &About::new(&episode, Some("espeak-ng")),
        &kept::write(&found),
    );
    let notes = if let Outcome::Failed(why) = kept { vec![why] } else { Vec::new() };
    let mut tied = tied(found, article, reference, notes);
    make_findable(&mut tied, id, audio, store, cancelled);
    Ok(tied)
}
