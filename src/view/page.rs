//! The article laid out in rows: made once per width and kept.
//!
//! A row knows which bytes of which text it shows, and in which column; what those bytes mean and
//! how they look is decided when they are drawn.

use super::beside::Beside;
use super::cells;
use super::timeline::shown_inserts;
use super::wrap::wrap;
use crate::article::{Block, BlockKind};
use crate::reading::Reading;
use std::ops::Range;

/// The widest column of text that is pleasant to read, in cells.
pub const COLUMN: u16 = 72;
/// The widest of two columns.
const TWIN: u16 = 60;
/// Two columns stand side by side from this width of the screen on.
const SIDE_BY_SIDE: u16 = 96;
/// Between two columns, and left of the first, where signs stand.
const BETWEEN: u16 = 4;
const GUTTER: u16 = 2;

/// The texts that a page shows.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'a> {
    /// The article, and what was said besides it.
    pub reading: &'a Reading,
    /// What stands beside it.
    pub beside: Option<&'a Beside>,
}

impl<'a> Texts<'a> {
    /// The text that `source` names.
    pub fn text(&self, source: Source) -> &'a str {
        match source {
            Source::Written => &self.reading.article.text,
            Source::Beside => self.beside.map_or("", |beside| &beside.text),
            Source::Insert(index) => {
                self.reading.alignment.unwritten.get(index).map_or("", |u| &u.text)
            }
        }
    }
}

/// One of the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The article.
    Written,
    /// What stands beside it.
    Beside,
    /// The passage of this index among those said but not written.
    Insert(usize),
}

/// What kind of text it is, for its look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The article's title.
    Title,
    /// A heading.
    Heading,
    /// A paragraph.
    Text,
    /// An item of a list.
    Item,
    /// A quotation set apart.
    Quote,
    /// The words under a picture.
    Caption,
    /// Said but not written.
    Insert,
    /// The text beside the article.
    Beside,
}

/// A piece of a text on one row.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Of which text.
    pub source: Source,
    /// Which bytes.
    pub bytes: Range<usize>,
    /// Its first column on the page.
    pub x: u16,
    /// What kind of text it is.
    pub kind: Kind,
    /// The sign that stands two columns before it.
    pub sign: &'static str,
}

/// A row of the page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// The byte of the article that is reached with it.
    pub at: usize,
    /// What stands on it, from left to right; nothing on an empty row.
    pub runs: [Option<Run>; 2],
}

/// Where the columns of a page stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Columns {
    x: u16,
    width: u16,
    side: Option<u16>,
}

impl Columns {
    fn of(width: u16, widest: u16, has_beside: bool) -> Self {
        if has_beside && width >= SIDE_BY_SIDE {
            let column = TWIN.min(widest).min((width - GUTTER - 2 * BETWEEN) / 2);
            let x = (width - 2 * column - BETWEEN) / 2;
            return Self { x, width: column, side: Some(x + column + BETWEEN) };
        }
        let column = widest.min(width.saturating_sub(2 * GUTTER)).max(8);
        Self { x: (width.saturating_sub(column) / 2).max(GUTTER), width: column, side: None }
    }
}

/// A text in rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The width that it was made for.
    pub width: u16,
    /// Its rows from top to bottom.
    pub rows: Vec<Row>,
    columns: Columns,
}

impl Page {
    /// Lays out `texts` for a screen `width` cells wide. Linear in the length of the texts.
    pub fn new(texts: Texts<'_>, width: u16) -> Self {
        Self::within(texts, width, COLUMN)
    }

    /// The same in columns that are at most `column` cells wide.
    pub fn within(texts: Texts<'_>, width: u16, column: u16) -> Self {
        let columns = Columns::of(width, column, texts.beside.is_some());
        let mut page = Self { width, rows: Vec::new(), columns };
        let mut inserts = inserts_by_block(texts.reading).into_iter().peekable();
        let mut before = None;
        for (index, block) in texts.reading.article.blocks.iter().enumerate() {
            while let Some((_, insert)) = inserts.next_if(|(at, _)| *at <= index) {
                page.insert(texts, insert, block.bytes.start);
                before = None;
            }
            if !(block.kind == BlockKind::Item && before == Some(BlockKind::Item)) {
                page.gap(block.bytes.start);
            }
            page.block(texts, block);
            before = Some(block.kind);
        }
        for (_, insert) in inserts {
            page.insert(texts, insert, texts.reading.article.text.len());
        }
        page
    }

    /// The first column of the text, for signs left of it.
    pub fn x(&self) -> u16 {
        self.columns.x
    }

    /// The row that shows the article's byte `at`, or the last one before it.
    pub fn row_of(&self, at: usize) -> usize {
        let after = self.rows.partition_point(|row| row.at <= at);
        let is_written =
            |row: &Row| row.runs.iter().flatten().any(|run| run.source == Source::Written);
        self.rows[..after].iter().rposition(is_written).unwrap_or(0)
    }

    /// The first row of the insert `index`.
    pub fn row_of_insert(&self, index: usize) -> Option<usize> {
        self.rows.iter().position(|row| {
            row.runs.iter().flatten().any(|run| run.source == Source::Insert(index))
        })
    }

    /// Which byte of which text stands at the page's column `x` of row `row`.
    pub fn byte_at(&self, texts: Texts<'_>, row: usize, x: u16) -> Option<(Source, usize)> {
        let run = self.rows.get(row)?.runs.iter().flatten().rfind(|run| run.x <= x)?;
        let mut end = run.x;
        let glyph = cells::glyphs(&texts.text(run.source)[run.bytes.clone()]).find(|glyph| {
            end += glyph.width;
            x < end
        })?;
        Some((run.source, run.bytes.start + glyph.at))
    }

    fn gap(&mut self, at: usize) {
        if !self.rows.is_empty() {
            self.rows.push(Row { at, runs: [None, None] });
        }
    }

    fn insert(&mut self, texts: Texts<'_>, index: usize, at: usize) {
        self.gap(at);
        let source = Source::Insert(index);
        let side = self.columns.side.filter(|_| texts.beside.is_some_and(|beside| beside.is_heard));
        let x = side.unwrap_or(self.columns.x);
        let whole = 0..texts.text(source).len();
        for run in runs(
            texts,
            source,
            whole,
            x + 2,
            self.columns.width.saturating_sub(2),
            Kind::Insert,
            ("+", " "),
        ) {
            let runs = if side.is_some() { [None, Some(run)] } else { [Some(run), None] };
            self.rows.push(Row { at, runs });
        }
    }

    fn block(&mut self, texts: Texts<'_>, block: &Block) {
        let (kind, signs) = look(block.kind, &texts.reading.article.text[block.bytes.clone()]);
        let indent = if signs.0.is_empty() { 0 } else { 2 };
        let (x, width) = (self.columns.x + indent, self.columns.width.saturating_sub(indent));
        let has_beside =
            block.sentences.clone().any(|s| texts.beside.is_some_and(|b| b.piece(s).is_some()));
        if !has_beside {
            for run in runs(texts, Source::Written, block.bytes.clone(), x, width, kind, signs) {
                self.rows.push(Row { at: run.bytes.start, runs: [Some(run), None] });
            }
            return;
        }
        for (n, index) in block.sentences.clone().enumerate() {
            let signs = if n == 0 { signs } else { (signs.1, signs.1) };
            let sentence = texts.reading.article.sentences[index].bytes.clone();
            let left = runs(texts, Source::Written, sentence, x, width, kind, signs);
            self.pair(texts, left, index, x);
        }
    }

    /// A sentence's rows with those of the sentence beside it, or over them.
    fn pair(&mut self, texts: Texts<'_>, left: Vec<Run>, index: usize, x: u16) {
        let piece = texts.beside.and_then(|beside| beside.piece(index)).unwrap_or_default();
        let at = left.first().map_or(0, |run| run.bytes.start);
        let end = left.last().map_or(at, |run| run.bytes.start);
        if let Some(side) = self.columns.side {
            let mut right = runs(
                texts,
                Source::Beside,
                piece,
                side,
                self.columns.width,
                Kind::Beside,
                ("", ""),
            )
            .into_iter();
            let mut left = left.into_iter();
            loop {
                let runs = [left.next(), right.next()];
                if runs == [None, None] {
                    break;
                }
                let at = runs[0].as_ref().map_or(end, |run| run.bytes.start);
                self.rows.push(Row { at, runs });
            }
        } else {
            let width = self.columns.width.saturating_sub(x - self.columns.x + 2);
            self.rows.extend(
                left.into_iter().map(|run| Row { at: run.bytes.start, runs: [Some(run), None] }),
            );
            let below = runs(texts, Source::Beside, piece, x + 2, width, Kind::Beside, ("", ""));
            self.rows.extend(below.into_iter().map(|run| Row { at: end, runs: [Some(run), None] }));
        }
    }
}

/// The rows of a piece of text in one column; `signs` stand before the first and before the others.
fn runs(
    texts: Texts<'_>,
    source: Source,
    bytes: Range<usize>,
    x: u16,
    width: u16,
    kind: Kind,
    signs: (&'static str, &'static str),
) -> Vec<Run> {
    let text = &texts.text(source)[bytes.clone()];
    let place = |(n, row): (usize, Range<usize>)| Run {
        source,
        bytes: bytes.start + row.start..bytes.start + row.end,
        x,
        kind,
        sign: if n == 0 { signs.0 } else { signs.1 },
    };
    wrap(text, usize::from(width)).into_iter().enumerate().map(place).collect()
}

/// How a block looks, and the signs before its first row and the others.
fn look(kind: BlockKind, text: &str) -> (Kind, (&'static str, &'static str)) {
    // A list's own mark may have stayed in the text.
    let has_mark = text.starts_with(['-', '*', '•', '–', '·', '‧'])
        || text.starts_with(|c: char| c.is_ascii_digit());
    match kind {
        BlockKind::Title => (Kind::Title, ("", "")),
        BlockKind::Heading => (Kind::Heading, ("", "")),
        BlockKind::Paragraph => (Kind::Text, ("", "")),
        BlockKind::Item => (Kind::Item, (if has_mark { " " } else { "•" }, " ")),
        BlockKind::Quote => (Kind::Quote, ("│", "│")),
        BlockKind::Caption => (Kind::Caption, (" ", " ")),
    }
}

/// For each insert that is shown the block that it stands before, in order.
pub(super) fn inserts_by_block(reading: &Reading) -> Vec<(usize, usize)> {
    let alignment = &reading.alignment;
    let blocks = &reading.article.blocks;
    let mut starts: Vec<(u64, usize)> = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        let spans = alignment
            .sentences
            .get(block.sentences.clone())
            .unwrap_or_default()
            .iter()
            .filter_map(|t| t.span);
        starts.extend(spans.map(|span| (span.start().millis(), index)));
    }
    let first = starts.first().map_or(0, |(_, block)| *block);
    let place = |insert: usize| {
        let at = alignment.unwritten[insert].span.start().millis();
        let n_begun = starts.partition_point(|(start, _)| *start < at);
        (n_begun.checked_sub(1).map_or(first, |i| starts[i].1 + 1), insert)
    };
    let mut placed: Vec<_> = shown_inserts(reading).map(place).collect();
    placed.sort_unstable();
    placed
}
