//! TTML and DFXP: its paragraphs with their times, lines and agents.
//!
//! A scanner of tags that asks for no well-formed XML; styles and regions go.

use super::assemble::Rough;
use super::notes::{Notes, Place};
use super::stamp;
use super::text;
use std::collections::HashMap;

/// Whether `source` is one, by its root element.
pub(super) fn is_one(source: &str) -> bool {
    let head: String = source.trim_start().chars().take(2000).collect();
    head.starts_with('<')
        && (head.contains("<tt ") || head.contains("<tt>") || head.contains("<tt:tt"))
}

/// The paragraphs of `source` that have times, and the language it declares.
pub(super) fn read(source: &str, notes: &mut Notes) -> (Vec<Rough>, Option<String>) {
    let mut roughs: Vec<Rough> = Vec::new();
    let mut clock = Clock::default();
    let mut language = None;
    let mut names: HashMap<String, String> = HashMap::new();
    // The agent whose name is being read, the paragraph that is open, and where times of its
    // parents begin.
    let (mut agent, mut open, mut outer): (Option<String>, Option<Rough>, Vec<f64>) =
        (None, None, Vec::new());
    let mut rest = source;
    let mut line = 1;
    while let Some(at) = rest.find('<') {
        let before = &rest[..at];
        if let Some(rough) = &mut open {
            rough.text.push_str(&collapsed(before));
        } else if let Some(id) = agent.as_ref().filter(|_| !before.trim().is_empty()) {
            names.insert(id.clone(), text::clean(&text::unescape(before.trim())));
        }
        let Some(end) = rest[at..].find('>').map(|end| at + end) else { break };
        line += rest[..end].matches('\n').count();
        let tag = rest[at + 1..end].trim();
        rest = &rest[end + 1..];
        let (closes, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        let is_empty = tag.ends_with('/');
        let name = tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        match (name.rsplit(':').next().unwrap_or_default(), closes) {
            ("tt", false) => {
                clock = Clock::of(tag);
                language = attribute(tag, "lang").filter(|code| !code.is_empty());
            }
            ("agent", false) => agent = attribute(tag, "id"),
            ("agent", true) => agent = None,
            ("body" | "div", false) if !is_empty => {
                outer.push(
                    attribute(tag, "begin").and_then(|time| clock.seconds(&time)).unwrap_or(0.0),
                );
            }
            ("body" | "div", true) => {
                outer.pop();
            }
            ("p", false) => {
                roughs.extend(open.take().filter(has_text));
                open = paragraph(tag, &clock, outer.iter().sum(), Place::Line(line), notes)
                    .filter(|_| !is_empty);
                if let (Some(rough), Some(id)) = (&mut open, attribute(tag, "agent")) {
                    rough.speaker = Some(names.get(&id).cloned().unwrap_or(id));
                }
            }
            ("p", true) => roughs.extend(open.take().filter(has_text)),
            ("span", false) => {
                if let (Some(rough), Some(id)) = (&mut open, attribute(tag, "agent")) {
                    rough.speaker.get_or_insert_with(|| names.get(&id).cloned().unwrap_or(id));
                }
            }
            ("br", _) => {
                if let Some(rough) = &mut open {
                    rough.text.push('\n');
                }
            }
            _ => {}
        }
    }
    for rough in &mut roughs {
        let lines: Vec<&str> =
            rough.text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        rough.text = text::clean(&text::unescape(&lines.join("\n")));
    }
    (roughs, language)
}

fn has_text(rough: &Rough) -> bool {
    !rough.text.trim().is_empty()
}

/// White space of the source as single spaces.
fn collapsed(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_whitespace() {
            line.push(c);
        } else if !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line
}

fn paragraph(
    tag: &str,
    clock: &Clock,
    outer: f64,
    place: Place,
    notes: &mut Notes,
) -> Option<Rough> {
    let time = |name: &str| attribute(tag, name).and_then(|value| clock.seconds(&value));
    let begin = time("begin")?;
    let end = time("end").or_else(|| time("dur").map(|length| begin + length));
    let start = notes.instant(begin + outer, place);
    let end = end.and_then(|end| notes.instant(end + outer, place));
    Some(Rough::new(place, start, end, String::new()))
}

/// The value of an attribute, whatever its prefix.
fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let mut rest = tag;
    while let Some(at) = rest.find('=') {
        let name = rest[..at]
            .trim_end()
            .rsplit(|c: char| c.is_whitespace() || c == ':')
            .next()
            .unwrap_or_default();
        let value = rest[at + 1..].trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (inner, after) = value[1..].split_once(quote)?;
        if name == wanted {
            return Some(text::unescape(inner));
        }
        rest = after;
    }
    None
}

/// What frames and ticks of a file are worth.
struct Clock {
    frames: f64,
    ticks: f64,
}

impl Default for Clock {
    fn default() -> Self {
        Self { frames: 30.0, ticks: 1.0 }
    }
}

impl Clock {
    fn of(tag: &str) -> Self {
        let number = |name: &str| {
            attribute(tag, name)
                .and_then(|value| value.trim().parse::<f64>().ok())
                .filter(|n| *n > 0.0)
        };
        let given = number("frameRate");
        let multiplier = attribute(tag, "frameRateMultiplier").and_then(|value| {
            let mut parts = value
                .split([' ', ':'])
                .filter_map(|part| part.parse::<f64>().ok())
                .filter(|n| *n > 0.0);
            Some(parts.next()? / parts.next()?)
        });
        let frames = given.unwrap_or(30.0) * multiplier.unwrap_or(1.0);
        let ticks = number("tickRate").unwrap_or(if given.is_some() { frames } else { 1.0 });
        Self { frames, ticks }
    }

    /// Seconds of a clock time ("00:00:01.5", "00:00:01:12") or an offset ("1.5s", "500ms", "12f",
    /// "100t").
    fn seconds(&self, time: &str) -> Option<f64> {
        let time = time.trim();
        if time.contains(':') {
            let parts: Vec<&str> = time.split(':').collect();
            if let [hours, minutes, seconds, frames] = parts.as_slice() {
                let whole = stamp::seconds(&format!("{hours}:{minutes}:{seconds}"))?;
                return Some(
                    whole + frames.parse::<f64>().ok().filter(|n| n.is_finite())? / self.frames,
                );
            }
            return stamp::seconds(time);
        }
        let unit = time.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number: f64 = time[..time.len() - unit.len()].parse().ok()?;
        let scale = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 0.001,
            "f" => 1.0 / self.frames,
            "t" => 1.0 / self.ticks,
            _ => return None,
        };
        Some(number * scale)
    }
}
