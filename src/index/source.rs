//! What is searched of an episode: its texts with their times, as the store has them.
//!
//! Of a transcript nothing more is kept than the store has anyway. An article is tied to the sound
//! by records that hold no text; so that it can be found again, [`keep`] packs its text with its
//! times into a record of its own.

use super::page::Page;
use super::place::{self, Place};
use crate::episode::{Episode, EpisodeId};
use crate::import;
use crate::models::catalogue::{self, Languages};
use crate::reading::Reading;
use crate::search::Text;
use crate::store::{About, Key, Outcome, Stamp, Store};
use crate::time::Timestamp;
use crate::transcript::Transcript;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which of an episode's texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// What was written.
    Written,
    /// What was said.
    Said,
}

impl Layer {
    /// Its name in files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Said => "said",
        }
    }
}

/// What is known of an episode besides its texts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// The file's name without its folder.
    pub file: String,
    /// The article's title, or the recording's.
    pub title: Option<String>,
    /// The language spoken, as an ISO 639-1 code.
    pub language: Option<String>,
    /// The recording's length in milliseconds.
    pub length: Option<u64>,
    /// The share, 0 to 1, of the article's words that were found in the sound; `None` without an
    /// article.
    pub coverage: Option<f64>,
    /// The number of words that were said.
    pub n_words: usize,
    /// The model that heard them.
    pub model: Option<String>,
    /// When it was heard, in milliseconds since 1970.
    pub heard: u64,
    /// Where the recording lies.
    pub place: Option<Place>,
}

impl Card {
    /// The day it counts as: the recording's own where that is known, else when it was heard.
    /// Milliseconds since 1970.
    pub fn day(&self) -> u64 {
        self.place.as_ref().map_or(self.heard, |place| place.modified)
    }

    /// What a listener calls it.
    pub fn name(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.file)
    }
}

/// The texts of an episode.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Source {
    /// What is known of it.
    pub card: Card,
    /// Each text that there is, whole.
    pub texts: Vec<(Layer, Page)>,
}

/// Keeps the text of an article that was tied to a recording, so that it can be searched for;
/// answers whether that was news.
///
/// # Errors
/// Why it could not be kept, for a note.
pub fn keep(reading: &Reading, id: EpisodeId, store: &Store) -> Result<bool, String> {
    let mut source = Source::of(reading);
    let key = text_key(id);
    let kept = store.get(&key);
    // What was recognised is not given up for a text that was only spoken by a synthesiser, and of
    // which a passage or two was heard, nor for what a weaker model makes of it.
    if let Some(richer) = kept.as_deref().and_then(Source::from_bytes).filter(|kept| {
        kept.card.n_words > 2 * source.card.n_words || is_weaker(&source.card, &kept.card)
    }) {
        if richer.written() == source.written() {
            return Ok(false);
        }
        source = source.with_said_of(richer);
    }
    let bytes = source.to_bytes();
    if kept.is_some_and(|kept| kept == bytes) {
        return Ok(false);
    }
    let tags = crate::episode::Tags { title: reading.article.title.clone(), ..Default::default() };
    let episode = Episode { file: reading.transcript.audio.file.clone(), id, tags };
    let about = About::new(&episode, source.card.model.as_deref());
    match store.put(&key, &about, &bytes) {
        Outcome::Failed(why) => Err(why),
        Outcome::Kept => Ok(true),
        Outcome::Forgotten => Ok(false),
    }
}

/// Whether of each recording a transcript, by whatever model, or the text of an article tied to it
/// is kept.
pub fn are_kept(ids: &[EpisodeId], store: &Store) -> bool {
    let records = by_episode(store);
    let source = |id: &EpisodeId| Source::load(store, *id, records.get(id)?);
    ids.iter().all(|id| source(id).is_some_and(|source| !source.texts.is_empty()))
}

/// What was written, all of it, but with the words only that are read: a phrase goes on over what
/// is passed over.
fn read_aloud(reading: &Reading) -> Page {
    let mut page = Page::whole(&Text::written(reading));
    let sentences = reading.article.sentences.iter().zip(&reading.alignment.sentences);
    let mut is_read = vec![true; page.words.len()];
    for (sentence, _) in sentences.filter(|(_, timing)| timing.span.is_none()) {
        is_read.get_mut(sentence.words.clone()).into_iter().for_each(|words| words.fill(false));
    }
    page.keep_words(&is_read);
    page
}

/// Whether the model that heard `new` is known to hear worse than that of `old`. Nobody can say so
/// where they heard different languages, one of which was the wrong one, nor of a model that wrote
/// down what it does not understand.
fn is_weaker(new: &Card, old: &Card) -> bool {
    let heard = |card: &Card| {
        let language = main_language(card.language.as_deref()?);
        let model = catalogue::find(card.model.as_deref()?)?;
        let understands = model.languages() != Languages::English || language == "en";
        understands.then_some((language, model.class))
    };
    heard(new).zip(heard(old)).is_some_and(|(new, old)| new.0 == old.0 && new.1 < old.1)
}

/// A language's code without what follows it: `zh` of `zh-TW`.
fn main_language(code: &str) -> String {
    code.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase()
}

/// The records of each episode.
pub(super) type Records = BTreeMap<EpisodeId, Vec<Stamp>>;

/// The records in `store`.
pub(super) fn by_episode(store: &Store) -> Records {
    let mut records = Records::new();
    for stamp in store.stamps() {
        records.entry(stamp.episode).or_default().push(stamp);
    }
    records
}

/// The key of the text of the article that was tied to an episode last.
pub(super) fn text_key(id: EpisodeId) -> Key {
    Key::new("text", id)
}

impl Source {
    /// What an article and a transcript hold.
    pub fn of(reading: &Reading) -> Self {
        let mut source = Self::said(&reading.transcript);
        source.card.title.clone_from(&reading.article.title);
        source.card.coverage = Some(reading.alignment.coverage);
        source.texts.insert(0, (Layer::Written, read_aloud(reading)));
        source
    }

    /// What is written, where an article was tied to it.
    fn written(&self) -> Option<&str> {
        self.texts
            .iter()
            .find(|(layer, _)| *layer == Layer::Written)
            .map(|(_, page)| page.text.as_str())
    }

    /// What is written here, and what was said there.
    fn with_said_of(self, other: Self) -> Self {
        let Card { title, coverage, .. } = self.card;
        let written = self.texts.into_iter().filter(|(layer, _)| *layer == Layer::Written);
        let said = other.texts.into_iter().filter(|(layer, _)| *layer == Layer::Said);
        Self { card: Card { title, coverage, ..other.card }, texts: written.chain(said).collect() }
    }

    /// What a transcript holds.
    pub fn said(transcript: &Transcript) -> Self {
        let card = Card {
            file: transcript.audio.file.clone(),
            language: transcript.language.clone(),
            length: transcript.audio.duration.map(Timestamp::millis),
            n_words: transcript.words().count(),
            model: transcript.model.as_ref().map(|model| model.name.clone()),
            ..Card::default()
        };
        Self { card, texts: vec![(Layer::Said, Page::whole(&Text::said(transcript)))] }
    }

    /// What the store holds of `id`, whose records are given: the article tied to it last, else its
    /// last transcript, but for what a weaker model heard. `None` where it has neither.
    pub(super) fn load(store: &Store, id: EpisodeId, records: &[Stamp]) -> Option<Self> {
        let text = records.iter().find(|record| record.is_of(&text_key(id)));
        let tied = text.and_then(|record| {
            Some((Self::from_bytes(&store.get(&text_key(id))?)?, record.modified))
        });
        let (mut source, heard) = match tied {
            Some(tied) => tied,
            None => Self::last_said(store, records)?,
        };
        // Where nothing was recognised an article's language is taken for the one that is spoken.
        if source.card.n_words == 0
            && let Some((said, _)) = Self::last_said(store, records)
        {
            source.card.language = said.card.language.or(source.card.language);
        }
        source.card.heard = place::millis(heard);
        source.card.place = Place::recall(store, id);
        Some(source)
    }

    /// Every episode of `store` that has a text, one after another by their days: a server that is
    /// fed so has what is of one time in one place, and leaves the rest alone where it is asked for
    /// a time.
    pub fn all(store: &Store) -> impl Iterator<Item = (EpisodeId, Self)> + '_ {
        let heard = |records: &[Stamp]| {
            records.iter().map(|record| place::millis(record.modified)).max().unwrap_or(0)
        };
        let day = |id: EpisodeId, records: &[Stamp]| {
            Place::recall(store, id).map_or_else(|| heard(records), |place| place.modified)
        };
        let mut all: Vec<_> = by_episode(store)
            .into_iter()
            .map(|(id, records)| (day(id, &records), id, records))
            .collect();
        all.sort_by_key(|(day, id, _)| (*day, *id));
        all.into_iter()
            .filter_map(move |(_, id, records)| Some((id, Self::load(store, id, &records)?)))
    }

    fn last_said(store: &Store, records: &[Stamp]) -> Option<(Self, std::time::SystemTime)> {
        let mut records: Vec<&Stamp> = records.iter().collect();
        records.sort_by_key(|record| std::cmp::Reverse(record.modified));
        let said = records.into_iter().filter_map(|stamp| {
            let record = store.read(stamp)?;
            if !["transcript", "sharpened"].contains(&record.key.stage()) {
                return None;
            }
            let (transcript, _) = import::read(&record.payload, None).ok()?;
            let mut source = Self::said(&transcript);
            source.card.title = record.about.title;
            Some((source, stamp.modified))
        });
        said.reduce(|best, older| if is_weaker(&best.0.card, &older.0.card) { older } else { best })
    }

    fn to_bytes(&self) -> Vec<u8> {
        let layers: Vec<Layer> = self.texts.iter().map(|(layer, _)| *layer).collect();
        // Numbers and texts always have a JSON form, which has no line ends.
        let mut bytes = serde_json::to_vec(&(&self.card, layers)).unwrap_or_default();
        bytes.push(b'\n');
        for (_, text) in &self.texts {
            text.pack(&mut bytes);
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let (card, layers): (Card, Vec<Layer>) = serde_json::from_slice(&bytes[..end]).ok()?;
        let mut rest = &bytes[end + 1..];
        let mut texts = Vec::new();
        for layer in layers {
            let (text, after) = Page::unpack(rest)?;
            texts.push((layer, text));
            rest = after;
        }
        Some(Self { card, texts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export;
    use crate::time::Span;
    use crate::transcript::{AudioRef, ModelRef, join};

    const ID: EpisodeId = EpisodeId([7; 32]);

    fn heard(model: &str, language: &str, text: &str) -> Transcript {
        Transcript {
            audio: AudioRef { file: "a.mp3".into(), ..AudioRef::default() },
            model: Some(ModelRef { name: model.into(), sha1: None }),
            language: Some(language.into()),
            segments: join::share(text, Span::from_millis(0, 1000)).into_iter().collect(),
            ..Transcript::default()
        }
    }

    fn put(store: &Store, model: &str, language: &str, text: &str) {
        let mut bytes = Vec::new();
        export::json::write(&heard(model, language, text), &mut bytes).unwrap();
        let key = Key::new("transcript", ID).with("model", model);
        assert_eq!(store.put(&key, &About::default(), &bytes), Outcome::Kept);
    }

    fn loaded(store: &Store) -> Card {
        Source::load(store, ID, &by_episode(store)[&ID]).unwrap().card
    }

    #[test]
    fn what_a_weaker_model_heard_takes_no_place() {
        for models in [["base", "micro"], ["micro", "base"], ["base", "tiny.en"]] {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(folder.path());
            models.iter().for_each(|model| put(&store, model, "en", "one word"));
            assert_eq!(loaded(&store).model.as_deref(), Some("base"), "{models:?}");
            // Nor does it in the text that was tied.
            let tied = |model| Reading::of_transcript(heard(model, "en", "one word"));
            keep(&tied("base"), ID, &store).unwrap();
            keep(&tied("micro"), ID, &store).unwrap();
            assert_eq!(loaded(&store).model.as_deref(), Some("base"), "{models:?}");
            keep(&tied("small"), ID, &store).unwrap();
            assert_eq!(loaded(&store).model.as_deref(), Some("small"), "{models:?}");
        }
    }

    #[test]
    fn models_are_compared_by_what_they_understand() {
        // The language that was heard first and the model that heard it, then the next; whether the
        // next one is known to be worse.
        for (first, next, want) in [
            (("base", "en"), ("micro", "en"), true),
            (("base", "en-GB"), ("tiny.en", "en"), true),
            (("base", "zh"), ("tiny", "zh"), true),
            (("micro", "en"), ("base", "en"), false),
            // Two languages: one of both was forced upon the sound, or the sound has changed.
            (("base", "en"), ("tiny", "zh"), false),
            (("medium.en", "en"), ("base", "zh"), false),
            // An English model's Chinese is none.
            (("medium.en", "zh"), ("base", "zh"), false),
            (("base", "zh"), ("tiny.en", "zh"), false),
            // Nothing is known of it.
            (("my-own", "en"), ("tiny", "en"), false),
        ] {
            let card = |(model, language): (&str, &str)| Card {
                model: Some(model.into()),
                language: Some(language.into()),
                ..Card::default()
            };
            assert_eq!(is_weaker(&card(next), &card(first)), want, "{first:?} {next:?}");
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(folder.path());
            let tied =
                |(model, language)| Reading::of_transcript(heard(model, language, "one word"));
            keep(&tied(first), ID, &store).unwrap();
            keep(&tied(next), ID, &store).unwrap();
            let kept = if want { first.0 } else { next.0 };
            assert_eq!(loaded(&store).model.as_deref(), Some(kept), "{first:?} {next:?}");
        }
        let of_none = Card { model: Some("tiny".into()), ..Card::default() };
        let base = Card { model: Some("base".into()), ..Card::default() };
        assert!(!is_weaker(&of_none, &base), "nobody knows their languages");
    }

    #[test]
    fn the_language_is_the_one_that_was_heard() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path());
        let mut tied = Reading::of_transcript(heard("base", "zh", "早安。"));
        tied.transcript.segments.clear();
        keep(&tied, ID, &store).unwrap();
        assert_eq!(loaded(&store).language.as_deref(), Some("zh"), "nothing else is known");
        put(&store, "base", "en", "Good morning.");
        assert_eq!(loaded(&store).language.as_deref(), Some("en"));
    }
}
