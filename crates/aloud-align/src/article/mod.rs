//! What was written? An article as text, blocks, sentences and words.
//!
//! Plain data, and what makes it: a parser of any format ends in a [`draft`] of cleaned blocks,
//! which becomes sentences and words with hints at what is not read ([`skip`]); [`from_text`] is
//! the parser of plain text. This room never opens a file or an address, never knows what was said,
//! and never decides that a passage was not read: it only says what a narrator would probably skip,
//! and the sound decides.

mod abbreviations;
mod aside;
mod bilingual;
pub mod clean;
mod credit;
pub mod draft;
mod furniture;
mod language;
mod piece;
pub mod plain;
mod sentences;
pub mod skip;
pub mod speaker;

pub use aside::asides;
pub use bilingual::Bilingual;

use std::ops::Range;

/// The article that plain text makes; empty for text without a word.
pub fn from_text(text: &str) -> Article {
    plain::parse(text).finish()
}

/// An article as the listener reads it. Byte ranges index [`text`](Self::text), lie on character
/// borders, and are in order and apart within each list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Article {
    /// All of it as UTF-8 with `\n` line ends, blocks parted by an empty line, without control
    /// characters.
    pub text: String,
    /// Its title, where one was found; it may stand in the text as a block too.
    pub title: Option<String>,
    /// The language written, as an ISO 639-1 code ("en", "zh"), guessed from the text; `None` where
    /// unknown.
    pub language: Option<String>,
    /// Headings, paragraphs and so on; every sentence is in one.
    pub blocks: Vec<Block>,
    /// Every sentence; every word is in one.
    pub sentences: Vec<Sentence>,
    /// Who speaks which sentences, in order and apart, where the text says so; the label is the
    /// first of them.
    pub speakers: Vec<Turn>,
    /// The cues of a text that came as subtitles or lyrics, in order, with the bytes of each of
    /// their lines.
    pub cues: Vec<Vec<Range<usize>>>,
    /// Every word. Of Chinese and Japanese each character is one; a run of Latin letters or digits
    /// is one.
    pub words: Vec<WrittenWord>,
}

impl Article {
    /// The text of the word at `index`.
    pub fn word(&self, index: usize) -> &str {
        &self.text[self.words[index].bytes.clone()]
    }

    /// The text of the sentence at `index`.
    pub fn sentence(&self, index: usize) -> &str {
        &self.text[self.sentences[index].bytes.clone()]
    }

    /// Who speaks the sentence at `index`; `None` where the text does not say.
    pub fn speaker(&self, index: usize) -> Option<&str> {
        let turn = self.speakers.partition_point(|turn| turn.sentences.end <= index);
        self.speakers
            .get(turn)
            .filter(|turn| turn.sentences.contains(&index))
            .map(|turn| turn.name.as_str())
    }
}

/// What a block of text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockKind {
    /// The article's title.
    Title,
    /// A heading inside it.
    Heading,
    /// A paragraph.
    Paragraph,
    /// An item of a list.
    Item,
    /// A quotation set apart.
    Quote,
    /// The words under a picture.
    Caption,
}

/// A heading, a paragraph or the like; one line of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// What it is for.
    pub kind: BlockKind,
    /// Where it stands, without white space at either end.
    pub bytes: Range<usize>,
    /// Its sentences, as indices.
    pub sentences: Range<usize>,
}

/// A sentence, or a line that stands alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    /// Where it stands, with its punctuation and closing quotes, without white space at either end.
    pub bytes: Range<usize>,
    /// Its words, as indices; may be empty ("* * *").
    pub words: Range<usize>,
    /// Why a narrator would probably not read it; `None` when he probably would.
    pub skip: Option<Skip>,
}

/// Why a sentence would probably not be read aloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Skip {
    /// The title, when it is not the first thing of the text body or is repeated.
    Title,
    /// Who wrote it, and when.
    Byline,
    /// Who made the picture or the sound.
    Credit,
    /// The words under a picture.
    Caption,
    /// The length of the audio edition ("9:21").
    Duration,
    /// "Share", "Subscribe", navigation.
    Boilerplate,
    /// A footnote or its mark.
    Footnote,
    /// An address of a page or a mailbox.
    Address,
    /// An editor's note.
    Note,
    /// The name of who speaks ("ANNA:").
    Speaker,
    /// A table.
    Table,
    /// What players or singers are told ("(laughs)", `[Chorus]`).
    Direction,
}

/// What one speaker says before another one does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The sentences, as indices.
    pub sentences: Range<usize>,
    /// The speaker as the text calls him ("ANNA").
    pub name: String,
}

/// A written word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenWord {
    /// Where it stands, without the punctuation around it ("$8" of "“$8,", "Jan" of "Jan.").
    pub bytes: Range<usize>,
}
