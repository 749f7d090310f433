//! Where does a word begin and end in a line of text?
//!
//! Of Chinese and Japanese each character is a word; a run of Latin letters or digits is one
//! ("24.3", "$8", "GPT-4", "don't"); Korean and other spaced scripts go by their spaces, Thai and
//! its neighbours by the character. Punctuation belongs to the word before it, opening marks to the
//! word after. This room never knows times.

use super::characters::{is_closing, is_opening, is_spoken, is_unspaced, stands_alone};
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// Punctuation that does not end a run of letters when more letters follow directly.
const JOINERS: &str = "'’-‐‑‒–.．:/\\_*^~|·@()[]{}<>\"״׳\u{200c}\u{200d}";

/// What a grapheme means for the cutting.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Space,
    /// A word of its own.
    Alone,
    /// Part of a run of letters or digits.
    Run,
    /// Belongs to the word after it.
    Opening,
    /// Belongs to the word before it.
    Closing,
    /// Belongs to whichever word it touches.
    Mark,
}

/// The words of `text` as byte ranges, in order. Every character but white space is in exactly one
/// of them. A mark set off by a space ("word –") is in its word together with that space; text
/// without any letter is one word. Linear in the length of `text`.
pub fn words(text: &str) -> Vec<Range<usize>> {
    let graphemes: Vec<(usize, &str)> = text.grapheme_indices(true).flat_map(apart).collect();
    let mut kinds: Vec<Kind> = graphemes.iter().map(|(_, grapheme)| kind_of(grapheme)).collect();
    settle_marks(&graphemes, &mut kinds);
    let mut cutter = Cutter { text, words: Vec::new(), lead: None, run: None };
    for (&(at, grapheme), &kind) in graphemes.iter().zip(&kinds) {
        cutter.take(kind, at..at + grapheme.len());
    }
    cutter.finish()
}

/// The line that `words` make: no space beside Han, kana and their punctuation, one between all
/// others. For words whose source had no text around them.
pub fn spell<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for word in words.into_iter().map(str::trim).filter(|word| !word.is_empty()) {
        if needs_space(&line, word) {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// Whether a space belongs between two pieces of text that nothing else is known of.
pub fn needs_space(before: &str, after: &str) -> bool {
    let (Some(a), Some(b)) = (before.chars().next_back(), after.chars().next()) else {
        return false;
    };
    !(is_unspaced(a) || is_unspaced(b) || a.is_whitespace() || b.is_whitespace())
}

/// Where each of `words` stands in `text`, in order, with nothing but punctuation and white space
/// between them; `None` where they do not tell the same text. Linear.
pub fn locate<'a>(
    text: &str,
    words: impl IntoIterator<Item = &'a str>,
) -> Option<Vec<Range<usize>>> {
    let mut cursor = 0;
    let mut found = Vec::new();
    for word in words {
        loop {
            let rest = &text[cursor..];
            if rest.starts_with(word) {
                break;
            }
            let c = rest.chars().next().filter(|c| !is_spoken(*c))?;
            cursor += c.len_utf8();
        }
        found.push(cursor..cursor + word.len());
        cursor += word.len();
    }
    text[cursor..].chars().all(|c| !is_spoken(c)).then_some(found)
}

/// `range` of `text` without the punctuation around it; all of it where there is
/// nothing else ("$8" of "“$8,").
pub fn core(text: &str, range: Range<usize>) -> Range<usize> {
    let word = &text[range.clone()];
    let trimmed = word.trim_start_matches(|c| !is_spoken(c));
    let start = range.start + (word.len() - trimmed.len());
    let end = start + trimmed.trim_end_matches(|c| !is_spoken(c)).len();
    if start < end { start..end } else { range }
}

/// Takes spaces apart from stray marks that Unicode puts together with them ("\u{600} ", "
/// \u{200d}").
fn apart((at, grapheme): (usize, &str)) -> impl Iterator<Item = (usize, &str)> {
    let mut at = at;
    let pieces = grapheme.split_inclusive(char::is_whitespace).flat_map(|piece| {
        let (mark, space) = piece.split_at(piece.trim_end().len());
        [mark, space]
    });
    pieces.filter(|piece| !piece.is_empty()).map(move |piece| {
        at += piece.len();
        (at - piece.len(), piece)
    })
}

fn kind_of(grapheme: &str) -> Kind {
    match grapheme.chars().next() {
        Some(c) if c.is_whitespace() => Kind::Space,
        Some(c) if stands_alone(c) => Kind::Alone,
        Some(c) if is_spoken(c) => Kind::Run,
        Some(c) if is_opening(c) => Kind::Opening,
        Some(c) if is_closing(c) => Kind::Closing,
        _ => Kind::Mark,
    }
}

/// Decides what marks belong to that go by their surroundings: straight quotes, dashes, and
/// brackets inside a run ("word(s)").
fn settle_marks(graphemes: &[(usize, &str)], kinds: &mut [Kind]) {
    let followers = followers(kinds);
    let mut before = Kind::Space;
    let mut line_begins = true;
    let mut is_quote_open = false;
    for (index, &(_, grapheme)) in graphemes.iter().enumerate() {
        let after = followers[index];
        let settled = match kinds[index] {
            Kind::Opening if after == Kind::Space && before != Kind::Space => Kind::Closing,
            Kind::Opening
                if before == Kind::Run && after == Kind::Run && "([{".contains(grapheme) =>
            {
                Kind::Mark
            }
            Kind::Mark => settle(grapheme, before, after, line_begins, is_quote_open),
            kind => kind,
        };
        if grapheme == "\"" {
            is_quote_open = settled == Kind::Opening;
        }
        line_begins = settled == Kind::Space && (line_begins || is_line_end(grapheme));
        kinds[index] = settled;
        before = settled;
    }
}

fn settle(
    grapheme: &str,
    before: Kind,
    after: Kind,
    line_begins: bool,
    is_quote_open: bool,
) -> Kind {
    let is_dash = matches!(grapheme, "-" | "–" | "—" | "‐");
    match (before, after) {
        // The dash of a dialogue line.
        (Kind::Space | Kind::Opening, _) if line_begins && is_dash => Kind::Opening,
        (_, Kind::Space) => Kind::Closing,
        (Kind::Space | Kind::Opening, _) => Kind::Opening,
        _ if grapheme == "\""
            && (before == Kind::Alone || after == Kind::Alone)
            && !is_quote_open =>
        {
            Kind::Opening
        }
        _ => Kind::Mark,
    }
}

fn is_line_end(grapheme: &str) -> bool {
    matches!(grapheme, "\n" | "\r\n" | "\r" | "\u{85}" | "\u{2028}" | "\u{2029}")
}

/// For every place, the kind of what follows it when marks are skipped; the end counts as a space.
fn followers(kinds: &[Kind]) -> Vec<Kind> {
    let mut after = Kind::Space;
    let mut followers: Vec<Kind> = kinds
        .iter()
        .rev()
        .map(|&kind| {
            let follower = after;
            if kind != Kind::Mark {
                after = kind;
            }
            follower
        })
        .collect();
    followers.reverse();
    followers
}

/// The words found so far, while graphemes are taken one by one.
struct Cutter<'a> {
    text: &'a str,
    words: Vec<Range<usize>>,
    /// Where opening marks begin that wait for their word.
    lead: Option<usize>,
    /// Where the letters of an open run end; more letters may join the last word.
    run: Option<usize>,
}

impl Cutter<'_> {
    fn take(&mut self, kind: Kind, at: Range<usize>) {
        match kind {
            Kind::Space => self.run = None,
            Kind::Alone => {
                self.begin(at);
                self.run = None;
            }
            Kind::Run => {
                let end = at.end;
                match self.words.last_mut() {
                    Some(word)
                        if self.lead.is_none()
                            && self.run.is_some_and(|run| joins(self.text, run, at.start)) =>
                    {
                        word.end = end;
                    }
                    _ => self.begin(at),
                }
                self.run = Some(end);
            }
            Kind::Opening => {
                self.lead.get_or_insert(at.start);
            }
            Kind::Closing | Kind::Mark => match self.words.last_mut() {
                Some(word) if self.lead.is_none() => word.end = at.end,
                _ => {
                    self.lead.get_or_insert(at.start);
                }
            },
        }
    }

    fn begin(&mut self, at: Range<usize>) {
        self.words.push(self.lead.take().unwrap_or(at.start)..at.end);
    }

    /// Gives opening marks that no word follows to the last word.
    fn finish(mut self) -> Vec<Range<usize>> {
        let end = self.text.trim_end().len();
        match (self.lead, self.words.last_mut()) {
            (Some(_), Some(word)) => word.end = end,
            (Some(start), None) => self.words.push(start..end),
            _ => {}
        }
        self.words
    }
}

/// Whether letters that begin at `next` go on with the run whose letters ended at `run`.
fn joins(text: &str, run: usize, next: usize) -> bool {
    let marks = &text[run..next];
    let (before, after) = (text[..run].chars().next_back(), text[next..].chars().next());
    let between_digits =
        before.is_some_and(char::is_numeric) && after.is_some_and(char::is_numeric);
    match marks {
        "" | "://" => true,
        "," | "，" | "：" | "'" | "٫" | "٬" if between_digits => true,
        _ => {
            !marks.contains("--")
                && !marks.contains("..")
                && marks.chars().all(|c| JOINERS.contains(c))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, want: &str) {
        let got: Vec<&str> = words(text).into_iter().map(|range| &text[range]).collect();
        let want: Vec<&str> = want.split('|').filter(|word| !word.is_empty()).collect();
        assert_eq!(got, want, "{text:?}");
    }

    #[test]
    fn latin_and_numbers_are_whole() {
        check(" It rose 24.3 to $8, or 2.5%.", "It|rose|24.3|to|$8,|or|2.5%.");
        check(
            "GPT-4 don't AT&T U.S.A. C++ #1 e.g. 9:21 1,000 R&D",
            "GPT-4|don't|AT&T|U.S.A.|C++|#1|e.g.|9:21|1,000|R&D",
        );
        check("see https://example.org/a_b?c, ok", "see|https://example.org/a_b?|c,|ok");
        check("２４．３％ ＡＢＣ ９：２１", "２４．３％|ＡＢＣ|９：２１");
        check("yes,no well—known wait...what 2 + 2", "yes,|no|well—|known|wait...|what|2|+|2");
        check("word(s) f(x) naïve café", "word(s)|f(x)|naïve|café");
    }

    #[test]
    fn chinese_and_japanese_by_character() {
        check("今天，天氣很好。", "今|天，|天|氣|很|好。");
        check("他說「好」，然後（走了）…", "他|說|「好」，|然|後|（走|了）…");
        check("使用GPT-4模型 24.3%的人", "使|用|GPT-4|模|型|24.3%|的|人");
        check("カメラは高い", "カ|メ|ラ|は|高|い");
        check("ㄅㄆㄇ一〇々", "ㄅ|ㄆ|ㄇ|一|〇|々");
        check("約翰·史密斯", "約|翰·|史|密|斯");
        check("他說\"你好\"了", "他|說|\"你|好\"|了");
        check("か\u{3099}", "か\u{3099}");
        check("0\u{600} x \u{200d}", "0\u{600}|x \u{200d}");
    }

    #[test]
    fn other_scripts() {
        check("안녕하세요, 세계!", "안녕하세요,|세계!");
        check("ภาษา", "ภ|า|ษ|า");
        check("שלום, עולם!", "שלום,|עולם!");
        check("नमस्ते दुनिया।", "नमस्ते|दुनिया।");
        check("韓國어 A股", "韓|國|어|A|股");
    }

    #[test]
    fn marks_find_their_word() {
        check("\"Hello,\" (she) said - 'tis", "\"Hello,\"|(she)|said -|'tis");
        check("Bonjour ! « Oui »", "Bonjour !|« Oui »");
        check("- Hi.\n- Hello.", "- Hi.|- Hello.");
        check("…and so", "…and|so");
        check("，你好", "，你|好");
        check("♪ la la ♪", "♪ la|la ♪");
        check("...", "...");
        check("end (", "end (");
        check("a <b> c", "a|<b>|c");
        check("A --> B", "A -->|B");
        check("", "");
        check("  \n ", "");
        check("ok 😀 👨‍👩‍👧", "ok 😀 👨‍👩‍👧");
    }

    #[test]
    fn spelling() {
        for (words, want) in [
            (vec!["Hello,", "world"], "Hello, world"),
            (vec!["今", "天，", "天"], "今天，天"),
            (vec!["用", "GPT-4", "與", "AI", "tools"], "用GPT-4與AI tools"),
            (vec!["", " a ", "b"], "a b"),
        ] {
            assert_eq!(spell(words), want);
        }
    }

    #[test]
    fn locating() {
        let text = "“Hello, world,” 他說。";
        let found = locate(text, ["Hello", "world", "他", "說"]).expect("found");
        assert_eq!(
            found.iter().map(|range| &text[range.clone()]).collect::<Vec<_>>(),
            ["Hello", "world", "他", "說"]
        );
        assert_eq!(locate(text, ["Hello", "他", "說"]), None);
        assert_eq!(locate(text, ["Hello"]), None);
        assert_eq!(locate("", []), Some(vec![]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn nothing_is_lost(text in "[a-zé0-9中文かア한ก \n\"'’“”「」（）()<>{}.,，。!?—–…$%&+🙂\u{301}\u{200d}-]{0,60}") {
            let ranges = words(&text);
            prop_assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start));
            prop_assert!(ranges.iter().all(|range| !text[range.clone()].is_empty() && text[range.clone()].trim() == &text[range.clone()]));
            let kept: String = ranges.iter().map(|range| &text[range.clone()]).collect();
            let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(bare(&kept), bare(&text));
            prop_assert_eq!(locate(&text, ranges.iter().map(|range| &text[range.clone()])), Some(ranges.clone()));
        }
    }
}
