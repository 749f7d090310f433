//! Text as terminal cells: what is seen of it, how wide that is, and how it gets into a buffer.

use crate::printable;
use ratatui_core::buffer::Buffer;
use ratatui_core::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The widest character that is drawn as it is, in cells. A longer chain of conjuncts is nobody's
/// text.
pub const WIDEST: u16 = 4;

/// A visible character of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyph<'a> {
    /// Its first byte in the text.
    pub at: usize,
    /// What to draw: an extended grapheme cluster.
    pub symbol: &'a str,
    /// The cells that it takes, 1 to 4.
    pub width: u16,
}

/// The visible characters of `text` in logical order. What takes no cell by itself (direction
/// marks, joiners, control characters) is left out: on its own it could only disturb the rest of
/// the line.
pub fn glyphs(text: &str) -> impl Iterator<Item = Glyph<'_>> {
    text.grapheme_indices(true).filter_map(|(at, symbol)| {
        if symbol.contains(printable::is_harmful) {
            return None;
        }
        match symbol_width(symbol) {
            0 => None,
            width if width > WIDEST => Some(Glyph { at, symbol: "\u{fffd}", width: 1 }),
            width => Some(Glyph { at, symbol, width }),
        }
    })
}

/// The cells that one character takes.
pub fn symbol_width(symbol: &str) -> u16 {
    if symbol.len() == 1 { 1 } else { u16::try_from(symbol.width()).unwrap_or(u16::MAX) }
}

/// The cells that `text` takes.
pub fn width(text: &str) -> usize {
    if text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        text.len()
    } else {
        glyphs(text).map(|g| usize::from(g.width)).sum()
    }
}

/// The longest start of `text` that fits into `cells`, with `…` in its last cell where something is
/// missing.
pub fn clip(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let mut used = 0;
    let kept = glyphs(text).take_while(|g| {
        used += usize::from(g.width);
        used < cells
    });
    kept.map(|g| g.symbol).chain((cells > 0).then_some("…")).collect()
}

/// Draws one character at `x`, `y`; nothing where it would stand across the edge.
pub fn put(buffer: &mut Buffer, x: u16, y: u16, glyph: Glyph<'_>, style: Style) {
    let area = buffer.area;
    if y < area.top()
        || y >= area.bottom()
        || x < area.left()
        || x.saturating_add(glyph.width) > area.right()
    {
        return;
    }
    buffer[(x, y)].set_symbol(glyph.symbol).set_style(style);
    for covered in x + 1..x + glyph.width {
        buffer[(covered, y)].set_symbol(" ").set_style(style);
    }
}

/// Draws `text` from `x` on and before `end`; returns the column after it.
pub fn write(buffer: &mut Buffer, x: u16, y: u16, end: u16, text: &str, style: Style) -> u16 {
    let mut x = x;
    for glyph in glyphs(text) {
        if x.saturating_add(glyph.width) > end {
            break;
        }
        put(buffer, x, y, glyph, style);
        x += glyph.width;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui_core::layout::Rect;

    #[test]
    fn widths() {
        for (text, want) in [
            ("", 0),
            ("abc", 3),
            ("你好。", 6),
            ("e\u{301}", 1),
            ("👩‍👩‍👧", 2),
            ("🇹🇼", 2),
            ("שלום", 4),
            ("a\u{202e}b\u{200b}c\u{ad}\u{feff}", 3),
            ("\t\n\u{2028}", 0),
            ("ﾊﾟ", 2),
        ] {
            assert_eq!(width(text), want, "{text:?}");
        }
    }

    #[test]
    fn clipping() {
        for (text, cells, want) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("你好嗎", 6, "你好嗎"),
            ("你好嗎", 5, "你好…"),
            ("你好嗎", 4, "你…"),
            ("ab", 0, ""),
        ] {
            assert_eq!(clip(text, cells), want);
        }
    }

    #[test]
    fn nothing_stands_across_an_edge() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 3, 1));
        assert_eq!(write(&mut buffer, 0, 0, 3, "你好", Style::default()), 2);
        put(&mut buffer, 2, 0, Glyph { at: 0, symbol: "好", width: 2 }, Style::default());
        put(&mut buffer, 0, 7, Glyph { at: 0, symbol: "x", width: 1 }, Style::default());
        assert_eq!(buffer, Buffer::with_lines(["你 "]));
    }
}
