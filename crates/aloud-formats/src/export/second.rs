//! A second language under the first, tied by sentence.
//!
//! Where a sentence is spread over several cues, its translation is cut in proportion, at the best place
//! near by. This room never knows which languages they are.

use super::breaks::{self, Break};
use super::cue::Cue;
use super::lines;
use super::passage::{Passage, Piece, line};
use super::profile::Profile;
use super::size::Size;
use super::tongue::Tongue;
use crate::time::Span;
use crate::transcript::split;
use std::ops::Range;

/// The thousandths of a line that the other language needs for each piece of `passages`: its
/// sentence's text, shared by length.
pub fn shares(passages: &[Passage], second: &[Option<String>], profile: &Profile) -> Vec<u32> {
    let texts = Texts::new(passages, second);
    let mut shares = Vec::new();
    for passage in passages {
        let total = texts.length_of(passage.sentence);
        let share = texts.get(passage.sentence).map_or(0, |text| u64::from(Size::of(text).line_share(profile)));
        shares.extend(passage.pieces.iter().map(|piece| (share * weight(piece) / total.max(1)) as u32));
    }
    shares
}

fn weight(piece: &Piece) -> u64 {
    u64::from(piece.size.line_share(&Profile::NETFLIX))
}

/// The second texts by the sentence of the first, and how long each such sentence is.
struct Texts<'a> {
    second: &'a [Option<String>],
    lengths: Vec<u64>,
}

impl<'a> Texts<'a> {
    fn new(passages: &[Passage], second: &'a [Option<String>]) -> Self {
        let mut lengths = vec![0; second.len()];
        for passage in passages {
            if let Some(length) = passage.sentence.and_then(|sentence| lengths.get_mut(sentence)) {
                *length += passage.pieces.iter().map(weight).sum::<u64>();
            }
        }
        Self { second, lengths }
    }

    fn get(&self, sentence: Option<usize>) -> Option<&'a str> {
        self.second.get(sentence?)?.as_deref().filter(|text| !text.trim().is_empty())
    }

    fn length_of(&self, sentence: Option<usize>) -> u64 {
        sentence.and_then(|sentence| self.lengths.get(sentence)).copied().unwrap_or(0)
    }
}

/// The part of a sentence that one cue shows.
struct Part {
    cue: usize,
    weight: u64,
}

/// Adds the second language to `cues`, which show the pieces of `passages` in the ranges `cuts`.
pub fn add(cues: &mut [Cue], cuts: &[Range<usize>], passages: &[Passage], second: &[Option<String>], profile: &Profile) {
    let texts = Texts::new(passages, second);
    let mut shown: Vec<Vec<Piece>> = vec![Vec::new(); cues.len()];
    for (sentence, parts) in parts(cuts, passages) {
        let Some(text) = texts.get(Some(sentence)) else { continue };
        let pieces = pieces_of(text);
        let weights: Vec<u64> = parts.iter().map(|part| part.weight).collect();
        let rooms: Vec<u64> = parts.iter().map(|part| room(&shown[part.cue], profile)).collect();
        for (part, range) in parts.iter().zip(divide(&pieces, &weights, &rooms, profile)) {
            let cue = &mut shown[part.cue];
            if let (Some(last), Some(first)) = (cue.last_mut(), pieces.get(range.start)) {
                last.is_spaced = split::needs_space(&last.text, &first.text);
            }
            cue.extend_from_slice(&pieces[range]);
        }
    }
    for (cue, pieces) in cues.iter_mut().zip(shown) {
        let begins = lines::wrap(&pieces, profile).unwrap_or_default().begins;
        let edges: Vec<usize> = std::iter::once(0).chain(begins).chain([pieces.len()]).collect();
        cue.second = edges.windows(2).map(|edge| line(&pieces[edge[0]..edge[1]])).filter(|line| !line.is_empty()).collect();
    }
}

/// For each sentence in order, the cues that show a part of it.
fn parts(cuts: &[Range<usize>], passages: &[Passage]) -> Vec<(usize, Vec<Part>)> {
    let mut found: Vec<(usize, Vec<Part>)> = Vec::new();
    let (mut at, mut cue) = (0, 0);
    for passage in passages {
        for piece in &passage.pieces {
            while cuts.get(cue).is_some_and(|cut| cut.end <= at) {
                cue += 1;
            }
            at += 1;
            let Some(sentence) = passage.sentence else { continue };
            if found.last().is_none_or(|(last, _)| *last != sentence) {
                found.push((sentence, Vec::new()));
            }
            let Some((_, parts)) = found.last_mut() else { continue };
            match parts.last_mut() {
                Some(part) if part.cue == cue => part.weight += weight(piece),
                _ => parts.push(Part { cue, weight: weight(piece) }),
            }
        }
    }
    found
}

/// The thousandths of a line that are still free beside `pieces`.
fn room(pieces: &[Piece], profile: &Profile) -> u64 {
    (1000 * profile.lines as u64).saturating_sub(u64::from(lines::size(pieces).line_share(profile)))
}

fn pieces_of(text: &str) -> Vec<Piece> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = split::words(&text);
    let ends = breaks::between(&text, &words, Tongue::of([text.as_str()].into_iter())).into_iter().chain([Break::Block]);
    let piece = |(word, end): (&Range<usize>, Break)| Piece {
        text: text[word.clone()].to_owned(),
        is_spaced: text[word.end..].starts_with(' '),
        span: Span::default(),
        end,
        size: Size::of(&text[word.clone()]),
        is_turn: false,
    };
    words.iter().zip(ends).map(piece).collect()
}

/// `pieces` cut into as many ranges as there are `weights`, in proportion to them and within `rooms`
/// where that can be. A short text leaves some ranges empty. Exact, by dynamic programming.
fn divide(pieces: &[Piece], weights: &[u64], rooms: &[u64], profile: &Profile) -> Vec<Range<usize>> {
    let whole = lines::size(pieces);
    let mut reached = vec![0u64; pieces.len() + 1];
    for index in 0..pieces.len() {
        reached[index + 1] = u64::from(lines::size(&pieces[..=index]).counted_as(whole).line_share(profile));
    }
    let (total, n) = (weights.iter().sum::<u64>().max(1), weights.len());
    // best[k][end]: the least badness of the first k ranges up to `end`, and where the last begins.
    let mut best = vec![vec![(u64::MAX, 0); pieces.len() + 1]; n + 1];
    best[0][0] = (0, 0);
    let mut done = 0;
    for k in 0..n {
        done += weights[k];
        let target = reached[pieces.len()] * done / total;
        for end in 0..=pieces.len() {
            if k + 1 == n && end < pieces.len() {
                continue;
            }
            for start in (0..=end).rev() {
                let over = (reached[end] - reached[start]).saturating_sub(rooms[k]);
                let so_far = best[k][start].0;
                if so_far == u64::MAX {
                    continue;
                }
                let off = reached[end].abs_diff(target) / 10;
                let cut = if end == 0 || end == pieces.len() { 0 } else { cut_badness(pieces[end - 1].end) };
                let empty = if start == end { 40 } else { 0 };
                let badness = so_far.saturating_add(over * 100 + off * off / 10 + cut + empty);
                if badness < best[k + 1][end].0 {
                    best[k + 1][end] = (badness, start);
                }
                if over > rooms[k] + 1000 {
                    break;
                }
            }
        }
    }
    let mut ranges = Vec::with_capacity(n);
    let mut end = pieces.len();
    for k in (0..n).rev() {
        let start = best[k + 1][end].1;
        ranges.push(start..end);
        end = start;
    }
    ranges.reverse();
    ranges
}

fn cut_badness(end: Break) -> u64 {
    match end {
        Break::Block | Break::Sentence => 0,
        Break::Pause | Break::Clause => 5,
        Break::Phrase => 40,
        Break::Modifier => 50,
        Break::Space => 60,
        Break::Character => 70,
        Break::Clinging => 160,
        Break::Held(_) => 200_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, weights: &[u64], want: &[&str]) {
        let pieces = pieces_of(text);
        let rooms = vec![1000; weights.len()];
        let got: Vec<String> = divide(&pieces, weights, &rooms, &Profile::NETFLIX).into_iter().map(|range| line(&pieces[range])).collect();
        assert_eq!(got, want);
    }

    #[test]
    fn cut_in_proportion_at_good_places() {
        check("河水漫過道路，法院的燈全滅了。", &[10, 11], &["河水漫過道路，", "法院的燈全滅了。"]);
        check(
            "The river came over the road, and the lights went out.",
            &[1, 1],
            &["The river came over the road,", "and the lights went out."],
        );
        check("好。", &[5, 5, 5], &["", "好。", ""]);
        check("他花了8萬億美元。", &[1, 1], &["他花了", "8萬億美元。"]);
        check(
            "一二三四五六七八九十一二三四五六七八九十一二三四五六七八",
            &[1, 9],
            &["一二三四五六七八九十一二三四五", "六七八九十一二三四五六七八"],
        );
    }
}
