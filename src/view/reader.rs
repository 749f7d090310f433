//! The text itself: the rows that are visible, with what they mean.

use super::cells::{self, Glyph};
use super::marks::{Layer, Meaning, Meanings, Standing, merge};
use super::page::{Page, Row, Run, Source, Texts};
use super::theme::Theme;
use super::timeline::{Passage, Place};
use crate::time::Timestamp;
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use std::ops::Range;

/// The text, where the listener is in it, and what is marked in it.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    /// The texts that `page` was made of.
    pub texts: Texts<'a>,
    /// Their layout.
    pub page: &'a Page,
    /// The row at the top of the screen.
    pub top: usize,
    /// The row that the listener moved to by hand.
    pub cursor: Option<usize>,
    /// When it is.
    pub at: Timestamp,
    /// What is spoken then.
    pub place: Place,
    /// Everything before this byte of the article was heard.
    pub heard_to: usize,
    /// Everything from this byte of the article on is hidden.
    pub hidden_from: Option<usize>,
    /// What holds wherever the listener is.
    pub standing: &'a Standing,
    /// Whether differences from what stands beside are shown.
    pub shows_differences: bool,
    /// Hits in the article.
    pub hits: &'a [Range<usize>],
    /// What is only like it.
    pub near: &'a [Range<usize>],
    /// The hit last gone to.
    pub hit_here: Option<Range<usize>>,
    /// Words with a bookmark, in order.
    pub bookmarks: &'a [Range<usize>],
    /// The part being repeated.
    pub looped: Option<Range<usize>>,
}

/// The layers of each text.
struct Layers<'a> {
    written: Vec<Layer<'a>>,
    beside: Vec<Layer<'a>>,
}

impl Reader<'_> {
    /// Draws the rows that fit into `area`, the first being `top`.
    pub fn draw(&self, area: Rect, theme: &Theme, buffer: &mut Buffer) {
        let layers = self.layers();
        let visible =
            self.page.rows.iter().enumerate().skip(self.top).take(usize::from(area.height));
        for ((index, row), y) in visible.zip(area.top()..) {
            for run in row.runs.iter().flatten() {
                self.draw_run(run, &layers, Rect { y, height: 1, ..area }, theme, buffer);
            }
            self.draw_sign(index, row, Rect { y, height: 1, ..area }, theme, buffer);
        }
    }

    fn draw_run(
        &self,
        run: &Run,
        layers: &Layers<'_>,
        line: Rect,
        theme: &Theme,
        buffer: &mut Buffer,
    ) {
        let mut x = line.x + run.x;
        if !run.sign.trim().is_empty() {
            cells::write(
                buffer,
                x - 2,
                line.y,
                line.right(),
                run.sign,
                theme.page.patch(theme.faint),
            );
        }
        let stretches = match run.source {
            Source::Written => merge(&layers.written, &run.bytes),
            Source::Beside => merge(&layers.beside, &run.bytes),
            Source::Insert(index) => vec![(run.bytes.clone(), self.insert_meanings(index))],
        };
        let mut stretches = stretches.into_iter().peekable();
        for glyph in cells::glyphs(&self.texts.text(run.source)[run.bytes.clone()]) {
            let at = run.bytes.start + glyph.at;
            while stretches.next_if(|(stretch, _)| stretch.end <= at).is_some() {}
            let meanings =
                stretches.peek().map_or_else(Meanings::default, |(_, meanings)| *meanings);
            let style = theme.text(run.kind, meanings);
            if meanings.has(Meaning::Hidden) && glyph.symbol.starts_with(char::is_alphanumeric) {
                for covered in 0..glyph.width {
                    cells::put(
                        buffer,
                        x + covered,
                        line.y,
                        Glyph { at: 0, symbol: "·", width: 1 },
                        theme.page.patch(theme.faint),
                    );
                }
            } else {
                cells::put(buffer, x, line.y, glyph, style);
            }
            x += glyph.width;
        }
    }

    /// The sign left of a row: where the hand is, a bookmark, or a part whose times are a guess.
    fn draw_sign(&self, index: usize, row: &Row, line: Rect, theme: &Theme, buffer: &mut Buffer) {
        let written = row
            .runs
            .iter()
            .flatten()
            .find(|run| run.source == Source::Written)
            .map_or(0..0, |run| run.bytes.clone());
        let meets = |ranges: &[Range<usize>]| {
            let from = ranges.partition_point(|r| r.end <= written.start);
            ranges.get(from).is_some_and(|r| r.start < written.end)
        };
        let (sign, style) = if self.cursor == Some(index) {
            ("▸", theme.accent)
        } else if meets(self.bookmarks) {
            ("◆", theme.bookmark)
        } else if meets(&self.standing.estimate) {
            ("~", theme.faint)
        } else if theme.has_signs && meets(&self.standing.unread) {
            ("╎", theme.faint)
        } else if theme.has_signs && meets(&self.standing.doubtful) {
            ("?", theme.faint)
        } else {
            return;
        };
        cells::write(
            buffer,
            line.x + self.page.x().saturating_sub(2),
            line.y,
            line.right(),
            sign,
            theme.page.patch(style),
        );
    }

    fn layers(&self) -> Layers<'_> {
        let article = &self.texts.reading.article;
        let sentence = match self.place.passage {
            Some(Passage::Sentence(index)) => Some(index),
            _ => None,
        };
        let mut written = vec![
            Layer::one(Meaning::Heard, 0..self.heard_to),
            Layer::of(Meaning::Unread, &self.standing.unread),
            Layer::of(Meaning::Estimate, &self.standing.estimate),
            Layer::of(Meaning::Doubtful, &self.standing.doubtful),
            Layer::of(Meaning::Hit, self.hits),
            Layer::of(Meaning::Near, self.near),
            Layer::of(Meaning::Bookmark, self.bookmarks),
        ];
        let mut beside = Vec::new();
        if self.shows_differences {
            written.push(Layer::of(Meaning::Differs, &self.standing.differs));
        }
        written.extend(self.looped.clone().map(|range| Layer::one(Meaning::Looped, range)));
        written.extend(self.hit_here.clone().map(|hit| Layer::one(Meaning::HitHere, hit)));
        if let Some(lit) = sentence.and_then(|s| article.sentences.get(s)) {
            written.push(Layer::one(Meaning::Sentence, lit.bytes.clone()));
        }
        if let Some(word) =
            self.place.word.filter(|_| self.place.is_sounding).and_then(|w| article.words.get(w))
        {
            written.push(Layer::one(Meaning::Word, word.bytes.clone()));
        }
        if let Some(from) = self.hidden_from {
            written.push(Layer::one(Meaning::Hidden, from..article.text.len()));
        }
        if let Some(text) = self.texts.beside {
            let piece = |s: usize| text.sentences.get(s).cloned();
            let n_heard = article.sentences.partition_point(|s| s.bytes.end <= self.heard_to);
            beside.push(Layer::one(
                Meaning::Heard,
                0..n_heard.checked_sub(1).and_then(piece).map_or(0, |p| p.end),
            ));
            beside.push(Layer::of(Meaning::Differs, &text.differs));
            beside
                .extend(sentence.and_then(piece).map(|piece| Layer::one(Meaning::Sentence, piece)));
            if let Some(from) = self.hidden_from {
                let n_shown = article.sentences.partition_point(|s| s.bytes.end <= from);
                beside.push(Layer::one(
                    Meaning::Hidden,
                    piece(n_shown).map_or(text.text.len(), |p| p.start)..text.text.len(),
                ));
            }
        }
        Layers { written, beside }
    }

    fn insert_meanings(&self, index: usize) -> Meanings {
        let span =
            self.texts.reading.alignment.unwritten.get(index).map(|u| u.span).unwrap_or_default();
        let set = Meanings::default();
        if self.place.passage == Some(Passage::Insert(index)) {
            set.with(Meaning::Sentence)
        } else if span.end() <= self.at {
            set.with(Meaning::Heard)
        } else if self.hidden_from.is_some() {
            set.with(Meaning::Hidden)
        } else {
            set
        }
    }
}
