//! `aloud notes`: every bookmark and note of every episode, as Markdown with times and quotations.

use super::args::NotesArgs;
use super::exit::Exit;
use super::listened::{Mark, listened};
use super::report::{Failure, Outcome, counted, plain};
use super::since::since;
use super::{Context, output, shelf};
use crate::printable;
use crate::tui;
use crate::tui::shelf::folded;
use crate::view::Item;
use serde_json::json;

/// Prints them, the episode heard last first.
pub fn run(args: &NotesArgs, context: &Context) -> Outcome {
    let from = args.since.as_deref().map(since).transpose()?.map(|ms| ms / 1000);
    let wanted = folded(args.search.as_deref().unwrap_or_default());
    let show = args.show.as_deref().map(folded);
    let store = context.store()?;
    let mut n_undated = 0;
    let mut all: Vec<(Item, Vec<Mark>)> = Vec::new();
    for item in shelf::all(context)? {
        let is_of_show =
            |show: &String| item.show.as_deref().is_some_and(|own| folded(own).contains(show));
        if !show.as_ref().is_none_or(is_of_show) {
            continue;
        }
        let is_named = folded(&item.title).contains(&wanted);
        let mut marks = listened(&store, item.id).bookmarks;
        marks.retain(|mark| {
            is_named || folded(&mark.note).contains(&wanted) || folded(&mark.text).contains(&wanted)
        });
        n_undated += marks.iter().filter(|mark| from.is_some() && mark.made.is_none()).count();
        marks.retain(|mark| from.is_none_or(|from| mark.made.is_some_and(|made| made >= from)));
        if !marks.is_empty() {
            all.push((item, marks));
        }
    }
    if n_undated > 0 {
        context.voice.note(format!(
            "{} left out: an earlier version did not write down when",
            counted(n_undated, "note is", "notes are")
        ));
    }
    if all.is_empty() && !args.json {
        return Err(nothing(args));
    }
    let page = if args.json {
        printable::json(&json_of(&all)).into_owned()
    } else {
        printable::text(&markdown(&all)).into_owned()
    };
    match &args.output {
        Some(path) => output::to_file(path, page.as_bytes(), args.force)?,
        None => output::to_stdout(page.as_bytes())?,
    };
    // As `find` does it: an empty document is a document, and that it is empty an exit code.
    if all.is_empty() { Err(nothing(args)) } else { Ok(Exit::Done) }
}

fn nothing(args: &NotesArgs) -> Failure {
    let is_choosy = args.search.is_some() || args.show.is_some() || args.since.is_some();
    let what = if is_choosy { "no note or bookmark fits" } else { "there are no notes yet" };
    Failure::new(Exit::Nothing, what).hint("`b` in the player sets one")
}

fn markdown(all: &[(Item, Vec<Mark>)]) -> String {
    let section = |(item, marks): &(Item, Vec<Mark>)| {
        let show = item.show.as_ref().map_or_else(String::new, |show| format!(" · {show}"));
        let bookmarks: Vec<tui::Bookmark> = marks.iter().map(tui::Bookmark::from).collect();
        tui::section(2, &format!("{}{show}", plain(&item.title)), &bookmarks)
    };
    let sections: Vec<String> = all.iter().map(section).collect();
    format!("# Notes\n\n{}", sections.join("\n"))
}

/// `aloud-notes/1`; times in seconds.
fn json_of(all: &[(Item, Vec<Mark>)]) -> String {
    let secs = |ms: u64| ms as f64 / 1000.0;
    let one = |mark: &Mark| json!({ "at": secs(mark.at), "end": mark.end.map(secs), "note": mark.note, "text": mark.text, "made": mark.made });
    let episode = |(item, marks): &(Item, Vec<Mark>)| {
        let notes: Vec<_> = marks.iter().map(one).collect();
        json!({ "episode": item.id.to_string(), "title": item.title, "show": item.show, "notes": notes })
    };
    let episodes: Vec<_> = all.iter().map(episode).collect();
    format!("{:#}\n", json!({ "format": "aloud-notes/1", "episodes": episodes }))
}
