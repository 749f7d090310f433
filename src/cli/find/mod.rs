//! `aloud find`: where a phrase is said.
//!
//! Texts are collected, searched, and what is found is printed, played or cut out: `texts`,
//! `places`, `lines` and `play` for each of these.

mod lines;
pub mod many;
mod places;
mod play;
mod texts;

use super::args::FindArgs;
use super::clip::{self, Kind};
use super::exit::Exit;
use super::report::{Failure, Outcome, plain};
use super::{Context, method, output, parts};
use crate::decode::{Part, Source};
use crate::reason::Reason;
use crate::search::{Options, Query};
use crate::time::Timestamp;
use lines::Look;
use places::{Place, Searched};
use std::path::{Path, PathBuf};

/// What somebody should know who looks for words that may have been said.
const UNHEARD: &str = "only written text was searched, since nothing was recognised yet (`aloud transcribe` does that)";

/// What is meant by one recording.
const ONE: &str = "name one file, or the folder of a recording in several";

/// Finds, and does with it what was asked.
pub fn run(args: &FindArgs, context: &Context) -> Outcome {
    let options = Options { is_exact: args.exact, is_regex: args.regex, ..Options::default() };
    let query = Query::new(&args.phrase, options).map_err(|e| Failure::new(Exit::Usage, e))?;
    let kind = args.clip.as_deref().map(Kind::of_path).transpose()?;
    let book = args.audio.iter().find(|audio| parts::is_book(audio)).cloned();
    let is_wide = many::is_wide(args);
    if is_wide || many::are_known(args, context) {
        let heard = many::find(args, &query, context)?;
        let places = heard.places(args.context);
        if !places.is_empty() {
            return tell(&places, args, kind, options, (None, context));
        }
        // What is in no text may be said all the same, where somebody can hear it.
        if is_wide || !heard.is_unheard() || !method::can_recognise(&args.recognise, context) {
            if args.json {
                output::to_stdout(&lines::json(&args.phrase, &places))?;
            }
            return Err(heard.nothing(&args.phrase));
        }
    }
    let collected = texts::collect(args, context)?;
    let searched: Vec<Searched> =
        collected.into_iter().map(|episode| Searched::new(episode, args.text)).collect();
    let limit = args.limit.filter(|limit| *limit > 0).map_or(usize::MAX, |limit| limit as usize);
    let places = places::best(
        searched.iter().flat_map(|searched| searched.find(&query, args.context)).collect(),
        limit,
    );
    if places.is_empty() {
        if args.json {
            output::to_stdout(&lines::json(&args.phrase, &places))?;
        }
        return Err(nothing(&args.phrase, &query, &searched));
    }
    tell(&places, args, kind, options, (book.as_deref(), context))
}

/// Prints the places: those in a `book` with that; of another recording in several files each with
/// its file, and its time there.
fn print(places: &[Place<'_>], args: &FindArgs, book: Option<&Path>) -> Outcome {
    let parts = || Source::open(places.first()?.heard).ok().map(|source| source.parts());
    let mut parts = parts().unwrap_or_default();
    match (book, parts.first().cloned()) {
        (Some(book), Some(first)) => {
            parts = vec![Part { path: book.to_owned(), start: Timestamp::ZERO, ..first }];
        }
        // One file goes by the name that it was given.
        _ if parts.len() == 1 => parts.clear(),
        _ => {}
    }
    let places: Vec<Place<'_>> = places.iter().map(|place| place.in_part(&parts)).collect();
    if args.json {
        return output::to_stdout(&lines::json(&args.phrase, &places));
    }
    output::to_stdout(lines::list(&places, Look::of_stdout()).as_bytes())
}

/// Does with what was found what was asked.
fn tell(
    places: &[Place<'_>],
    args: &FindArgs,
    kind: Option<Kind>,
    options: Options,
    (book, context): (Option<&Path>, &Context),
) -> Outcome {
    match (&args.clip, kind) {
        (Some(path), Some(kind)) => save(places, path, kind, args.force, context),
        _ if args.play => play::screen(args, &places[0], options, context),
        _ if args.play_all => play::all(args, places, context),
        _ => print(places, args, book),
    }
}

/// That nothing was found, and what stands there that is least unlike it.
fn nothing(phrase: &str, query: &Query, searched: &[Searched]) -> Failure {
    if searched.iter().any(|searched| searched.is_barred(query)) {
        return absent(phrase, &[], None, false).hint(
            "it stands only in sentences with what a dash excludes; leave that out to see them",
        );
    }
    let near: Vec<String> =
        searched.iter().flat_map(|searched| searched.nearest(query)).take(3).collect();
    let unread = searched.iter().find_map(|searched| searched.unread(query));
    absent(phrase, &near, unread.as_deref(), !searched.iter().any(Searched::is_recognised))
}

/// That `phrase` was not found. What is `near`, where the text has it `unread`, and whether nothing
/// was recognised (`is_unheard`) may help.
fn absent(phrase: &str, near: &[String], unread: Option<&str>, is_unheard: bool) -> Failure {
    let phrase = plain(&phrase.chars().take(60).collect::<String>());
    let why = Reason::new(format!("`{phrase}` was not found"));
    let near = (!near.is_empty()).then(|| format!("nearest: {}", near.join(", ")));
    let unread = unread.map(|place| format!("it is written (“{}”) but not read", plain(place)));
    let unheard = is_unheard.then(|| UNHEARD.to_owned());
    let hints: Vec<String> = [near, unread, unheard].into_iter().flatten().collect();
    let hint = (!hints.is_empty()).then(|| hints.join("; "));
    Failure::new(Exit::Nothing, Reason { hint, ..why })
}

/// Writes each place as sound.
fn save(places: &[Place<'_>], path: &Path, kind: Kind, force: bool, context: &Context) -> Outcome {
    let paths: Vec<PathBuf> = (1..=places.len())
        .map(|n| if places.len() == 1 { path.to_owned() } else { numbered(path, n) })
        .collect();
    for path in &paths {
        output::spare(Some(path), places.iter().map(|place| place.audio))?;
        output::check(path, force)?;
    }
    for (place, path) in places.iter().zip(&paths) {
        if context.is_cancelled() {
            return Err(Failure::new(Exit::Cancelled, "cancelled"));
        }
        let span = clip::at_pauses(place.heard, place.span);
        let bytes = clip::clip(place.heard, span, kind, None, &|| !context.is_cancelled())
            .map_err(|e| Failure::new(Exit::Failed, e))?;
        output::to_file(path, &bytes, force)?;
        // What is in it, not the sentence that it is from.
        let words: Vec<&str> =
            place.passage.marks.iter().map(|mark| &place.passage.text[mark.clone()]).collect();
        let line = format!(
            "{}: {} to {}: {}\n",
            path.display(),
            lines::time(span.start()),
            lines::time(span.end()),
            words.join(" … ")
        );
        output::say(&line)?;
    }
    Ok(Exit::Done)
}

/// `hit.wav` as `hit-2.wav`.
fn numbered(path: &Path, n: usize) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}-{n}.{extension}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_several_clips() {
        assert_eq!(numbered(Path::new("a/hit.wav"), 2), Path::new("a/hit-2.wav"));
        assert_eq!(numbered(Path::new("字.flac"), 10), Path::new("字-10.flac"));
    }
}
