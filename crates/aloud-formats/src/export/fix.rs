//! What would make this file of subtitles keep the rules, without touching a word of it?
//!
//! Times: cues do not overlap, stay long enough to be read and no longer than is allowed, and leave
//! even gaps; starts stay where they are, and so do times that break no rule. Lines: those that are
//! too long, too many, or end in the middle of a word or name are broken anew; a cue that cannot
//! hold its text is divided, its words sharing its time, and what is free behind it, by length; one
//! that stays too short is put together with its neighbour. Markup stays with its words, and lines
//! of two languages are not one text. What cannot be mended so stays as it is, and `check` lists
//! it. Cues that roll stay as they are.

use super::breaks::{self, Break};
use super::check::Habits;
use super::cue::Cue;
use super::lines;
use super::passage::Piece;
use super::profile::Profile;
use super::size::Size;
use super::stamp::clock;
use super::tongue::Tongue;
use super::{check, cut};
use crate::import::{Document, Marked, RawCue, is_times, marked, n_shared, shown, writing};
use crate::time::{Span, Timestamp};
use crate::transcript::characters::thirds;
use crate::transcript::split;
use std::collections::{BTreeMap, HashSet};
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

/// Mends `document` by the rules of `profile`. Linear but for sorting. Cues that roll are left
/// alone: what one shows of the one before is no text of its own.
pub fn fix(document: &mut Document, profile: &Profile) -> Changes {
    let mut changes = Changes::default();
    if document.rolls {
        return changes;
    }
    let is_vtt = document.is_vtt;
    let mut cues: Vec<(usize, RawCue)> =
        std::mem::take(&mut document.cues).into_iter().enumerate().collect();
    let n = cues.len();
    cues.retain(|(_, cue)| {
        cue.lines.iter().any(|line| !marked(line, is_vtt).plain.trim().is_empty())
    });
    changes.dropped = n - cues.len();
    changes.sorted =
        cues.windows(2).filter(|pair| pair[1].1.span.start() < pair[0].1.span.start()).count();
    cues.sort_by_key(|(_, cue)| cue.span.start());
    let before: BTreeMap<usize, Span> =
        cues.iter().map(|(index, cue)| (*index, cue.span)).collect();
    // Lines of two languages are not one text.
    let (seen, is_bilingual) = judged(cues.iter().map(|(_, cue)| cue), is_vtt);
    let habits = Habits::of(&seen);
    if !is_bilingual {
        let nexts = nexts(&cues);
        let starts: Vec<Timestamp> = cues
            .iter()
            .map(|(_, cue)| cue.span.start())
            .chain([Timestamp::from_millis(u64::MAX)])
            .collect();
        cues = std::iter::zip(cues, std::iter::zip(starts.windows(2), nexts))
            .flat_map(|((index, cue), (starts, next))| {
                // What begins at once with the next one cannot go on behind it.
                let room = if starts[0] == starts[1] {
                    Room::None
                } else {
                    next.map_or(Room::Endless, Room::Until)
                };
                rewrap(cue, room, is_vtt, profile, habits, &mut changes)
                    .into_iter()
                    .map(move |cue| (index, cue))
            })
            .collect();
        // What was divided may reach into what began before its end.
        cues.sort_by_key(|(_, cue)| cue.span.start());
    }
    settle(&mut cues, is_vtt, profile);
    let mut joints = HashSet::new();
    if !is_bilingual {
        join(&mut cues, is_vtt, profile, habits, &mut joints, &mut changes);
        settle(&mut cues, is_vtt, profile);
    }
    let mut after: BTreeMap<usize, Span> = BTreeMap::new();
    for (index, cue) in cues.iter().filter(|(index, _)| !joints.contains(index)) {
        let whole = after.entry(*index).or_insert(cue.span);
        *whole = Span::new(whole.start().min(cue.span.start()), whole.end().max(cue.span.end()));
    }
    changes.timed = after.iter().filter(|(index, span)| before.get(index) != Some(span)).count();
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

/// For each cue, when the next one begins that does not begin at once with it.
fn nexts(cues: &[(usize, RawCue)]) -> Vec<Option<Timestamp>> {
    let mut nexts = vec![None; cues.len()];
    for index in (1..cues.len()).rev() {
        let (here, next) = (cues[index - 1].1.span.start(), cues[index].1.span.start());
        nexts[index - 1] = if next > here { Some(next) } else { nexts[index] };
    }
    nexts
}

/// Writes `document` in its own format.
pub fn print(document: &Document) -> String {
    let mut text = String::new();
    let mut others = document.others.iter().peekable();
    let comma = if document.is_vtt { '.' } else { ',' };
    if document.is_vtt
        && !document.others.first().is_some_and(|(_, text)| text.starts_with("WEBVTT"))
    {
        text.push_str("WEBVTT\n\n");
    }
    for (index, cue) in document.cues.iter().enumerate() {
        while let Some((_, other)) = others.next_if(|(place, _)| *place <= index) {
            text.push_str(&format!("{other}\n\n"));
        }
        let id = if document.is_vtt { cue.id.clone() } else { Some((index + 1).to_string()) };
        text.push_str(&id.map_or_else(String::new, |id| format!("{id}\n")));
        let settings =
            if cue.settings.is_empty() { String::new() } else { format!(" {}", cue.settings) };
        text.push_str(&format!(
            "{} --> {}{settings}\n",
            clock(cue.span.start(), comma),
            clock(cue.span.end(), comma)
        ));
        for line in &cue.lines {
            // Words that look like the times of a cue would begin one, once they stand on a line of
            // their own.
            let looks_timed =
                document.is_vtt && line.trim_start().starts_with(|c: char| c.is_ascii_digit());
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

/// A cue as `check` reads it.
fn plain(cue: &RawCue, is_vtt: bool) -> Cue {
    Cue::plain(cue.span, shown(&cue.lines, is_vtt))
}

/// Cues as `check` reads them, and whether they are bilingual.
fn judged<'a>(cues: impl Iterator<Item = &'a RawCue>, is_vtt: bool) -> (Vec<Cue>, bool) {
    let mut judged: Vec<Cue> = cues.map(|cue| plain(cue, is_vtt)).collect();
    let is_bilingual = check::part_languages(&mut judged);
    (judged, is_bilingual)
}

/// Whether lines are in different scripts, and so not one text.
fn is_mixed(lines: &[String], is_vtt: bool) -> bool {
    let shown = shown(lines, is_vtt);
    let mut kinds = shown.iter().filter_map(|line| writing(line));
    let first = kinds.next();
    kinds.any(|kind| Some(kind) != first)
}

/// The text of a cue on one line, and its markup.
fn joined(cue: &RawCue, is_vtt: bool) -> Marked {
    let mut all = Marked::default();
    for line in &cue.lines {
        let line = marked(line.trim(), is_vtt);
        if split::needs_space(&all.plain, &line.plain) {
            all.plain.push(' ');
        }
        let start = all.plain.len();
        all.plain.push_str(&line.plain);
        all.marks.extend(line.marks.into_iter().map(|(at, mark)| (start + at, mark)));
    }
    all
}

/// The time that a cue may be divided in.
#[derive(Clone, Copy)]
enum Room {
    None,
    /// Before the next one begins.
    Until(Timestamp),
    Endless,
}

/// The cue with other lines, or several in its place, where its lines break a rule. Those that its
/// time is too short for may use what is free behind it.
fn rewrap(
    cue: RawCue,
    room: Room,
    is_vtt: bool,
    profile: &Profile,
    habits: Habits,
    changes: &mut Changes,
) -> Vec<RawCue> {
    let text = joined(&cue, is_vtt);
    // A time before a word is a mark that a word may not lose, which it does not: marks stay with
    // their words.
    let mut pieces = pieces(&text.plain, cue.span, habits.tongue);
    let stays = is_dialogue(&cue, is_vtt) || pieces.is_empty() || is_mixed(&cue.lines, is_vtt);
    if stays || check::is_wrapped_well(&plain(&cue, is_vtt), profile, habits) {
        return vec![cue];
    }
    let starts: Vec<usize> = piece_starts(&text.plain);
    let parts = match lines::wrap(&pieces, profile) {
        Some(_) => Some((std::iter::once(0..pieces.len()).collect(), vec![cue.span])),
        None => divided(&text.plain, &mut pieces, cue.span, room, profile, habits.tongue),
    };
    // What its time is too short to divide has at least as many lines as it may have.
    let (cuts, spans): (Vec<Range<usize>>, Vec<Span>) =
        parts.unwrap_or_else(|| (std::iter::once(0..pieces.len()).collect(), vec![cue.span]));
    let is_divided = cuts.len() > 1;
    let mut open: Vec<String> = Vec::new();
    let cue_of = |(cut, span): (&Range<usize>, &Span)| {
        let shown = &pieces[cut.clone()];
        let begins =
            lines::wrap(shown, profile).unwrap_or_else(|| lines::wrap_over(shown, profile)).begins;
        let edges: Vec<usize> = std::iter::once(0)
            .chain(begins)
            .chain([shown.len()])
            .map(|edge| cut.start + edge)
            .collect();
        // Markup may stand before the first word's space.
        let byte = |edge: usize| {
            if edge == 0 { 0 } else { starts.get(edge).copied().unwrap_or(text.plain.len()) }
        };
        let lines = edges.windows(2).map(|edge| {
            let is_last = edge[1] == cut.end;
            line_of(
                &text,
                byte(edge[0])..byte(edge[1]),
                &mut open,
                edge[0] == cut.start && is_divided,
                is_last && is_divided,
            )
        });
        RawCue {
            id: if cut.start == 0 { cue.id.clone() } else { None },
            span: *span,
            lines: lines.collect(),
            ..cue.clone()
        }
    };
    let cues: Vec<RawCue> = cuts.iter().zip(&spans).map(cue_of).collect();
    if cues.iter().flat_map(|cue| &cue.lines).any(|line| is_times(line)) {
        return vec![cue];
    }
    changes.divided += cues.len() - 1;
    changes.wrapped += usize::from(cues.len() == 1 && cues[0].lines != cue.lines);
    cues
}

/// How `pieces` of `text` are divided among cues, and the time of each; these share by their length
/// what they need and what is free. `None` where one of them would be gone before anybody looks.
fn divided(
    text: &str,
    pieces: &mut Vec<Piece>,
    own: Span,
    room: Room,
    profile: &Profile,
    tongue: Tongue,
) -> Option<(Vec<Range<usize>>, Vec<Span>)> {
    let limit = match room {
        Room::None => return None,
        Room::Until(next) => {
            Some(next.minus(profile.gap_ms)).filter(|limit| *limit > own.start()).or(Some(next))
        }
        Room::Endless => None,
    };
    let wide = |ms: u64| {
        let end = own.end().max(own.start().plus(ms));
        Span::new(own.start(), limit.map_or(end, |limit| end.min(limit)))
    };
    let whole = Size::of(text);
    let n_likely = u64::from(whole.line_share(profile)) / (1000 * profile.lines.max(1) as u64) + 1;
    let span = wide(whole.reading_ms(profile) + n_likely * profile.gap_ms + profile.shortest_ms);
    *pieces = self::pieces(text, span, tongue);
    let cuts = cut::cuts(pieces, None, profile);
    // What each has to have, with the gap behind it.
    let need = |cut: &Range<usize>| {
        let reading =
            lines::size(&pieces[cut.clone()]).reading_ms(profile).max(profile.shortest_ms);
        reading + if cut.end == pieces.len() { 0 } else { profile.gap_ms }
    };
    let needs: Vec<u64> = cuts.iter().map(need).collect();
    let needed: u64 = needs.iter().sum::<u64>().max(1);
    let span = wide(needed);
    *pieces = self::pieces(text, span, tongue);
    let by_words: Vec<Span> = cuts
        .iter()
        .map(|cut| Span::new(pieces[cut.start].span.start(), pieces[cut.end - 1].span.end()))
        .collect();
    if by_words.iter().zip(&needs).all(|(span, need)| span.millis() >= *need) {
        return Some((cuts, by_words));
    }
    let edge = |done: u64| {
        span.start()
            .plus((u128::from(span.millis()) * u128::from(done) / u128::from(needed)) as u64)
    };
    let ends = needs.iter().scan(0, |done, need| {
        let from = edge(*done);
        *done += need;
        Some(Span::new(from, edge(*done)))
    });
    let by_need: Vec<Span> = ends.collect();
    let is_a_blink = |span: &Span| span.millis() * 2 < profile.shortest_ms;
    (cuts.len() == 1 || !by_need.iter().any(is_a_blink)).then_some((cuts, by_need))
}

/// One line with its markup. Tags that are open where a new cue begins are opened there again, and
/// closed where it ends.
fn line_of(
    text: &Marked,
    bytes: Range<usize>,
    open: &mut Vec<String>,
    begins_cue: bool,
    ends_cue: bool,
) -> String {
    let mut line = String::new();
    if begins_cue {
        line.extend(open.iter().map(String::as_str));
    }
    let mut from = bytes.start;
    let is_end = bytes.end == text.plain.len();
    let near = text.marks.partition_point(|(at, _)| *at < bytes.start)
        ..text.marks.partition_point(|(at, _)| *at <= bytes.end);
    for (at, mark) in text.marks[near].iter().filter(|(at, mark)| {
        // A closing tag between two lines belongs to the first of them, an opening one to the
        // second.
        let closes = mark.starts_with("</");
        (bytes.start < *at && *at < bytes.end)
            || (*at == bytes.start && (!closes || *at == 0))
            || (*at == bytes.end && (closes || is_end))
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
            None if mark.starts_with('<')
                && mark[1..].starts_with(|c: char| c.is_ascii_alphabetic())
                && !mark.starts_with("<br") =>
            {
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

fn piece_starts(text: &str) -> Vec<usize> {
    split::words(text).into_iter().map(|word| word.start).collect()
}

/// The words of `text`, which share `span` by length.
fn pieces(text: &str, span: Span, tongue: Tongue) -> Vec<Piece> {
    let words = split::words(text);
    let ends = breaks::between(text, &words, tongue).into_iter().chain([Break::Block]);
    let weight = |word: &Range<usize>| {
        text[word.clone()].chars().map(|c| u64::from(thirds(c))).sum::<u64>().max(1)
    };
    let total: u64 = words.iter().map(weight).sum::<u64>().max(1);
    let edge = |done: u64| {
        span.start().plus((u128::from(span.millis()) * u128::from(done) / u128::from(total)) as u64)
    };
    let mut done = 0;
    let piece = |(word, end): (&Range<usize>, Break)| {
        let from = edge(done);
        done += weight(word);
        let shown = text[word.clone()].to_owned();
        let size = Size::of(&shown);
        Piece {
            text: shown,
            is_spaced: text[word.end..].starts_with(' '),
            span: Span::new(from, edge(done)),
            end,
            size,
            is_turn: false,
        }
    };
    words.iter().zip(ends).map(piece).collect()
}

/// How long a cue takes to read, which is as long as the longer one of its languages does.
fn reading_ms(cue: &Cue, profile: &Profile) -> u64 {
    let first = cue.lines.iter().map(|line| line.text.as_str());
    let second = cue.second.iter().map(String::as_str);
    let of = |text: String| Size::of(&text).reading_ms(profile);
    of(split::spell(first)).max(of(split::spell(second)))
}

/// Gives each cue whose times break a rule its end, by its own, its reader, and the next one's
/// start.
fn settle(cues: &mut [(usize, RawCue)], is_vtt: bool, profile: &Profile) {
    let (judged, _) = judged(cues.iter().map(|(_, cue)| cue), is_vtt);
    for (index, next) in nexts(cues).into_iter().enumerate() {
        let following = cues.get(index + 1).map(|(_, cue)| cue.span);
        if check::is_timed_well(&judged[index], following, profile) {
            continue;
        }
        let cue = &mut cues[index].1;
        cue.span = cut::shown(cue.span, reading_ms(&judged[index], profile), next, None, profile);
    }
}

/// Puts cues together that are too short or too fast apart, or begin at once, where both fit in
/// one. `joints` takes the numbers of those that took in another one.
fn join(
    cues: &mut Vec<(usize, RawCue)>,
    is_vtt: bool,
    profile: &Profile,
    habits: Habits,
    joints: &mut HashSet<usize>,
    changes: &mut Changes,
) {
    let mut joined: Vec<(usize, RawCue)> = Vec::with_capacity(cues.len());
    for (index, cue) in std::mem::take(cues) {
        let Some((first, last)) = joined.last_mut() else {
            joined.push((index, cue));
            continue;
        };
        match together(last, &cue, is_vtt, profile, habits) {
            Some(one) => {
                *last = one;
                joints.insert(*first);
                changes.joined += 1;
            }
            None => joined.push((index, cue)),
        }
    }
    *cues = joined;
}

fn together(
    a: &RawCue,
    b: &RawCue,
    is_vtt: bool,
    profile: &Profile,
    habits: Habits,
) -> Option<RawCue> {
    let is_bad = |cue: &RawCue| {
        cue.span.millis() + 1 < profile.shortest_ms.max(reading_ms(&plain(cue, is_vtt), profile))
    };
    let is_near = b.span.start().millis().saturating_sub(a.span.end().millis())
        < profile.close_ms.max(profile.gap_ms + 1);
    let is_at_once = b.span.start().millis().saturating_sub(a.span.start().millis()) < TOGETHER_MS;
    let same_voice = voice(a) == voice(b) && a.settings == b.settings;
    let speak_several = is_dialogue(a, is_vtt) || is_dialogue(b, is_vtt);
    // A name of its own would be lost.
    let is_named =
        b.id.as_ref().is_some_and(|id| !id.trim().bytes().all(|byte| byte.is_ascii_digit()));
    if is_named
        || !same_voice
        || (speak_several && !is_at_once)
        || !(is_at_once || (is_near && (is_bad(a) || is_bad(b))))
    {
        return None;
    }
    let span = Span::new(a.span.start(), a.span.end().max(b.span.end()));
    let lines: Vec<String> = a.lines.iter().chain(&b.lines).cloned().collect();
    let both = RawCue { span, lines, ..a.clone() };
    let judged = plain(&both, is_vtt);
    let fits = span.millis() <= profile.longest_ms && span.millis() >= reading_ms(&judged, profile);
    if !fits {
        return None;
    }
    if is_at_once {
        // Each keeps its lines, since two may speak.
        return check::is_wrapped_well(&judged, profile, habits).then_some(both);
    }
    // Another language is another text, and what is shown twice is not said twice.
    let said = |cue: &RawCue| shown(&cue.lines, is_vtt).join(" ");
    if is_mixed(&both.lines, is_vtt) || n_shared(&said(a), &said(b)) > 0 {
        return None;
    }
    let text = joined(&both, is_vtt);
    let pieces = pieces(&text.plain, span, habits.tongue);
    let wrap = lines::wrap(&pieces, profile)?;
    let starts = piece_starts(&text.plain);
    let edges: Vec<usize> = std::iter::once(0).chain(wrap.begins).chain([pieces.len()]).collect();
    let byte = |edge: usize| {
        if edge == 0 { 0 } else { starts.get(edge).copied().unwrap_or(text.plain.len()) }
    };
    let mut open = Vec::new();
    let lines = edges
        .windows(2)
        .map(|edge| line_of(&text, byte(edge[0])..byte(edge[1]), &mut open, false, false));
    let lines: Vec<String> = lines.collect();
    (!lines.iter().any(|line| is_times(line))).then_some(RawCue { lines, ..both })
}

/// Whether each line of a cue is somebody else's.
fn is_dialogue(cue: &RawCue, is_vtt: bool) -> bool {
    cue.lines
        .iter()
        .filter(|line| marked(line, is_vtt).plain.trim_start().starts_with(['-', '–', '—']))
        .count()
        > 1
}

/// The voice tag that a cue begins with.
fn voice(cue: &RawCue) -> Option<&str> {
    let first = cue.lines.first()?;
    first.starts_with("<v").then(|| first.split('>').next()).flatten()
}

/// The cues of `document` without markup, to be judged.
pub fn cues(document: &Document) -> Vec<Cue> {
    judged(document.cues.iter(), document.is_vtt).0
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
        let (text, _) = fixed(&format!(
            "1\n00:00:00,000 --> 00:00:20,000\n{long}\n\n2\n00:00:03,000 --> 00:00:05,000\nNobody knew.\n"
        ));
        let starts: Vec<&str> = text.lines().filter(|line| line.contains("-->")).collect();
        assert!(starts.is_sorted() && starts.len() > 2, "{text}");
        // Who speaks in turn stays on a line of his own.
        let (text, _) = fixed(
            "1\n00:00:00,000 --> 00:00:01,000\n- Hi.\n- Yo.\n\n2\n00:00:01,050 --> 00:00:01,300\nGo on now.\n",
        );
        assert!(text.contains("- Hi.\n- Yo.\n"), "{text}");
        // A tag before a space stays with its end.
        let (text, _) = fixed(&format!(
            "1\n00:00:00,000 --> 00:00:06,000\n<i> {} </i>\n",
            "It drew its power from a fire truck. ".repeat(2)
        ));
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
    fn what_has_no_time_to_be_divided_has_lines_all_the_same() {
        let (text, changes) = fixed(
            "1\n00:00:01,000 --> 00:00:02,500\nThey went down to the river <i>at once</i>, since nobody on the hill had told them of the road.\n\n\
             2\n00:00:02,500 --> 00:00:05,000\nAnd then it rained.\n",
        );
        insta::assert_snapshot!(text, @r"
        1
        00:00:01,000 --> 00:00:02,416
        They went down to the river <i>at once</i>, since
        nobody on the hill had told them of the road.

        2
        00:00:02,500 --> 00:00:05,000
        And then it rained.
        ");
        assert_eq!(changes, Changes { timed: 1, wrapped: 1, ..Changes::default() });
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

    /// The words that a file shows, in order.
    fn words(source: &str) -> Vec<String> {
        let (cues, _) = import::cues(source.as_bytes(), None).expect("cues");
        cues.iter()
            .flat_map(|(_, lines)| lines)
            .flat_map(|line| line.split_whitespace())
            .map(str::to_owned)
            .collect()
    }

    /// A file of which each cue is one of these, by the digits of `seed`.
    fn made(seed: u64, is_vtt: bool) -> String {
        const TEXTS: [&str; 14] = [
            " \nhello there friend\n",
            "bye\n",
            "one <i>line of\ntwo</i> words\n \n",
            "这是第二条\nand then some more of it, which is far too long for one line\n",
            "It drew its power from a fire truck, and nobody knew how long that would last or who would pay. It went on.\n",
            "- Hi.\n- Yo.\n",
            "2024\n",
            "\u{7}\n<c.x>late</c> &amp; later\n",
            "from 00:01 --&gt; 00:02 it said nothing at all, and that was all that there was to be said of it by us\n",
            "價格更親\n民，開箱即用，而且電腦壞了也沒有人知道，所以我們把它放在卡車上，開到了河邊。\n",
            "<v Ann>hello <00:00:01.500>there\n",
            "",
            "{\\an8}AI\n界\n",
            " \t \n \nЭто вторая строка\nand the first one\n",
        ];
        let mut text = if is_vtt { "WEBVTT\nKind: captions\n\n".to_owned() } else { String::new() };
        let (mut seed, mut at) = (seed, 0u64);
        for n in 0..6 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let (which, wait, length) = (
                (seed >> 33) as usize % TEXTS.len(),
                (seed >> 40) % 4 * 300,
                (seed >> 50) % 5 * 900 + 50,
            );
            at += wait;
            let comma = if is_vtt { '.' } else { ',' };
            let stamp = |ms| clock(Timestamp::from_millis(ms), comma);
            let number = if is_vtt { String::new() } else { format!("{}\n", n + 1) };
            text.push_str(&format!(
                "{number}{} --> {}\n{}\n",
                stamp(at),
                stamp(at + length),
                TEXTS[which]
            ));
            at += length * ((seed >> 60) % 3) / 2;
        }
        text
    }

    #[test]
    fn nothing_is_lost_whatever_is_in_a_file() {
        for (seed, is_vtt) in (0..3000).flat_map(|seed| [(seed, true), (seed, false)]) {
            for profile in [Profile::NETFLIX, Profile::PODCAST] {
                let source = made(seed, is_vtt);
                let mut document = import::document(source.as_bytes(), None).expect("subtitles");
                let before = document.clone();
                fix(&mut document, &profile);
                let text = print(&document);
                if document.cues.is_empty() {
                    continue;
                }
                let glued = |text: &str| words(text).concat();
                assert_eq!(glued(&text), glued(&source), "{source}\nbecame\n{text}");
                let n_timed = text.lines().filter(|line| line.contains("-->")).count();
                let n_read = import::cues(text.as_bytes(), None).expect("cues").0.len();
                assert_eq!(
                    (n_timed, n_read),
                    (document.cues.len(), document.cues.len()),
                    "{source}\nbecame\n{text}"
                );
                // Words of Latin letters stand apart as they did.
                let is_latin = |word: &String| word.bytes().all(|byte| byte.is_ascii_lowercase());
                let latin =
                    |text: &str| words(text).into_iter().filter(is_latin).collect::<Vec<_>>();
                assert_eq!(latin(&text), latin(&source), "{source}\nbecame\n{text}");
                // What keeps all rules keeps its times.
                let judged = check::check(&cues(&before), &profile);
                if judged.is_empty() {
                    assert_eq!(
                        before.cues.iter().map(|cue| cue.span).collect::<Vec<_>>(),
                        document.cues.iter().map(|cue| cue.span).collect::<Vec<_>>()
                    );
                }
            }
        }
    }

    #[test]
    fn what_others_write() {
        for (source, want) in [
            // A line of spaces is one, as YouTube writes it.
            (
                "WEBVTT\n\n00:01.000 --> 00:03.000\n \nhello there friend\n\n00:03.500 --> 00:05.000\nbye\n",
                "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nhello there friend\n\n00:00:03.500 --> 00:00:05.000\nbye\n\n",
            ),
            // Two languages are two texts.
            (
                "1\n00:00:02,900 --> 00:00:09,900\nThis is one line that is much too long for any one of the profiles, and then some\n这是第二条\n",
                "1\n00:00:02,900 --> 00:00:09,900\nThis is one line that is much too long for any one of the profiles, and then some\n这是第二条\n\n",
            ),
            (
                "1\n00:00:00,000 --> 00:00:00,400\nYes,\n\n2\n00:00:00,400 --> 00:00:02,000\nэто так.\n",
                "1\n00:00:00,000 --> 00:00:00,316\nYes,\n\n2\n00:00:00,400 --> 00:00:02,000\nэто так.\n\n",
            ),
            // What is free behind a cue belongs to all that it is divided into.
            (
                "1\n00:00:02,900 --> 00:00:03,100\nOne sentence is here for you to read right now. Another one comes after it, and it is longer than that, as it was to be.\n\n\
                 2\n00:00:20,000 --> 00:00:22,000\nBye.\n",
                "1\n00:00:02,900 --> 00:00:05,250\nOne sentence is here\nfor you to read right now.\n\n2\n00:00:05,334 --> 00:00:08,934\nAnother one comes after it, and it\n\
                 is longer than that, as it was to be.\n\n3\n00:00:20,000 --> 00:00:22,000\nBye.\n\n",
            ),
            // What rolls a little is not said twice.
            (
                "1\n00:00:00,000 --> 00:00:00,500\nto the show\n\n2\n00:00:00,500 --> 00:00:02,000\nto the show today\n",
                "1\n00:00:00,000 --> 00:00:00,416\nto the show\n\n2\n00:00:00,500 --> 00:00:02,000\nto the show today\n\n",
            ),
            // The head is no cue's name, and a number between cues is no text.
            (
                "WEBVTT\n00:00.000 --> 00:02.000\na\n2\n00:02.084 --> 00:04.000\nb\n",
                "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\na\n\n2\n00:00:02.084 --> 00:00:04.000\nb\n\n",
            ),
        ] {
            assert_eq!(fixed(source).0, want);
        }
    }

    #[test]
    fn what_rolls_stays_as_it_is() {
        let cue = |n: u64, text: &str| {
            format!(
                "{} --> {}\n{text}\n\n",
                clock(Timestamp::from_millis(n * 900), '.'),
                clock(Timestamp::from_millis(n * 900 + 900), '.')
            )
        };
        let lines = [
            " \nhello and welcome",
            "hello and welcome\nto the show",
            "to the show\nof today where",
            "of today where\nwe talk of",
            "we talk of\nthe sea",
        ];
        let source: String = std::iter::once("WEBVTT\n\n".to_owned())
            .chain(lines.iter().enumerate().map(|(n, text)| cue(n as u64, text)))
            .collect();
        let (text, changes) = fixed(&source);
        assert_eq!((text, changes), (source.replace(" \nhello", "hello"), Changes::default()));
    }

    #[test]
    fn what_keeps_the_rules_stays_as_it_is() {
        let source = "1\n00:00:00,000 --> 00:00:02,000\n<b>Good</b> <3\n\n2\n00:00:02,084 --> 00:00:04,000\n- Where?\n- Here.\n\n";
        assert_eq!(fixed(source), (source.to_owned(), Changes::default()));
    }
}
