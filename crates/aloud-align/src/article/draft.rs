//! What every parser makes, and how it becomes an article: pieces of text in order, then sentences
//! and words.

use super::clean::clean_line;
pub use super::piece::Piece;
use super::speaker::{self, Label};
use super::{
    Article, Block, BlockKind, Sentence, Skip, Turn, WrittenWord, language, sentences, skip,
};
use crate::transcript::characters::is_spoken;
use crate::transcript::split;
use std::ops::Range;

/// The pieces of an article, and what its source says about it.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Its title, where the source names one.
    pub title: Option<String>,
    /// Its language as the source declares it, as a BCP 47 tag.
    pub language: Option<String>,
    /// Its blocks in order.
    pub pieces: Vec<Piece>,
}

impl Draft {
    /// Adds a block; text in which nothing is left after cleaning is none.
    pub fn push(&mut self, kind: BlockKind, text: &str) {
        self.push_skipped(kind, text, None);
    }

    /// The same, for a block of which the source says what it is for.
    pub fn push_skipped(&mut self, kind: BlockKind, text: &str, skip: Option<Skip>) {
        let text = clean_line(text);
        if !text.is_empty() {
            self.pieces.push(Piece { skip, ..Piece::new(kind, text) });
        }
    }

    /// Puts the title that the source names in front, unless the text begins with it.
    pub fn lead_with_title(&mut self) {
        self.title =
            self.title.take().map(|title| clean_line(&title)).filter(|title| !title.is_empty());
        let Some(title) = &self.title else { return };
        let is_it = |piece: &Piece| skip::is_same_line(&piece.text, title);
        match self.pieces.iter().take(3).position(is_it) {
            Some(place) => self.pieces[place].kind = BlockKind::Title,
            None => self.pieces.insert(0, Piece::new(BlockKind::Title, title.clone())),
        }
    }

    /// Takes the first heading for the title, where none is named and nothing but furniture comes
    /// before it.
    pub fn title_from_heading(&mut self) {
        if self.title.is_some() {
            return;
        }
        if let Some(first) =
            self.pieces.iter_mut().take(3).find(|piece| piece.kind == BlockKind::Heading)
        {
            first.kind = BlockKind::Title;
            self.title = Some(first.text.clone());
        }
    }

    /// The article: text, blocks, sentences, words, language, and what would be skipped.
    pub fn finish(self) -> Article {
        let mut article = Article::default();
        let n_bytes = self.pieces.iter().map(|piece| piece.text.len() + 2).sum();
        article.text.reserve(n_bytes);
        for (piece, label) in self.pieces.iter().zip(speaker::labels(&self.pieces)) {
            append(&mut article, piece, label);
        }
        article.title = self.title.or_else(|| first_title(&article));
        article.language = language::guess(&article.text, self.language.as_deref());
        skip::hint(&mut article);
        article
    }
}

fn first_title(article: &Article) -> Option<String> {
    let block = article.blocks.iter().find(|block| block.kind == BlockKind::Title)?;
    Some(article.text[block.bytes.clone()].to_owned())
}

fn append(article: &mut Article, piece: &Piece, label: Option<Label>) {
    if !article.text.is_empty() {
        article.text.push_str("\n\n");
    }
    let start = article.text.len();
    let first = article.sentences.len();
    article.text.push_str(&piece.text);
    // Speech goes on to the next label or heading.
    let goes_on = label.is_none()
        && piece.cues.is_empty()
        && !matches!(piece.kind, BlockKind::Title | BlockKind::Heading)
        && piece.skip.is_none();
    let n_label = label.as_ref().map_or(0, |label| label.len);
    if n_label > 0 {
        add_sentence(
            article,
            start..start + piece.text[..n_label].trim_end().len(),
            Some(Skip::Speaker),
        );
    }
    let n_label = match super::credit::leading(&piece.text)
        .filter(|_| n_label == 0 && piece.cues.is_empty())
    {
        Some(len) => {
            add_sentence(
                article,
                start..start + piece.text[..len].trim_end().len(),
                Some(Skip::Credit),
            );
            len
        }
        None => n_label,
    };
    let skip = piece.skip.filter(|skip| *skip != Skip::Speaker);
    let mut from = n_label;
    for to in piece.breaks.iter().copied().chain([piece.text.len()]).filter(|to| *to > n_label) {
        for range in sentences::split(&piece.text[from..to]) {
            let at = start + from;
            add_sentence(article, at + range.start..at + range.end, skip);
        }
        from = to;
    }
    let sentences = first..article.sentences.len();
    let moved = |cue: &Vec<Range<usize>>| {
        cue.iter().map(|line| start + line.start..start + line.end).collect()
    };
    article.cues.extend(piece.cues.iter().map(moved));
    let label = label.map(|label| label.name).or_else(|| piece.speaker.clone());
    match (label, article.speakers.last_mut()) {
        (Some(name), _) => article.speakers.push(Turn { sentences: sentences.clone(), name }),
        (None, Some(last)) if goes_on && last.sentences.end == first => {
            last.sentences.end = sentences.end;
        }
        _ => {}
    }
    article.blocks.push(Block { kind: piece.kind, bytes: start..article.text.len(), sentences });
}

/// Adds the sentence that stands at `bytes` of the article's text, with its words.
fn add_sentence(article: &mut Article, bytes: Range<usize>, skip: Option<Skip>) {
    let first = article.words.len();
    let sentence = &article.text[bytes.clone()];
    let words = split::words(sentence).into_iter().map(|word| split::core(sentence, word));
    // A dash or three stars alone are no word.
    let spoken = words.filter(|word| sentence[word.clone()].contains(is_spoken));
    article.words.extend(
        spoken.map(|word| WrittenWord { bytes: bytes.start + word.start..bytes.start + word.end }),
    );
    let words = first..article.words.len();
    article.sentences.push(Sentence { bytes, words, skip });
}
