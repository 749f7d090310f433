//! Where may a line end? Rows of a text by the Unicode line breaking algorithm.
//!
//! UAX #14 brings the rules that Chinese and Japanese typesetting asks for: no 「，。」」 at the
//! start of a line, no 「「（」 at its end, breaks anywhere else between characters. Four things
//! are added: scripts written without spaces for which the algorithm wants a dictionary are broken
//! between characters; what fits no line at all is broken where the line is full; Latin marks in
//! Chinese and Japanese part what stands around them as their wide kin do; and a paragraph does not
//! end with one character on a line.

use super::cells;
use std::ops::Range;
use unicode_linebreak::{BreakClass, BreakOpportunity, break_property, linebreaks};
use unicode_segmentation::GraphemeCursor;

/// The rows of `text` as byte ranges without white space at either end, each at most `columns`
/// cells wide. A line feed ends a row. Linear in the length of `text`.
pub fn wrap(text: &str, columns: usize) -> Vec<Range<usize>> {
    let mut rows = Rows {
        text,
        columns,
        start: 0,
        used: 0,
        done: Vec::new(),
        paragraph: 0,
        breaks: Vec::new(),
    };
    let mut last = 0;
    for (end, kind) in linebreaks(text) {
        if kind == BreakOpportunity::Allowed && !is_between_characters(text, end) {
            continue;
        }
        let begin = last;
        let wide = wide_breaks(&text[begin..end])
            .map(|at| begin + at)
            .filter(|at| is_between_characters(text, *at));
        for at in wide.chain([end]) {
            rows.piece(last..at);
            last = at;
        }
        if kind == BreakOpportunity::Mandatory {
            rows.end_at(end);
            rows.end_paragraph();
        }
    }
    rows.done
}

struct Rows<'a> {
    text: &'a str,
    columns: usize,
    /// The first byte of the row being filled, and the cells that it has so far.
    start: usize,
    used: usize,
    done: Vec<Range<usize>>,
    /// The first row of the paragraph, and the bytes before which it may be broken.
    paragraph: usize,
    breaks: Vec<usize>,
}

impl Rows<'_> {
    /// Takes a piece of text that has no break inside.
    fn piece(&mut self, piece: Range<usize>) {
        self.breaks.push(piece.start);
        let text = &self.text[piece.clone()];
        let solid = text.trim_end();
        if has_no_spaces(solid) {
            return self.characters(piece);
        }
        let width = cells::width(solid);
        if self.used + width > self.columns {
            self.end_at(piece.start);
        }
        if width > self.columns {
            return self.characters(piece);
        }
        self.used += width + cells::width(&text[solid.len()..]);
    }

    /// Takes a piece that may be broken between its characters.
    fn characters(&mut self, piece: Range<usize>) {
        let mut before = "";
        for glyph in cells::glyphs(&self.text[piece.clone()]) {
            let width = usize::from(glyph.width);
            if self.used + width > self.columns && !glyph.symbol.trim().is_empty() {
                let back = if leads(before) { before.len() } else { 0 };
                self.end_at(piece.start + glyph.at - back);
                self.used = cells::width(&before[..back]);
            }
            self.used += width;
            before = glyph.symbol;
        }
    }

    /// Ends the row before byte `at`.
    fn end_at(&mut self, at: usize) {
        let row = &self.text[self.start..at];
        let mut from = self.start + (row.len() - row.trim_start_matches(is_blank).len());
        // A mark that combines with the space before it is not seen without it.
        if from > self.start && !is_between_characters(self.text, from) {
            from = self.text[..from].char_indices().next_back().map_or(from, |(at, _)| at);
        }
        let to = self.start + row.trim_end_matches(is_blank).len();
        if from < to {
            self.done.push(from..to);
        }
        self.start = at;
        self.used = 0;
    }

    /// Gives a character that stands alone on the last row company from the row before, where that
    /// stays half full.
    fn end_paragraph(&mut self) {
        let first = std::mem::replace(&mut self.paragraph, self.done.len());
        let breaks = std::mem::take(&mut self.breaks);
        let [.., before, last] = &mut self.done[first..] else { return };
        if !is_lonely(&self.text[last.clone()]) {
            return;
        }
        let Some(at) = breaks.into_iter().rfind(|at| before.start < *at && *at < before.end) else {
            return;
        };
        let left = self.text[before.start..at].trim_end_matches(is_blank);
        let moved = cells::width(&self.text[at..last.end]);
        if cells::width(left) * 2 >= self.columns && moved <= self.columns {
            *before = before.start..before.start + left.len();
            *last = at..last.end;
        }
    }
}

/// Whether there is one wide character, and besides only marks.
fn is_lonely(row: &str) -> bool {
    let mut letters =
        cells::glyphs(row).filter(|glyph| glyph.symbol.starts_with(char::is_alphanumeric));
    letters.next().is_some_and(|glyph| glyph.width == 2) && letters.next().is_none()
}

/// Where else `piece` may be broken: around marks that are made for Latin text, and stand between
/// wide characters and others.
fn wide_breaks(piece: &str) -> impl Iterator<Item = usize> {
    // Nothing wide, or no mark, as in nearly every piece.
    let is_asked = !piece.is_ascii() && piece.chars().any(|c| is_closing(c) || is_quote(c));
    let piece = if is_asked { piece } else { "" };
    let places = piece.char_indices().zip(piece.char_indices().skip(1));
    let mut before = None;
    places.filter_map(move |((_, a), (at, b))| {
        let earlier = before.replace(a);
        // A comma behind a wide character is none between digits.
        let is_behind = is_closing(a) && earlier.is_some_and(is_wide) && b.is_alphanumeric();
        // Before a quotation in a wide text, and behind it.
        let is_around = (is_wide(a) && is_opening_quote(b))
            || (is_closing_quote(a) && is_wide(b) && b.is_alphanumeric());
        (is_behind || is_around).then_some(at)
    })
}

/// Whether a wide character that something may stand behind on another line.
fn is_wide(c: char) -> bool {
    cells::symbol_width(c.encode_utf8(&mut [0; 4])) == 2
        && break_property(u32::from(c)) != BreakClass::OpenPunctuation
}

fn is_closing(c: char) -> bool {
    matches!(c, ',' | ';' | ':' | '!' | '?' | ')' | ']')
}

fn is_quote(c: char) -> bool {
    is_opening_quote(c) || is_closing_quote(c)
}

fn is_opening_quote(c: char) -> bool {
    matches!(c, '“' | '‘')
}

fn is_closing_quote(c: char) -> bool {
    matches!(c, '”' | '’')
}

/// Whether byte `at` is not inside a character: a mark combines with the space before it too, and
/// to an older table than that of the characters a new script's marks are letters.
fn is_between_characters(text: &str, at: usize) -> bool {
    text[at..].starts_with(|c: char| c.is_ascii())
        || GraphemeCursor::new(at, text.len(), true).is_boundary(text, 0).unwrap_or(true)
}

/// Whether nothing is seen of a character where a row begins or ends: white space, and signs for
/// the layout.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Whether a piece is of a script that writes words without spaces (Thai, Lao, Khmer, Burmese).
fn has_no_spaces(piece: &str) -> bool {
    !piece.is_ascii()
        && piece.chars().any(|c| break_property(u32::from(c)) == BreakClass::ComplexContext)
}

/// Whether a Thai or Lao vowel is written before the consonant that it belongs to.
fn leads(symbol: &str) -> bool {
    matches!(symbol.chars().next(), Some('\u{e40}'..='\u{e44}' | '\u{ec0}'..='\u{ec4}'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &str, columns: usize) -> Vec<&str> {
        wrap(text, columns).into_iter().map(|row| &text[row]).collect()
    }

    #[test]
    fn scripts() {
        let cases: [(&str, usize, &[&str]); 13] = [
            ("", 8, &[]),
            // A mark of a script that the line breaks' table does not know, on a space.
            ("two words! \u{113c2}", 10, &["two", "words! \u{113c2}"]),
            ("the open  models are", 9, &["the open", "models", "are"]),
            ("two\nlines here", 20, &["two", "lines here"]),
            ("「你好，」他說。", 8, &["「你", "好，」", "他說。"]),
            ("他說「你好」。", 6, &["他說", "「你", "好」。"]),
            ("深度求索DeepSeek模型", 10, &["深度求索", "DeepSeek", "模型"]),
            ("約1,400人睡在那裡", 8, &["約1,400", "人睡在", "那裡"]),
            ("a supercalifragilistic word", 10, &["a", "supercalif", "ragilistic", "word"]),
            ("ภาษาไทยไม่เว้นวรรค", 7, &["ภาษาไทย", "ไม่เว้นวร", "รค"]),
            ("שלום עולם טוב", 9, &["שלום עולם", "טוב"]),
            ("ok 👩‍👩‍👧👨‍👩‍👦🇹🇼🇯🇵", 8, &["ok 👩‍👩‍👧👨‍👩‍👦", "🇹🇼🇯🇵"]),
            ("e\u{301}te\u{301} a\u{300} la", 5, &["e\u{301}te\u{301} a\u{300}", "la"]),
        ];
        for (text, columns, want) in cases {
            assert_eq!(rows(text, columns), want, "{text:?} at {columns}");
        }
    }

    #[test]
    fn latin_marks_in_chinese() {
        let cases: [(&str, usize, &[&str]); 10] = [
            ("他們都說,DeepSeek好", 12, &["他們都說,", "DeepSeek好"]),
            ("他們都說:DeepSeek好", 12, &["他們都說:", "DeepSeek好"]),
            ("人都在台北,2025年", 12, &["人都在台北,", "2025年"]),
            ("這(開放)DeepSeek呢", 12, &["這(開放)", "DeepSeek呢"]),
            ("他們都說“你好”吧", 8, &["他們都說", "“你好”吧"]),
            ("他們都說“DeepSeek”好的", 12, &["他們都說", "“DeepSeek”", "好的"]),
            // A mark that belongs to what follows it, or to a number, stays with it.
            ("我們用.NET寫的", 8, &["我們", "用.NET", "寫的"]),
            ("共1,400萬個人", 8, &["共1,400", "萬個人"]),
            ("說,「好」", 6, &["說,", "「好」"]),
            ("say it (now),then", 13, &["say it", "(now),then"]),
        ];
        for (text, columns, want) in cases {
            assert_eq!(rows(text, columns), want, "{text:?} at {columns}");
        }
    }

    #[test]
    fn no_character_ends_a_paragraph_alone() {
        let cases: [(&str, usize, &[&str]); 8] = [
            ("權重是開放的。", 12, &["權重是開", "放的。"]),
            ("他說權重是開放", 12, &["他說權重是", "開放"]),
            ("奶奶打開收音機\n然後她聽說", 12, &["奶奶打開收", "音機", "然後她聽說"]),
            // A word goes with it, unless too little would be left.
            ("我們大家都用DeepSeek嗎？", 20, &["我們大家都用", "DeepSeek嗎？"]),
            ("我用DeepSeekDeepSeek嗎", 20, &["我用DeepSeekDeepSeek", "嗎"]),
            // Of two there is company already, and Latin letters are used to it.
            ("他說權重是開放了", 12, &["他說權重是開", "放了"]),
            ("the models a", 10, &["the models", "a"]),
            ("好", 12, &["好"]),
        ];
        for (text, columns, want) in cases {
            assert_eq!(rows(text, columns), want, "{text:?} at {columns}");
        }
    }

    /// Text as it is found: words, Chinese with punctuation, combining marks, emoji, other
    /// directions.
    fn any_text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[a-zA-Z]{1,12}[,.;:!?)]? ",
            "[你好世界開放模型]{1,9}[，。、；：？！」』）》]{0,2}",
            "[「『（《][權重資料]{1,4}",
            "\\PC{0,6}",
            Just("👩‍👩‍👧".to_owned()),
            Just("a\u{301}\u{302}".to_owned()),
            Just("שלום \u{202e}abc".to_owned()),
            Just("ภาษาไทย".to_owned()),
        ];
        prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn every_visible_character_stands_once(text in any_text(), columns in 8usize..80) {
            let rows = rows(&text, columns);
            let visible = |text: &str| cells::glyphs(text).map(|g| g.symbol).filter(|s| !s.trim().is_empty()).collect::<String>();
            prop_assert_eq!(rows.iter().map(|row| visible(row)).collect::<String>(), visible(&text));
            for row in &rows {
                prop_assert!(cells::width(row) <= columns, "{row:?} is {} of {columns}", cells::width(row));
            }
        }

        #[test]
        fn no_row_begins_or_ends_as_it_must_not(text in "([你好世界開放模型]{1,9}[，。、；：？！」』）》…]?[「『（《]?)*", columns in 12usize..80) {
            for row in rows(&text, columns) {
                prop_assert!(!row.starts_with(['，', '。', '、', '；', '：', '？', '！', '」', '』', '）', '》', '…']), "{row:?}");
                let is_last = text.ends_with(row);
                prop_assert!(is_last || !row.ends_with(['「', '『', '（', '《']), "{row:?}");
            }
        }
    }
}
