//! What an index has to hold so that no phrase is missed: the terms of a text, and what of them a
//! phrase needs.
//!
//! A text is a net of tokens as well as a phrase is ("8" is read in several ways), and positions in
//! a line would lose ways through it. So the terms are single tokens and pairs of neighbours, in
//! all readings: wherever a phrase stands, each pair on one of its ways stands too. Chinese thus
//! has single characters and bigrams, whatever its words are. For what only sounds alike there are
//! sounds: of a word in letters its own, of characters each pair of toneless syllables. Three words
//! that are common stand side by side in few of the pages that have both pairs, so three neighbours
//! have a term as well: one of a quarter of a million, because what is looked up there is read
//! anyway, and as many terms as there are runs would be a third of all. Terms hold no white space,
//! so a list of them parted by spaces says all, also to another engine. Pure.

use crate::search::{Outline, Step, Text};
use crate::transcript::characters::stands_alone;
use crate::words::{Lexicon, TokenId};
use std::collections::HashSet;

/// Of longer phrases the beginning is looked up, and the rest left to the search that follows.
pub const MAX_SLOTS: usize = 24;
/// Where a part of a phrase has more ways than this, it is not looked up.
const MAX_WAYS: usize = 48;

/// The terms of a text, parted by spaces, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Tokens and pairs of them.
    pub words: String,
    /// Sounds of words in letters, and pairs of syllables.
    pub sounds: String,
    /// Runs of three tokens, shortened.
    pub runs: String,
}

/// The terms of `text`.
pub fn of_text(text: &Text) -> Terms {
    let (lexicon, phrase) = (text.lexicon(), text.phrase());
    let mut terms = Terms::default();
    let mut seen = HashSet::new();
    for token in phrase.slots().flatten().flatten() {
        if seen.insert(token.id) {
            push(&mut terms.words, &of_token(lexicon.text(token.id)));
            if lexicon.is_letters(token.id) {
                push(&mut terms.sounds, &lexicon.sound_key(token.id).unwrap_or_default());
            }
        }
    }
    let mut pairs: Vec<(TokenId, TokenId)> = phrase.pairs().into_iter().collect();
    // A set has no order of its own, and the same text should be the same document.
    pairs.sort_unstable();
    for (a, b) in pairs {
        push(&mut terms.words, &pair(lexicon.text(a), lexicon.text(b)));
        if let (Some(a), Some(b)) = (syllable(lexicon, a), syllable(lexicon, b)) {
            push(&mut terms.sounds, &format!("{a}{b}"));
        }
    }
    let mut runs: Vec<String> =
        phrase.triples().into_iter().map(|ids| run(ids.map(|id| lexicon.text(id)))).collect();
    runs.sort_unstable();
    runs.dedup();
    terms.runs = runs.join(" ");
    terms
}

fn push(list: &mut String, term: &str) {
    if !term.is_empty() {
        if !list.is_empty() {
            list.push(' ');
        }
        list.push_str(term);
    }
}

/// The term of one token: without white space.
pub fn of_token(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The term of two neighbours. Two characters are simply written together.
fn pair(a: &str, b: &str) -> String {
    let is_character = |text: &str| text.chars().count() == 1 && text.chars().all(stands_alone);
    let joiner = if is_character(a) && is_character(b) { "" } else { "_" };
    format!("{}{joiner}{}", of_token(a), of_token(b))
}

/// The term of three neighbours: 18 bits of their hash (G. Fowler, L. Noll and K.-P. Vo's FNV-1a)
/// in Base64's letters.
fn run(tokens: [&str; 3]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut hash = 0xCBF2_9CE4_8422_2325u64;
    for byte in tokens.iter().flat_map(|token| token.bytes().chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3);
    }
    let bits = (hash ^ hash >> 32) as usize;
    [12, 6, 0].map(|shift| LETTERS[bits >> shift & 63] as char).iter().collect()
}

fn syllable(lexicon: &Lexicon, id: TokenId) -> Option<String> {
    if lexicon.is_letters(id) { None } else { lexicon.sound_key(id).map(|key| plain(&key)) }
}

/// A syllable without what many speakers do not keep apart: zh and z, in and ing.
fn plain(key: &str) -> String {
    let key = key.strip_suffix("ng").map_or_else(|| key.to_owned(), |stem| format!("{stem}n"));
    ["/zh", "/ch", "/sh"]
        .iter()
        .find_map(|initial| Some(format!("{}{}", &initial[..2], key.strip_prefix(initial)?)))
        .unwrap_or(key)
}

/// Which terms a page needs for a phrase to stand in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// This one, among the words.
    Word(String),
    /// This one, among the sounds.
    Sound(String),
    /// This one, among the runs; only asked for where `has` can tell what there is.
    Run(String),
    /// One of these.
    Any(Vec<Need>),
    /// All of these.
    All(Vec<Need>),
}

/// Whether any page has a term; `None` where that cannot be told.
type Has<'a> = Option<&'a dyn Fn(&Need) -> bool>;

/// A part of a phrase between two places that every way passes: its ways, each a run of steps; none
/// where there are too many.
struct Part<'a> {
    ways: Option<Vec<Vec<&'a Step>>>,
}

/// What every page needs where the phrase stands just so; `None` where that can be anywhere.
///
/// `has` says whether any page has a term at all: what is nowhere is not asked for. Two words that
/// are written as one, or one as two, count as the same, as in the search itself; but not where
/// nobody can say what there is.
pub fn needs(outline: &Outline, has: Has) -> Option<Need> {
    let (joins, base): (Vec<&Step>, Vec<&Step>) =
        outline.steps.iter().partition(|step| step.is_joined);
    let parts = parts(&base, outline.end);
    let last = places(&base, outline.end).into_iter().take(MAX_SLOTS + 1).next_back().unwrap_or(0);
    let of = |parts: &[Part]| all(parts, outline.is_pinyin, has);
    let mut any = vec![of(&parts)?];
    for join in joins {
        if join.to > last || !has.is_some_and(|has| has(&Need::Word(of_token(&join.text)))) {
            continue;
        }
        let inside = |step: &Step| join.from <= step.from && step.to <= join.to;
        let rest: Vec<&Step> =
            base.iter().copied().filter(|step| !inside(step)).chain([join]).collect();
        any.push(of(&self::parts(&rest, outline.end))?);
    }
    Some(if any.len() == 1 { any.remove(0) } else { Need::Any(any) })
}

/// Whether a phrase has more parts than are looked up.
pub fn is_long(outline: &Outline) -> bool {
    let base: Vec<&Step> = outline.steps.iter().filter(|step| !step.is_joined).collect();
    places(&base, outline.end).len() > MAX_SLOTS + 1
}

/// The phrase cut at every place that all ways pass, at most [`MAX_SLOTS`] parts.
fn parts<'a>(steps: &[&'a Step], end: usize) -> Vec<Part<'a>> {
    places(steps, end)
        .windows(2)
        .take(MAX_SLOTS)
        .map(|ends| Part { ways: ways(ends[0], ends[1], steps) })
        .collect()
}

/// The places that every way passes: no step leads over them, and ways only go up.
fn places(steps: &[&Step], end: usize) -> Vec<usize> {
    let mut places: Vec<usize> =
        steps.iter().flat_map(|step| [step.from, step.to]).chain([0, end]).collect();
    places.sort_unstable();
    places.dedup();
    // Where the steps from before a place lead to at most.
    let mut by_start: Vec<(usize, usize)> = steps.iter().map(|step| (step.from, step.to)).collect();
    by_start.sort_unstable();
    let (mut next, mut reach) = (0, 0);
    places.retain(|place| {
        while let Some((_, to)) = by_start.get(next).filter(|(from, _)| from < place) {
            reach = reach.max(*to);
            next += 1;
        }
        reach <= *place
    });
    places
}

fn ways<'a>(from: usize, to: usize, steps: &[&'a Step]) -> Option<Vec<Vec<&'a Step>>> {
    let mut done = Vec::new();
    let mut open: Vec<Vec<&Step>> = vec![Vec::new()];
    while let Some(way) = open.pop() {
        let at = way.last().map_or(from, |step| step.to);
        if at == to {
            done.push(way);
        } else {
            open.extend(
                steps
                    .iter()
                    .filter(|step| step.from == at)
                    .map(|step| [way.as_slice(), &[*step]].concat()),
            );
        }
        if done.len() + open.len() > MAX_WAYS {
            return None;
        }
    }
    Some(done)
}

/// What all parts need, and each two neighbours.
fn all(parts: &[Part], is_pinyin: bool, has: Has) -> Option<Need> {
    let mut needs = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let Some(ways) = &part.ways else { continue };
        let is_open = |other: Option<&Part>| other.is_some_and(|part| part.ways.is_none());
        let is_plain = ways.len() == 1 && ways[0].len() == 1;
        let before = index.checked_sub(1).and_then(|before| parts.get(before));
        // A pair says more than its halves.
        if is_plain && parts.len() > 1 && !is_open(before) && !is_open(parts.get(index + 1)) {
            continue;
        }
        needs.extend(any(ways.iter().filter_map(|way| way_needs(way, is_pinyin, has)).collect()));
    }
    for neighbours in parts.windows(2) {
        let (Some(a), Some(b)) = (&neighbours[0].ways, &neighbours[1].ways) else { continue };
        let lasts = a.iter().flat_map(|way| ends(way, true, has));
        let firsts: Vec<String> = b.iter().flat_map(|way| ends(way, false, has)).collect();
        let mut pairs: Vec<Need> = if is_pinyin {
            let (lasts, firsts) =
                (a.iter().filter_map(|way| way.last()), b.iter().filter_map(|way| way.first()));
            lasts.flat_map(|last| firsts.clone().filter_map(|first| sounds(last, first))).collect()
        } else {
            lasts
                .flat_map(|last| {
                    firsts
                        .iter()
                        .map(move |first| Need::Word(pair(&last, first)))
                        .collect::<Vec<_>>()
                })
                .collect()
        };
        pairs.dedup();
        pairs.retain(|pair| has.is_none_or(|has| has(pair)));
        needs.push(Need::Any(pairs));
    }
    if has.is_some() && !is_pinyin {
        for three in parts.windows(3) {
            // A word that may also be written as two, or be read otherwise, is left to the pairs.
            let only = |part: &Part<'_>| {
                let [way] = part.ways.as_deref()? else { return None };
                let [step] = way[..] else { return None };
                splits(step, has).next().is_none().then(|| step.text.clone())
            };
            if let (Some(a), Some(b), Some(c)) = (only(&three[0]), only(&three[1]), only(&three[2]))
            {
                needs.push(Need::Run(run([&a, &b, &c])));
            }
        }
    }
    (!needs.is_empty()).then_some(Need::All(needs))
}

/// What one of `needs` needs; nothing where one of them needs nothing.
fn any(needs: Vec<Option<Need>>) -> Option<Need> {
    needs.into_iter().collect::<Option<Vec<Need>>>().map(Need::Any)
}

/// What a way through a part needs: `Some(None)` for nothing, `None` where no page has it.
#[allow(clippy::option_option, reason = "nowhere, anywhere, and somewhere are three answers")]
fn way_needs(way: &[&Step], is_pinyin: bool, has: Has) -> Option<Option<Need>> {
    let needs: Vec<Need> = match way {
        // One syllable alone is in half of all pages.
        [_] if is_pinyin => return Some(None),
        [only] => {
            let mut either = vec![Need::Word(of_token(&only.text))];
            either.extend(splits(only, has).map(|(a, b)| Need::Word(pair(a, b))));
            either.retain(|word| has.is_none_or(|has| has(word)));
            vec![Need::Any(either)]
        }
        _ if is_pinyin => way.windows(2).filter_map(|pair| sounds(pair[0], pair[1])).collect(),
        _ => way.windows(2).map(|steps| Need::Word(pair(&steps[0].text, &steps[1].text))).collect(),
    };
    let is_somewhere = |need: &Need| {
        if let Need::Any(any) = need { !any.is_empty() } else { has.is_none_or(|has| has(need)) }
    };
    needs.iter().all(is_somewhere).then_some(Some(Need::All(needs)))
}

/// The tokens that a way may end (or begin) with: its own, and the parts of a word that is written
/// as two.
fn ends<'a>(way: &[&'a Step], is_last: bool, has: Has<'a>) -> Vec<String> {
    let Some(step) = (if is_last { way.last() } else { way.first() }) else { return Vec::new() };
    let part = |(a, b): (&str, &str)| if is_last { b.to_owned() } else { a.to_owned() };
    std::iter::once(step.text.clone()).chain(splits(step, has).map(part)).collect()
}

/// The two words that a word in letters is where it is written as two; two neighbours written as
/// one are not parted again.
fn splits<'a>(step: &'a Step, has: Has<'a>) -> impl Iterator<Item = (&'a str, &'a str)> {
    let may_part = step.is_letters && !step.is_joined;
    let places = step
        .text
        .char_indices()
        .map(|(at, _)| at)
        .filter(move |at| may_part && *at > 1 && at + 1 < step.text.len());
    places
        .map(|at| step.text.split_at(at))
        .filter(move |(a, b)| has.is_some_and(|has| has(&Need::Word(pair(a, b)))))
}

fn sounds(a: &Step, b: &Step) -> Option<Need> {
    let of = |step: &Step| step.sound.as_deref().filter(|_| !step.is_letters).map(plain);
    Some(Need::Sound(format!("{}{}", of(a)?, of(b)?)))
}

/// A term that speaks for a phrase being somewhere near.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clue {
    /// The term.
    pub need: Need,
    /// Whether words that are spelled a little otherwise count as well.
    pub is_loose: bool,
}

/// What speaks for something like the phrase standing in a page: its words, their sounds, and pairs
/// of characters.
pub fn clues(outline: &Outline) -> Vec<Clue> {
    let mut clues: Vec<Clue> = Vec::new();
    let mut add = |need: Need, is_loose: bool| {
        let clue = Clue { need, is_loose };
        if !clues.contains(&clue) {
            clues.push(clue);
        }
    };
    for step in &outline.steps {
        if step.is_letters {
            match &step.sound {
                Some(sound) => add(Need::Sound(sound.clone()), true),
                None => add(Need::Word(of_token(&step.text)), false),
            }
        }
        for next in outline.steps.iter().filter(|next| next.from == step.to) {
            if let Some(need) = sounds(step, next) {
                add(need, false);
            }
        }
    }
    clues
}
