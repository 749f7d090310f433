//! What would make this file of subtitles keep the rules, without touching a word of it?
//!
//! Times: cues do not overlap, stay long enough to be read and no longer than is allowed, and leave even gaps; starts stay
//! where they are. Lines: those that are too long, too many, or end in the middle of a word or name are broken anew; a cue
//! that cannot hold its text is divided, its words sharing its time by length; one that stays too short is put together
//! with its neighbour. Markup stays with its words. What cannot be mended so stays as it is, and `check` lists it.

use super::breaks::{self, Break};
use super::cue::Cue;
use super::lines;
use super::passage::Piece;
use super::profile::Profile;
use super::size::Size;
use super::stamp::clock;
use super::{check, cut};
use crate::import::{Document, Marked, RawCue, marked};
use crate::time::Span;
use crate::transcript::letters::thirds;
use crate::transcript::split;
use std::collections::HashSet;
use std::ops::Range;

/// Two cues that begin this close together, in milliseconds, are meant to be read together.
const TOGETHER_MS: u64 = 50;

/// Tags that are open at once.
const DEEPEST: usize = 16;

/// What was done to a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Cues that are shown for another time.
    pub timed: usize,
    /// Cues whose lines end elsewhere.
    pub wrapped: usize,
    /// Cues that were divided.
    pub divided: usize,
    /// Cues that were put together with the one before.
    pub joined: usize,
    /// Empty cues that were left out.
    pub dropped: usize,
    /// Cues that stood in another order than their times.
    pub sorted: usize,
}

/// Mends `document` by the rules of `profile`. Linear but for sorting.
pub fn fix(document: &mut Document, profile: &Profile) -> Changes {
    let mut changes = Changes::default();
    let is_vtt = document.is_vtt;
    let mut cues: Vec<(usize, RawCue)> = std::mem::take(&mut document.cues).into_iter().enumerate().collect();
    let n = cues.len();
    cues.retain(|(_, cue)| cue.lines.iter().any(|line| !marked(line, is_vtt).plain.trim().is_empty()));
    changes.dropped = n - cues.len();
    changes.sorted = cues.windows(2).filter(|pair| pair[1].1.span.start() < pair[0].1.span.start()).count();
    cues.sort_by_key(|(_, cue)| cue.span.start());
    // Lines of two languages are not one text.
    let mut judged: Vec<Cue> = cues.iter().map(|(_, cue)| plain(cue, is_vtt)).collect();
    let is_bilingual = check::part_languages(&mut judged);
    if !is_bilingual {
        cues = cues
            .into_iter()
            .flat_map(|(index, cue)| rewrap(cue, is_vtt, profile, &mut changes).into_iter().map(move |cue| (index, cue)))
            .collect();
        // What was divided may reach into what began before its end.
        cues.sort_by_key(|(_, cue)| cue.span.start());
    }
    let before: HashSet<Span> = cues.iter().map(|(_, cue)| cue.span).collect();
    settle(&mut cues, is_vtt, profile);
    if !is_bilingual {
        join(&mut cues, is_vtt, profile, &mut changes);
        settle(&mut cues, is_vtt, profile);
    }
    changes.timed = cues.iter().filter(|(_, cue)| !before.contains(&cue.span)).count().saturating_sub(changes.divided);
    // Comments stay before the cue that they stood before.
    let reached = cues.iter().scan(0, |most, (index, _)| {
        *most = (*most).max(*index);
        Some(*most)
    });
    let reached: Vec<usize> = reached.collect();
    for (place, _) in &mut document.others {
        *place = reached.partition_point(|index| index < place);
    }
    document.cues = cues.into_iter().map(|(_, cue)| cue).collect();
    changes
}

/// Writes `document` in its own format.
pub fn print(document: &Document) -> String {
    let mut text = String::new();
    let mut others = document.others.iter().peekable();
    let comma = if document.is_vtt { '.' } else { ',' };
    if document.is_vtt && !document.others.first().is_some_and(|(_, text)| text.starts_with("WEBVTT")) {
        text.push_str("WEBVTT\n\n");
    }
    for (index, cue) in document.cues.iter().enumerate() {
        while let Some((_, other)) = others.next_if(|(place, _)| *place <= index) {
            text.push_str(&format!("{other}\n\n"));
        }
        let id = if document.is_vtt { cue.id.clone() } else { Some((index + 1).to_string()) };
        text.push_str(&id.map_or_else(String::new, |id| format!("{id}\n")));
        let settings = if cue.settings.is_empty() { String::new() } else { format!(" {}", cue.settings) };
        text.push_str(&format!("{} --> {}{settings}\n", clock(cue.span.start(), comma), clock(cue.span.end(), comma)));
        for line in &cue.lines {
            // Words that look like the times of a cue would begin one, once they stand on a line of their own.
            let looks_timed = document.is_vtt && line.trim_start().starts_with(|c: char| c.is_ascii_digit());
            text.push_str(&if looks_timed { line.replace("->", "-&gt;") } else { line.clone() });
            text.push('\n');
        }
        text.push('\n');
    }
    for (_, other) in others {
        text.push_str(&format!("{other}\n\n"));
    }
    text
}

/// A cue without its markup.
fn plain(cue: &RawCue, is_vtt: bool) -> Cue {
    Cue::plain(cue.span, cue.lines.iter().map(|line| marked(line, is_vtt).plain.trim().to_owned()))
}

/// The text of a cue on one line, its markup, and where its lines begin but the first.
fn joined(cue: &RawCue, is_vtt: bool) -> (Marked, Vec<usize>) {
    let mut all = Marked::default();
    let mut begins = Vec::new();
    for line in &cue.lines {
        let line = marked(line.trim(), is_vtt);
        if split::needs_space(&all.plain, &line.plain) {
            all.plain.push(' ');
        }
        if !all.plain.is_empty() {
            begins.push(all.plain.len());
        }
        let start = all.plain.len();
        all.plain.push_str(&line.plain);
        all.marks.extend(line.marks.into_iter().map(|(at, mark)| (start + at, mark)));
    }
    (all, begins)
}

/// The cue with other lines, or several in its place, where its lines break a rule.
fn rewrap(cue: RawCue, is_vtt: bool, profile: &Profile, changes: &mut Changes) -> Vec<RawCue> {
    let (text, begins) = joined(&cue, is_vtt);
    // A time before a word is a mark that a word may not lose, which it does not: marks stay with their words.
    let pieces = pieces(&text.plain, cue.span);
    if is_dialogue(&cue, is_vtt) || pieces.is_empty() || keeps(&pieces, &begins, &text.plain, profile) {
        return vec![cue];
    }
    let starts: Vec<usize> = piece_starts(&text.plain);
    let cuts: Vec<Range<usize>> = match lines::wrap(&pieces, profile) {
        Some(_) => std::iter::once(0..pieces.len()).collect(),
        None => cut::cuts(&pieces, &[], None, profile),
    };
    let is_divided = cuts.len() > 1;
    let mut open: Vec<String> = Vec::new();
    let cue_of = |cut: &Range<usize>| {
        let shown = &pieces[cut.clone()];
        let begins = lines::wrap(shown, profile).unwrap_or_default().begins;
        let edges: Vec<usize> = std::iter::once(0).chain(begins).chain([shown.len()]).map(|edge| cut.start + edge).collect();
        // Markup may stand before the first word's space.
        let byte = |edge: usize| if edge == 0 { 0 } else { starts.get(edge).copied().unwrap_or(text.plain.len()) };
        let lines = edges.windows(2).map(|edge| {
            let is_last = edge[1] == cut.end;
            line_of(&text, byte(edge[0])..byte(edge[1]), &mut open, edge[0] == cut.start && is_divided, is_last && is_divided)
        });
        let lines = lines.collect();
        let end = if cut.end == pieces.len() { cue.span.end() } else { shown[shown.len() - 1].span.end() };
        RawCue { id: if cut.start == 0 { cue.id.clone() } else { None }, span: Span::new(shown[0].span.start(), end), lines, ..cue.clone() }
    };
    let cues: Vec<RawCue> = cuts.iter().map(cue_of).collect();
    changes.divided += cues.len() - 1;
    changes.wrapped += usize::from(cues.len() == 1 && cues[0].lines != cue.lines);
    cues
}

/// One line with its markup. Tags that are open where a new cue begins are opened there again, and closed where it ends.
fn line_of(text: &Marked, bytes: Range<usize>, open: &mut Vec<String>, begins_cue: bool, ends_cue: bool) -> String {
    let mut line = String::new();
    if begins_cue {
        line.extend(open.iter().map(String::as_str));
    }
    let mut from = bytes.start;
    let is_end = bytes.end == text.plain.len();
    let near = text.marks.partition_point(|(at, _)| *at < bytes.start)..text.marks.partition_point(|(at, _)| *at <= bytes.end);
    for (at, mark) in text.marks[near].iter().filter(|(at, mark)| {
        // A closing tag between two lines belongs to the first of them, an opening one to the second.
        let closes = mark.starts_with("</");
        (bytes.start < *at && *at < bytes.end) || (*at == bytes.start && (!closes || *at == 0)) || (*at == bytes.end && (closes || is_end))
    }) {
        line.push_str(&text.plain[from..*at]);
        from = *at;
        line.push_str(mark);
        match mark.strip_prefix("</") {
            Some(_) => {
                open.pop();
            }
            // Deeper nesting means nothing, and would be written again in every line.
            None if open.len() >= DEEPEST => {}
            None if mark.starts_with('<') && mark[1..].starts_with(|c: char| c.is_ascii_alphabetic()) && !mark.starts_with("<br") => {
                open.push(mark.clone());
            }
            None => {}
        }
    }
    line.push_str(&text.plain[from..bytes.end]);
    let mut line = line.trim().to_owned();
    if ends_cue {
        for tag in open.iter().rev() {
            let name: String = tag[1..].chars().take_while(char::is_ascii_alphanumeric).collect();
            line.push_str(&format!("</{name}>"));
        }
    }
    line
}

/// Whether lines that begin at these bytes keep the rules.
fn keeps(pieces: &[Piece], begins: &[usize], text: &str, profile: &Profile) -> bool {
    if begins.len() >= profile.lines {
        return false;
    }
    let starts = piece_starts(text);
    let edges: Vec<usize> =
        std::iter::once(0).chain(begins.iter().map(|at| starts.partition_point(|start| start < at))).chain([pieces.len()]).collect();
    edges.windows(2).all(|edge| {
        let line = &pieces[edge[0]..edge[1]];
        let is_parted = edge[1] < pieces.len() && line.last().is_some_and(|last| matches!(last.end, Break::Held(_)));
        lines::size(line).line_share(profile) <= 1000 && !is_parted
    })
}

fn piece_starts(text: &str) -> Vec<usize> {
    split::words(text).into_iter().map(|word| word.start).collect()
}

/// The words of `text`, which share `span` by length.
fn pieces(text: &str, span: Span) -> Vec<Piece> {
    let words = split::words(text);
    let ends = breaks::between(text, &words).into_iter().chain([Break::Block]);
    let weight = |word: &Range<usize>| text[word.clone()].chars().map(|c| u64::from(thirds(c))).sum::<u64>().max(1);
    let total: u64 = words.iter().map(weight).sum::<u64>().max(1);
    let edge = |done: u64| span.start().plus((u128::from(span.millis()) * u128::from(done) / u128::from(total)) as u64);
    let mut done = 0;
    let piece = |(word, end): (&Range<usize>, Break)| {
        let from = edge(done);
        done += weight(word);
        let shown = text[word.clone()].to_owned();
        let size = Size::of(&shown);
        Piece { text: shown, is_spaced: text[word.end..].starts_with(' '), span: Span::new(from, edge(done)), end, size, is_turn: false }
    };
    words.iter().zip(ends).map(piece).collect()
}

/// How long a cue takes to read.
fn reading_ms(cue: &RawCue, is_vtt: bool, profile: &Profile) -> u64 {
    let texts: Vec<String> = cue.lines.iter().map(|line| marked(line, is_vtt).plain).collect();
    Size::of(&split::spell(texts.iter().map(String::as_str))).reading_ms(profile)
}

/// Gives each cue its end, by its own, its reader, and the next one's start.
fn settle(cues: &mut [(usize, RawCue)], is_vtt: bool, profile: &Profile) {
    // When the next one begins that does not begin at once with it.
    let mut nexts = vec![None; cues.len()];
    for index in (1..cues.len()).rev() {
        let (here, next) = (cues[index - 1].1.span.start(), cues[index].1.span.start());
        nexts[index - 1] = if next > here { Some(next) } else { nexts[index] };
    }
    for (index, next) in nexts.into_iter().enumerate() {
        let cue = &mut cues[index].1;
        let reading = reading_ms(cue, is_vtt, profile);
        cue.span = cut::shown(cue.span, reading, next, None, profile);
    }
}

/// Puts cues together that are too short or too fast apart, or begin at once, where both fit in one.
fn join(cues: &mut Vec<(usize, RawCue)>, is_vtt: bool, profile: &Profile, changes: &mut Changes) {
    let mut joined: Vec<(usize, RawCue)> = Vec::with_capacity(cues.len());
    for (index, cue) in std::mem::take(cues) {
        let Some((_, last)) = joined.last_mut() else {
            joined.push((index, cue));
            continue;
        };
        match together(last, &cue, is_vtt, profile) {
            Some(one) => {
                *last = one;
                changes.joined += 1;
            }
            None => joined.push((index, cue)),
        }
    }
    *cues = joined;
}

fn together(a: &RawCue, b: &RawCue, is_vtt: bool, profile: &Profile) -> Option<RawCue> {
    let is_bad = |cue: &RawCue| cue.span.millis() + 1 < profile.shortest_ms.max(reading_ms(cue, is_vtt, profile));
    let is_near = b.span.start().millis().saturating_sub(a.span.end().millis()) < profile.close_ms.max(profile.gap_ms + 1);
    let is_at_once = b.span.start().millis().saturating_sub(a.span.start().millis()) < TOGETHER_MS;
    let same_voice = voice(a) == voice(b) && a.settings == b.settings;
    let speak_several = is_dialogue(a, is_vtt) || is_dialogue(b, is_vtt);
    if !same_voice || (speak_several && !is_at_once) || !(is_at_once || (is_near && (is_bad(a) || is_bad(b)))) {
        return None;
    }
    let span = Span::new(a.span.start(), a.span.end().max(b.span.end()));
    let lines: Vec<String> = a.lines.iter().chain(&b.lines).cloned().collect();
    let both = RawCue { span, lines, ..a.clone() };
    let (text, begins) = joined(&both, is_vtt);
    let pieces = pieces(&text.plain, span);
    let fits = span.millis() <= profile.longest_ms && span.millis() >= reading_ms(&both, is_vtt, profile);
    if !fits {
        return None;
    }
    if is_at_once {
        // Each keeps its lines, since two may speak.
        return keeps(&pieces, &begins, &text.plain, profile).then_some(both);
    }
    let wrap = lines::wrap(&pieces, profile)?;
    let starts = piece_starts(&text.plain);
    let edges: Vec<usize> = std::iter::once(0).chain(wrap.begins).chain([pieces.len()]).collect();
    let byte = |edge: usize| if edge == 0 { 0 } else { starts.get(edge).copied().unwrap_or(text.plain.len()) };
    let mut open = Vec::new();
    let lines = edges.windows(2).map(|edge| line_of(&text, byte(edge[0])..byte(edge[1]), &mut open, false, false)).collect();
    Some(RawCue { lines, ..both })
}

/// Whether each line of a cue is somebody else's.
fn is_dialogue(cue: &RawCue, is_vtt: bool) -> bool {
    cue.lines.iter().filter(|line| marked(line, is_vtt).plain.trim_start().starts_with(['-', '–', '—'])).count() > 1
}

/// The voice tag that a cue begins with.
fn voice(cue: &RawCue) -> Option<&str> {
    let first = cue.lines.first()?;
    first.starts_with("<v").then(|| first.split('>').next()).flatten()
}

/// The cues of `document` without markup, to be judged.
pub fn cues(document: &Document) -> Vec<Cue> {
    document.cues.iter().map(|cue| plain(cue, document.is_vtt)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import;

    /// `source` mended by Netflix's rules, and how often each thing was done.
    fn fixed(source: &str) -> (String, Changes) {
        let mut document = import::document(source.as_bytes(), None).expect("subtitles");
        let changes = fix(&mut document, &Profile::NETFLIX);
        (print(&document), changes)
    }

    #[test]
    fn what_overlaps_or_speaks_in_turn() {
        let long = "It drew its power from a fire truck. ".repeat(8);
        let (text, _) = fixed(&format!("1\n00:00:00,000 --> 00:00:20,000\n{long}\n\n2\n00:00:03,000 --> 00:00:05,000\nNobody knew.\n"));
        let starts: Vec<&str> = text.lines().filter(|line| line.contains("-->")).collect();
        assert!(starts.is_sorted() && starts.len() > 2, "{text}");
        // Who speaks in turn stays on a line of his own.
        let (text, _) = fixed("1\n00:00:00,000 --> 00:00:01,000\n- Hi.\n- Yo.\n\n2\n00:00:01,050 --> 00:00:01,300\nGo on now.\n");
        assert!(text.contains("- Hi.\n- Yo.\n"), "{text}");
        // A tag before a space stays with its end.
        let (text, _) =
            fixed(&format!("1\n00:00:00,000 --> 00:00:06,000\n<i> {} </i>\n", "It drew its power from a fire truck. ".repeat(2)));
        assert!(text.contains("<i>") && text.contains("</i>"), "{text}");
    }

    #[test]
    fn times() {
        let (text, changes) = fixed(
            "7\n00:00:00,000 --> 00:00:00,300\nHi.\n\n9\n00:00:02,000 --> 00:00:05,000\nIt is late.\n\n3\n00:00:04,000 --> 00:00:04,800\n\
             He went home early today.\n\n4\n00:00:10,000 --> 00:00:30,000\nBye.\n\n5\n00:00:40,000 --> 00:00:41,000\n\n",
        );
        insta::assert_snapshot!(text, @r"
        1
        00:00:00,000 --> 00:00:00,834
        Hi.

        2
        00:00:02,000 --> 00:00:03,916
        It is late.

        3
        00:00:04,000 --> 00:00:05,250
        He went home early today.

        4
        00:00:10,000 --> 00:00:17,000
        Bye.
        ");
        assert_eq!(changes, Changes { timed: 4, dropped: 1, ..Changes::default() });
    }

    #[test]
    fn lines_keep_their_markup() {
        let (text, changes) = fixed(
            "1\n00:00:00,000 --> 00:00:04,000\n{\\an8}<i>It drew its power from a truck, and it needed</i> no permission.\n\n\
             2\n00:00:05,000 --> 00:00:08,000\n價格更親\n民，開箱即用。\n",
        );
        insta::assert_snapshot!(text, @r"
        1
        00:00:00,000 --> 00:00:04,000
        {\an8}<i>It drew its power from a truck,
        and it needed</i> no permission.

        2
        00:00:05,000 --> 00:00:08,000
        價格更親民，開箱即用。
        ");
        assert_eq!(changes, Changes { wrapped: 2, ..Changes::default() });
    }

    #[test]
    fn long_cues_are_divided_and_short_ones_joined() {
        let long = "<i>One sentence is here for you to read. Another one comes after it, and it is longer. A third one ends it all.</i>";
        let (text, changes) = fixed(&format!(
            "WEBVTT - x\n\nNOTE kept\n\na\n00:00.000 --> 00:09.000 align:start\n{long}\n\n00:20.000 --> 00:20.300\nAnd\n\n00:20.300 --> 00:22.000\nso it was.\n"
        ));
        insta::assert_snapshot!(text, @r"
        WEBVTT - x

        NOTE kept

        a
        00:00:00.000 --> 00:00:03.098 align:start
        <i>One sentence is here for you to read.</i>

        00:00:03.182 --> 00:00:06.940 align:start
        <i>Another one comes after it,
        and it is longer.</i>

        00:00:07.024 --> 00:00:09.000 align:start
        <i>A third one ends it all.</i>

        00:00:20.000 --> 00:00:22.000
        And so it was.
        ");
        assert_eq!((changes.divided, changes.joined), (2, 1));
    }

    #[test]
    fn what_keeps_the_rules_stays_as_it_is() {
        let source = "1\n00:00:00,000 --> 00:00:02,000\n<b>Good</b> <3\n\n2\n00:00:02,084 --> 00:00:04,000\n- Where?\n- Here.\n\n";
        assert_eq!(fixed(source), (source.to_owned(), Changes::default()));
    }
}
