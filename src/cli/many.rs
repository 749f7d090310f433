//! `aloud find` over many episodes: folders, globs, everything that was ever heard, or a server.

use super::args::ManyArgs;
use super::exit::Exit;
use super::recognise::Recognition;
use super::report::{Failure, Outcome, plain};
use super::server::Server;
use super::{Context, inputs, output};
use crate::decode;
use crate::episode::{Episode, EpisodeId};
use crate::index::{Answer, Card, Event, Found, Layer, Library, Place, Scope, Wish};
use crate::search::{Match, Query};
use crate::store::Store;
use crate::time::Timestamp;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// More names than this are not listed one by one.
const MAX_NAMED: usize = 5;
/// How many hits are shown where nobody says.
const LIMIT: usize = 50;
/// So many words are suggested where nothing was found.
const SUGGESTIONS: usize = 3;

/// What is looked for, as `find` understood it.
pub struct Phrase<'a> {
    /// The phrase.
    pub query: &'a Query,
    /// Whether only the same words count.
    pub is_exact: bool,
    /// In which text; `None` for both.
    pub layer: Option<Layer>,
    /// Whether the answer is for a program.
    pub is_json: bool,
}

/// Looks in many episodes, and prints what is found.
///
/// # Errors
/// With exit code 2 for arguments that make no sense, 5 where nothing is found, 1 where a server does not answer.
pub fn run(phrase: &Phrase, args: &ManyArgs, context: &Context) -> Outcome {
    let store = context.store()?;
    let limit = args.limit.map_or(LIMIT, |limit| if limit == 0 { usize::MAX / 2 } else { limit });
    let since = args.since.as_deref().map(since).transpose()?;
    if let Some(url) = &args.server {
        let scope = Scope { layer: phrase.layer, episodes: None, since };
        let wish = Wish { query: phrase.query, is_exact: phrase.is_exact, scope, limit };
        let (answer, names) = Server::new(url, context).find(&wish)?;
        return show(&answer, &|id| names.get(&id).cloned().unwrap_or_default(), phrase, context);
    }
    let mut library = open(&store, context);
    let episodes = match args.is_all || args.audio.is_empty() {
        true => None,
        false => Some(meant(&mut library, &store, args, context)?),
    };
    let is_nowhere = episodes.as_ref().is_some_and(HashSet::is_empty);
    let wish = Wish { query: phrase.query, is_exact: phrase.is_exact, scope: Scope { layer: phrase.layer, episodes, since }, limit };
    let answer = if is_nowhere { Answer::default() } else { library.find(&wish) };
    for note in &library.notes {
        context.voice.warn(note);
    }
    if answer.found.is_empty() {
        let nearest = if is_nowhere { Vec::new() } else { library.nearest(&wish, SUGGESTIONS) };
        suggest(phrase, &nearest, context)?;
        return Ok(Exit::Nothing);
    }
    let cards: HashMap<EpisodeId, Card> = answer.found.iter().map(|found| found.episode).collect::<HashSet<_>>().into_iter().filter_map(|id| Some((id, library.card(id)?))).collect();
    show(&answer, &|id| cards.get(&id).map(shown_path).unwrap_or_default(), phrase, context)
}

/// The library, brought up to date with a word about what takes long.
pub fn open<'a>(store: &'a Store, context: &Context) -> Library<'a> {
    let voice = context.voice;
    let mut watch = |event: Event| match event {
        Event::Waiting => voice.note("another aloud is building the index; waiting for it"),
        Event::Indexed(n, of) if of > 100 && (n % 100 == 0 || n == of) => voice.note(format!("{n} of {of} episodes are in the index")),
        Event::Indexed(..) => {}
    };
    Library::open(store, &mut watch, &|| context.is_cancelled())
}

/// The episodes that the arguments mean. Recordings that nobody has transcribed are named, or transcribed where that was asked.
fn meant<'a>(library: &mut Library<'a>, store: &'a Store, args: &ManyArgs, context: &Context) -> Result<HashSet<EpisodeId>, Failure> {
    let recordings = inputs::meant(&args.audio);
    if recordings.is_empty() {
        return Err(Failure::new(Exit::Input, "there are no recordings in what was named"));
    }
    if let [only] = &recordings[..] {
        output::input(only)?;
    }
    let mut known = Known::of(library);
    let (mut found, mut unknown) = (HashSet::new(), Vec::new());
    for recording in recordings {
        match known.find(&recording, store) {
            Some(id) => drop(found.insert(id)),
            None => unknown.push(recording),
        }
    }
    if !unknown.is_empty() && args.is_transcribing {
        let recognition = Recognition::new(&args.recognise, None, context)?;
        for recording in &unknown {
            let transcript = recognition.transcript(recording, &mut |_| {})?;
            found.extend(transcript.audio.id);
        }
        *library = open(store, context);
    } else if !unknown.is_empty() {
        let names: Vec<String> = unknown.iter().take(MAX_NAMED).map(|path| format!("`{}`", plain(&path.display().to_string()))).collect();
        let more = unknown.len().saturating_sub(MAX_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        context.voice.warn(format!("not searched, since not transcribed: {}{more}; `--transcribe` does that first", names.join(", ")));
    }
    Ok(found)
}

/// Which recordings are known, without reading them again where that can be avoided.
pub struct Known {
    by_path: HashMap<PathBuf, (Place, EpisodeId)>,
    ids: HashSet<EpisodeId>,
    lengths: HashSet<u64>,
    /// Whether there is an episode of which nobody knows where it lies or how long its file is.
    has_placeless: bool,
}

impl Known {
    /// Those of `library`.
    pub fn of(library: &Library) -> Self {
        let mut known = Self { by_path: HashMap::new(), ids: HashSet::new(), lengths: HashSet::new(), has_placeless: false };
        for (id, card) in library.cards() {
            known.ids.insert(id);
            match card.place {
                Some(place) => {
                    known.lengths.insert(place.bytes);
                    known.by_path.insert(place.path.clone(), (place, id));
                }
                None => known.has_placeless = true,
            }
        }
        known
    }

    /// The episode that the file at `path` is, if it is a known one; where it moved, that is remembered.
    pub fn find(&mut self, path: &Path, store: &Store) -> Option<EpisodeId> {
        let here = Place::of(path)?;
        if let Some((_, id)) = self.by_path.get(&here.path).filter(|(place, _)| *place == here) {
            return Some(*id);
        }
        if !self.has_placeless && !self.lengths.contains(&here.bytes) {
            return None;
        }
        let id = decode::episode_id(path).ok().filter(|id| self.ids.contains(id))?;
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // A copy of a file that is still where it was is no move.
        let is_elsewhere = self.by_path.values().any(|(place, own)| *own == id && place.is_there());
        if !is_elsewhere {
            here.keep(store, &Episode { file, id, tags: <_>::default() });
        }
        self.by_path.insert(here.path.clone(), (here, id));
        Some(id)
    }
}

/// What a listener calls the file of an episode: its path from here, where it is known.
pub fn shown_path(card: &Card) -> String {
    let Some(place) = &card.place else { return card.file.clone() };
    let here = std::env::current_dir().ok();
    let near = here.and_then(|here| place.path.strip_prefix(here).ok().map(Path::to_owned));
    near.unwrap_or_else(|| place.path.clone()).display().to_string()
}

fn show(answer: &Answer, name: &dyn Fn(EpisodeId) -> String, phrase: &Phrase, context: &Context) -> Outcome {
    if answer.found.is_empty() {
        suggest(phrase, &[], context)?;
        return Ok(Exit::Nothing);
    }
    let text = if phrase.is_json { json_of(answer, name, phrase) } else { lines_of(answer, name) };
    output::to_stdout(text.as_bytes())?;
    if answer.has_more && !phrase.is_json {
        context.voice.note(format!("these are the first {}; `--limit N` shows more, `--limit 0` all", answer.found.len()));
    }
    Ok(Exit::Done)
}

/// A line for each hit: `path:mm:ss.mmm: the sentence`, the phrase between asterisks where it is not the whole of it.
fn lines_of(answer: &Answer, name: &dyn Fn(EpisodeId) -> String) -> String {
    let mut lines = String::new();
    let mut last = None;
    for found in &answer.found {
        if last.is_some_and(|last| last != found.episode) {
            lines.push('\n');
        }
        last = Some(found.episode);
        let at = found.hit.span.map_or_else(|| "-".to_owned(), |span| clock(span.start()));
        let (sentence, mark) = around(found);
        let marked = format!("{}*{}*{}", &sentence[..mark.start], &sentence[mark.clone()], &sentence[mark.end..]);
        let kind = if found.hit.kind == Match::Exact { String::new() } else { format!(" ({} {:.2})", found.hit.kind.name(), found.hit.score) };
        let _ = writeln!(lines, "{}:{at}: {}{kind}", plain(&name(found.episode)), plain(&marked).replace('\n', " "));
    }
    lines
}

/// `aloud-hits/1`.
fn json_of(answer: &Answer, name: &dyn Fn(EpisodeId) -> String, phrase: &Phrase) -> String {
    let hits = answer.found.iter().map(|found| {
        let (sentence, mark) = around(found);
        let times = found.hit.span.map(|span| (span.start().secs(), span.end().secs()));
        json!({
            "file": name(found.episode),
            "episode": found.episode.to_string(),
            "start": times.map(|times| times.0),
            "end": times.map(|times| times.1),
            "match": found.hit.kind.name(),
            "score": (f64::from(found.hit.score) * 1000.0).round() / 1000.0,
            "in": found.layer.name(),
            "text": sentence,
            "marks": [[mark.start, mark.end]],
        })
    });
    let document = json!({ "format": "aloud-hits/1", "phrase": phrase.query.phrase(), "hits": hits.collect::<Vec<Value>>(), "more": answer.has_more });
    format!("{document:#}\n")
}

/// The sentences that a hit touches, and where in them it stands.
fn around(found: &Found) -> (&str, std::ops::Range<usize>) {
    let text = &found.text;
    let hit = text.bytes(&found.hit.words);
    let sentences = text.sentences_of(&found.hit.words);
    let bytes = match sentences.is_empty() {
        true => hit.clone(),
        false => text.sentence(sentences.start).start.min(hit.start)..text.sentence(sentences.end - 1).end.max(hit.end),
    };
    (&text.text()[bytes.clone()], hit.start - bytes.start..hit.end - bytes.start)
}

/// `mm:ss.mmm`, with hours where there are any.
fn clock(at: Timestamp) -> String {
    let (ms, s) = (at.millis() % 1000, at.millis() / 1000);
    let hours = if s >= 3600 { format!("{}:", s / 3600) } else { String::new() };
    format!("{hours}{:02}:{:02}.{ms:03}", s / 60 % 60, s % 60)
}

fn suggest(phrase: &Phrase, nearest: &[String], context: &Context) -> Result<(), Failure> {
    if phrase.is_json {
        let document = json!({ "format": "aloud-hits/1", "phrase": phrase.query.phrase(), "hits": [], "nearest": nearest });
        output::to_stdout(format!("{document:#}\n").as_bytes())?;
    }
    let near = nearest.iter().map(|words| format!("`{}`", plain(words))).collect::<Vec<_>>().join(", ");
    let near = if near.is_empty() { String::new() } else { format!("; the nearest is {near}") };
    context.voice.note(format!("nobody says `{}`{near}", plain(phrase.query.phrase())));
    Ok(())
}

/// A day, or so long ago, in milliseconds since 1970.
fn since(text: &str) -> Result<u64, Failure> {
    const DAY_MS: u64 = 86_400_000;
    let wrong = || Failure::new(Exit::Usage, format!("`--since {text}`: give a day (2026-11-26), or how long ago (12h, 7d, 2w)"));
    let ago = |n: u64, unit: u64| {
        let now = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_millis() as u64);
        now.saturating_sub(n.saturating_mul(unit))
    };
    if let Some((digits, unit)) = text.char_indices().next_back().map(|(at, unit)| (&text[..at], unit))
        && let Ok(n) = digits.parse::<u64>()
        && let Some((_, unit)) = [('h', DAY_MS / 24), ('d', DAY_MS), ('w', 7 * DAY_MS)].into_iter().find(|(name, _)| *name == unit)
    {
        return Ok(ago(n, unit));
    }
    let mut parts = text.splitn(3, '-').map(str::parse::<i64>);
    let (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) = (parts.next(), parts.next(), parts.next()) else { return Err(wrong()) };
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return Err(wrong());
    }
    Ok(days(year, month, day) as u64 * DAY_MS)
}

/// Days from 1970-01-01 to a day of the Gregorian calendar, which is counted from March so that leap days come last
/// (Howard Hinnant, chrono-Compatible Low-Level Date Algorithms).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar() {
        for ((year, month, day), want) in
            [((1970, 1, 1), 0), ((1970, 3, 1), 59), ((2000, 2, 29), 11_016), ((2000, 3, 1), 11_017), ((2026, 11, 26), 20_783)]
        {
            assert_eq!(days(year, month, day), want, "{year}-{month}-{day}");
        }
    }

    #[test]
    fn times_that_are_meant() {
        assert_eq!(since("2026-11-26").map_err(|failure| failure.why), Ok(20_783 * 86_400_000));
        for text in ["", "d", "7", "x7d", "7y", "2026-13-01", "2026-11", "1969-12-31", "七d"] {
            assert_eq!(since(text).map_err(|failure| failure.exit), Err(Exit::Usage), "{text}");
        }
        let (week, day) = (since("1w").map_err(|f| f.why).unwrap(), since("7d").map_err(|f| f.why).unwrap());
        assert!(week.abs_diff(day) < 60_000 && week > 0);
    }

    #[test]
    fn times_of_hits() {
        for (ms, want) in [(0, "00:00.000"), (65_432, "01:05.432"), (3_600_001, "1:00:00.001")] {
            assert_eq!(clock(Timestamp::from_millis(ms)), want);
        }
    }
}
