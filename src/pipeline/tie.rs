//! From an article and a transcript to a reading: compared word by word, or sentence by sentence
//! across languages, then refined on the sound. The store remembers the result.

use super::kept::Found;
use super::spelled::article_hash;
use super::{kept, written};
use crate::align::{self, Alignment, Belongs, across};
use crate::article::Article;
use crate::decode;
use crate::episode::{Episode, EpisodeId};
use crate::export;
use crate::index::{self, Place};
use crate::reading::Reading;
use crate::reason::Reason;
use crate::speech::{Frame, Scorer};
use crate::store::{About, Key, Outcome, Store};
use crate::transcript::Transcript;
use std::path::Path;

/// Raised whenever the same article and transcript would be tied otherwise than before.
const METHOD: u32 = 2;

/// An article tied to a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Tied {
    /// Everything in hand.
    pub reading: Reading,
    /// Why the article belongs to the recording, or does not, as a sentence without its full stop.
    pub reason: String,
    /// What the user should know: why edges could not be refined, or why nothing was kept.
    pub notes: Vec<String>,
}

impl Tied {
    /// Whether the article belongs to the recording at all.
    pub fn belongs(&self) -> Belongs {
        self.reading.alignment.belongs
    }
}

/// Ties `article` to `transcript`, which is of the recording at `audio`.
///
/// A recording that cannot be read costs only the refinement: what a transcript made elsewhere says
/// is enough. `None` once `cancelled` says yes.
pub fn tie(
    article: Article,
    transcript: Transcript,
    audio: &Path,
    store: &Store,
    cancelled: &dyn Fn() -> bool,
) -> Option<Tied> {
    let mut notes = Vec::new();
    let told = transcript.audio.id;
    let id = told.or_else(|| decode::episode_id(audio).ok());
    let key = id.map(|id| key(id, &article, &transcript));
    let remembered =
        key.as_ref().and_then(|key| kept::read(&store.get(key)?, &article, &transcript));
    let found = match remembered {
        Some(found) => found,
        None => {
            let mut found = compare(&article, &transcript);
            if found.alignment.belongs == Belongs::Yes
                && found.alignment.method == align::Method::Words
            {
                match frames(audio, cancelled) {
                    Ok(frames) => align::refine(&mut found.alignment, &article, &frames?.frames),
                    Err(e) => {
                        let why = Reason::from(e).one_line();
                        notes
                            .push(format!("word edges are left as the transcript has them: {why}"));
                    }
                }
            }
            if let (Some(key), Some(id), true) = (&key, id, notes.is_empty()) {
                let episode =
                    Episode { file: transcript.audio.file.clone(), id, tags: <_>::default() };
                let about =
                    About::new(&episode, transcript.model.as_ref().map(|m| m.name.as_str()));
                if let Outcome::Failed(why) = store.put(key, &about, &kept::write(&found)) {
                    notes.push(why);
                }
            }
            found
        }
    };
    let Found { alignment, reason, .. } = found;
    let mut tied = Tied { reading: Reading { transcript, article, alignment }, reason, notes };
    if let (Some(id), Belongs::Yes) = (id, tied.belongs()) {
        // A transcript may be of another copy of the recording; whoever opens this file again has
        // this one.
        let own = if told.is_some() { own_id(audio, id, store) } else { id };
        make_findable(&mut tied, own, audio, store, cancelled);
    }
    Some(tied)
}

/// Lets the words of an article that belongs to the recording `id` at `audio` be found from now on,
/// and the article be opened with it.
pub(super) fn make_findable(
    tied: &mut Tied,
    id: EpisodeId,
    audio: &Path,
    store: &Store,
    cancelled: &dyn Fn() -> bool,
) {
    if tied.belongs() != Belongs::Yes {
        return;
    }
    let file = &tied.reading.transcript.audio.file;
    if let Some(place) = Place::of(audio) {
        place.keep(store, &Episode { file: file.clone(), id, tags: <_>::default() });
    }
    if let Err(why) = written::keep(&tied.reading.article, id, file, store) {
        tied.notes.push(why);
    }
    match index::keep(&tied.reading, id, store) {
        Ok(true) => tied.notes.extend(index::refresh(store, cancelled)),
        Ok(false) => {}
        Err(why) => tied.notes.push(why),
    }
}

/// The hash of the file at `audio`, which is likely `id`: it is read only where the store has not
/// seen that one there.
fn own_id(audio: &Path, id: EpisodeId, store: &Store) -> EpisodeId {
    if Place::of(audio).is_some_and(|place| place.is_of(store, id)) {
        return id;
    }
    decode::episode_id(audio).unwrap_or(id)
}

/// Everything that the result depends on. The article's structure follows from its text, but for
/// what its format told.
fn key(id: EpisodeId, article: &Article, transcript: &Transcript) -> Key {
    let mut said = Vec::new();
    // Writing to memory does not fail.
    let _ = export::json::write(transcript, &mut said);
    Key::new("alignment", id)
        .with("method", &METHOD)
        .with("article", &article_hash(article))
        .with("transcript", &blake3::hash(&said).to_hex())
}

fn compare(article: &Article, transcript: &Transcript) -> Found {
    if across::is_across(article.language.as_deref(), transcript.language.as_deref()) {
        let fit = across::fit(article, transcript);
        let alignment = Alignment { belongs: fit.belongs(), ..across::across(article, transcript) };
        return Found { alignment, reason: fit.to_string(), length: None };
    }
    let mut alignment = align::align(article, transcript);
    let verdict = align::verdict(article, transcript, &alignment);
    alignment.belongs = verdict.belongs();
    Found { alignment, reason: verdict.to_string(), length: None }
}

/// A recording that was listened through for speech.
pub struct Scan {
    /// A score for every 10 ms.
    pub frames: Vec<Frame>,
    /// What of it is damaged, for a warning.
    pub damage: Option<String>,
}

/// The recording's sound, scored for speech every 10 ms; `None` when cancelled.
///
/// # Errors
/// When it cannot be read.
pub fn frames(
    audio: &Path,
    cancelled: &dyn Fn() -> bool,
) -> Result<Option<Scan>, decode::DecodeError> {
    let mut decoder = decode::open(audio)?;
    let (mut scorer, mut frames) = (Scorer::new(), Vec::new());
    while let Some(block) = decoder.next_block()? {
        scorer.push(block, &mut frames);
        if cancelled() {
            return Ok(None);
        }
    }
    scorer.finish(&mut frames);
    Ok(Some(Scan { frames, damage: decode::describe(decoder.losses()) }))
}
