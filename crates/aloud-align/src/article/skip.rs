//! What would a narrator leave out? Hints from structure and from the words that begin a line.
//!
//! A hint costs little where it is wrong, since the sound decides; still, a line of running text
//! must not be taken for furniture, so that every rule asks for a short line of its own or for a
//! label.

use super::furniture::{
    BOILERPLATE, BOILERPLATE_BEGINS, CREDIT_BEGINS, DATE_WORDS, DURATION_WORDS, NOTE_BEGINS,
    NOTE_WORDS, labelled,
};
use super::speaker::is_direction;
use super::{Article, BlockKind, Skip};
use crate::transcript::characters::{ends_sentence, is_closing, is_han, is_spoken, stands_alone};
use crate::words::MONTHS;

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before the first paragraph of running text, or after the last.
    Edge,
    /// Between them.
    Body,
}

/// From this many cells on, a line that ends like a sentence is running text.
const PARAGRAPH: usize = 60;
/// No credit, byline or the like is wider, in cells.
const SHORT: usize = 100;

/// Fills in [`Sentence::skip`](super::Sentence::skip) where the source has not.
pub(super) fn hint(article: &mut Article) {
    let texts: Vec<&str> =
        article.blocks.iter().map(|block| &article.text[block.bytes.clone()]).collect();
    let body = body(&texts);
    let mut found = Vec::new();
    for (index, block) in article.blocks.iter().enumerate() {
        let place = if body.contains(&index) { Place::Body } else { Place::Edge };
        let whole = match block.kind {
            BlockKind::Title | BlockKind::Heading => title_or_label(texts[index]),
            BlockKind::Caption => Some(line(texts[index], place).unwrap_or(Skip::Caption)),
            _ => line(texts[index], place),
        };
        // A whole block is not furniture where its source or its form says that a part of it is.
        let is_parted = article.sentences[block.sentences.clone()]
            .first()
            .is_some_and(|first| first.skip.is_some());
        let whole = whole.filter(|_| !is_parted);
        for sentence in
            block.sentences.clone().filter(|&sentence| article.sentences[sentence].skip.is_none())
        {
            if let Some(skip) = whole.or_else(|| inside(article.sentence(sentence))) {
                found.push((sentence, skip));
            }
        }
    }
    for (sentence, skip) in found {
        article.sentences[sentence].skip = Some(skip);
    }
    hint_titles(article);
}

/// The blocks from the first paragraph of running text to the last.
fn body(texts: &[&str]) -> std::ops::Range<usize> {
    let first = texts.iter().position(|text| is_running(text)).unwrap_or(texts.len());
    let last = texts.iter().rposition(|text| is_running(text)).map_or(first, |last| last + 1);
    first..last
}

fn is_running(text: &str) -> bool {
    width(text) >= PARAGRAPH && ends_like_sentence(text) && line(text, Place::Edge).is_none()
}

/// Whether a line ends with a mark that ends sentences, closing quotes aside.
pub fn ends_like_sentence(text: &str) -> bool {
    let is_end = |c: char| ends_sentence(c) && c != '．';
    text.trim_end_matches(|c: char| c == '"' || c == '\'' || (is_closing(c) && !is_end(c)))
        .ends_with(is_end)
}

/// The cells a text takes: Chinese and Japanese characters two, others one.
pub fn width(text: &str) -> usize {
    text.chars().map(|c| if stands_alone(c) { 2 } else { 1 }).sum()
}

/// The title is not the beginning of what is read where a byline, a credit or the like comes
/// between, and nowhere a second time.
fn hint_titles(article: &mut Article) {
    let Some(title) = article.title.clone() else { return };
    let is_furniture = |article: &Article, index: usize| {
        let block = article.blocks.get(index);
        block.is_some_and(|block| {
            article.sentences[block.sentences.clone()].iter().all(|s| s.skip.is_some())
        })
    };
    let mut is_repeated = false;
    for index in 0..article.blocks.len() {
        let block = article.blocks[index].clone();
        if !is_same_line(&article.text[block.bytes.clone()], &title) {
            continue;
        }
        if is_repeated || is_furniture(article, index + 1) {
            article.sentences[block.sentences.clone()]
                .iter_mut()
                .for_each(|s| s.skip = Some(Skip::Title));
        }
        is_repeated = true;
    }
}

/// Whether two lines say the same, case, spaces and punctuation aside.
pub fn is_same_line(a: &str, b: &str) -> bool {
    let bare = |text: &str| {
        text.chars().filter(|c| is_spoken(*c)).flat_map(char::to_lowercase).collect::<String>()
    };
    let a = bare(a);
    !a.is_empty() && a == bare(b)
}

/// A heading is skipped only where it is furniture through and through ("Related articles").
fn title_or_label(text: &str) -> Option<Skip> {
    address(text).or_else(|| duration(text)).or_else(|| boilerplate(text))
}

/// Why a whole block that stands at `place` would be skipped.
pub fn line(text: &str, place: Place) -> Option<Skip> {
    let lower = text.to_lowercase();
    note(text, &lower).or_else(|| footnote(text)).or_else(|| labelled_line(text, place)).or_else(
        || {
            if width(text) > SHORT {
                return address(text);
            }
            address(text)
                .or_else(|| duration(text))
                .or_else(|| boilerplate(text))
                .or_else(|| credit(&lower))
                .or_else(|| (place == Place::Edge).then(|| byline(text)).flatten())
        },
    )
}

/// Why a sentence inside a paragraph would be skipped: a caption glued to it, a lone address.
fn inside(sentence: &str) -> Option<Skip> {
    let direction = || is_direction(sentence).then_some(Skip::Direction);
    labelled(sentence)
        .filter(|skip| *skip == Skip::Caption)
        .or_else(|| address(sentence))
        .or_else(direction)
}

/// A line that begins with a label ("Photo: …", 編按：…). What names an author may be a whole
/// sentence of running text and must be short and at an edge; a caption in running text may be
/// glued to a paragraph, so that only its own sentence is meant.
fn labelled_line(text: &str, place: Place) -> Option<Skip> {
    let is_short = width(text) <= SHORT;
    labelled(text).filter(|skip| match skip {
        Skip::Byline => is_short && place == Place::Edge && !ends_like_sentence(text),
        Skip::Credit => is_short,
        Skip::Caption => false,
        _ => true,
    })
}

/// Editors' notes: by their label, their first words, or as a paragraph in brackets that speaks of
/// readers or editors.
fn note(text: &str, lower: &str) -> Option<Skip> {
    let is_bracketed =
        [('(', ')'), ('（', '）'), ('[', ']'), ('【', '】')].iter().any(|(open, close)| {
            text.strip_prefix(*open)
                .and_then(|rest| rest.strip_suffix(*close))
                .is_some_and(|inner| !inner.contains([*open, *close]))
        });
    let bare = lower.trim_start_matches(['(', '（', '[', '【']);
    let is_note = NOTE_BEGINS.iter().any(|words| bare.starts_with(words))
        || (is_bracketed && NOTE_WORDS.iter().any(|words| lower.contains(words)));
    is_note.then_some(Skip::Note)
}

fn footnote(text: &str) -> Option<Skip> {
    let is_mark = |inner: &str| {
        let is_number =
            |mark: &str| (1..=3).contains(&mark.len()) && mark.bytes().all(|b| b.is_ascii_digit());
        inner.split_once(']').is_some_and(|(mark, rest)| {
            is_number(mark) || (mark.starts_with('^') && rest.starts_with(':'))
        })
    };
    let is_footnote = text.strip_prefix('[').is_some_and(is_mark)
        || text.starts_with(['¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹', '†', '‡', '※'])
        || text.ends_with('↩');
    is_footnote.then_some(Skip::Footnote)
}

/// Nothing but addresses of pages or mailboxes, with three words at most.
fn address(text: &str) -> Option<Skip> {
    let (mut n_addresses, mut n_words) = (0, 0);
    for token in
        text.split([' ', '：', '，', '<', '>', '(', ')']).filter(|token| token.contains(is_spoken))
    {
        let is_mail = token.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && host.trim_end_matches('.').contains('.')
        });
        let is_page =
            token.contains("://") || token.starts_with("www.") || token.starts_with("mailto:");
        let is_address = (is_page || is_mail) && !token.contains(is_han);
        n_addresses += usize::from(is_address);
        n_words +=
            usize::from(!is_address) * token.chars().filter(|c| stands_alone(*c)).count().max(1);
    }
    (n_addresses > 0 && n_words <= 4).then_some(Skip::Address)
}

/// "9:21", "5 min read", "Listen · 9:21", 閱讀時間 5 分鐘.
fn duration(text: &str) -> Option<Skip> {
    let mut has_time = false;
    let is_number = |token: &str| token.bytes().all(|b| b.is_ascii_digit());
    for token in tokens(text) {
        let parts: Vec<&str> = token.split(':').collect();
        let is_clock = (2..=3).contains(&parts.len())
            && parts
                .iter()
                .enumerate()
                .all(|(i, p)| is_number(p) && (i == 0 || p.len() == 2) && !p.is_empty());
        if is_clock || is_number(&token) {
            has_time = true;
        } else if !DURATION_WORDS.contains(&token.as_str()) {
            return None;
        }
    }
    let is_bare_number = tokens(text).len() == 1 && !text.contains(':');
    (has_time && !is_bare_number).then_some(Skip::Duration)
}

/// Words in small letters, and runs of Chinese and of digits as words of their own.
fn tokens(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut last = ' ';
    for c in text.to_lowercase().chars() {
        let c = if c == '：' { ':' } else { c };
        if c.is_alphanumeric() || c == ':' {
            let kind = |c: char| (stands_alone(c), c.is_ascii_digit() || c == ':');
            match found.last_mut() {
                Some(token) if (last.is_alphanumeric() || last == ':') && kind(last) == kind(c) => {
                    token.push(c);
                }
                _ => found.push(c.to_string()),
            }
        }
        last = c;
    }
    found.iter_mut().for_each(|token| *token = token.trim_matches(':').to_owned());
    found.retain(|token| !token.is_empty());
    found
}

/// "Share · Subscribe", "Sign up for our newsletter", 延伸閱讀.
fn boilerplate(text: &str) -> Option<Skip> {
    let lower = text.to_lowercase();
    let parts = lower.split(['·', '|', '／', '/', '．', '•', '‧', '・', '›', '»', '、']);
    let mut parts = parts
        .map(|part| part.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|part| !part.is_empty())
        .peekable();
    let is_listed = parts.peek().is_some() && parts.all(|part| BOILERPLATE.contains(&part));
    let begins = BOILERPLATE_BEGINS.iter().any(|words| lower.starts_with(words));
    (is_listed || begins).then_some(Skip::Boilerplate)
}

fn credit(lower: &str) -> Option<Skip> {
    CREDIT_BEGINS.iter().any(|words| lower.starts_with(words)).then_some(Skip::Credit)
}

/// "By Ruth Calloway", a date alone.
fn byline(text: &str) -> Option<Skip> {
    (is_name_line(text) || is_date(text)).then_some(Skip::Byline)
}

/// "By" and names: every word has a capital but those that stand between names.
fn is_name_line(text: &str) -> bool {
    const BY: [&str; 9] =
        ["By ", "BY ", "by ", "Von ", "Par ", "Por ", "Di ", "Door ", "Words by "];
    const BETWEEN: [&str; 15] = [
        "and", "for", "with", "of", "the", "de", "da", "van", "von", "der", "et", "und", "y", "e",
        "in",
    ];
    let Some(names) = BY.iter().find_map(|by| text.strip_prefix(by)) else { return false };
    let is_part = |word: &str| {
        word.starts_with(char::is_uppercase)
            || BETWEEN.contains(&word)
            || !word.contains(char::is_alphabetic)
    };
    names.starts_with(char::is_uppercase)
        && names.split_whitespace().count() <= 12
        && names.split_whitespace().all(is_part)
        && !text.ends_with(['.', '!', '?', ':'])
}

/// A line of a date, perhaps with the time of day, and nothing else.
fn is_date(text: &str) -> bool {
    let tokens = tokens(text);
    let year =
        |token: &str| token.len() == 4 && (token.starts_with("19") || token.starts_with("20"));
    let is_known = |token: &String| {
        let is_number = token
            .trim_end_matches("st")
            .trim_end_matches("nd")
            .trim_end_matches("rd")
            .trim_end_matches("th");
        is_number.bytes().all(|b| b.is_ascii_digit() || b == b':')
            || MONTHS.contains(&token.as_str())
            || DATE_WORDS.contains(&token.as_str())
            || token.chars().all(|c| "年月日號号時时分秒星期週周一二三四五六上下午".contains(c))
    };
    tokens.len() <= 14
        && tokens.iter().any(|token| year(token))
        && tokens.len() > 1
        && tokens.iter().all(is_known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_skipped() {
        for (text, want) in [
            ("By Ruth Calloway", Skip::Byline),
            ("By Ruth Calloway and Jan van der Berg", Skip::Byline),
            ("文／沈若川", Skip::Byline),
            ("作者：露絲．卡洛韋", Skip::Byline),
            ("記者王小明／臺北報導", Skip::Byline),
            ("Jan. 20, 2025, 5:00 a.m. ET", Skip::Byline),
            ("Published March 3, 2024", Skip::Byline),
            ("2024年9月3日 星期二", Skip::Byline),
            ("Illustration by Tomas Eberle", Skip::Credit),
            ("Photographs by Ann Lee for The Paper", Skip::Credit),
            ("插圖：托馬斯．埃貝勒", Skip::Credit),
            ("圖／美聯社", Skip::Credit),
            ("9:21", Skip::Duration),
            ("1:02:03", Skip::Duration),
            ("Listen · 9:21 min", Skip::Duration),
            ("5 min read", Skip::Duration),
            ("閱讀時間：5分鐘", Skip::Duration),
            ("Share · Subscribe", Skip::Boilerplate),
            ("分享．訂閱", Skip::Boilerplate),
            ("Sign up for our newsletter.", Skip::Boilerplate),
            ("© 2025 The Paper", Skip::Boilerplate),
            ("延伸閱讀：下一個家", Skip::Boilerplate),
            ("[1] See the report, p. 5.", Skip::Footnote),
            ("[^note]: See the report.", Skip::Footnote),
            ("註1：見報告第五頁。", Skip::Footnote),
            ("https://example.org/a?b=c", Skip::Address),
            ("Write to us: desk@example.org", Skip::Address),
            ("編按：本欄上週把「潮汐表」誤寫成「朝夕表」，特此更正。", Skip::Note),
            ("Editor’s note: An earlier version misspelled a name.", Skip::Note),
            ("(For the readers who have written to ask: yes. It is.)", Skip::Note),
            ("（有讀者來信詢問，在此一併回覆：是的。）", Skip::Note),
        ] {
            assert_eq!(line(text, Place::Edge), Some(want), "{text}");
        }
        for text in [
            "Photo: The courthouse in Mill County.",
            "照片：窗臺上的收音機，旁邊是奶奶的眼鏡。",
            "圖說：窗臺上的收音機",
        ] {
            assert_eq!(inside(text), Some(Skip::Caption), "{text}");
        }
    }

    #[test]
    fn running_text_is_not_skipped() {
        for text in [
            "By evening 1,400 people were sleeping in the high school.",
            "By Friday, nobody was left in Mill County.",
            "What open means",
            "The price of free",
            "Share what you know, and listen to what they say.",
            "Subscribers are people too",
            "In 2024 it had 6 workers and no office.",
            "文字是安靜的。",
            "作者把它寫成了三本書，每一本都賣得很好。",
            "圖書館改用開放的模型。",
            "It starts at 9:21 every day.",
            "29",
            "(It was dark.)",
            "He wrote to desk@example.org and nobody ever answered him there.",
            "分享是一種美德",
            "Please note: the road is closed on Sunday.",
            "The first point: it is ours.",
        ] {
            assert_eq!(line(text, Place::Edge).or_else(|| inside(text)), None, "{text}");
        }
    }
}
