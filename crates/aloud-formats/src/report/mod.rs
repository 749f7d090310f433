//! What came of laying an article over sound, for people to read.
//!
//! A page for the terminal ([`report`]) and a picture ([`plot`]): how much of the text is read,
//! what was left out and what was added, where the times are least sure, and which numbers differ.
//! Pure: this room never knows where the page is printed, nor in which file the picture lies.

mod cells;
mod passages;
pub mod plot;

pub use passages::{Difference, differences};

use crate::align::{Method, Status, Unwritten};
use crate::article::Skip;
use crate::reading::Reading;
use crate::time::{Span, Timestamp};
use cells::{Ink, Tone, fit, pad, pad_left, width};
use passages::{Passage, skip, unread, unsure};

/// Narrower than this nothing is readable, wider the eye loses the line.
const WIDTHS: std::ops::RangeInclusive<usize> = 44..=100;
/// So many passages of each kind are shown; the rest is counted.
const MOST: usize = 12;
const MOST_UNSURE: usize = 6;
/// From here on a time is sure, and from here on fair.
const SURE: f32 = 0.8;
const FAIR: f32 = 0.5;

/// A page about `reading` for a terminal of `columns` cells, with colours (ANSI SGR) if
/// `has_colour`. Every line ends with a line feed, and none is wider than the terminal if it has 44
/// columns.
pub fn report(reading: &Reading, columns: usize, has_colour: bool) -> String {
    let page = Page {
        reading,
        width: columns.clamp(*WIDTHS.start(), *WIDTHS.end()),
        ink: Ink { has_colour },
    };
    let sections =
        [page.head(), page.not_read(), page.not_written(), page.least_sure(), page.numbers()];
    sections
        .into_iter()
        .filter(|section| !section.is_empty())
        .map(|section| section.join("\n") + "\n")
        .collect::<Vec<_>>()
        .join("\n")
}

/// How long the recording is: as its file says, or to the last that is known of it.
fn duration(reading: &Reading) -> Timestamp {
    let ends = reading.alignment.sentences.iter().filter_map(|timing| timing.span).map(Span::end);
    let heard = reading.transcript.segments.last().map(|segment| segment.span.end());
    let last = ends
        .chain(reading.alignment.unwritten.iter().map(|unwritten| unwritten.span.end()))
        .chain(heard)
        .max();
    reading.transcript.audio.duration.max(last).unwrap_or_default()
}

/// The name of the article.
fn title(reading: &Reading) -> &str {
    let first = || reading.article.text.lines().find(|line| !line.trim().is_empty());
    reading.article.title.as_deref().or_else(first).unwrap_or("(no text)")
}

/// A language's English name; its code where we know none.
fn language(code: &str) -> &str {
    match code.split(['-', '_']).next().unwrap_or_default() {
        "zh" | "cmn" => "Chinese",
        "yue" => "Cantonese",
        "en" => "English",
        "ja" => "Japanese",
        "ko" => "Korean",
        "de" => "German",
        "fr" => "French",
        "es" => "Spanish",
        _ => code,
    }
}

struct Page<'a> {
    reading: &'a Reading,
    width: usize,
    ink: Ink,
}

impl Page<'_> {
    /// Title, how much is read, and the episode as a strip.
    fn head(&self) -> Vec<String> {
        let alignment = &self.reading.alignment;
        let length = duration(self.reading).to_string();
        let name = fit(title(self.reading), self.width - length.len() - 2);
        let title = pad(&name, self.width - length.len());
        let mut lines = vec![format!("{}{length}", self.ink.dip(Tone::Strong, &title))];
        let file = &self.reading.transcript.audio.file;
        if !file.is_empty() {
            lines.push(self.ink.dip(Tone::Faint, &fit(file, self.width)));
        }
        lines.push(String::new());
        let (n, read) = self.counts();
        let percent = percent(alignment.coverage);
        let tone = if alignment.coverage >= 0.9 {
            Tone::Good
        } else if alignment.coverage >= 0.5 {
            Tone::Fair
        } else {
            Tone::Bad
        };
        let told = match alignment.method {
            Method::Estimate => format!("of the text has a place: {}", of(read, n, "sentence")),
            _ => format!(
                "of the text is read, titles and credits aside: {}",
                of(read, n, "sentence")
            ),
        };
        let told = wrap(&format!("{percent} {told}"), self.width).join("\n");
        lines.push(format!("{}{}", self.ink.dip(tone, &percent), &told[percent.len()..]));
        lines.extend(wrap(&self.method(), self.width));
        lines.push(String::new());
        lines.push(self.strip());
        lines.push(self.ink.dip(Tone::Faint, "█ sure  ▓ fair  ▒ unsure  · not written"));
        lines
    }

    /// Sentences that a narrator would read, and those of them that are read.
    fn counts(&self) -> (usize, usize) {
        let sentences =
            self.reading.article.sentences.iter().zip(&self.reading.alignment.sentences);
        let likely =
            sentences.filter(|(sentence, _)| sentence.skip.is_none() && !sentence.words.is_empty());
        likely.fold((0, 0), |(n, read), (_, timing)| {
            (n + 1, read + usize::from(timing.status != Status::Unspoken))
        })
    }

    /// How times were found, and what that means for them.
    fn method(&self) -> String {
        match self.reading.alignment.method {
            Method::Words => "Word by word: each written word was compared with what was heard.".to_owned(),
            Method::Sentences => {
                let spoken = self.reading.transcript.language.as_deref().map_or("another language", language);
                let written = self.reading.article.language.as_deref().map_or("another", language);
                format!(
                    "Sentence by sentence: {spoken} is spoken and {written} written, so whole sentences are tied, and words have no times of their own."
                )
            }
            Method::Synth => "By synthesised speech: the text was spoken, and its sounds were found in the recording's.".to_owned(),
            Method::Together => self.sources(),
            Method::Given => "The text's own times: it came with them, and nothing was compared with the sound.".to_owned(),
            Method::Estimate => "By length alone: nothing was recognised yet, and times are a first guess.".to_owned(),
        }
    }

    /// Which words have their times from whom.
    fn sources(&self) -> String {
        let timed = || self.reading.alignment.words.iter().filter(|timing| timing.span.is_some());
        let n_heard = timed().filter(|timing| !timing.spoken.is_empty()).count();
        let (heard, found) = (count(n_heard, "word"), count(timed().count() - n_heard, "word"));
        format!(
            "By recognition and by synthesised speech: {heard} heard and then sharpened, {found} found by their sounds alone."
        )
    }

    /// The whole recording, cell by cell.
    fn strip(&self) -> String {
        let length = duration(self.reading);
        let (from, to) = (Timestamp::ZERO.to_string(), length.to_string());
        let cells = self.width - from.len() - to.len() - 2;
        let marks: Vec<(char, Option<Tone>)> =
            (0..cells as u64).map(|cell| self.mark(part(length, cell, cells as u64))).collect();
        let drawn: String = marks
            .chunk_by(|a, b| a.1 == b.1)
            .map(|run| {
                let text: String = run.iter().map(|(mark, _)| mark).collect();
                run[0].1.map_or(text.clone(), |tone| self.ink.dip(tone, &text))
            })
            .collect();
        format!("{from} {drawn} {to}")
    }

    /// What mostly happens in `part` of the recording.
    fn mark(&self, part: Span) -> (char, Option<Tone>) {
        let within = |span: Span| span.clamp_to(part).millis();
        let read = self
            .reading
            .alignment
            .sentences
            .iter()
            .filter_map(|timing| Some((within(timing.span?), timing.confidence)));
        let read: Vec<(u64, f32)> = read.filter(|(within, _)| *within > 0).collect();
        let unwritten: u64 =
            self.reading.alignment.unwritten.iter().map(|unwritten| within(unwritten.span)).sum();
        let most = read.iter().max_by_key(|(within, _)| *within);
        let all: u64 = read.iter().map(|(within, _)| within).sum();
        match most {
            _ if (all + unwritten) * 4 < part.millis() => (' ', None),
            Some((_, confidence)) if all >= unwritten => match *confidence {
                confidence if confidence >= SURE => ('█', Some(Tone::Good)),
                confidence if confidence >= FAIR => ('▓', Some(Tone::Fair)),
                _ => ('▒', Some(Tone::Bad)),
            },
            _ => ('·', Some(Tone::Accent)),
        }
    }

    /// A heading with a count.
    fn heading(&self, name: &str, note: &str) -> String {
        let gap = if note.is_empty() { "" } else { "  " };
        format!("{}{gap}{}", self.ink.dip(Tone::Strong, name), self.ink.dip(Tone::Faint, note))
    }

    /// Cells for times: "12:05–12:09", with hours "1:02:03–1:02:09".
    fn time_column(&self) -> usize {
        let last = duration(self.reading);
        width(&stretch(Span::new(last, last))).max("after 0:00".len())
    }

    /// A line of a list: a time, a word or two, and as much of a text as there is room for.
    fn item(&self, time: &str, note: &str, text: &str) -> String {
        let gap = if note.is_empty() { "" } else { "  " };
        let column = self.time_column();
        let room = self.width.saturating_sub(column + 4 + width(note) + gap.len());
        format!(
            "  {}  {}{gap}{}",
            self.ink.dip(Tone::Accent, &pad_left(time, column)),
            self.ink.dip(Tone::Faint, note),
            fit(text, room)
        )
    }

    fn not_read(&self) -> Vec<String> {
        let passages = unread(self.reading);
        if passages.is_empty() {
            return Vec::new();
        }
        let n: usize = passages.iter().map(|passage| passage.sentences.len()).sum();
        let mut lines = vec![self.heading("Written, not read", &count(n, "sentence"))];
        lines.extend(passages.iter().take(MOST).map(|passage| {
            self.item(&moment(passage), &self.kind(passage), &self.first_words(passage))
        }));
        lines.extend(self.rest(passages.len(), MOST));
        lines
    }

    fn not_written(&self) -> Vec<String> {
        let unwritten = &self.reading.alignment.unwritten;
        if unwritten.is_empty() {
            return Vec::new();
        }
        let seconds: u64 = unwritten.iter().map(|unwritten| unwritten.span.millis()).sum();
        let note =
            format!("{}, {}", count(unwritten.len(), "passage"), Timestamp::from_millis(seconds));
        let mut lines = vec![self.heading("Said, not written", &note)];
        // Only a recogniser knows the words.
        let words = |unwritten: &Unwritten| {
            if unwritten.text.is_empty() {
                "(not recognised)".to_owned()
            } else {
                unwritten.text.clone()
            }
        };
        lines.extend(
            unwritten
                .iter()
                .take(MOST)
                .map(|unwritten| self.item(&stretch(unwritten.span), "", &words(unwritten))),
        );
        lines.extend(self.rest(unwritten.len(), MOST));
        lines
    }

    fn least_sure(&self) -> Vec<String> {
        if self.reading.alignment.method == Method::Estimate {
            return Vec::new();
        }
        let passages = unsure(self.reading, MOST_UNSURE);
        if passages.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![self.heading("Least sure", "")];
        lines.extend(passages.iter().map(|passage| {
            let note = pad_left(&percent(f64::from(passage.confidence)), 4);
            self.item(&stretch(passage.span), &note, &self.first_words(passage))
        }));
        lines
    }

    fn numbers(&self) -> Vec<String> {
        let found = differences(self.reading);
        if found.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![self.heading("Numbers that differ", "")];
        let told = |it: &Difference| format!("the text says {}, heard: {}", it.written, it.heard);
        lines
            .extend(found.iter().take(MOST).map(|it| self.item(&it.at.to_string(), "", &told(it))));
        lines.extend(self.rest(found.len(), MOST));
        lines
    }

    /// What a passage that is not read is, where it is known; and how many sentences, if more than
    /// one.
    fn kind(&self, passage: &Passage) -> String {
        let mut names: Vec<&str> =
            passage.sentences.clone().filter_map(|i| skip(self.reading, i)).map(name).collect();
        names.dedup();
        let n = passage.sentences.len();
        match (names.is_empty(), n) {
            (true, 1) => String::new(),
            (true, _) => count(n, "sentence"),
            (false, _) => names.join(", "),
        }
    }

    fn first_words(&self, passage: &Passage) -> String {
        let sentences = &self.reading.article.sentences[passage.sentences.clone()];
        match (sentences.first(), sentences.last()) {
            (Some(first), Some(last)) => {
                self.reading.article.text[first.bytes.start..last.bytes.end].to_owned()
            }
            _ => String::new(),
        }
    }

    fn rest(&self, n: usize, shown: usize) -> Option<String> {
        (n > shown).then(|| {
            self.ink.dip(
                Tone::Faint,
                &format!("  {}  and {} more", " ".repeat(self.time_column()), n - shown),
            )
        })
    }
}

fn name(skip: Skip) -> &'static str {
    match skip {
        Skip::Title => "title",
        Skip::Byline => "byline",
        Skip::Credit => "credit",
        Skip::Caption => "caption",
        Skip::Duration => "duration",
        Skip::Boilerplate => "page furniture",
        Skip::Footnote => "footnote",
        Skip::Address => "address",
        Skip::Note => "note",
        Skip::Speaker => "speaker",
        Skip::Table => "table",
        Skip::Direction => "direction",
    }
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

fn of(n: usize, all: usize, what: &str) -> String {
    format!("{n} of {}", count(all, what))
}

/// Whole percent, rounded down but for what is as good as all: "100 %" means everything.
fn percent(share: f64) -> String {
    format!("{} %", (share.clamp(0.0, 1.0) * 100.0 + 1e-9).floor())
}

fn stretch(span: Span) -> String {
    format!("{}–{}", span.start(), span.end())
}

/// Where something that is not read stands.
fn moment(passage: &Passage) -> String {
    if passage.span.end() == Timestamp::ZERO {
        "start".to_owned()
    } else {
        format!("after {}", passage.span.end())
    }
}

/// The part of a recording that one of `n` cells stands for.
fn part(length: Timestamp, cell: u64, n: u64) -> Span {
    Span::from_millis(length.millis() * cell / n, length.millis() * (cell + 1) / n)
}

/// `text` in lines of at most `cells`.
fn wrap(text: &str, cells: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() && width(line) + 1 + width(word) > cells {
                lines.push(word.to_owned());
            } else {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests;
