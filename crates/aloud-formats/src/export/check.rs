//! Do these cues keep the rules?
//!
//! Judges cues made here and those of files from anywhere, and says of each fault what was
//! measured, what the limit is, and what would mend it. This room changes nothing.

use super::breaks::{self, Break};
use super::cue::{Cue, Line};
use super::hold::Hold;
use super::passage::PAUSE_MS;
use super::profile::Profile;
use super::size::Size;
use super::tongue::Tongue;
use crate::import::{self, ImportError, Problem};
use crate::time::{Span, Timestamp};
use crate::transcript::characters::{ends_sentence, is_closing};
use crate::transcript::split;
use std::fmt;

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which rule.
    pub kind: Kind,
    /// The cue's place, from 1.
    pub cue: usize,
    /// The cue's number or name in its file, where it has one.
    pub id: Option<String>,
    /// When the cue begins.
    pub at: Timestamp,
    /// What was measured, and the limit.
    pub what: String,
    /// What would mend it.
    pub mend: &'static str,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.id {
            Some(id) if id.bytes().all(|byte| byte.is_ascii_digit()) => write!(f, "cue {id}")?,
            Some(id) => write!(f, "cue “{id}”")?,
            None => write!(f, "cue {}", self.cue)?,
        }
        write!(f, " at {}: {}; {}", self.at, self.what, self.mend)
    }
}

/// A rule for cues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// There is text in it.
    Empty,
    /// Cues are in order and do not overlap.
    Overlap,
    /// It is shown long enough.
    Short,
    /// It is not shown too long.
    Long,
    /// There is time to read it.
    Fast,
    /// There are not too many lines.
    Lines,
    /// No line is too long.
    Line,
    /// There is a gap before the next cue.
    Gap,
    /// The gap before the next cue does not flicker.
    Flicker,
    /// Lines do not part what belongs together, or begin with a closing mark.
    Parted,
}

impl Kind {
    /// Its name for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Empty => "empty",
            Kind::Overlap => "overlap",
            Kind::Short => "short",
            Kind::Long => "long",
            Kind::Fast => "fast",
            Kind::Lines => "lines",
            Kind::Line => "line",
            Kind::Gap => "gap",
            Kind::Flicker => "flicker",
            Kind::Parted => "parted",
        }
    }
}

/// How far a length may be off because each end of a cue was rounded: SubRip and WebVTT hold whole
/// milliseconds, of which 20 frames of 24 a second become 833; ASS and LRC hold hundredths.
fn rounding_ms(cues: &[Cue]) -> u64 {
    let is_rough = |at: Timestamp| at.millis().is_multiple_of(10);
    let is_all = cues.iter().all(|cue| is_rough(cue.span.start()) && is_rough(cue.span.end()));
    if is_all { 10 } else { 1 }
}

/// Every rule of `profile` that `cues` break, in order of cues.
///
/// A text with a Chinese, Japanese or Korean letter is counted by the wide limits, any other by the
/// Latin ones. The two languages of a bilingual cue are judged apart: who reads one does not read
/// the other.
pub fn check(cues: &[Cue], profile: &Profile) -> Vec<Violation> {
    let mut judge =
        Judge { rounding_ms: rounding_ms(cues), ..Judge::new(profile, Habits::of(cues)) };
    for (index, cue) in cues.iter().enumerate() {
        let place = Place { number: index + 1, at: cue.span.start() };
        judge.time(place, cue.span);
        judge.text(place, cue);
        if let Some(next) = cues.get(index + 1) {
            judge.gap(place, cue.span, next.span);
        }
    }
    judge.parted(cues);
    judge.found.sort_by_key(|violation| violation.cue);
    for violation in &mut judge.found {
        violation.id = cues.get(violation.cue - 1).and_then(|cue| cue.id.clone());
    }
    judge.found
}

/// Whether a cue before one that is shown for `next` keeps all rules of time.
pub(super) fn is_timed_well(cue: &Cue, next: Option<Span>, profile: &Profile) -> bool {
    let mut judge = Judge::new(profile, Habits::default());
    let place = Place { number: 1, at: cue.span.start() };
    judge.time(place, cue.span);
    judge.text(place, cue);
    if let Some(next) = next {
        judge.gap(place, cue.span, next);
    }
    !judge.found.iter().any(|v| {
        matches!(
            v.kind,
            Kind::Short | Kind::Long | Kind::Fast | Kind::Overlap | Kind::Gap | Kind::Flicker
        )
    })
}

/// Whether the lines of a cue, of a text with these habits, keep all rules for lines.
pub(super) fn is_wrapped_well(cue: &Cue, profile: &Profile, habits: Habits) -> bool {
    let mut judge = Judge::new(profile, habits);
    judge.text(Place { number: 1, at: cue.span.start() }, cue);
    judge.parted(std::slice::from_ref(cue));
    !judge.found.iter().any(|v| matches!(v.kind, Kind::Lines | Kind::Line | Kind::Parted))
}

/// The cues of an SRT or WebVTT file with their lines, to be judged; `name_hint` is the file's
/// name, for messages. What could not be read is listed beside them.
///
/// # Errors
/// When it is no such file, or no text at all.
pub fn read(
    bytes: &[u8],
    name_hint: Option<&str>,
) -> Result<(Vec<Cue>, Vec<Problem>), ImportError> {
    let (cues, problems) = import::named_cues(bytes, name_hint)?;
    let mut cues: Vec<Cue> =
        cues.into_iter().map(|(id, (span, lines))| Cue { id, ..Cue::plain(span, lines) }).collect();
    part_languages(&mut cues);
    Ok((cues, problems))
}

/// Parts the lines of a file in which most cues have both a Chinese, Japanese or Korean line and
/// one without such a letter: it is bilingual. Says whether it is.
pub(super) fn part_languages(cues: &mut [Cue]) -> bool {
    let is_wide = |line: &Line| Size::of(&line.text).is_wide();
    let has_both = |cue: &&Cue| cue.lines.iter().any(is_wide) && !cue.lines.iter().all(is_wide);
    if cues.iter().filter(has_both).count() * 2 <= cues.len() {
        return false;
    }
    for cue in cues {
        let is_first_wide = cue.lines.first().is_some_and(is_wide);
        let (lines, second) = std::mem::take(&mut cue.lines)
            .into_iter()
            .partition(|line| is_wide(line) == is_first_wide);
        let second: Vec<Line> = second;
        (cue.lines, cue.second) = (lines, second.into_iter().map(|line| line.text).collect());
    }
    true
}

/// The cue that is being judged.
#[derive(Clone, Copy)]
struct Place {
    number: usize,
    at: Timestamp,
}

/// What a whole text tells of its lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Habits {
    /// Whose short words it has.
    pub(super) tongue: Tongue,
    /// Whether lines begin with a capital wherever they begin, as those of verse do; it tells no
    /// name then.
    is_verse: bool,
}

/// From so many lines on that go on from the one before, and so many of ten of them with a capital,
/// a text is verse.
const VERSE: (usize, usize) = (4, 7);

impl Habits {
    pub(super) fn of(cues: &[Cue]) -> Self {
        let lines = || cues.iter().flat_map(|cue| &cue.lines).map(|line| line.text.as_str());
        let first = |line: &str| {
            line.chars()
                .find(|c| c.is_alphabetic())
                .filter(|c| c.is_uppercase() || c.is_lowercase())
        };
        let goes_on = |line: &str| {
            !line.trim_end_matches(is_closing).ends_with(ends_sentence)
                && !line.ends_with(ends_sentence)
        };
        let begins: Vec<char> = lines()
            .zip(lines().skip(1))
            .filter(|(line, _)| goes_on(line))
            .filter_map(|(_, next)| first(next))
            .collect();
        let n_capitals = begins.iter().filter(|c| c.is_uppercase()).count();
        let is_verse = begins.len() >= VERSE.0 && n_capitals * 10 >= begins.len() * VERSE.1;
        Self { tongue: Tongue::of(lines()), is_verse }
    }
}

struct Judge<'a> {
    profile: &'a Profile,
    habits: Habits,
    rounding_ms: u64,
    found: Vec<Violation>,
}

impl<'a> Judge<'a> {
    /// A judge of whole milliseconds.
    fn new(profile: &'a Profile, habits: Habits) -> Self {
        Self { profile, habits, rounding_ms: 1, found: Vec::new() }
    }

    fn add(&mut self, place: Place, kind: Kind, what: String, mend: &'static str) {
        self.found.push(Violation { kind, cue: place.number, id: None, at: place.at, what, mend });
    }

    fn time(&mut self, place: Place, span: Span) {
        let (ms, shortest, longest) =
            (span.millis(), self.profile.shortest_ms, self.profile.longest_ms);
        if ms == 0 {
            self.add(
                place,
                Kind::Short,
                "it ends before or as it begins".to_owned(),
                "give it an end behind its start",
            );
        } else if ms + self.rounding_ms < shortest {
            let what = format!("shown for {} s, at least {} s are due", secs(ms), secs(shortest));
            self.add(place, Kind::Short, what, "let it stay longer, or merge it with a neighbour");
        }
        if ms > longest + self.rounding_ms {
            let what = format!("shown for {} s, at most {} s are allowed", secs(ms), secs(longest));
            self.add(place, Kind::Long, what, "divide it, or let it end with the speech");
        }
    }

    fn gap(&mut self, place: Place, span: Span, next: Span) {
        let (end, start) = (span.end().millis(), next.start().millis());
        let (gap, least, close) =
            (start.saturating_sub(end), self.profile.gap_ms, self.profile.close_ms);
        if start < end || next.start() < span.start() {
            let what =
                format!("it ends {} s after the next one begins", secs(end.saturating_sub(start)));
            self.add(place, Kind::Overlap, what, "let it end earlier");
        } else if gap + self.rounding_ms < least {
            let what = format!("{gap} ms before the next cue, at least {least} ms are due");
            self.add(place, Kind::Gap, what, "let it end earlier");
        } else if gap > least + self.rounding_ms && gap < close {
            let what =
                format!("{gap} ms before the next cue flicker: under {close} ms, leave {least} ms");
            self.add(place, Kind::Flicker, what, "let it stay until shortly before the next one");
        }
    }

    fn text(&mut self, place: Place, cue: &Cue) {
        if cue.texts().all(|text| text.trim().is_empty()) {
            self.add(place, Kind::Empty, "it has no text".to_owned(), "remove it");
            return;
        }
        let halved = self.profile.halved();
        let profile = if cue.second.is_empty() { self.profile } else { &halved };
        let first: Vec<&str> = cue.lines.iter().map(|line| line.text.as_str()).collect();
        let second: Vec<&str> = cue.second.iter().map(String::as_str).collect();
        for language in [first, second] {
            self.language(place, &language, cue.span, profile);
        }
        let n = cue.texts().count();
        if cue.second.is_empty() && n > self.profile.lines {
            let what = format!("it has {n} lines, at most {} are allowed", self.profile.lines);
            self.add(place, Kind::Lines, what, "divide it");
        }
    }

    /// Judges the lines of one language.
    fn language(&mut self, place: Place, lines: &[&str], span: Span, profile: &Profile) {
        for line in lines {
            let size = Size::of(line);
            if size.line_share(profile) > 1000 {
                let what = format!(
                    "a line has {} characters, at most {} are allowed",
                    size.characters(),
                    size.line(profile)
                );
                self.add(place, Kind::Line, what, "end the line earlier, or divide the cue");
            }
        }
        if lines.len() > profile.lines && profile.lines < self.profile.lines {
            let what = format!(
                "a language has {} lines, at most {} are allowed",
                lines.len(),
                profile.lines
            );
            self.add(place, Kind::Lines, what, "divide the cue");
        }
        let size = Size::of(&joined(lines));
        if size.reading_ms(profile) >= span.millis() + self.rounding_ms && span.millis() > 0 {
            // Rounded up, so that what is over the limit does not look equal to it.
            let speed = (size.characters() * 10_000.0 / span.millis().max(1) as f64).ceil() / 10.0;
            let what = format!(
                "{speed:.1} characters per second, at most {} are allowed",
                size.speed(profile)
            );
            self.add(
                place,
                Kind::Fast,
                what,
                "let it stay longer, merge it with a slower neighbour, or shorten the text",
            );
        }
    }

    /// Judges where lines and cues end, stretch by stretch of cues that may belong together.
    fn parted(&mut self, cues: &[Cue]) {
        let mut stretch = Stretch::default();
        let mut before: Option<&Cue> = None;
        for (index, cue) in cues.iter().enumerate() {
            let pause = before.map_or(u64::MAX, |before| {
                cue.span.start().millis().saturating_sub(before.span.end().millis())
            });
            if pause >= PAUSE_MS || cue.begins_block {
                self.close(std::mem::take(&mut stretch));
            }
            let place = Place { number: index + 1, at: cue.span.start() };
            for line in &cue.lines {
                stretch.push(place, &line.text);
            }
            for text in cue.texts().filter(|text| !breaks::may_begin(text)) {
                let what = format!("a line begins with “{}”", text.chars().next().unwrap_or(' '));
                self.add(place, Kind::Parted, what, "move it to the end of the line before");
            }
            before = Some(cue);
        }
        self.close(stretch);
    }

    fn close(&mut self, stretch: Stretch) {
        let words = split::words(&stretch.text);
        let breaks = breaks::between(&stretch.text, &words, self.habits.tongue);
        let mut borders = stretch.borders.into_iter().peekable();
        for (pair, found) in words.windows(2).zip(breaks) {
            while borders.next_if(|(at, _)| *at < pair[1].start).is_some() {}
            let Some((_, place)) = borders.next_if(|(at, _)| *at == pair[1].start) else {
                continue;
            };
            let Break::Held(hold) = found else { continue };
            let why = match hold {
                Hold::Name if self.habits.is_verse => continue,
                Hold::Name => "parts of a name",
                Hold::Word => "parts of a word",
                Hold::Number => "a number and what it counts",
                Hold::Particle => "a word and its particle",
                Hold::Mark => continue,
            };
            let what = format!(
                "a line ends between “{}” and “{}”, {why}",
                &stretch.text[pair[0].clone()],
                &stretch.text[pair[1].clone()]
            );
            self.add(place, Kind::Parted, what, "end the line earlier or later");
        }
    }
}

/// The lines of cues in a row as one text.
#[derive(Default)]
struct Stretch {
    text: String,
    /// Where lines begin but the first, and in which cue.
    borders: Vec<(usize, Place)>,
    is_wide: bool,
}

impl Stretch {
    fn push(&mut self, place: Place, line: &str) {
        let is_wide = Size::of(line).is_wide();
        if split::needs_space(&self.text, line) {
            self.text.push(' ');
        }
        // Lines of two languages do not go on from one to the other.
        if !self.text.is_empty() && is_wide == self.is_wide {
            self.borders.push((self.text.len(), place));
        }
        self.is_wide = is_wide;
        self.text.push_str(line);
    }
}

/// Lines as the one line that they were.
fn joined(lines: &[&str]) -> String {
    split::spell(lines.iter().copied())
}

/// Seconds with three decimals at most.
fn secs(ms: u64) -> String {
    format!("{}", ms as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cue(start: u64, end: u64, text: &str) -> Cue {
        Cue::plain(Span::from_millis(start, end), text.split('/'))
    }

    fn check_one(cues: &[Cue], want: &[&str]) {
        let got: Vec<String> =
            check(cues, &Profile::NETFLIX).iter().map(ToString::to_string).collect();
        assert_eq!(got, want);
    }

    #[test]
    fn each_rule_is_measured() {
        check_one(
            &[cue(0, 834, "Well."), cue(918, 3000, "你好，世界。"), cue(3500, 5000, "好。")],
            &[],
        );
        check_one(
            &[cue(0, 500, "Hi.")],
            &[
                "cue 1 at 0:00: shown for 0.5 s, at least 0.834 s are due; let it stay longer, or merge it with a neighbour",
            ],
        );
        check_one(
            &[cue(1000, 8500, "Hi.")],
            &[
                "cue 1 at 0:01: shown for 7.5 s, at most 7 s are allowed; divide it, or let it end with the speech",
            ],
        );
        check_one(
            &[cue(0, 1000, "這一句話有十個字喔啊")],
            &[
                "cue 1 at 0:00: 10.0 characters per second, at most 9 are allowed; let it stay longer, merge it with a slower neighbour, or \
               shorten the text",
            ],
        );
        check_one(
            &[cue(0, 3000, &"x".repeat(43))],
            &[
                "cue 1 at 0:00: a line has 43 characters, at most 42 are allowed; end the line earlier, or divide the cue",
            ],
        );
        check_one(
            &[cue(0, 3000, "a/b/c")],
            &["cue 1 at 0:00: it has 3 lines, at most 2 are allowed; divide it"],
        );
        check_one(
            &[cue(0, 1000, "a"), cue(1050, 2000, "b"), cue(2300, 4000, "c"), cue(3000, 5000, "d")],
            &[
                "cue 1 at 0:00: 50 ms before the next cue, at least 84 ms are due; let it end earlier",
                "cue 2 at 0:01: 300 ms before the next cue flicker: under 500 ms, leave 84 ms; let it stay until shortly before the next one",
                "cue 3 at 0:02: it ends 1 s after the next one begins; let it end earlier",
            ],
        );
        check_one(&[cue(0, 1000, "")], &["cue 1 at 0:00: it has no text; remove it"]);
        // Hundredths, as ASS writes what is right to the millisecond.
        check_one(&[cue(0, 830, "Well."), cue(910, 3000, "It is late.")], &[]);
    }

    #[test]
    fn what_belongs_together() {
        check_one(
            &[cue(0, 2000, "It was said by Helen/Marsh, the clerk")],
            &[
                "cue 1 at 0:00: a line ends between “Helen” and “Marsh,”, parts of a name; end the line earlier or later",
            ],
        );
        check_one(
            &[cue(0, 2000, "要花8萬億"), cue(2084, 4000, "美元，這是他"), cue(4084, 6000, "的話")],
            &[
                "cue 2 at 0:02: a line ends between “億” and “美”, a number and what it counts; end the line earlier or later",
                "cue 3 at 0:04: a line ends between “他” and “的”, a word and its particle; end the line earlier or later",
            ],
        );
        check_one(
            &[cue(0, 2000, "好/。")],
            &["cue 1 at 0:00: a line begins with “。”; move it to the end of the line before"],
        );
        // After a pause nothing is parted.
        check_one(&[cue(0, 2000, "by Helen"), cue(2600, 4000, "Marsh")], &[]);
    }

    #[test]
    fn capitals_that_tell_no_name() {
        // German, whose nouns all have one.
        check_one(
            &[
                cue(0, 3000, "Der Schaffner rief den Zug/Richtung Norden aus,"),
                cue(3084, 6000, "und wir stiegen mit dem/Koffer in den Wagen"),
            ],
            &[],
        );
        // Verse, whose lines begin with one.
        let verse = [
            cue(0, 4000, "And up the hill beside the Mill/Went Helen with her brother,"),
            cue(4084, 8000, "And there we saw the quiet Marsh/And all that lay beyond the"),
            cue(
                8084,
                12_000,
                "Bridge, and by the light of Venus/Marsh birds called to one another",
            ),
        ];
        check_one(&verse, &[]);
        // In prose it does.
        check_one(
            &[
                cue(0, 3000, "and it was said by Helen/Marsh, the clerk"),
                cue(3084, 6000, "of the county, to the people/who were there"),
            ],
            &[
                "cue 1 at 0:00: a line ends between “Helen” and “Marsh,”, parts of a name; end the line earlier or later",
            ],
        );
    }

    #[test]
    fn cues_are_named_as_in_their_file() {
        let times = |from: &str, to: &str| format!("00:00:{from},000 --> 00:00:{to},000\n");
        for (file, want) in [
            // Numbers that begin elsewhere, times that go back, a name in WebVTT, nothing at all.
            (
                format!(
                    "41\n{}one\n\n42\n{}two\nthree\nfour\n",
                    times("00", "02"),
                    times("03", "05")
                ),
                "cue 42 at 0:03: it has 3 lines",
            ),
            (
                format!("7\n{}one\n", times("05", "03")),
                "cue 7 at 0:05: it ends before or as it begins; give it an end behind its start",
            ),
            (
                format!("WEBVTT\n\nthe end\n{}a\nb\nc\n", times("00", "02").replace(',', ".")),
                "cue “the end” at 0:00: it has 3 lines",
            ),
            (format!("{}a\nb\nc\n", times("00", "02")), "cue 1 at 0:00: it has 3 lines"),
        ] {
            let (cues, _) = read(file.as_bytes(), None).expect("readable");
            let found: Vec<String> =
                check(&cues, &Profile::NETFLIX).iter().map(ToString::to_string).collect();
            assert!(found.len() == 1 && found[0].starts_with(want), "{want}: {found:?}");
        }
    }

    #[test]
    fn files_are_judged_with_their_lines() {
        let file = "1\n00:00:00,000 --> 00:00:02,000\n<i>one</i>\ntwo\nthree\n\n2\n00:00:02,084 --> 00:00:03,000\n我們\nwe\n";
        let (cues, problems) = read(file.as_bytes(), None).expect("readable");
        assert_eq!(problems, vec![]);
        assert_eq!(
            check(&cues, &Profile::NETFLIX).iter().map(|v| (v.kind, v.cue)).collect::<Vec<_>>(),
            [(Kind::Lines, 1)]
        );
        assert!(
            read(b"{\"segments\": []}", Some("a.json"))
                .expect_err("no cues")
                .to_string()
                .contains("`a.json`")
        );
    }
}
