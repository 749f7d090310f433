//! The text of an episode: its article, or what its transcript says, tied to the recording as
//! `aloud align` ties it, and remembered.

use super::get::{InHand, small};
use crate::align::Belongs;
use crate::article::Article;
use crate::cli::Context;
use crate::cli::args::{MethodArg, MethodArgs, RecogniseArgs};
use crate::cli::exit::Exit;
use crate::cli::method;
use crate::cli::output;
use crate::cli::report::Failure;
use crate::documents::{self, Document, Hint};
use crate::feeds::{self, Item, Show, Small};
use crate::import;
use crate::pipeline::{self, Tied};
use crate::reading::Reading;
use crate::reason::Reason;
use crate::store::Store;
use crate::time::Timestamp;
use std::path::{Path, PathBuf};

const PAGE: Small = Small {
    accept: "text/html, application/xhtml+xml, text/plain;q=0.9, */*;q=0.5",
    most: 32 << 20,
};
const TRANSCRIPT: Small = Small {
    accept: "application/json, text/vtt, application/x-subrip, text/html, text/plain, */*;q=0.5",
    most: 16 << 20,
};
/// Nobody reads a text aloud so slowly: one word, or Chinese character, in so many milliseconds.
/// With fewer words it is about the recording.
const SLOWEST_MS: u64 = 2_500;

/// A text that may be what is said.
struct Candidate {
    /// What it is called in messages.
    what: &'static str,
    article: Article,
}

/// Ties the text of `item` to its recording. An episode without one is none the worse.
pub fn tie(
    show: &Show,
    item: &Item,
    in_hand: &InHand,
    store: &Store,
    context: &Context,
) -> Result<(), Failure> {
    let transcript = transcript(show, item, in_hand, context)?;
    // A recording that cannot be opened was told of.
    let Some(length) = in_hand.length else { return Ok(()) };
    if pipeline::recall_article(in_hand.id, store).is_some() {
        return Ok(());
    }
    let mut candidates = written(show, item, store, context)?;
    candidates.retain(|candidate| is_long_enough(candidate, length, context));
    if let Some(article) = transcript.as_deref().and_then(spoken) {
        candidates.push(Candidate { what: "its transcript", article });
    }
    for candidate in candidates {
        match tied(candidate.article, in_hand, transcript.as_deref(), show, context)? {
            Some(tied) if tied.belongs() == Belongs::Yes => {
                context.voice.note(format!("with its text: {}", candidate.what));
                return Ok(());
            }
            Some(tied) => context
                .voice
                .note(format!("{} is not what is said: {}", candidate.what, tied.reason)),
            None => return Ok(()),
        }
    }
    context.voice.note("without a text; `aloud listen FILE ARTICLE` takes one, `aloud transcribe FILE` writes down what is said");
    Ok(())
}

/// What the feed has of its text and what its page has, the one with more words first.
fn written(
    show: &Show,
    item: &Item,
    store: &Store,
    context: &Context,
) -> Result<Vec<Candidate>, Failure> {
    let mut candidates = Vec::new();
    if let Some(html) = feeds::texts(store, show).remove(&item.id) {
        let hint = Hint { content_type: Some("text/html; charset=utf-8"), ..Hint::default() };
        let html = format!("<article>{html}</article>");
        let found = documents::read_both(html.as_bytes(), &hint).unwrap_or_default();
        candidates.extend(of_either(found, "its notes in the feed"));
    }
    if let Some(link) = item.link.as_deref().filter(|link| Some(*link) != item.sound.as_deref()) {
        match small(show, link, PAGE, context)? {
            Ok(page) => {
                let hint = Hint {
                    name: Some(&page.url),
                    content_type: page.content_type.as_deref(),
                    ..Hint::default()
                };
                match documents::read_both(&page.bytes, &hint) {
                    Ok(found) => candidates.extend(of_either(found, "its page")),
                    Err(error) => log::info!("`{link}` is no article: {error}"),
                }
            }
            Err(error) => {
                let why = Reason::from(error).one_line();
                context.voice.note(format!("without its page: {why}"));
            }
        }
    }
    for candidate in &mut candidates {
        // The whole is titled as the entry is, whatever the page's own furniture says.
        if candidate.article.title.is_none() && !item.title.is_empty() {
            candidate.article.title = Some(item.title.clone());
        }
    }
    candidates.sort_by_key(|candidate| std::cmp::Reverse(n_words(&candidate.article)));
    Ok(candidates)
}

/// A text in each of its languages: which is spoken, nobody knows yet.
fn of_either(found: Document, what: &'static str) -> impl Iterator<Item = Candidate> {
    let texts = [Some(found.article), found.other].into_iter().flatten();
    texts
        .filter(|article| !article.words.is_empty())
        .map(move |article| Candidate { what, article })
}

/// The words that a narrator would read.
fn n_words(article: &Article) -> usize {
    article
        .sentences
        .iter()
        .filter(|sentence| sentence.skip.is_none())
        .map(|sentence| sentence.words.len())
        .sum()
}

/// Whether the text can be what is said in so long; where it cannot, that is said.
fn is_long_enough(candidate: &Candidate, length: Timestamp, context: &Context) -> bool {
    let n = n_words(&candidate.article);
    let is_enough = n as u64 * SLOWEST_MS >= length.millis();
    if !is_enough {
        let words = super::counted(n, "word", "words");
        context
            .voice
            .note(format!("{}, {words} for {length}, are not what is said", candidate.what));
    }
    is_enough
}

/// Fetches the transcript of which most can be made, beside the recording; its file.
fn transcript(
    show: &Show,
    item: &Item,
    in_hand: &InHand,
    context: &Context,
) -> Result<Option<PathBuf>, Failure> {
    let links = item.transcripts(show.language.as_deref());
    let file = |ending: &str| feeds::transcript_path(&in_hand.path, ending);
    if let Some(known) = links.iter().map(|link| file(link.ending())).find(|path| path.is_file()) {
        return Ok(Some(known));
    }
    for link in links {
        let page = match small(show, &link.url, TRANSCRIPT, context)? {
            Ok(page) => page,
            Err(error) => {
                let why = Reason::from(error).one_line();
                context.voice.warn(format!("without this transcript: {why}"));
                continue;
            }
        };
        let has_times = link.rank() < 3;
        if has_times && let Err(error) = import::read(&page.bytes, Some(&link.url)) {
            let why = Reason::from(error).one_line();
            context.voice.warn(format!("without this transcript: {why}"));
            continue;
        }
        let path = file(link.ending());
        output::to_file(&path, &page.bytes, true)?;
        context.voice.note(format!("its transcript is in `{}`", path.display()));
        return Ok(Some(path));
    }
    Ok(None)
}

/// What a transcript says, as a text.
fn spoken(path: &Path) -> Option<Article> {
    let bytes = std::fs::read(path).ok()?;
    let name = path.to_string_lossy();
    match import::read(&bytes, Some(&name)) {
        Ok((transcript, _)) => Some(Reading::of_transcript(transcript).article),
        Err(_) => documents::read(&bytes, &Hint { name: Some(&name), ..Hint::default() }).ok(),
    }
    .filter(|article| n_words(article) > 0)
}

/// Ties `article` to the recording by synthesised speech, or else by the transcript that
/// came with it; `None` where neither can be done here, which is said.
fn tied(
    mut article: Article,
    in_hand: &InHand,
    transcript: Option<&Path>,
    show: &Show,
    context: &Context,
) -> Result<Option<Tied>, Failure> {
    let spoken = show
        .language
        .as_deref()
        .map(|code| code.split(['-', '_']).next().unwrap_or(code).to_lowercase());
    article.language = article.language.or(spoken);
    let audio = &in_hand.path;
    match method::by_synth((audio, in_hand.id), &article, context) {
        Ok(tied) => Ok(Some(tied)),
        Err(failure) if matches!(failure.exit, Exit::NoModel | Exit::Usage) => {
            let Some(transcript) = transcript.filter(|path| has_times(path)) else {
                context.voice.note(format!("its text is not tied: {}", failure.why.one_line()));
                return Ok(None);
            };
            let heard = RecogniseArgs {
                transcript: Some(transcript.to_owned()),
                ..RecogniseArgs::default()
            };
            let by = MethodArgs { method: Some(MethodArg::Whisper), anyway: false };
            method::tied(audio, article, (&heard, &by), context).map(Some)
        }
        Err(failure) => Err(failure),
    }
}

fn has_times(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ["json", "vtt", "srt"].iter().any(|known| ending == *known))
}
