//! How good is it to end a line or a cue here?
//!
//! Between two words of a text stands a break, from the best (a sentence ends) to what is never done
//! (a name is parted). For all languages by punctuation and spaces, for English also by short words,
//! for Chinese and Japanese by where a word of several characters ends (`segment`).

use super::hold::{self, Hold};
use super::segment::{Inside, Words};
use crate::transcript::characters::{ends_clause, ends_sentence, is_closing, is_han, is_spoken, is_unspaced};
use std::ops::Range;

/// What stands between two words, from the best place for an end to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Break {
    /// A paragraph or heading ends.
    Block,
    /// A sentence ends.
    Sentence,
    /// The speaker pauses.
    Pause,
    /// A clause ends.
    Clause,
    /// A phrase begins: a conjunction or preposition follows.
    Phrase,
    /// Nothing but a space.
    Space,
    /// Nothing, between two words written without spaces.
    Character,
    /// An article and its noun, a number and what it counts, what may be the middle of a Chinese word.
    Clinging,
    /// A line never ends here.
    Held(Hold),
}

/// The break before each word of `text` but the first; `words` are their places, with their
/// punctuation. Linear.
pub fn between(text: &str, words: &[Range<usize>]) -> Vec<Break> {
    let known = Words::of(text);
    let mut held = Held::new(hold::stretches(text, words));
    words.windows(2).map(|pair| held.at(pair[1].start).unwrap_or_else(|| plain(text, &pair[0], &pair[1], &known))).collect()
}

/// Held stretches by where they begin, while places are asked for in order.
struct Held {
    stretches: Vec<(Range<usize>, Hold)>,
    next: usize,
    open: Vec<(Range<usize>, Hold)>,
}

impl Held {
    fn new(mut stretches: Vec<(Range<usize>, Hold)>) -> Self {
        stretches.sort_by_key(|(range, _)| range.start);
        Self { stretches, next: 0, open: Vec::new() }
    }

    fn at(&mut self, at: usize) -> Option<Break> {
        while let Some(stretch) = self.stretches.get(self.next).filter(|(range, _)| range.start < at) {
            self.open.push(stretch.clone());
            self.next += 1;
        }
        self.open.retain(|(range, _)| at < range.end);
        self.open.first().map(|&(_, hold)| Break::Held(hold))
    }
}

/// Characters that are words of their own but do not begin a line: iteration and length marks, small kana.
const TRAILING: &str = "々〻ゝゞヽヾーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ";

/// Whether a line may begin like `text`: with anything but a closing mark or a trailing character. An
/// ellipsis or a point before a letter or digit opens what follows.
pub fn may_begin(text: &str) -> bool {
    let Some(c) = text.chars().next() else { return true };
    let opens = ".…‥".contains(c) && text.trim_start_matches(c).starts_with(is_spoken);
    opens || !(is_closing(c) || TRAILING.contains(c))
}

/// Words of one character that lean on the word before them.
const PARTICLES: &str = "的了嗎吗呢吧著着過过得地啊喔呀嘛們们裡里";
/// And those of Japanese, which is not asked for words of one character.
const PARTICLES_WITHOUT_WORDS: &str = "了嗎吗呢吧";
/// Words of one character that say where or when of the word before them, where a clause or a 的 follows.
const POSTPOSED: &str = "後后前上下中內内外間间時时起旁邊边底";
/// Characters that make a word of the Latin one before them: AI界, iPhone版.
const SUFFIXES: &str = "界版型式級级族圈鏈链股化性者機机卡碼码";

fn plain(text: &str, before: &Range<usize>, after: &Range<usize>, known: &Words) -> Break {
    let (first, second) = (text[before.clone()].trim_end(), &text[after.clone()]);
    let rest = &text[after.start..];
    let Some(c) = rest.chars().next() else { return Break::Space };
    if !may_begin(rest) {
        return Break::Held(Hold::Mark);
    }
    let marks: Vec<char> = first.chars().rev().take_while(|&c| !is_spoken(c)).collect();
    if let Some(found) = mark_break(first, &marks, second) {
        return found;
    }
    let is_alone = known.is_alone(after.start, c.len_utf8());
    match known.at(after.start) {
        Some(Inside::Word) => Break::Held(Hold::Word),
        _ if leans(rest, c, is_alone) => Break::Held(Hold::Particle),
        None if is_alone && marks.is_empty() && SUFFIXES.contains(c) && first.ends_with(|c: char| c.is_ascii_alphabetic()) => {
            Break::Held(Hold::Word)
        }
        _ if before.end < after.start || !(is_unspaced(c) || first.ends_with(is_unspaced)) => spaced(&lower(first), &lower(second)),
        Some(Inside::Perhaps) => Break::Clinging,
        None if is_alone && is_last(rest, c) => Break::Clinging,
        None => unspaced(first, c),
    }
}

/// Whether the word of one character that `rest` begins with leans on what is before it.
fn leans(rest: &str, c: char, is_alone: bool) -> bool {
    // 的話 and the like are in the list; words that begin with it are few.
    if c == '的' && !rest[c.len_utf8()..].starts_with(['確', '确', '士', '哥']) {
        return true;
    }
    if !is_alone {
        return PARTICLES_WITHOUT_WORDS.contains(c) && !is_han(rest.chars().nth(1).unwrap_or(' '));
    }
    PARTICLES.contains(c) || (POSTPOSED.contains(c) && (is_last(rest, c) || rest[c.len_utf8()..].starts_with('的')))
}

/// Whether nothing but marks follows the character `c` in its clause, so that it would stand alone on a line.
fn is_last(rest: &str, c: char) -> bool {
    is_han(c) && rest[c.len_utf8()..].chars().next().is_none_or(|next| ends_clause(next) || ends_sentence(next))
}

/// The break that punctuation makes.
fn mark_break(first: &str, marks: &[char], second: &str) -> Option<Break> {
    let ends = |c: char| ends_sentence(c) && !matches!(c, '…' | '‥');
    let is_stop_only = marks.iter().all(|&c| c == '.');
    if marks.iter().any(|&c| ends(c)) && !(is_stop_only && is_abbreviation(first, second)) {
        return Some(Break::Sentence);
    }
    match () {
        () if marks.iter().any(|&c| c != '、' && (ends_clause(c) || ends_sentence(c)) && c != '.') => Some(Break::Clause),
        () if marks.contains(&'、') => Some(Break::Phrase),
        () => None,
    }
}

/// Whether the stop after `first` is no end: "U.S.", "e.g.", "Jan.", "J." before a name, "Inc. said".
fn is_abbreviation(first: &str, second: &str) -> bool {
    const SHORT: [&str; 26] = [
        "mr", "mrs", "ms", "dr", "prof", "st", "sen", "rep", "gov", "gen", "jr", "sr", "vs", "etc", "inc", "ltd", "co", "corp", "jan",
        "feb", "aug", "sept", "oct", "nov", "dec", "no",
    ];
    let word = first.trim_end_matches('.');
    let word = word.trim_start_matches(|c| !is_spoken(c));
    let goes_on = second.trim_start_matches(|c| !is_spoken(c)).starts_with(|c: char| c.is_lowercase() || c.is_numeric());
    let is_initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase) && word != "I";
    let is_known = SHORT.contains(&word.to_lowercase().as_str());
    let may_end = ["etc", "inc", "ltd", "co", "corp", "jr", "sr", "no"].contains(&word.to_lowercase().as_str()) || word.contains('.');
    is_initial || (is_known && (goes_on || !may_end)) || (word.contains('.') && goes_on)
}

/// Words with which an English phrase begins.
const BEGINNERS: [&str; 47] = [
    "and", "or", "but", "nor", "because", "that", "which", "who", "whose", "when", "where", "while", "if", "unless", "although", "though",
    "as", "than", "so", "before", "after", "since", "until", "of", "in", "on", "at", "for", "from", "with", "without", "to", "by", "into",
    "onto", "over", "under", "about", "between", "through", "during", "against", "among", "within", "like", "toward", "towards",
];

/// Words that lean on the one after them.
const LEANERS: [&str; 64] = [
    "a", "an", "the", "my", "your", "his", "her", "its", "our", "their", "this", "these", "those", "some", "any", "no", "every", "each",
    "i", "we", "he", "she", "they", "you", "is", "are", "was", "were", "be", "been", "am", "has", "have", "had", "will", "would", "can",
    "could", "should", "may", "might", "must", "not", "do", "does", "did", "to", "of", "in", "on", "at", "for", "from", "with", "by",
    "and", "or", "but", "very", "more", "most", "million", "billion", "trillion",
];

fn lower(word: &str) -> String {
    word.trim_matches(|c| !is_spoken(c)).to_lowercase()
}

fn spaced(first: &str, second: &str) -> Break {
    let is_number = first.ends_with(|c: char| c.is_numeric() || c == '%');
    let counts = is_number && second.starts_with(char::is_alphabetic) && !BEGINNERS.contains(&second);
    match () {
        () if LEANERS.contains(&first) || counts => Break::Clinging,
        () if BEGINNERS.contains(&second) => Break::Phrase,
        () => Break::Space,
    }
}

/// Chinese words of one character that lean on the next word, and those with which a phrase begins.
const CHINESE_LEANERS: &str = "在把被給给和與与跟對对從从向於将將是不沒没很最更這这那每各第再還还只";
const CHINESE_BEGINNERS: &str = "而但因如若雖虽並并且或和與与跟在從从對对把被讓让用為为";

fn unspaced(first: &str, next: char) -> Break {
    let last = first.chars().next_back().unwrap_or(' ');
    let is_alone = first.chars().count() == 1;
    match () {
        () if is_alone && CHINESE_LEANERS.contains(last) => Break::Clinging,
        () if CHINESE_BEGINNERS.contains(next) => Break::Phrase,
        () => Break::Character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::split;

    /// `text` with each break as a digit from 0 (best) to 8 (held), spaces left out.
    fn check(text: &str, want: &str) {
        let words = split::words(text);
        let mut got = text[words[0].clone()].to_owned();
        for (found, word) in between(text, &words).iter().zip(&words[1..]) {
            let digit = match found {
                Break::Block => 0,
                Break::Sentence => 1,
                Break::Pause => 2,
                Break::Clause => 3,
                Break::Phrase => 4,
                Break::Space => 5,
                Break::Character => 6,
                Break::Clinging => 7,
                Break::Held(_) => 8,
            };
            got.push_str(&format!("|{digit}|{}", &text[word.clone()]));
        }
        assert_eq!(got, want);
    }

    #[test]
    fn english() {
        check("It fell, and the man went to bed. Now", "It|5|fell,|3|and|7|the|7|man|5|went|4|to|7|bed.|1|Now");
        check("In the U.S. she met Mr. X etc. Then", "In|7|the|7|U.S.|5|she|7|met|5|Mr.|8|X|5|etc.|1|Then");
        check("“Stop!” he said — twice", "“Stop!”|1|he|7|said —|3|twice");
        check("6 workers and 24.3 million times", "6|7|workers|4|and|7|24.3|8|million|7|times");
    }

    #[test]
    fn chinese() {
        check("今天天氣很好，我們的電腦壞了嗎？", "今|8|天|6|天|8|氣|6|很|7|好，|3|我|8|們|8|的|6|電|8|腦|6|壞|8|了|8|嗎？");
        // A particle inside a word is none.
        check("他的確不了解", "他|6|的|8|確|6|不|7|了|8|解");
        check("蘋果、梨和花", "蘋|8|果、|4|梨|4|和|7|花");
        // Words that say where or when lean on what is before them, and nothing is left alone before a mark.
        check("AI界用它，幾個月後，六月起，電費誰付。", "AI|8|界|7|用|7|它，|3|幾|8|個|8|月|8|後，|3|六|8|月|8|起，|3|電|8|費|6|誰|7|付。");
    }

    #[test]
    fn marks_do_not_begin_lines() {
        check("カメラー", "カ|7|メ|7|ラ|8|ー");
    }
}
