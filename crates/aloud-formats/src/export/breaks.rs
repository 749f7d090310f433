//! How good is it to end a line or a cue here?
//!
//! Between two words of a text stands a break, from the best (a sentence ends) to what is never
//! done (a name is parted). For all languages by punctuation and spaces, for some also by short
//! words (`tongue`), for Chinese and Japanese by where a word of several characters ends
//! (`segment`).

use super::hold::{self, Hold};
use super::segment::{Inside, Words};
use super::tongue::Tongue;
use crate::transcript::characters::{
    ends_clause, ends_sentence, is_closing, is_han, is_spoken, is_unspaced,
};
use std::collections::HashSet;
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
    /// What a Chinese noun is described by ends with 的; the noun follows.
    Modifier,
    /// Nothing but a space.
    Space,
    /// Nothing, between two words written without spaces.
    Character,
    /// An article and its noun, a number and what it counts, what may be the middle of a Chinese
    /// word.
    Clinging,
    /// A line never ends here.
    Held(Hold),
}

/// The break before each word of `text` but the first, by the habits of `tongue`; `words` are their
/// places, with their punctuation. Linear.
pub fn between(text: &str, words: &[Range<usize>], tongue: Tongue) -> Vec<Break> {
    let known = Words::of(text);
    let mut stretches = hold::stretches(text, words, tongue);
    let counted = Counted::of(text, &stretches);
    stretches.extend(spelt_names(text, &known).into_iter().map(|range| (range, Hold::Name)));
    let mut held = Held::new(stretches);
    let ways = Ways { text, known: &known, counted, tongue };
    let place = |pair: &[Range<usize>]| {
        held.at(pair[1].start).unwrap_or_else(|| ways.plain(&pair[0], &pair[1]))
    };
    let mut found: Vec<Break> = words.windows(2).map(place).collect();
    if known.is_chinese() {
        keep_edges(text, words, &mut found);
    }
    if tongue.describes_behind() {
        keep_ends(text, words, &mut found);
    }
    found
}

/// Where counted things ("5個", "三月") begin in Chinese text, and where those end whose unit leans
/// on what is counted.
#[derive(Default)]
struct Counted {
    starts: HashSet<usize>,
    ends: HashSet<usize>,
}

impl Counted {
    fn of(text: &str, stretches: &[(Range<usize>, Hold)]) -> Self {
        let mut counted = Self::default();
        for (range, _) in stretches
            .iter()
            .filter(|(range, hold)| *hold == Hold::Number && text[range.clone()].contains(is_han))
        {
            counted.starts.insert(range.start);
            if text[range.clone()].ends_with(|c| CLASSIFIERS.contains(c)) {
                counted.ends.insert(range.end);
            }
        }
        counted
    }
}

/// Words that stand between a number or a demonstrative and the thing.
const CLASSIFIERS: &str = "個个位名種种項项條条張张本臺台輛辆家間间座層层頁页章篇件份塊块所場场群隻只封串排句段棟栋支枝根片顆颗朵幅面把艘架頓顿首";
/// Words that a classifier may follow besides a number.
const DEMONSTRATIVES: &str = "這这那哪每某幾几各該该";
/// So many characters at either end of a clause are not left alone on a line.
const EDGE: usize = 3;
/// So few at its end are no phrase of their own.
const TAIL: usize = 5;

/// Breaks that leave a clause's first or last word alone are bad ones, where the clause is long
/// enough for better ones.
fn keep_edges(text: &str, words: &[Range<usize>], found: &mut [Break]) {
    let width = |word: &Range<usize>| {
        text[word.clone()]
            .chars()
            .filter(|c| is_spoken(*c))
            .map(|c| if is_han(c) { 2 } else { 1 })
            .sum()
    };
    let widths: Vec<usize> = words.iter().map(width).collect();
    let mut from = 0;
    for to in 1..=words.len() {
        if to < words.len() && found[to - 1] > Break::Clause {
            continue;
        }
        let whole: usize = widths[from..to].iter().sum();
        let mut before = 0;
        for at in from..to.saturating_sub(1) {
            before += widths[at];
            let is_edge = before.min(whole - before) <= 2 * EDGE;
            // What is counted up may end anywhere.
            let is_tight = words[at].end == words[at + 1].start
                && !text[..words[at].end].ends_with('、')
                && whole >= 6 * EDGE;
            found[at] = match found[at] {
                Break::Phrase | Break::Modifier | Break::Character if is_edge && is_tight => {
                    Break::Clinging
                }
                Break::Phrase if is_tight && whole - before <= 2 * TAIL => Break::Character,
                found => found,
            };
        }
        from = to;
    }
}

/// So few letters at the end of a phrase begin no line.
const STUB: usize = 5;

/// A short word that a phrase ends with stays with the one before it ("a duras penas").
fn keep_ends(text: &str, words: &[Range<usize>], found: &mut [Break]) {
    for at in 0..found.len() {
        let ends_phrase = found.get(at + 1).is_none_or(|next| *next <= Break::Phrase);
        let n_letters = text[words[at + 1].clone()].chars().filter(|c| is_spoken(*c)).count();
        if found[at] == Break::Space && ends_phrase && n_letters <= STUB {
            found[at] = Break::Clinging;
        }
    }
}

/// What a place that is no kind of officer may be called behind its name.
const PLACES: &str = "郡州縣县省市鎮镇村區区國国島岛河湖港街路";

/// Stretches like "諾斯菲爾德" and "米爾郡": characters that write sounds, which the list does not
/// know together.
fn spelt_names(text: &str, known: &Words) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut run: Vec<usize> = Vec::new();
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if hold::SOUNDS.contains(c) {
            run.push(at);
            continue;
        }
        let places = std::mem::take(&mut run);
        // What the list knows together with a character outside is no name.
        let Some(first) = places.iter().position(|place| known.at(*place).is_none()) else {
            continue;
        };
        let ends: Vec<usize> = places[1..].iter().copied().chain([at]).collect();
        let Some(last) =
            ends.iter().rposition(|end| known.at(*end).is_none()).filter(|last| *last >= first)
        else {
            continue;
        };
        let (places, end) = (&places[first..=last], ends[last]);
        let is_loose = places.iter().skip(1).any(|place| known.at(*place) != Some(Inside::Word));
        let is_place = end == at && PLACES.contains(c) && known.is_alone(at, c.len_utf8());
        if (places.len() > 2 && is_loose) || (places.len() > 1 && is_place) {
            found.push(places[0]..if is_place { at + c.len_utf8() } else { end });
        }
    }
    found
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
        while let Some(stretch) =
            self.stretches.get(self.next).filter(|(range, _)| range.start < at)
        {
            self.open.push(stretch.clone());
            self.next += 1;
        }
        self.open.retain(|(range, _)| at < range.end);
        self.open.first().map(|&(_, hold)| Break::Held(hold))
    }
}

/// Characters that are words of their own but do not begin a line: iteration and length marks,
/// small kana.
const TRAILING: &str =
    "々〻ゝゞヽヾーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ";

/// Whether a line may begin like `text`: with anything but a closing mark or a trailing character.
/// An ellipsis or a point before a letter or digit opens what follows.
pub fn may_begin(text: &str) -> bool {
    let Some(c) = text.chars().next() else { return true };
    let opens = ".…‥".contains(c) && text.trim_start_matches(c).starts_with(is_spoken);
    opens || !(is_closing(c) || TRAILING.contains(c))
}

/// Words of one character that lean on the word before them.
const PARTICLES: &str = "的了嗎吗呢吧著着過过得地啊喔呀嘛們们裡里";
/// And those of Japanese, which is not asked for words of one character.
const PARTICLES_WITHOUT_WORDS: &str = "了嗎吗呢吧";
/// Those in kana, behind a noun in kanji or katakana.
const KANA_PARTICLES: &str = "がをにはへとでもの";
/// Words of one character that say where or when of the word before them, where a clause or a 的
/// follows.
const POSTPOSED: &str = "後后前上下中內内外間间時时起旁邊边底";
/// Characters that make a word of the Latin one before them: AI界, iPhone版.
const SUFFIXES: &str = "界版型式級级族圈鏈链股化性者機机卡碼码";

/// What a place is judged by.
struct Ways<'a> {
    text: &'a str,
    known: &'a Words,
    counted: Counted,
    tongue: Tongue,
}

impl Ways<'_> {
    fn plain(&self, before: &Range<usize>, after: &Range<usize>) -> Break {
        let (text, known) = (self.text, self.known);
        let (first, second) = (text[before.clone()].trim_end(), &text[after.clone()]);
        let rest = &text[after.start..];
        let Some(c) = rest.chars().next() else { return Break::Space };
        if !may_begin(rest) {
            return Break::Held(Hold::Mark);
        }
        if before.end == after.start && is_cut_number(first, rest) {
            return Break::Held(Hold::Number);
        }
        let marks: Vec<char> = first.chars().rev().take_while(|&c| !is_spoken(c)).collect();
        if let Some(found) = mark_break(first, &marks, second) {
            return found;
        }
        let is_alone = known.is_alone(after.start, c.len_utf8());
        let is_suffix = || {
            marks.is_empty()
                && SUFFIXES.contains(c)
                && first.ends_with(|c: char| c.is_ascii_alphabetic())
        };
        let begins_word = || known.at(after.start + c.len_utf8()) == Some(Inside::Word);
        let is_classified = || {
            first.ends_with(|c| DEMONSTRATIVES.contains(c))
                && CLASSIFIERS.contains(c)
                && !begins_word()
        };
        match known.at(after.start) {
            Some(Inside::Word) => Break::Held(Hold::Word),
            _ if leans(rest, c, is_alone) => Break::Held(Hold::Particle),
            None if KANA_PARTICLES.contains(c)
                && first.ends_with(|c| is_han(c) || is_katakana(c))
                && known.at(after.start + c.len_utf8()).is_none() =>
            {
                Break::Held(Hold::Particle)
            }
            None if is_alone && is_suffix() => Break::Held(Hold::Word),
            _ if is_classified() => Break::Held(Hold::Word),
            _ if before.end < after.start || !(is_unspaced(c) || first.ends_with(is_unspaced)) => {
                spaced(&lower(first), &lower(second), self.tongue)
            }
            Some(Inside::Perhaps) => Break::Clinging,
            None if is_alone && (is_last(rest, c) || POSTPOSED.contains(c)) => Break::Clinging,
            None => self.unspaced(before, after),
        }
    }

    /// The break between two words written without a space.
    fn unspaced(&self, before: &Range<usize>, after: &Range<usize>) -> Break {
        let (first, second) = (&self.text[before.clone()], &self.text[after.clone()]);
        let (last, next) =
            (first.chars().next_back().unwrap_or(' '), second.chars().next().unwrap_or(' '));
        let is_bare = first.chars().count() == 1;
        let after_modal = || self.text[..before.start].ends_with(|c| CHINESE_MODALS.contains(c));
        let is_guess =
            is_bare && self.known.at(before.start) == Some(Inside::Perhaps) && after_modal();
        let is_word = is_bare
            && is_han(last)
            && (self.known.is_alone(before.start, before.len()) || is_guess);
        let counts = |c| DEMONSTRATIVES.contains(c) || hold::NUMERALS.contains(c);
        let is_classifier =
            is_bare && CLASSIFIERS.contains(last) && self.text[..before.start].ends_with(counts);
        let is_counted =
            self.counted.starts.contains(&after.start) && !first.ends_with(hold::TIMES);
        match () {
            // "記成": the result is the verb's, and what follows it is not.
            () if is_word && last == '成' => Break::Character,
            () if is_bare && CHINESE_LEANERS.contains(last) => Break::Clinging,
            () if is_word && !CHINESE_ENDERS.contains(last) && !CHINESE_JOINERS.contains(next) => {
                Break::Clinging
            }
            // "收得/回來", but not "覺得/他".
            () if is_bare && last == '得' && self.known.at(before.start) != Some(Inside::Word) => {
                Break::Clinging
            }
            () if self.counted.ends.contains(&before.end) || is_classifier => Break::Clinging,
            // "的人", and not "的/人".
            () if is_word
                && last == '的'
                && BARE_NOUNS.contains(next)
                && self.known.is_alone(after.start, next.len_utf8()) =>
            {
                Break::Clinging
            }
            () if is_counted || CHINESE_BEGINNERS.contains(next) => Break::Phrase,
            () if is_word && last == '的' => Break::Modifier,
            () => Break::Character,
        }
    }
}

fn is_katakana(c: char) -> bool {
    matches!(c, '\u{30A1}'..='\u{30FA}' | 'ー')
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
    PARTICLES.contains(c)
        || (POSTPOSED.contains(c) && (is_last(rest, c) || rest[c.len_utf8()..].starts_with('的')))
}

/// Whether nothing but marks follows the character `c` in its clause, so that it would stand alone
/// on a line.
fn is_last(rest: &str, c: char) -> bool {
    is_han(c)
        && rest[c.len_utf8()..]
            .chars()
            .next()
            .is_none_or(|next| ends_clause(next) || ends_sentence(next))
}

/// What makes another word of the 半 before it: half of them, half a year, midnight, an island.
const AFTER_HALF: &str = "數数年夜島岛導导徑径天路途空身球邊边價价決决圓圆截職职";

/// Whether a number goes on in `rest`, right behind the mark that `first` ends with: "9.5" where a
/// recogniser made two words of it, and "9.半". Behind a comma 半 begins a clause.
fn is_cut_number(first: &str, rest: &str) -> bool {
    let is_half = rest.strip_prefix('半').is_some_and(|then| {
        first.ends_with(['.', '．']) && !then.starts_with(|c| AFTER_HALF.contains(c))
    });
    ends_in_number(first) && (is_half || rest.starts_with(char::is_numeric))
}

/// Whether `word` ends with a digit and a mark that may stand inside a number.
pub(super) fn ends_in_number(word: &str) -> bool {
    word.strip_suffix(['.', ',', ':', '．']).is_some_and(|rest| rest.ends_with(char::is_numeric))
}

/// The break that punctuation makes.
fn mark_break(first: &str, marks: &[char], second: &str) -> Option<Break> {
    let ends = |c: char| ends_sentence(c) && !matches!(c, '…' | '‥');
    let is_stop_only = marks.iter().all(|&c| c == '.');
    if marks.iter().any(|&c| ends(c)) && !(is_stop_only && is_abbreviation(first, second)) {
        return Some(Break::Sentence);
    }
    match () {
        () if marks
            .iter()
            .any(|&c| c != '、' && (ends_clause(c) || ends_sentence(c)) && c != '.') =>
        {
            Some(Break::Clause)
        }
        () if marks.contains(&'、') => Some(Break::Phrase),
        () => None,
    }
}

/// Whether the stop after `first` is no end: "U.S.", "e.g.", "Jan.", "J." before a name, "Inc.
/// said".
fn is_abbreviation(first: &str, second: &str) -> bool {
    const SHORT: [&str; 26] = [
        "mr", "mrs", "ms", "dr", "prof", "st", "sen", "rep", "gov", "gen", "jr", "sr", "vs", "etc",
        "inc", "ltd", "co", "corp", "jan", "feb", "aug", "sept", "oct", "nov", "dec", "no",
    ];
    let word = first.trim_end_matches('.');
    let word = word.trim_start_matches(|c| !is_spoken(c));
    let goes_on = second
        .trim_start_matches(|c| !is_spoken(c))
        .starts_with(|c: char| c.is_lowercase() || c.is_numeric());
    let is_initial =
        word.chars().count() == 1 && word.chars().all(char::is_uppercase) && word != "I";
    let is_known = SHORT.contains(&word.to_lowercase().as_str());
    let may_end = ["etc", "inc", "ltd", "co", "corp", "jr", "sr", "no"]
        .contains(&word.to_lowercase().as_str())
        || word.contains('.');
    is_initial || (is_known && (goes_on || !may_end)) || (word.contains('.') && goes_on)
}

fn lower(word: &str) -> String {
    word.trim_matches(|c| !is_spoken(c)).to_lowercase()
}

fn spaced(first: &str, second: &str, tongue: Tongue) -> Break {
    let is_number = first.ends_with(|c: char| c.is_numeric() || c == '%');
    let counts =
        is_number && second.starts_with(char::is_alphabetic) && !tongue.begins_phrase(second);
    match () {
        () if tongue.leans(first) || counts => Break::Clinging,
        () if tongue.begins_phrase(second) => Break::Phrase,
        () => Break::Space,
    }
}

/// Chinese words of one character that lean on the next word, and those with which a phrase begins.
const CHINESE_LEANERS: &str =
    "在把被給给和與与跟對对從从向於将將是不沒没很最更這这那每各第再還还只";
const CHINESE_BEGINNERS: &str = "而但因如若雖虽並并且或和與与跟在從从對对把被讓让用為为";

/// Those that a line may end with: particles, pronouns, words of place, usual nouns. Any other of
/// one character is likely a verb or an adverb, and leans on what follows.
const CHINESE_ENDERS: &str = "的了著着過过嗎吗吧呢啊呀嘛們们裡里上下中內内外後后前時时間间起來来去人家國国年月日天夜事物錢钱水火山門门\
    車车書书話话心手眼頭头聲声字詞词權权城村鎮镇市縣县省郡州路燈灯雨風风雪茶飯饭菜酒花樹树草鳥鸟魚鱼狗貓猫馬马牛羊船床桌筆笔紙纸衣鞋刀碗海河湖江島岛\
    雲云星春夏秋冬東东西南北店廠厂校班隊队軍军兵病藥药血腳脚腿臉脸嘴鼻耳牙爸媽妈哥姐弟妹爺爷奶兒儿女男米鐵铁光電电";
/// What stands between two things of a kind.
const CHINESE_JOINERS: &str = "和與与跟或及而但並并且";
/// Words of one character before a verb, which likelihood takes for a word with it ("會幫").
const CHINESE_MODALS: &str = "會会要想能可不就都也還还再沒没去來来";
/// Nouns of one character that would be lost at the beginning of a line.
const BARE_NOUNS: &str = "人事時时話话家錢钱路";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::split;

    /// `text` with each break as a digit from 0 (best) to 8 (held), spaces left out.
    fn check(text: &str, want: &str) {
        check_words(Tongue::default(), text, &split::words(text), want);
    }

    fn check_words(tongue: Tongue, text: &str, words: &[Range<usize>], want: &str) {
        let mut got = text[words[0].clone()].to_owned();
        for (found, word) in between(text, words, tongue).iter().zip(&words[1..]) {
            let digit = match found {
                Break::Block => 0,
                Break::Sentence => 1,
                Break::Pause => 2,
                Break::Clause => 3,
                Break::Phrase | Break::Modifier => 4,
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
        check(
            "It fell, and the man went to bed. Now",
            "It|5|fell,|3|and|7|the|7|man|5|went|4|to|7|bed.|1|Now",
        );
        check(
            "In the U.S. she met Mr. X etc. Then",
            "In|7|the|7|U.S.|5|she|7|met|5|Mr.|8|X|5|etc.|1|Then",
        );
        check("“Stop!” he said — twice", "“Stop!”|1|he|7|said —|3|twice");
        check("6 workers and 24.3 million times", "6|7|workers|4|and|7|24.3|8|million|7|times");
    }

    #[test]
    fn romance() {
        for (tongue, text, want) in [
            (
                Tongue::French,
                "le but de l’équipe et que la mer d’une île",
                "le|7|but|4|de|7|l’équipe|4|et|7|que|7|la|7|mer|4|d’une|7|île",
            ),
            (
                Tongue::Spanish,
                "a duras penas, y el puente resistió de noche",
                "a|7|duras|7|penas,|3|y|7|el|7|puente|5|resistió|4|de|7|noche",
            ),
            (
                Tongue::Italian,
                "la casa dell’acqua che non c’è più",
                "la|7|casa|4|dell’acqua|4|che|7|non|7|c’è|7|più",
            ),
            (
                Tongue::Portuguese,
                "o rio e as pontes da cidade que não caíram",
                "o|7|rio|4|e|7|as|7|pontes|4|da|7|cidade|4|que|7|não|7|caíram",
            ),
        ] {
            check_words(tongue, text, &split::words(text), want);
        }
    }

    #[test]
    fn numbers_that_came_as_two_words() {
        for (text, words, want) in [
            ("早上9.半", &[0..6, 6..8, 8..11][..], "早上|6|9.|8|半"),
            ("about 9.5 of", &[0..5, 6..8, 8..9, 10..12], "about|5|9.|8|5|4|of"),
            // A sentence ends, and the next one begins with a number.
            ("at 9. 5 came", &[0..2, 3..5, 6..7, 8..12], "at|7|9.|1|5|7|came"),
        ] {
            check_words(Tongue::default(), text, words, want);
        }
    }

    #[test]
    fn a_half_that_belongs_to_a_number() {
        for (first, rest, want) in [
            ("9.", "半", true),
            ("早上9．", "半開始", true),
            ("9.", "半的課", true),
            ("9,", "5", true),
            ("9", "半", false),
            ("九.", "半", false),
            ("end.", "半", false),
            // What begins with it behind a comma, or as another word.
            ("參加的人數是30,", "半數是住在河邊", false),
            ("30,", "半", false),
            ("30:", "半", false),
            ("30.", "半數是住在河邊", false),
            ("30.", "半年後", false),
            ("30.", "半夜", false),
            ("30.", "半岛", false),
            ("30.", "半導體", false),
            ("30.", "半径", false),
        ] {
            assert_eq!(is_cut_number(first, rest), want, "{first}{rest}");
        }
        let words = [0..3, 3..6, 6..9];
        check_words(Tongue::default(), "30,半數", &words, "30,|3|半|8|數");
    }

    #[test]
    fn chinese() {
        check(
            "今天天氣很好，我們的電腦壞了嗎？",
            "今|8|天|6|天|8|氣|6|很|7|好，|3|我|8|們|8|的|4|電|8|腦|6|壞|8|了|8|嗎？",
        );
        // A particle inside a word is none.
        check("他的確不了解", "他|7|的|8|確|6|不|7|了|8|解");
        check("蘋果、梨和花", "蘋|8|果、|4|梨|4|和|7|花");
        // Words that say where or when lean on what is before them, and nothing is left alone
        // before a mark.
        check(
            "AI界用它，幾個月後，六月起，電費誰付。",
            "AI|8|界|7|用|7|它，|3|幾|8|個|8|月|8|後，|3|六|8|月|8|起，|3|電|8|費|6|誰|7|付。",
        );
    }

    #[test]
    fn words_that_lean_on_others() {
        // A verb and what it is done to or where; a number and what it counts, of which the phrase
        // begins before it; names spelt by their sounds; the first and last word of a long clause.
        for (text, want) in [
            ("她睡在那裡", "她|7|睡|7|在|7|那|8|裡"),
            ("收得回來", "收|7|得|7|回|8|來"),
            ("要求三個人", "要|8|求|4|三|8|個|8|人"),
            ("借了五本舊書", "借|8|了|4|五|8|本|7|舊|8|書"),
            ("借了一所老房子", "借|8|了|6|一|8|所|7|老|8|房|8|子"),
            ("打開那臺收音機", "打|8|開|6|那|8|臺|7|收|8|音|8|機"),
            ("在諾斯菲爾德", "在|7|諾|8|斯|8|菲|8|爾|8|德"),
            ("米爾郡", "米|8|爾|8|郡"),
        ] {
            check(text, want);
        }
    }

    #[test]
    fn marks_do_not_begin_lines() {
        check("カメラー", "カ|7|メ|7|ラ|8|ー");
    }

    #[test]
    fn particles_of_japanese_stay_with_their_noun() {
        check("知識が成立する", "知|7|識|8|が|6|成|7|立|6|す|7|る");
        check("カメラを買った", "カ|7|メ|7|ラ|8|を|6|買|8|っ|7|た");
    }
}
