//! The shows and their entries, for people and for programs.

use super::{counted, meant, shown, shows};
use crate::cli::Context;
use crate::cli::exit::Exit;
use crate::cli::listened::listened;
use crate::cli::output;
use crate::cli::report::Outcome;
use crate::cli::since::now;
use crate::feed::day;
use crate::feeds::{Item, Show};
use crate::printable;
use crate::store::Store;
use crate::time::Timestamp;
use crate::view::is_heard;
use serde_json::{Value, json};

/// Lists all shows, or the entries of the one that `wanted` means.
pub fn run(
    wanted: Option<&str>,
    only_new: bool,
    is_json: bool,
    store: &Store,
    context: &Context,
) -> Outcome {
    let all = shows(store, context);
    if let Some(wanted) = wanted {
        let show = meant(wanted, &all)?;
        let rows: Vec<Row<'_>> = rows(show, store)
            .into_iter()
            .filter(|row| !only_new || row.state == State::New)
            .collect();
        return if is_json {
            output::to_stdout(entries_json(show, &rows).as_bytes())
        } else {
            entries(show, &rows, context)
        };
    }
    let counts: Vec<(&Show, Counts)> = all
        .iter()
        .map(|show| (show, count(show, store)))
        .filter(|(_, n)| !only_new || n.new > 0)
        .collect();
    if is_json {
        return output::to_stdout(shows_json(&counts).as_bytes());
    }
    if counts.is_empty() {
        context.voice.note(if all.is_empty() {
            "no show is followed; `aloud feed add URL` does that"
        } else {
            "nothing is new"
        });
        return Ok(Exit::Done);
    }
    let heading = ["", "ENTRIES", "NEW", "IN HAND", "ASKED", "SHOW"].map(str::to_owned);
    let number = |n: usize| if n == 0 { "-".to_owned() } else { n.to_string() };
    let row = |(show, n): &(&Show, Counts)| {
        let place =
            all.iter().position(|other| other.first == show.first).map_or(0, |place| place + 1);
        let asked =
            show.asked.map_or_else(|| "never".to_owned(), |at| day(i64::try_from(at).unwrap_or(0)));
        [
            place.to_string(),
            number(n.all),
            number(n.new),
            number(n.in_hand),
            asked,
            show.title.clone(),
        ]
    };
    output::say(&output::table(
        std::iter::once(heading).chain(counts.iter().map(row)).collect(),
        &[true, true, true, true, false],
    ))
}

/// How far an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It has no recording.
    Silent,
    /// It came with the last update.
    New,
    /// Neither new nor fetched.
    Known,
    /// Its recording is here.
    InHand,
    /// Heard as far as this.
    Begun(Timestamp),
    /// Heard to the end.
    Heard,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Silent => "no recording",
            Self::New => "new",
            Self::Known => "",
            Self::InHand => "in hand",
            Self::Begun(_) => "begun",
            Self::Heard => "heard",
        }
    }
}

/// An entry and its number in the list.
struct Row<'a> {
    number: usize,
    item: &'a Item,
    state: State,
}

fn rows<'a>(show: &'a Show, store: &Store) -> Vec<Row<'a>> {
    let row = |(place, item): (usize, &'a Item)| Row {
        number: place + 1,
        item,
        state: state(show, item, store),
    };
    show.newest_first().into_iter().enumerate().map(row).collect()
}

fn state(show: &Show, item: &Item, store: &Store) -> State {
    let heard = item
        .id()
        .map(|id| Timestamp::from_millis(listened(store, id).at))
        .filter(|at| *at > Timestamp::ZERO);
    match (heard, item.length()) {
        (Some(at), Some(length)) if is_heard(at, length) => State::Heard,
        (Some(at), _) => State::Begun(at),
        (None, _) if show.in_hand(item, store).is_some() => State::InHand,
        (None, _) if item.sound.is_none() => State::Silent,
        (None, _) if show.is_new(item, now()) => State::New,
        (None, _) => State::Known,
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    all: usize,
    new: usize,
    in_hand: usize,
}

fn count(show: &Show, store: &Store) -> Counts {
    let states: Vec<State> = show.items.iter().map(|item| state(show, item, store)).collect();
    let new = states.iter().filter(|state| **state == State::New).count();
    let in_hand = show.items.iter().filter(|item| show.in_hand(item, store).is_some()).count();
    Counts { all: show.items.len(), new, in_hand }
}

fn entries(show: &Show, rows: &[Row<'_>], context: &Context) -> Outcome {
    let row = |row: &Row<'_>| {
        let state = match row.state {
            State::Begun(at) => format!("to {at}"),
            state => state.name().to_owned(),
        };
        let date = row.item.date.map(day).unwrap_or_default();
        let length = row.item.length().map(|length| length.to_string()).unwrap_or_default();
        let title = if row.item.title.is_empty() { "(no title)" } else { row.item.title.as_str() };
        [row.number.to_string(), date, length, state, title.to_owned()]
    };
    let n = counted(show.items.len(), "entry", "entries");
    let what = match (rows.is_empty(), show.asked) {
        (true, None) => "no entries yet; `aloud feed update` asks for them".to_owned(),
        (true, Some(_)) if !show.items.is_empty() => format!("nothing new among {n}"),
        _ => n,
    };
    output::say(&output::table(rows.iter().map(row).collect(), &[true, false, true, false]))?;
    context.voice.note(format!("{}: {what}", shown(show)));
    Ok(Exit::Done)
}

fn shows_json(counts: &[(&Show, Counts)]) -> String {
    let show = |(show, n): &(&Show, Counts)| {
        json!({
            "title": show.title,
            "url": show.url,
            "link": show.link,
            "language": show.language,
            "asked": show.asked,
            "entries": n.all,
            "new": n.new,
            "in_hand": n.in_hand,
        })
    };
    printed(
        &json!({ "format": "aloud-feeds/1", "shows": counts.iter().map(show).collect::<Vec<Value>>() }),
    )
}

fn entries_json(show: &Show, rows: &[Row<'_>]) -> String {
    let entry = |row: &Row<'_>| {
        let item = row.item;
        let transcripts = item
            .transcripts
            .iter()
            .map(|(url, kind, language)| json!({ "url": url, "type": kind, "language": language }));
        json!({
            "number": row.number,
            "id": item.id,
            "title": item.title,
            "date": item.date,
            "duration": item.length().map(Timestamp::secs),
            "sound": item.sound.as_ref().map(|url| json!({ "url": url, "type": item.kind, "bytes": item.bytes })),
            "link": item.link,
            "chapters": item.chapters,
            "transcripts": transcripts.collect::<Vec<Value>>(),
            "state": if row.state == State::Known { "known" } else { row.state.name() },
            "position": match row.state { State::Begun(at) => Some(at.secs()), _ => None },
            "gone": item.is_gone,
            "episode": item.hash,
            "file": item.file,
        })
    };
    printed(&json!({
        "format": "aloud-feed/1",
        "title": show.title,
        "url": show.url,
        "language": show.language,
        "entries": rows.iter().map(entry).collect::<Vec<Value>>(),
    }))
}

fn printed(value: &Value) -> String {
    printable::json(&format!("{value:#}\n")).into_owned()
}
