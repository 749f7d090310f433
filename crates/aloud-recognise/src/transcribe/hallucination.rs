//! Which of the recogniser's words did somebody say?
//!
//! Whisper invents text on silence and music, and falls into loops; taken for another language than
//! it is, speech becomes nonsense. Here a window's lines are judged; where they are doubtful a
//! second and a third attempt is made with other settings, one of them in the language that the
//! window sounds like. What stays doubtful is marked rather than hidden. Pure decisions over
//! values: this file never runs the recogniser.

use super::language;
use super::protocol::How;
use super::words::{Line, outer};
use crate::time::{Span, Timestamp};
use crate::transcript::{Gap, GapReason, Segment};

/// Below this mean logarithm of token probabilities a line is doubtful (OpenAI's Whisper,
/// `transcribe.py`, `logprob_threshold`).
const LEAST_PLOG: f32 = -1.0;
/// Above this, with a low probability of the text, nobody spoke (same source,
/// `no_speech_threshold`).
const MOST_NO_SPEECH: f32 = 0.6;
/// Nobody says more characters than this in a second: fast English has 25, fast Chinese 8.
const MOST_CHARACTERS_PER_SECOND: f32 = 45.0;
/// The longest phrase, in words, whose repetition is looked for.
const LONGEST_PHRASE: usize = 24;
/// A window is doubtful as a whole when more than this share of its words is. One odd line among
/// good ones is marked, but another search through the whole window for its sake costs five times
/// as much and seldom mends it.
const UNSURE_SHARE: f32 = 0.2;
/// Somebody who is heard so near, in milliseconds, may have said a line.
const SLACK_MS: u64 = 100;
/// Speech from which no word came is missed when it lasts so long, in milliseconds; words may be
/// placed so far from where they are.
const MISSED_MS: u64 = 3_000;
const BESIDE_MS: u64 = 300;
/// What a line with letters of another alphabet counts.
const FOREIGN: f32 = 1.0;
/// What a second of missed speech counts. A loop is worse than half a minute of it: it says what
/// nobody said.
const MISSED: f32 = 0.3;
/// So often a letter may stand in a row: "hmmmm" is heard, "oooooooo" is made up.
const MOST_ALIKE: usize = 5;
/// Attempts at a doubtful window, the first included.
const ATTEMPTS: usize = 3;

/// A window is in another language than its recording only if that is at least so likely.
const OTHER_LANGUAGE: f32 = 0.8;
/// And only if its words are then so much more likely, as a mean of their logarithms: what Whisper
/// writes in a language that nobody speaks is a translation at best, and less likely by more than
/// this.
const BETTER_PLOG: f32 = 0.15;
/// A language that is at least so likely is clear, however sure the recording's is (with Whisper
/// base, people who speak another come to 0.96 and more; noise, music and English in echo give no
/// other than 0.77),
pub const CLEAR: f32 = 0.9;
/// where somebody speaks for so many milliseconds.
const CLEAR_MS: u64 = 5_000;
/// Letters in a row of an alphabet that the language is not written in. One may be a sign: π, の.
const FOREIGN_LETTERS: usize = 2;
/// A language that is at least so likely may have been heard, in letters that the recording's
/// language does not have.
const POSSIBLE: f32 = 0.2;

/// What a window's text came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settled {
    /// The lines that are kept.
    pub segments: Vec<Segment>,
    /// What was thrown out, as stretches without words.
    pub gaps: Vec<Gap>,
    /// The language of the lines.
    pub language: String,
    /// Which language the window sounds like, and how likely that is (0 to 1), where there was
    /// doubt and it was not recognised in that one in the end.
    pub sounds_like: Option<(String, f32)>,
}

/// How the language that windows are recognised in is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Known {
    /// The model knows no other.
    Only,
    /// The user said so.
    Told,
    /// Several windows agreed, with this share of their votes (0 to 1).
    Heard(f32),
}

/// A window on its way to a settled text: each attempt's lines go in, the next settings or the
/// result come out.
#[derive(Clone, Debug)]
pub struct Attempts {
    window: Span,
    first: How,
    known: Known,
    /// Those in the recording's language.
    made: Vec<Attempt>,
    /// What the window sounds like, most likely first; empty where that cannot be told.
    languages: Vec<(String, f32)>,
    /// For how many milliseconds somebody speaks in the window.
    spoken_ms: u64,
    /// The one in another language.
    other: Option<Attempt>,
    /// The language of the attempt that is on its way.
    trying: String,
}

/// What one attempt came to: its lines, and speech without words.
#[derive(Clone, Debug)]
struct Attempt {
    language: String,
    lines: Vec<Line>,
    missed: Vec<(Span, u64)>,
}

/// What to do next with a window.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Recognise it again, so.
    Again(How),
    /// This is its text.
    Done(Settled),
}

impl Attempts {
    /// The first attempt at the stretch `window` will be made with `how`, whose language is known
    /// as `known` says.
    pub fn new(window: Span, how: How, known: Known) -> Self {
        Self {
            window,
            trying: how.language.clone(),
            first: how,
            known,
            made: Vec::new(),
            languages: Vec::new(),
            spoken_ms: 0,
            other: None,
        }
    }

    /// The language of the attempt that is on its way.
    pub fn language(&self) -> &str {
        &self.trying
    }

    /// Takes what the window sounds like, most likely first. The first answer stands.
    pub fn sounds_like(&mut self, found: Vec<(String, f32)>) {
        if self.languages.is_empty() {
            self.languages = found;
        }
    }

    /// Takes the lines of one attempt. `spoken_ms` says for how many milliseconds somebody speaks
    /// in a span.
    pub fn take(&mut self, lines: Vec<Line>, spoken_ms: impl Fn(Span) -> u64) -> Next {
        let made = self.judge(lines, spoken_ms);
        if self.trying == self.first.language {
            self.made.push(made);
        } else {
            self.other = Some(made);
        }
        let is_good = self.made.iter().any(|made| badness(made) <= 0.0);
        // What Whisper writes in a language that nobody speaks may look as good.
        let is_asked = self.other.is_some() || self.clear_language().is_none();
        if self.is_other() || (is_good && is_asked) {
            return Next::Done(self.settled());
        }
        self.again()
    }

    /// Takes the lines of an attempt after which there is none.
    pub fn end(&mut self, lines: Vec<Line>, spoken_ms: impl Fn(Span) -> u64) -> Settled {
        let made = self.judge(lines, spoken_ms);
        self.made.push(made);
        self.settled()
    }

    fn judge(&mut self, lines: Vec<Line>, spoken_ms: impl Fn(Span) -> u64) -> Attempt {
        self.spoken_ms = spoken_ms(self.window);
        let lines = clean(lines, &spoken_ms);
        let missed = missed(&lines, self.window, &spoken_ms);
        Attempt { language: self.trying.clone(), lines, missed }
    }

    /// The next attempt at a doubtful window, or its end.
    fn again(&mut self) -> Next {
        let mut how = self.first.clone();
        // Without the prompt, which may have caused it.
        how.prompt = String::new();
        // And with all of the model's context, which may have been too short.
        how.is_whole = true;
        if let (Some(language), None) = (self.better_language(), &self.other) {
            how.language = language;
        } else if self.made.len() < ATTEMPTS {
            // First another search, then a little chance.
            how.beam = if self.first.beam > 1 { 1 } else { 5 };
            how.temperature = if self.made.len() == 1 { 0.0 } else { 0.4 };
        } else {
            return Next::Done(self.settled());
        }
        self.trying.clone_from(&how.language);
        Next::Again(how)
    }

    /// The language that is spoken here by better evidence than there is for that of the whole
    /// recording, or clearly.
    fn better_language(&self) -> Option<String> {
        let Known::Heard(share) = self.known else { return None };
        let (code, p) = self.languages.first()?;
        let is_better = *code != self.first.language && *p >= OTHER_LANGUAGE.max(share);
        (is_better || self.clear_language().is_some()).then(|| code.clone())
    }

    /// The language that is clearly spoken here, where that is another than the recording's, which
    /// was found out and not told.
    fn clear_language(&self) -> Option<&str> {
        let Known::Heard(_) = self.known else { return None };
        let (code, p) = self.languages.first()?;
        let is_clear = *code != self.first.language && *p >= CLEAR && self.spoken_ms >= CLEAR_MS;
        is_clear.then_some(code.as_str())
    }

    /// Whether the attempt in another language convinces: nothing in it is doubtful, and its words
    /// are clearly more likely. Where that language is clearly spoken, doubtful attempts in the
    /// recording's say nothing against it: a loop is likely by itself.
    fn is_other(&self) -> bool {
        let is_clear = self.clear_language().is_some();
        let counts = |made: &&Attempt| !is_clear || badness(made) <= 0.0;
        let likely =
            self.made.iter().filter(counts).map(mean_plog).fold(f32::NEG_INFINITY, f32::max);
        self.other.as_ref().is_some_and(|other| {
            !other.lines.is_empty()
                && badness(other) <= 0.0
                && mean_plog(other) > likely + BETTER_PLOG
        })
    }

    fn settled(&mut self) -> Settled {
        let had_doubt = self.made.len() > 1 || self.other.is_some();
        let is_other = self.is_other();
        let best = if is_other { self.other.take() } else { self.best() };
        let Some(Attempt { language, mut lines, missed }) = best else { return Settled::default() };
        let (languages, own) = (&self.languages, &language);
        // Letters of another alphabet that nothing speaks for were invented.
        let mut invented = Vec::new();
        if !languages.is_empty() {
            let is_possible = |c: char| {
                languages.iter().any(|(code, p)| *p >= POSSIBLE && !language::is_foreign(c, code))
            };
            lines.retain(|line| {
                let letters: Vec<char> =
                    line.segment.text.chars().filter(|c| c.is_alphabetic()).collect();
                let n_invented = letters
                    .iter()
                    .filter(|c| language::is_foreign(**c, own) && !is_possible(**c))
                    .count();
                let is_kept = 2 * n_invented <= letters.len();
                if !is_kept {
                    invented.push(line.segment.span);
                }
                is_kept
            });
        }
        let mut settled = settle(Attempt { language, lines, missed }, self.window);
        settled
            .gaps
            .extend(invented.into_iter().map(|span| Gap { span, reason: GapReason::Unclear }));
        settled.gaps.sort_by_key(|gap| gap.span.start());
        settled.sounds_like = languages.first().filter(|_| had_doubt && !is_other).cloned();
        if !is_other && self.clear_language().is_some() {
            settled.segments.iter_mut().for_each(|segment| segment.is_doubtful = true);
        }
        settled
    }

    /// The first of equally good attempts in the recording's language.
    fn best(&mut self) -> Option<Attempt> {
        let mut best = 0;
        for other in 1..self.made.len() {
            if badness(&self.made[other]) < badness(&self.made[best]) {
                best = other;
            }
        }
        (best < self.made.len()).then(|| self.made.swap_remove(best))
    }
}

/// The mean logarithm of its words' probabilities; very low without any.
fn mean_plog(attempt: &Attempt) -> f32 {
    let n_words = |line: &Line| line.segment.words.len() as f32;
    let all: f32 = attempt.lines.iter().map(n_words).sum();
    if all > 0.0 {
        attempt.lines.iter().map(|line| line.mean_plog * n_words(line)).sum::<f32>() / all
    } else {
        -20.0
    }
}

/// Drops what is no speech at all: lines of notes and brackets, and lines that lie where nobody
/// speaks.
fn clean(lines: Vec<Line>, spoken_ms: impl Fn(Span) -> u64) -> Vec<Line> {
    let is_speech = |span: Span| {
        spoken_ms(Span::new(span.start().minus(SLACK_MS), span.end().plus(SLACK_MS))) > 0
    };
    let keep = |line: &Line| {
        let nobody = line.no_speech > MOST_NO_SPEECH && line.mean_plog < LEAST_PLOG;
        !nobody && !is_annotation(&line.segment.text) && is_speech(line.segment.span)
    };
    lines.into_iter().filter(keep).collect()
}

/// Stretches without words in which somebody speaks for long, and for how many milliseconds he
/// does.
fn missed(lines: &[Line], window: Span, spoken_ms: impl Fn(Span) -> u64) -> Vec<(Span, u64)> {
    let mut words: Vec<Span> =
        lines.iter().flat_map(|line| line.segment.words.iter().map(|word| word.span)).collect();
    words.sort_by_key(|span| span.start());
    let mut holes = Vec::new();
    let mut end = window.start();
    for span in words {
        holes.push((end, span.start().minus(BESIDE_MS)));
        end = end.max(span.end().plus(BESIDE_MS));
    }
    holes.push((end, window.end()));
    let holes = holes
        .into_iter()
        .filter(|(start, end)| start < end)
        .map(|(start, end)| Span::new(start, end));
    holes.map(|hole| (hole, spoken_ms(hole))).filter(|(_, ms)| *ms >= MISSED_MS).collect()
}

/// Whether a text names a sound instead of giving words: `[Music]`, `(applause)`, `♪`, `*sighs*`,
/// or marks alone.
fn is_annotation(text: &str) -> bool {
    let text = text.trim();
    let is_mark = |c: char| !c.is_alphanumeric();
    if text.chars().all(is_mark) {
        return true;
    }
    [('[', ']'), ('(', ')'), ('（', '）'), ('【', '】'), ('♪', '♪'), ('*', '*')].iter().any(
        |(open, close)| {
            let inner = text
                .trim_end_matches(['.', '。', ' '])
                .strip_prefix(*open)
                .and_then(|t| t.strip_suffix(*close));
            inner.is_some_and(|inner| !inner.contains([*open, *close]))
        },
    )
}

/// How doubtful an attempt is: 0 for a good one; a loop is worse than any uncertain text.
fn badness(attempt: &Attempt) -> f32 {
    let lines = &attempt.lines;
    let words: Vec<&str> = words_of(lines);
    let missed = MISSED * attempt.missed.iter().map(|(_, ms)| *ms as f32 / 1000.0).sum::<f32>();
    let looped = missed + find_loop(&words).map_or(0.0, |l| 10.0 + l.repeats as f32);
    let foreign =
        FOREIGN * lines.iter().filter(|l| is_foreign(l, &attempt.language)).count() as f32;
    let is_unsure = |line: &&Line| is_unsure(line, &attempt.language);
    let n_unsure: usize = lines.iter().filter(is_unsure).map(|l| l.segment.words.len()).sum();
    if n_unsure as f32 <= words.len() as f32 * UNSURE_SHARE {
        return looped + foreign;
    }
    let unsure: f32 = lines
        .iter()
        .filter(is_unsure)
        .map(|l| LEAST_PLOG - l.mean_plog.min(LEAST_PLOG) + 0.1)
        .sum();
    looped + foreign + unsure
}

/// Whether a line has letters that its language does not know.
fn is_foreign(line: &Line, language: &str) -> bool {
    let mut run = 0;
    line.segment.text.chars().any(|c| {
        run = if language::is_foreign(c, language) { run + 1 } else { 0 };
        run >= FOREIGN_LETTERS
    })
}

fn is_unsure(line: &Line, language: &str) -> bool {
    let seconds = (line.segment.span.millis() as f32 / 1000.0).max(0.3);
    let characters =
        line.segment.words.iter().map(|w| w.text.chars().count()).sum::<usize>() as f32;
    let stutters = line.segment.words.iter().any(|word| is_stutter(&word.text));
    line.mean_plog < LEAST_PLOG
        || characters / seconds > MOST_CHARACTERS_PER_SECOND
        || stutters
        || is_foreign(line, language)
}

/// A loop inside a word: one letter again and again.
fn is_stutter(word: &str) -> bool {
    let letters: Vec<char> =
        word.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    letters.windows(MOST_ALIKE + 1).any(|run| run.iter().all(|c| *c == run[0]))
}

fn words_of(lines: &[Line]) -> Vec<&str> {
    lines.iter().flat_map(|l| &l.segment.words).map(|w| w.text.as_str()).collect()
}

/// A phrase said again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Loop {
    /// The word where it begins.
    start: usize,
    /// Words in the phrase.
    period: usize,
    /// How often it stands there in a row.
    repeats: usize,
}

/// The longest run of one phrase repeated without a break, if it is long enough to be a loop: four
/// times for a phrase of several words, seven for one or two (people do say "no, no, no, no").
fn find_loop(words: &[&str]) -> Option<Loop> {
    let same = |a: &str, b: &str| fold(a) == fold(b);
    let mut best: Option<Loop> = None;
    for period in 1..=LONGEST_PHRASE.min(words.len() / 2) {
        let mut run = 0;
        for at in period..=words.len() {
            if at < words.len() && same(words[at], words[at - period]) {
                run += 1;
                continue;
            }
            let repeats = run / period + 1;
            let enough = if period <= 2 { 7 } else { 4 };
            if repeats >= enough && best.is_none_or(|b| repeats * period > b.repeats * b.period) {
                best = Some(Loop { start: at - run - period, period, repeats });
            }
            run = 0;
        }
    }
    best
}

/// A word as far as repetition is concerned.
fn fold(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Marks what is doubtful, and cuts a loop that no attempt got rid of back to its first two turns.
fn settle(Attempt { language, lines, missed }: Attempt, window: Span) -> Settled {
    let unclear = |span: Span| Gap { span, reason: GapReason::Unclear };
    let mut gaps: Vec<Gap> = missed.into_iter().map(|(span, _)| unclear(span)).collect();
    let cut = find_loop(&words_of(&lines))
        .map(|l| (l.start + 2 * l.period, l.start + l.repeats * l.period));
    let (mut segments, mut at) = (Vec::new(), 0);
    let mut lost: Option<(Timestamp, Timestamp)> = None;
    for line in lines {
        let unsure = is_unsure(&line, &language);
        let mut segment = line.segment;
        let before = segment.words.len();
        let first = at;
        at += before;
        if let Some((from, to)) = cut {
            let mut index = first;
            segment.words.retain(|word| {
                let is_lost = (from..to).contains(&index);
                index += 1;
                if is_lost {
                    let start = lost.map_or(word.span.start(), |(start, _)| start);
                    lost = Some((start, word.span.end()));
                }
                !is_lost
            });
        }
        let was_cut = segment.words.len() < before;
        if was_cut {
            segment.text = text_of(&segment);
            segment.span = outer(&segment.words);
        }
        segment.is_doubtful = unsure || was_cut;
        if !segment.words.is_empty() {
            segments.push(segment);
        }
    }
    if let Some((start, end)) = lost {
        gaps.push(unclear(Span::new(start, end).clamp_to(window)));
    }
    gaps.sort_by_key(|gap| gap.span.start());
    Settled { segments, gaps, language, sounds_like: None }
}

/// The text of a segment as far as its words are still there, spaced as it was.
fn text_of(segment: &Segment) -> String {
    let (mut kept, mut at) = (String::new(), 0);
    for word in &segment.words {
        // Words stand in the text in their order; what lies before one and is no space belongs to a
        // lost one.
        let Some(found) = segment.text[at..].find(&word.text) else { continue };
        let has_space = segment.text[..at + found].ends_with(' ');
        if has_space && !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(&word.text);
        at += found + word.text.len();
    }
    kept
}

#[cfg(test)]
mod tests;
