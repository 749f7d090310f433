//! Which pieces of a text are in which of two languages?
//!
//! Pages for learners have each paragraph twice, others a whole translation below the text. Here
//! pieces are told apart by their letters alone; whether one half says what the other says is asked
//! of both, once they are articles ([`crate::align::across::pair_fit`]).

use super::draft::{Draft, Piece};
use super::language::{self, is_wide_letter};
use super::skip::ends_like_sentence;
use super::{BlockKind, sentences};
use crate::transcript::characters::{ends_sentence, is_opening, thirds};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

/// Each language has at least this share of what is spoken: a summary, or quotations in the
/// original, are no second language.
const LEAST_SHARE: f64 = 0.2;
/// Both together have at least this share of what tells its language; the guess at a short piece
/// may be wrong.
const BOTH_SHARE: f64 = 0.85;
/// The languages take turns from this many changes on: three pairs of paragraphs.
const TURNS: usize = 5;
/// What is said in two languages takes no more than so many times as long in either, but for one
/// pair in so many.
const UNLIKE: u64 = 2;
const ODD_PAIRS: usize = 5;

/// A text in two languages, each by itself.
#[derive(Clone, Debug)]
pub struct Bilingual {
    /// In the language that it begins with.
    pub first: Draft,
    /// In the other.
    pub second: Draft,
    /// Whether they take turns throughout, each about as long as the other, which is some evidence
    /// by itself.
    pub takes_turns: bool,
}

/// A part of a piece in one language.
struct Run {
    piece: usize,
    bytes: Range<usize>,
    side: usize,
}

impl Draft {
    /// The text in each of its two languages; `None` where it is in one, or in more than two.
    /// Paragraphs are divided between sentences where one language is Chinese, Japanese or Korean and
    /// the other is not, and else stay whole. Linear in the length of the text.
    pub fn bilingual(&self) -> Option<Bilingual> {
        // Captions have told their languages apart cue by cue.
        if self.pieces.iter().any(|piece| !piece.cues.is_empty()) {
            return None;
        }
        let codes = self.two_languages()?;
        let codes = [codes[0].as_str(), codes[1].as_str()];
        let runs = self.runs(codes);
        let n_changes = runs.windows(2).filter(|pair| pair[0].side != pair[1].side).count();
        let first = runs.first().filter(|_| n_changes > 0)?.side;
        let title = |title: &String| language::nearer(title, codes).unwrap_or(first);
        let of = |side: usize| Draft {
            title: self.title.clone().filter(|text| title(text) == side),
            language: Some(codes[side].to_owned()),
            pieces: runs.iter().filter(|run| run.side == side).map(|run| self.cut(run)).collect(),
        };
        let (first, mut second) = (of(first), of(1 - first));
        entitle(&first, &mut second);
        let takes_turns = n_changes >= TURNS && self.are_alike(&runs);
        Some(Bilingual { first, second, takes_turns })
    }

    /// Whether what follows each other in different languages is of like length.
    fn are_alike(&self, runs: &[Run]) -> bool {
        let long = |side: &[Run]| -> u64 { side.iter().map(|run| weight(self.text(run))).sum() };
        let sides: Vec<&[Run]> = runs.chunk_by(|a, b| a.side == b.side).collect();
        let is_alike = |pair: &&[&[Run]]| {
            let (a, b) = (long(pair[0]), pair.get(1).map_or(0, |side| long(side)));
            a <= UNLIKE * b && b <= UNLIKE * a
        };
        let n_alike = sides.chunks(2).filter(is_alike).count();
        n_alike * ODD_PAIRS >= sides.len().div_ceil(2) * (ODD_PAIRS - 1)
    }

    fn text(&self, run: &Run) -> &str {
        &self.pieces[run.piece].text[run.bytes.clone()]
    }

    /// The codes of the two languages that nearly all of it is in.
    fn two_languages(&self) -> Option<[String; 2]> {
        let mut shares: BTreeMap<String, u64> = BTreeMap::new();
        // Lines of a lesson tell their language together only.
        let mut short = String::new();
        for piece in &self.pieces {
            for run in by_script(&piece.text) {
                let text = &piece.text[run];
                match language::guess(text, None) {
                    Some(code) => *shares.entry(code).or_default() += weight(text),
                    None => short.extend([text, " "]),
                }
            }
        }
        if let Some(code) = language::guess(&short, None) {
            *shares.entry(code).or_default() += weight(&short);
        }
        let all = shares.values().sum::<u64>() as f64;
        let mut shares: Vec<(String, u64)> = shares.into_iter().collect();
        shares.sort_by_key(|(_, share)| Reverse(*share));
        let [(a, n), (b, m), ..] = shares.as_slice() else { return None };
        let is_two = *m as f64 >= LEAST_SHARE * all && (n + m) as f64 >= BOTH_SHARE * all;
        is_two.then(|| [a.clone(), b.clone()])
    }

    /// Its text in order, by language. What has no letters belongs to what it follows.
    fn runs(&self, codes: [&str; 2]) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let mut side = 0;
        for (piece, Piece { text, .. }) in self.pieces.iter().enumerate() {
            let parts = match language::differ_in_script(codes) {
                true => by_script(text),
                false => std::iter::once(0..text.len()).collect(),
            };
            for bytes in parts {
                side = language::nearer(&text[bytes.clone()], codes).unwrap_or(side);
                match runs.last_mut().filter(|run| run.piece == piece && run.side == side) {
                    Some(run) => run.bytes.end = bytes.end,
                    None => runs.push(Run { piece, bytes, side }),
                }
            }
        }
        self.take_turns(&mut runs, codes);
        runs
    }

    /// Where paragraphs take turns, one too short to tell that stands between two of one language is
    /// in the other.
    fn take_turns(&self, runs: &mut [Run], codes: [&str; 2]) {
        let sure: Vec<bool> =
            runs.iter().map(|run| language::is_sure(self.text(run), codes)).collect();
        let pairs = || runs.windows(2).zip(sure.windows(2)).filter(|(_, sure)| sure[0] && sure[1]);
        let n_turns = pairs().filter(|(pair, _)| pair[0].side != pair[1].side).count();
        if n_turns * 2 < pairs().count() {
            return;
        }
        for at in 1..runs.len().saturating_sub(1) {
            if !sure[at] && runs[at - 1].side == runs[at + 1].side && sure[at + 1] {
                runs[at].side = 1 - runs[at - 1].side;
            }
        }
    }

    /// A run as a piece of its own.
    fn cut(&self, run: &Run) -> Piece {
        let Piece { kind, text, skip, speaker, .. } = &self.pieces[run.piece];
        let text = text[run.bytes.clone()].to_owned();
        Piece { skip: *skip, speaker: speaker.clone(), ..Piece::new(*kind, text) }
    }
}

/// The sentences of a line, those that follow each other in the same kind of letters together.
fn by_script(line: &str) -> Vec<Range<usize>> {
    if let Some(halves) = halves(line) {
        return halves;
    }
    let mut runs: Vec<(Range<usize>, bool)> = Vec::new();
    for sentence in sentences::split(line).into_iter().flat_map(|sentence| apart(line, sentence)) {
        let is_wide = language::is_wide(&line[sentence.clone()]);
        match runs.last_mut().filter(|(_, last)| *last == is_wide) {
            Some((run, _)) => run.end = sentence.end,
            None => runs.push((sentence, is_wide)),
        }
    }
    runs.into_iter().map(|(run, _)| run).collect()
}

/// A heading that stands in both languages on one line ("What open means 開放是什麼意思"), cut in two:
/// it has no end mark, changes its letters once, and takes about as long to say in either. A name
/// alone ("使用 DeepSeek") is no second language.
fn halves(line: &str) -> Option<Vec<Range<usize>>> {
    let letters = || line.char_indices().filter(|(_, c)| c.is_alphabetic());
    let is_first = is_wide_letter(letters().next()?.1);
    let (change, _) = letters().find(|(_, c)| is_wide_letter(*c) != is_first)?;
    // What stands directly before the second half belongs to it ("2025年", "《").
    let before = line[..change].trim_end_matches(|c: char| c.is_numeric() || is_opening(c));
    let cut = if before.ends_with(char::is_whitespace) { before.len() } else { change };
    let (one, other) = (line[..cut].trim_end(), &line[cut..]);
    let is_other = |c: char| !c.is_alphabetic() || is_wide_letter(c) != is_first;
    let latin = if is_first { other } else { one };
    let (a, b) = (weight(one), weight(other));
    let is_fair = a <= UNLIKE * b && b <= UNLIKE * a && latin.split_whitespace().count() > 1;
    (is_fair && other.chars().all(is_other) && !ends_like_sentence(line))
        .then(|| vec![0..one.len(), cut..line.len()])
}

/// A sentence cut where one in other letters ends inside it: "… an hour later. 2025年…" looks like a
/// number that goes on.
fn apart(line: &str, sentence: Range<usize>) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut from = sentence.start;
    // Whether the last letter is a wide one, whether a sentence ends behind it, and the space there.
    let (mut was_wide, mut has_ended, mut end) = (None, false, None);
    for (at, c) in line[sentence.clone()].char_indices().map(|(at, c)| (sentence.start + at, c)) {
        if c.is_alphabetic() {
            let is_wide = is_wide_letter(c);
            if let Some((stop, next)) = end.filter(|_| is_wide && was_wide == Some(false)) {
                parts.push(from..stop);
                from = next;
            }
            (was_wide, has_ended, end) = (Some(is_wide), false, None);
        } else if c.is_whitespace() {
            end = end.or(has_ended.then(|| (at, at + c.len_utf8())));
        } else {
            has_ended |= ends_sentence(c);
        }
    }
    parts.push(from..sentence.end);
    parts
}

/// How long it takes to say `text`, roughly: a character of Chinese as long as three letters.
fn weight(text: &str) -> u64 {
    text.chars().map(|c| u64::from(thirds(c))).sum()
}

/// Where the first text begins with its title, so does the second.
fn entitle(first: &Draft, second: &mut Draft) {
    let has_title = first.pieces.first().is_some_and(|piece| piece.kind == BlockKind::Title);
    if let Some(piece) = second.pieces.first_mut()
        && has_title
        && second.title.is_none()
        && !ends_like_sentence(&piece.text)
    {
        piece.kind = BlockKind::Title;
    }
}
