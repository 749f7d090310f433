//! Captions that roll, as automatic ones and live ones do: a cue shows again what the cues before
//! it showed.
//!
//! Each line is said once, when it first came. What is taken out is the longest end of one cue that
//! the next one begins with, and only in a file of which that is the habit: people sing a line
//! twice.

use super::assemble::{Rough, Words};
use super::notes::Notes;
use crate::transcript::split;

/// Two cues that are this far apart do not belong together, in milliseconds.
const APART_MS: u64 = 1500;
/// No cue is compared by more words.
const MOST: usize = 120;

/// A word of a cue: what it is compared by, and the byte behind it.
type Token = (String, usize);

/// Leaves of each cue what the one before it did not show.
pub(super) fn unroll(roughs: &mut [Rough], notes: &mut Notes) {
    let Some((tokens, overlaps)) = repeated(roughs) else { return };
    for (rough, (tokens, n)) in roughs.iter_mut().zip(tokens.iter().zip(&overlaps)) {
        if *n > 0 {
            drop_words(rough, tokens, *n);
        }
    }
    notes.of_file("its cues roll, and show again what was said before; each word was taken once");
}

/// Whether it is the habit of a file to show again what the cue before showed.
pub(super) fn is_habit(roughs: &[Rough]) -> bool {
    repeated(roughs).is_some()
}

/// The words of each cue, and how many of them the one before it showed; `None` where that is not
/// the file's habit.
fn repeated(roughs: &[Rough]) -> Option<(Vec<Vec<Token>>, Vec<usize>)> {
    let tokens: Vec<Vec<Token>> = roughs.iter().map(|rough| tokens(&rough.text)).collect();
    let overlaps: Vec<usize> =
        (0..roughs.len()).map(|index| overlap(roughs, &tokens, index)).collect();
    // A cue that shows all of the one before and more, or a part of it and more.
    let is_partial = |index: &usize| {
        let n = overlaps[*index];
        n > 0 && (n < tokens[*index].len() || n < tokens[*index - 1].len())
    };
    let n_partial = (1..roughs.len()).filter(is_partial).count();
    (n_partial >= 3 && n_partial * 3 >= roughs.len()).then_some((tokens, overlaps))
}

/// How many words `after` begins with that `before` ends with, where that is no chance.
pub(crate) fn n_shared(before: &str, after: &str) -> usize {
    shared(&tokens(before), &tokens(after))
}

fn tokens(text: &str) -> Vec<Token> {
    let words = split::words(text).into_iter().take(MOST);
    words.map(|word| (text[split::core(text, word.clone())].to_lowercase(), word.end)).collect()
}

/// How many words the cue at `index` begins with that the one before it ends with.
fn overlap(roughs: &[Rough], tokens: &[Vec<Token>], index: usize) -> usize {
    let Some(before) = index.checked_sub(1) else { return 0 };
    let gap = match (roughs[before].end, roughs[index].start) {
        (Some(end), Some(start)) => start.millis().saturating_sub(end.millis()),
        _ => 0,
    };
    let (a, b) = (&tokens[before], &tokens[index]);
    if gap > APART_MS { 0 } else { shared(a, b) }
}

fn shared(a: &[Token], b: &[Token]) -> usize {
    let same = |n: &usize| a[a.len() - n..].iter().zip(&b[..*n]).all(|(a, b)| a.0 == b.0);
    // A word or two come again by chance, but for the whole of a cue.
    (1..=a.len().min(b.len()))
        .rev()
        .find(same)
        .filter(|n| *n >= 3 || *n == a.len() || *n == b.len())
        .unwrap_or(0)
}

/// Takes what its first `len` bytes say from a cue.
pub(super) fn drop_front(rough: &mut Rough, len: usize) {
    let words = split::words(&rough.text);
    let tokens: Vec<Token> = words
        .into_iter()
        .take_while(|word| word.start < len)
        .map(|word| (String::new(), word.end))
        .collect();
    let rest = rough.text.get(len..).map(|rest| rest.trim_start().to_owned());
    if !tokens.is_empty() {
        drop_words(rough, &tokens, tokens.len());
        rough.text = rest.unwrap_or_default();
    }
}

/// Takes the first `n` of its words from a cue.
fn drop_words(rough: &mut Rough, tokens: &[Token], n: usize) {
    rough.text = rough.text[tokens[n - 1].1..].trim_start().to_owned();
    let Words::Pieces(pieces) = &mut rough.words else { return };
    let mut left = n;
    for piece in pieces.iter_mut() {
        if left == 0 {
            break;
        }
        let words = split::words(&piece.text);
        let taken = left.min(words.len());
        left -= taken;
        piece.text = words
            .get(taken.wrapping_sub(1))
            .map_or_else(String::new, |last| piece.text[last.end..].to_owned());
    }
    pieces.retain(|piece| !piece.text.trim().is_empty());
    // The rest begins with its first word that has a time.
    if let Some(start) = pieces.first().and_then(|piece| piece.start) {
        rough.start = Some(start);
    }
}
