//! What an article is, spelled out byte by byte: for keys of the store, which other builds of the
//! program must find again.
//!
//! Every text goes with its length and every list with its own, so that no two articles are spelled
//! alike. Whatever changes this spelling gets another number.

use crate::article::{Article, BlockKind, Skip};
use std::ops::Range;

/// Raised whenever the same article is spelled otherwise than before.
const SPELLING: &[u8] = b"aloud-article/1\n";

/// What distinguishes an article from all others, in hexadecimal digits. Who speaks and which cues
/// it came as change nothing of where its words are, and are read from it again.
pub(super) fn article_hash(article: &Article) -> String {
    let mut spelled = Spelled(blake3::Hasher::new());
    spelled.0.update(SPELLING);
    spelled.text(&article.text);
    for text in [&article.title, &article.language] {
        spelled.number(usize::from(text.is_some()));
        spelled.text(text.as_deref().unwrap_or_default());
    }
    spelled.number(article.blocks.len());
    for block in &article.blocks {
        spelled.text(kind(block.kind));
        spelled.range(&block.bytes);
        spelled.range(&block.sentences);
    }
    spelled.number(article.sentences.len());
    for sentence in &article.sentences {
        spelled.text(sentence.skip.map_or("", reason));
        spelled.range(&sentence.bytes);
        spelled.range(&sentence.words);
    }
    spelled.number(article.words.len());
    article.words.iter().for_each(|word| spelled.range(&word.bytes));
    spelled.0.finalize().to_hex().to_string()
}

struct Spelled(blake3::Hasher);

impl Spelled {
    fn number(&mut self, number: usize) {
        self.0.update(&(number as u64).to_le_bytes());
    }

    fn range(&mut self, range: &Range<usize>) {
        self.number(range.start);
        self.number(range.end);
    }

    fn text(&mut self, text: &str) {
        self.number(text.len());
        self.0.update(text.as_bytes());
    }
}

/// All that [`kind`] and [`reason`] name: whoever adds one there adds it here.
pub(super) const KINDS: [BlockKind; 6] = [
    BlockKind::Title,
    BlockKind::Heading,
    BlockKind::Paragraph,
    BlockKind::Item,
    BlockKind::Quote,
    BlockKind::Caption,
];
pub(super) const REASONS: [Skip; 12] = [
    Skip::Title,
    Skip::Byline,
    Skip::Credit,
    Skip::Caption,
    Skip::Duration,
    Skip::Boilerplate,
    Skip::Footnote,
    Skip::Address,
    Skip::Note,
    Skip::Speaker,
    Skip::Table,
    Skip::Direction,
];

/// A block's kind, as records name it.
pub const fn kind(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Title => "title",
        BlockKind::Heading => "heading",
        BlockKind::Paragraph => "paragraph",
        BlockKind::Item => "item",
        BlockKind::Quote => "quote",
        BlockKind::Caption => "caption",
    }
}

/// Why a sentence is not read, as records name it.
pub const fn reason(skip: Skip) -> &'static str {
    match skip {
        Skip::Title => "title",
        Skip::Byline => "byline",
        Skip::Credit => "credit",
        Skip::Caption => "caption",
        Skip::Duration => "duration",
        Skip::Boilerplate => "boilerplate",
        Skip::Footnote => "footnote",
        Skip::Address => "address",
        Skip::Note => "note",
        Skip::Speaker => "speaker",
        Skip::Direction => "direction",
        Skip::Table => "table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{Block, Sentence, WrittenWord};

    fn article() -> Article {
        Article {
            text: "Rain. 雨".into(),
            title: Some("Rain".into()),
            language: None,
            blocks: vec![Block { kind: BlockKind::Title, bytes: 0..5, sentences: 0..1 }],
            sentences: vec![Sentence { bytes: 0..5, words: 0..1, skip: Some(Skip::Title) }],
            words: vec![WrittenWord { bytes: 0..4 }, WrittenWord { bytes: 6..9 }],
            ..Article::default()
        }
    }

    /// What other builds have written stays where they would look for it.
    #[test]
    fn the_spelling_is_for_ever() {
        assert_eq!(
            article_hash(&Article::default()),
            "f5b587c37bcdd828cd0a5843227ea0b8ed9e59b6416a55c9cd5797754a630877"
        );
        assert_eq!(
            article_hash(&article()),
            "14761a504737eb14e8930a97a3d653809da0b2c0203e8fbb9abf5798c942db29"
        );
    }

    #[test]
    fn everything_counts() {
        let changes: [fn(&mut Article); 8] = [
            |article| article.text.push('x'),
            |article| article.title = None,
            |article| article.title = Some(String::new()),
            |article| article.language = Some("en".into()),
            |article| article.blocks[0].kind = BlockKind::Quote,
            |article| article.sentences[0].skip = None,
            |article| article.sentences[0].words = 0..2,
            |article| article.words[1].bytes = 5..9,
        ];
        let mut seen = std::collections::BTreeSet::from([article_hash(&article())]);
        for change in changes {
            let mut article = article();
            change(&mut article);
            assert!(seen.insert(article_hash(&article)), "{article:?}");
        }
    }
}
