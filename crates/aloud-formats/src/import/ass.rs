//! Advanced SubStation Alpha and SubStation Alpha: the lines of `[Events]`.
//!
//! Styles, positions and drawings go; karaoke tags date the words; a name is the speaker's.

use super::assemble::{Piece, Rough, Words};
use super::notes::{Notes, Place};
use super::stamp;
use super::text;
use crate::time::Timestamp;

/// The fields of an event where no line says so.
const FIELDS: [&str; 10] =
    ["layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text"];

/// Whether `source` is one: it begins with its first section, or has an event.
pub(super) fn is_one(source: &str) -> bool {
    let begins = source
        .trim_start()
        .get(..13)
        .is_some_and(|head| head.eq_ignore_ascii_case("[script info]"));
    // Somebody may say the word in another format, but not before a time.
    let is_event = |event: &str| {
        event.split(',').nth(1).is_some_and(|time| stamp::seconds(time.trim()).is_some())
    };
    begins
        || text::lines(source).filter_map(|(_, line)| line.strip_prefix("Dialogue:")).any(is_event)
}

/// The events of `source` that are shown, in the order of the file.
pub(super) fn read(source: &str, notes: &mut Notes) -> Vec<Rough> {
    let mut fields: Vec<String> = FIELDS.iter().map(|name| (*name).to_owned()).collect();
    let mut is_events = false;
    let mut roughs = Vec::new();
    for (number, line) in text::lines(source) {
        let line = line.trim();
        if line.starts_with('[') && line.ends_with(']') {
            is_events = line.eq_ignore_ascii_case("[events]");
        } else if let Some(names) = line.strip_prefix("Format:").filter(|_| is_events) {
            fields = names.split(',').map(|name| name.trim().to_lowercase()).collect();
        } else if let Some(event) = line.strip_prefix("Dialogue:") {
            roughs.extend(event_of(number, event, &fields, notes));
        }
    }
    roughs
}

fn event_of(number: usize, event: &str, fields: &[String], notes: &mut Notes) -> Option<Rough> {
    let place = Place::Line(number);
    let values: Vec<&str> = event.splitn(fields.len(), ',').collect();
    let field = |wanted: &str| {
        fields.iter().position(|name| name == wanted).and_then(|index| values.get(index)).copied()
    };
    let mut instant = |wanted: &str| {
        let seconds = field(wanted).and_then(|value| stamp::seconds(value.trim()));
        if seconds.is_none() {
            notes.at(place, "its time cannot be read; its text was left out");
        }
        notes.instant(seconds?, place)
    };
    let (start, end) = (instant("start")?, instant("end")?);
    let body = field("text")?;
    let speaker = field("name")
        .or_else(|| field("actor"))
        .map(|name| text::clean(name).trim().to_owned())
        .filter(|name| !name.is_empty());
    let pieces = pieces(body, start);
    let whole: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
    let is_sung = pieces.len() > 1 && pieces.iter().any(|piece| piece.start != Some(start));
    let words = if is_sung { Words::Pieces(pieces) } else { Words::Unknown };
    (!whole.trim().is_empty()).then(|| Rough {
        words,
        speaker,
        ..Rough::new(place, Some(start), Some(end), whole)
    })
}

/// The text of an event between its tags, each part with when it is sung.
fn pieces(body: &str, start: Timestamp) -> Vec<Piece> {
    let mut found = vec![Piece { start: Some(start), ..Piece::default() }];
    let mut sung = start;
    let mut length = 0;
    let mut is_drawing = false;
    let mut rest = body;
    while let Some(c) = rest.chars().next() {
        if let Some((tags, after)) = rest.strip_prefix('{').and_then(tags) {
            for tag in tags.split('\\').skip(1) {
                if let Some(centis) = karaoke(tag) {
                    sung = sung.plus(length * 10);
                    length = centis;
                    found.push(Piece { start: Some(sung), ..Piece::default() });
                } else if let Some(scale) =
                    tag.strip_prefix('p').and_then(|scale| scale.parse::<u32>().ok())
                {
                    is_drawing = scale > 0;
                }
            }
            rest = after;
            continue;
        }
        rest = &rest[c.len_utf8()..];
        let Some(last) = found.last_mut().filter(|_| !is_drawing) else { continue };
        match (c, rest.chars().next()) {
            ('\\', Some('N' | 'n')) => last.text.push('\n'),
            ('\\', Some('h')) => last.text.push(' '),
            // What we write after a backslash that is none of these.
            ('\\', Some('{' | '}')) | ('\u{2060}', _) => continue,
            _ => {
                last.text.push(c);
                continue;
            }
        }
        rest = &rest[1..];
    }
    for piece in &mut found {
        piece.text = text::clean(&piece.text);
    }
    found.retain(|piece| !piece.text.is_empty());
    found
}

/// What stands before the brace that closes, and what behind it; nothing where another opens first.
fn tags(rest: &str) -> Option<(&str, &str)> {
    let at = rest.find(['{', '}']).filter(|at| rest[*at..].starts_with('}'))?;
    Some((&rest[..at], &rest[at + 1..]))
}

/// The hundredths of a second that a karaoke tag gives what follows it.
fn karaoke(tag: &str) -> Option<u64> {
    let digits = tag
        .strip_prefix("kf")
        .or_else(|| tag.strip_prefix("ko"))
        .or_else(|| tag.strip_prefix(['k', 'K']))?;
    digits.trim().parse::<u64>().ok().filter(|centis| *centis < 360_000)
}
