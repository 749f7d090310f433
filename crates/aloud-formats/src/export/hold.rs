//! What belongs together and is not parted by the end of a line?
//!
//! A name's parts, a number and its unit, a date: found as stretches of a text by rules and short
//! word lists for English and Chinese. A name that no rule knows may be parted; nothing is forced.
//! Pure.

use super::tongue::Tongue;
use crate::transcript::characters::{is_han, is_spoken};
use crate::words::MONTHS;
use std::ops::Range;

/// Why two words stay on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hold {
    /// They are parts of a name.
    Name,
    /// They are parts of one word.
    Word,
    /// They are a number and its unit, or parts of a date.
    Number,
    /// The second is a particle that leans on the first.
    Particle,
    /// The second is a mark that does not begin a line.
    Mark,
}

/// The held stretches of `text`, whose words stand at `words`. Linear.
pub fn stretches(text: &str, words: &[Range<usize>], tongue: Tongue) -> Vec<(Range<usize>, Hold)> {
    let cores: Vec<Range<usize>> = words.iter().map(|word| core(text, word.clone())).collect();
    let mut found = Vec::new();
    for index in 1..words.len() {
        let pair = Pair { text, cores: &cores, index, tongue };
        if let Some(hold) = pair.hold() {
            found.push((cores[index - 1].start..words[index].end, hold));
        }
    }
    drop_headlines(&mut found, text);
    found.extend(chinese_numbers(text).into_iter().map(|range| (range, Hold::Number)));
    found.extend(
        dotted_names(text).into_iter().chain(glossed_names(text)).map(|range| (range, Hold::Name)),
    );
    found
}

/// `range` without the punctuation around it; all of it where there is nothing else.
fn core(text: &str, range: Range<usize>) -> Range<usize> {
    let word = &text[range.clone()];
    let start = range.start + (word.len() - word.trim_start_matches(|c| !is_spoken(c)).len());
    let end = range.start + word.trim_end_matches(|c| !is_spoken(c)).len();
    if start < end { start..end } else { range }
}

/// Two neighbouring words in a script with spaces: the word at `index` and the one before it.
struct Pair<'a> {
    text: &'a str,
    cores: &'a [Range<usize>],
    index: usize,
    tongue: Tongue,
}

/// Titles that a name follows.
const TITLES: [&str; 22] = [
    "mr", "mrs", "ms", "mx", "dr", "prof", "st", "sen", "rep", "gov", "gen", "col", "capt", "lt",
    "sgt", "rev", "hon", "sir", "pres", "messrs", "mme", "mlle",
];

/// Words before which a name may go on in small letters ("Ludwig van Beethoven").
const NAME_LINKS: [&str; 12] =
    ["van", "von", "de", "der", "den", "da", "di", "du", "la", "le", "bin", "al"];

/// Words that are capitalised where a sentence begins, and are no part of a name there.
const FUNCTION_WORDS: [&str; 76] = [
    "a", "an", "the", "this", "that", "these", "those", "my", "your", "his", "her", "its", "our",
    "their", "i", "you", "he", "she", "it", "we", "they", "who", "what", "when", "where", "why",
    "how", "which", "if", "in", "on", "at", "by", "for", "from", "to", "of", "with", "and", "or",
    "but", "so", "as", "not", "no", "yes", "after", "before", "since", "while", "until", "because",
    "although", "though", "then", "now", "there", "here", "some", "many", "most", "all", "each",
    "every", "both", "is", "are", "was", "were", "do", "does", "did", "let", "only", "even",
    "today",
];

/// Words that count what the number before them says.
const UNITS: [&str; 82] = [
    "hundred",
    "thousand",
    "million",
    "billion",
    "trillion",
    "dozen",
    "percent",
    "per",
    "dollars",
    "dollar",
    "cents",
    "cent",
    "euros",
    "euro",
    "pounds",
    "pound",
    "yen",
    "yuan",
    "francs",
    "years",
    "year",
    "months",
    "month",
    "weeks",
    "week",
    "days",
    "day",
    "hours",
    "hour",
    "minutes",
    "minute",
    "seconds",
    "second",
    "times",
    "degrees",
    "degree",
    "miles",
    "mile",
    "feet",
    "foot",
    "inches",
    "inch",
    "yards",
    "acres",
    "tons",
    "tonnes",
    "ounces",
    "gallons",
    "liters",
    "litres",
    "meters",
    "metres",
    "meter",
    "metre",
    "kilometers",
    "kilometres",
    "kilograms",
    "grams",
    "watts",
    "km",
    "kg",
    "mg",
    "cm",
    "mm",
    "m",
    "g",
    "lb",
    "ft",
    "mph",
    "km/h",
    "kwh",
    "mw",
    "gw",
    "gb",
    "mb",
    "tb",
    "hz",
    "khz",
    "mhz",
    "ghz",
    "a.m",
    "p.m",
];

/// Short forms that a number follows.
const BEFORE_NUMBERS: [&str; 16] = [
    "no", "nos", "p", "pp", "vol", "fig", "sec", "ch", "art", "approx", "usd", "eur", "gbp", "nt$",
    "us$", "hk$",
];

impl Pair<'_> {
    fn word(&self, index: usize) -> &str {
        self.cores.get(index).map_or("", |range| &self.text[range.clone()])
    }

    fn lower(&self, index: usize) -> String {
        self.word(index).to_lowercase()
    }

    /// What stands between the two words.
    fn between(&self) -> &str {
        &self.text[self.cores[self.index - 1].end..self.cores[self.index].start]
    }

    fn hold(&self) -> Option<Hold> {
        let (before, after) = (self.word(self.index - 1), self.word(self.index));
        if before.chars().next_back().is_some_and(is_han)
            || after.chars().next().is_some_and(is_han)
        {
            return None;
        }
        if self.between().chars().any(|c| matches!(c, '\u{a0}' | '\u{202f}')) || self.is_number() {
            return Some(Hold::Number);
        }
        self.is_name().then_some(Hold::Name)
    }

    fn is_number(&self) -> bool {
        let (before, after) = (self.lower(self.index - 1), self.lower(self.index));
        let begins_digit = after.starts_with(|c: char| c.is_numeric());
        let ends_digit = before.ends_with(|c: char| c.is_numeric() || c == '%');
        match self.between().trim() {
            "" => {
                let is_unit = UNITS.contains(&after.as_str())
                    || MONTHS.contains(&after.as_str())
                    || after.starts_with(['%', '°', '€']);
                (ends_digit && is_unit) || (begins_digit && self.takes_number(&before))
            }
            "." => begins_digit && self.takes_number(&before),
            // "Jan. 20, 2025".
            "," => {
                begins_digit
                    && after.len() == 4
                    && ends_digit
                    && self.index > 1
                    && MONTHS.contains(&self.lower(self.index - 2).as_str())
            }
            _ => false,
        }
    }

    /// Whether `word`, the first of the two, is a month or the like. "May" and "no" are words too.
    fn takes_number(&self, word: &str) -> bool {
        let is_short_form =
            BEFORE_NUMBERS.contains(&word) && (self.between().starts_with('.') || word.len() > 2);
        MONTHS.contains(&word) || is_short_form || (word.len() == 1 && "$€£¥".contains(word))
    }

    fn is_name(&self) -> bool {
        let before = self.lower(self.index - 1);
        match self.between() {
            " " => {}
            ". " => {
                return self.is_part(self.index)
                    && (TITLES.contains(&before.as_str()) || self.is_initial(self.index - 1));
            }
            _ => return false,
        }
        if TITLES.contains(&before.as_str()) && self.is_part(self.index) {
            return true;
        }
        if !self.tongue.has_named_capitals() {
            // "Seite 3" and the like; any noun may stand beside any other.
            return self.is_part(self.index - 1)
                && self.word(self.index).starts_with(|c: char| c.is_ascii_digit());
        }
        let is_link = |index: usize| NAME_LINKS.contains(&self.word(index));
        let is_number = |index: usize| self.word(index).starts_with(|c: char| c.is_ascii_digit());
        // "Gemini 2.5 Pro": the number is held to what it follows, and what follows it to the
        // number.
        let after_numbered = self.index > 1
            && is_number(self.index - 1)
            && self.is_part(self.index - 2)
            && self.is_tight(self.index - 1);
        (self.is_part(self.index - 1) && (self.is_part(self.index) || is_number(self.index)))
            || (self.is_part(self.index - 1) && is_link(self.index) && self.is_part(self.index + 1))
            || (is_link(self.index - 1)
                && self.is_part(self.index)
                && self.index > 1
                && self.is_part(self.index - 2))
            || (after_numbered && self.is_part(self.index))
    }

    /// Whether the word at `index` is parted from the one before it by a space alone.
    fn is_tight(&self, index: usize) -> bool {
        &self.text[self.cores[index - 1].end..self.cores[index].start] == " "
    }

    /// Whether the word may be a part of a name.
    fn is_part(&self, index: usize) -> bool {
        self.word(index).starts_with(char::is_uppercase)
            && !FUNCTION_WORDS.contains(&self.lower(index).as_str())
    }

    fn is_initial(&self, index: usize) -> bool {
        let mut chars = self.word(index).chars();
        chars.next().is_some_and(char::is_uppercase) && chars.next().is_none()
    }
}

/// More words than this in capitals are a headline, and no name.
const LONGEST_NAME: usize = 4;

/// Takes out chains of names that are too long to be one.
fn drop_headlines(found: &mut Vec<(Range<usize>, Hold)>, text: &str) {
    let mut kept = Vec::with_capacity(found.len());
    for chain in
        found.chunk_by(|a, b| a.1 == Hold::Name && b.1 == Hold::Name && b.0.start < a.0.end)
    {
        let whole = &text[chain[0].0.start..chain[chain.len() - 1].0.end];
        if chain[0].1 != Hold::Name || whole.split_whitespace().count() <= LONGEST_NAME {
            kept.extend_from_slice(chain);
        }
    }
    *found = kept;
}

pub(super) const NUMERALS: &str = "零〇一二三四五六七八九十百千萬万億亿兆兩两幾几數数半";
const MAGNITUDES: &str = "十百千萬万億亿兆";
const CHINESE_UNITS: [&str; 82] = [
    "分鐘", "分钟", "小時", "小时", "個月", "个月", "個人", "个人", "世紀", "世纪", "美元", "歐元",
    "欧元", "英鎊", "英镑", "日圓", "日元", "港元", "公里", "公尺", "公分", "公斤", "公克", "公頃",
    "年", "月", "日", "號", "号", "時", "时", "點", "点", "分", "秒", "天", "夜", "週", "周", "歲",
    "岁", "個", "个", "位", "名", "人", "次", "種", "种", "項", "项", "倍", "元", "塊", "块", "噸",
    "吨", "米", "度", "條", "条", "張", "张", "本", "臺", "台", "輛", "辆", "家", "間", "间", "座",
    "層", "层", "頁", "页", "章", "篇", "件", "份", "%", "％",
];

/// Units of time, and what says before or after such a time (六月起, 幾個月後).
pub(super) const TIMES: [char; 20] = [
    '年', '月', '日', '號', '号', '天', '夜', '週', '周', '時', '时', '鐘', '钟', '分', '秒', '歲',
    '岁', '點', '点', '紀',
];
const POSTPOSED: &str = "後后前起內内來来間间";

/// Stretches like "8萬億美元", "2024年9月", "第一天", "40 %".
fn chinese_numbers(text: &str) -> Vec<Range<usize>> {
    let is_numeral = |c: char| c.is_numeric() || NUMERALS.contains(c);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(is_numeral).map(|offset| at + offset) {
        let lead = if text[..start].ends_with('第') { '第'.len_utf8() } else { 0 };
        let end = number_end(text, start);
        let mut with_unit = unit_end(text, end);
        let is_counted = with_unit > end || lead > 0;
        if is_counted && text[start..with_unit].ends_with(TIMES) {
            let after = text[with_unit..].chars().next().filter(|c| POSTPOSED.contains(*c));
            with_unit += after.map_or(0, char::len_utf8);
        }
        at = with_unit.max(end);
        // A date goes on: the next number belongs to this stretch.
        let continues = |range: &Range<usize>| {
            range.end == start
                && text[range.clone()].ends_with(['年', '月', '時', '时', '點', '点', '分'])
        };
        // "九點半", "三個半小時".
        let is_half = |last: &Range<usize>| last.end == start && text[start..].starts_with('半');
        match found.last_mut() {
            Some(last) if is_counted && continues(last) || is_half(last) => last.end = at,
            _ if is_counted => found.push(start - lead..at),
            _ => {}
        }
    }
    found
}

/// Where the number that begins at `start` ends, magnitudes ("2430萬") included.
fn number_end(text: &str, start: usize) -> usize {
    let mut end = start;
    let mut chars = text[start..].chars().peekable();
    while let Some(c) = chars.next() {
        let is_point = ".,．，：:".contains(c)
            && chars.peek().is_some_and(|next| next.is_numeric() && !is_han(*next));
        if !(c.is_numeric() || NUMERALS.contains(c) || MAGNITUDES.contains(c) || is_point) {
            break;
        }
        end += c.len_utf8();
    }
    end
}

/// Where the unit after a number that ends at `end` ends; `end` where there is none.
fn unit_end(text: &str, end: usize) -> usize {
    let mut at = end;
    let rest = &text[end..];
    let spaced = rest.trim_start_matches([' ', '\u{a0}']);
    let spaced = spaced.strip_prefix(['多', '餘', '余', '幾', '几']).unwrap_or(spaced);
    let begin = text.len() - spaced.len();
    if let Some(unit) = CHINESE_UNITS.iter().find(|unit| spaced.starts_with(**unit)) {
        at = begin + unit.len();
    }
    at
}

/// Marks between the parts of a foreign name in Chinese text.
const NAME_DOTS: &str = "·•‧・．∙･";

/// Characters that write the sounds of foreign names.
pub(super) const SOUNDS: &str = "阿埃艾愛爱安奧奥巴貝贝柏比彼波博伯布查達达戴丹德迪蒂杜多恩爾尔法菲費费佛夫弗福蓋盖戈格古哈海漢汉赫亨胡華华霍基吉加嘉傑杰金\
    卡凱凯康考柯科克肯庫库昆拉萊莱蘭兰朗勞劳勒雷蕾李里莉麗丽利列林琳羅罗洛盧卢露魯鲁倫伦馬马瑪玛麥麦曼梅蒙米密明莫默姆穆納纳娜奈南內内尼妮涅\
    諾诺努歐欧帕潘龐庞佩皮普齊齐喬乔奇恰切薩萨塞桑沙莎山尚舍史斯司蘇苏索塔泰坦湯汤特提托圖图瓦維维威韋韦魏溫温沃烏乌伍西希錫锡夏香肖謝谢休許许\
    雅亞亚揚扬耶葉叶伊英約约贊詹珍朱茲兹祖佐翰森頓顿遜逊琪珊婭娅絲丝茜薇芙芬芮堡登澤泽潔洁勃賓宾鮑鲍丁戈道芭蓓蘿萝";

/// Stretches like "約翰·史密斯": the marks with the sound characters around them, at least one on
/// each side.
fn dotted_names(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, dot) in text.char_indices().filter(|(_, c)| NAME_DOTS.contains(*c)) {
        let (before, after) = (&text[..at], &text[at + dot.len_utf8()..]);
        let (Some(left), Some(right)) = (before.chars().next_back(), after.chars().next()) else {
            continue;
        };
        if !(is_han(left) && is_han(right)) {
            continue;
        }
        let part = |len: usize, c: char| len.max(c.len_utf8());
        let start =
            at - part(before.len() - before.trim_end_matches(|c| SOUNDS.contains(c)).len(), left);
        let end = at
            + dot.len_utf8()
            + part(after.len() - after.trim_start_matches(|c| SOUNDS.contains(c)).len(), right);
        match found.last_mut() {
            Some(last) if last.end >= start => last.end = end,
            _ => found.push(start..end),
        }
    }
    found
}

/// Characters that stand before a Chinese name and are seldom in one.
const BEFORE_NAMES: &str = "的是在和與与跟由把被給给向從从對对將将用了到說说叫於于有為为及或讓让";

/// The longest Chinese name that is held to its foreign form in brackets, in characters.
const LONGEST_GLOSSED: usize = 4;

/// Stretches like "深度求索(DeepSeek": the characters before the bracket, and the bracket with its
/// first letter.
fn glossed_names(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, bracket) in text.char_indices().filter(|(_, c)| matches!(c, '(' | '（')) {
        let after = &text[at + bracket.len_utf8()..];
        let Some(letter) = after.chars().next().filter(|c| c.is_uppercase()) else { continue };
        let name = text[..at]
            .chars()
            .rev()
            .take(LONGEST_GLOSSED)
            .take_while(|&c| is_han(c) && !BEFORE_NAMES.contains(c));
        let len: usize = name.map(char::len_utf8).sum();
        if len > 0 {
            found.push(at - len..at + bracket.len_utf8() + letter.len_utf8());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::split;

    /// What is held in `text`, pairs that touch joined.
    fn check(text: &str, want: &[&str]) {
        check_in(Tongue::English, text, want);
    }

    fn check_in(tongue: Tongue, text: &str, want: &[&str]) {
        let mut ranges: Vec<Range<usize>> = stretches(text, &split::words(text), tongue)
            .into_iter()
            .map(|(range, _)| range)
            .collect();
        ranges.sort_by_key(|range| range.start);
        let mut joined: Vec<Range<usize>> = Vec::new();
        for range in ranges {
            match joined.last_mut() {
                Some(last) if last.end > range.start => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        assert_eq!(
            joined.into_iter().map(|range| &text[range]).collect::<Vec<_>>(),
            want,
            "{text}"
        );
    }

    #[test]
    fn english() {
        check("said Helen Marsh, the county clerk", &["Helen Marsh,"]);
        check("I met Mr. Meldrew and Dr. X there.", &["Mr. Meldrew", "Dr. X"]);
        check(
            "by J. K. Rowling and Ludwig van Beethoven",
            &["J. K. Rowling", "Ludwig van Beethoven"],
        );
        check("Gemini 2.5 Pro is rented", &["Gemini 2.5 Pro"]);
        check("copied 24.3 million times for $8 trillion", &["24.3 million", "$8 trillion"]);
        check("fell by 40 % in 3 years", &["40 %", "3 years"]);
        check("On Jan. 20, 2025, the river; 5 May 2024", &["Jan. 20, 2025,", "5 May 2024"]);
        check("In 2024 it had workers. The Lantern Project grew", &["Lantern Project"]);
        check("Nobody said no. 5 people left at 9 a.m. today", &["no. 5", "9 a.m."]);
        check("Big River Floods Mill County Again", &[]);
        check("a 10\u{a0}000 crowd", &["10\u{a0}000"]);
        check("plain words, nothing to hold", &[]);
    }

    #[test]
    fn nouns_with_capitals_are_no_names() {
        for (text, want) in [
            ("der Zug Richtung Norden", &[][..]),
            ("Zu der Tugend steilem Hügel Leitet sie", &[]),
            ("mit Dr. Anna Brandt auf Seite 3", &["Dr. Anna", "Seite 3"]),
            ("im Jahr 2024 sprach J. Grimm", &["Jahr 2024", "J. Grimm"]),
        ] {
            check_in(Tongue::German, text, want);
        }
    }

    #[test]
    fn chinese() {
        check("要花8萬億美元來蓋機房", &["8萬億美元"]);
        check("2024年9月，她82歲", &["2024年9月", "82歲"]);
        check("下載了2430萬次，少了40 %", &["2430萬次", "40 %"]);
        check("三月三號，第一天晚上", &["三月三號", "第一天"]);
        check("作家約翰·史密斯說", &["約翰·史密斯"]);
        check("名叫華特．芬奇的人，露絲．卡洛韋", &["華特．芬奇", "露絲．卡洛韋"]);
        check("Gemini 2.5 Pro是租來的", &["Gemini 2.5 Pro"]);
        check("是深度求索(DeepSeek)公開的", &["深度求索(D"]);
        check("幾個月後又六月起實施，數學好", &["幾個月後", "六月起"]);
        check("早上九點半出門，走了三個半小時", &["九點半", "三個半小時"]);
        check("今天天氣很好", &[]);
    }
}
