//! Bytes to an article: what format they are in, and which parser reads it.

use super::{BookPage, captions, encoding, epub, html, markdown};
use crate::align::{Belongs, across};
use crate::article::draft::Draft;
use crate::article::{Article, Bilingual, plain};
use crate::import::{self, ImportError};
use crate::reason::Hinted;

/// What is known of an article's bytes besides themselves, and which part is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hint<'a> {
    /// The name of the file, or the address.
    pub name: Option<&'a str>,
    /// The `Content-Type` that came with them.
    pub content_type: Option<&'a str>,
    /// The chapter of a book: its number from 1 in the table of contents, or its title or a part of
    /// it. `None` for all of it in reading order.
    pub chapter: Option<&'a str>,
    /// The language that is wanted of a text in two, as a code.
    pub language: Option<&'a str>,
}

/// Why bytes are no article.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArticleError {
    /// There is no text in it.
    #[error("there is no text in it")]
    Empty,
    /// Something else than text.
    #[error("it is {what}, not a text")]
    NotText {
        /// What it is, as far as can be told.
        what: &'static str,
    },
    /// A book that cannot be opened.
    #[error("the book cannot be read: {reason}")]
    BadBook {
        /// What is wrong with it.
        reason: String,
    },
    /// A book by its name alone.
    #[error("the book cannot be read: it is no EPUB, whatever its name says")]
    NoEpub,
    /// The book has no such chapter.
    #[error("the book has no chapter `{wanted}`")]
    NoChapter {
        /// What was asked for.
        wanted: String,
        /// Those it has, in order.
        chapters: Vec<String>,
    },
    /// Captions that cannot be read.
    #[error("the captions cannot be read: {0}")]
    BadCaptions(#[from] ImportError),
    /// A chapter was asked for of something that has none.
    #[error("`{wanted}` names a chapter, but this is no EPUB book")]
    NoBook {
        /// What was asked for.
        wanted: String,
    },
}

impl Hinted for ArticleError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Empty | Self::BadBook { .. } => None,
            Self::NotText { .. } => Some("plain text, Markdown, HTML and EPUB can be read".into()),
            Self::NoEpub => Some("fetch it again, or name a text by another".into()),
            Self::BadCaptions(error) => error.hint(),
            Self::NoChapter { chapters, .. } => Some(listed(chapters)),
            Self::NoBook { .. } => Some("leave `--chapter` out".into()),
        }
    }
}

fn listed(chapters: &[String]) -> String {
    if chapters.is_empty() {
        return "it has no table of contents; leave `--chapter` out".into();
    }
    let lines: Vec<String> = chapters
        .iter()
        .enumerate()
        .map(|(index, title)| format!("\n  {:>3}  {title}", index + 1))
        .collect();
    format!("its table of contents:{}", lines.concat())
}

/// So many bytes of a text are asked whether it says what another one says; asking takes a time that
/// grows with the square of them.
const BEGINNING: usize = 20_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Plain,
    Markdown,
    Html,
}

/// What a document says.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Its text. Of two languages it is in the one that is wanted, or else the first.
    pub article: Article,
    /// The same text in the other language: a page that has each paragraph twice, a translation
    /// that stands below, captions in two languages.
    pub other: Option<Article>,
    /// All of a text that was divided, for recordings in which both languages are read; captions
    /// have their other language for who cannot hear the first.
    pub whole: Option<Article>,
}

impl Document {
    /// A text in one language.
    fn undivided(article: Article) -> Self {
        Self { article, ..Self::default() }
    }
}

/// The article that `bytes` hold. The format is found from the bytes, and from `hint` where they
/// may be several; of the encodings see the module `encoding`. Linear in the length of the text.
///
/// # Errors
/// [`ArticleError`]. Damaged text is no error, but becomes what can be made of it.
pub fn read(bytes: &[u8], hint: &Hint<'_>) -> Result<Article, ArticleError> {
    read_both(bytes, hint).map(|document| document.article)
}

/// As [`read`], with the same text in a second language where the document has two. A book is in
/// one: whoever writes its times back needs all of it.
///
/// # Errors
/// As [`read`].
pub fn read_both(bytes: &[u8], hint: &Hint<'_>) -> Result<Document, ArticleError> {
    let document = if is_book(bytes) {
        Document::undivided(epub::parse(bytes, hint.chapter)?.finish())
    } else if let Some(what) = foreign(bytes) {
        return Err(ArticleError::NotText { what });
    } else if hint.name.is_some_and(|name| ending(name) == "epub") {
        return Err(ArticleError::NoEpub);
    } else if let Some(wanted) = hint.chapter {
        return Err(ArticleError::NoBook { wanted: wanted.to_owned() });
    } else {
        let text = encoding::decode(bytes, hint.content_type.and_then(charset));
        if is_noise(&text) {
            return Err(ArticleError::NotText { what: "binary data" });
        }
        let format = format(&text, hint);
        // A page stays one, whatever it quotes.
        let may_be = !is_prose(hint) && (format != Format::Html || import::is_ttml(&text));
        if may_be && import::is_captions(bytes) {
            let (draft, other) = captions::parse(bytes, hint.language)?;
            Document { article: draft.finish(), other: other.map(Draft::finish), whole: None }
        } else {
            let draft = match format {
                Format::Html => {
                    html::parse(&text).map_err(|what| ArticleError::NotText { what })?
                }
                Format::Markdown => markdown::parse(&text),
                Format::Plain => plain::parse(&text),
            };
            parted(draft, hint.language)
        }
    };
    if document.article.words.is_empty() { Err(ArticleError::Empty) } else { Ok(document) }
}

/// A text in one language, or in two that say the same: then in the one that is `wanted`, by its
/// code, or else the first.
fn parted(draft: Draft, wanted: Option<&str>) -> Document {
    let Some(Bilingual { first, second, takes_turns }) = draft.bilingual() else {
        return Document::undivided(draft.finish());
    };
    let is_same = match across::pair_fit(&beginning(&first), &beginning(&second)).belongs() {
        Belongs::Yes => true,
        // Few sentences do not tell; that they take turns does.
        Belongs::Unknown => takes_turns,
        Belongs::No => false,
    };
    let whole = draft.finish();
    if !is_same {
        return Document::undivided(whole);
    }
    let (first, second) = (first.finish(), second.finish());
    let is_wanted =
        |text: &Article| wanted.is_some() && !across::is_across(text.language.as_deref(), wanted);
    let (article, other) =
        if is_wanted(&second) && !is_wanted(&first) { (second, first) } else { (first, second) };
    Document { article, other: Some(other), whole: Some(whole) }
}

/// What tells whether two texts say the same: some two hundred sentences of each.
fn beginning(draft: &Draft) -> Article {
    let mut left = BEGINNING;
    let pieces = draft.pieces.iter().take_while(|piece| {
        let is_within = left > 0;
        left = left.saturating_sub(piece.text.len());
        is_within
    });
    let (pieces, language) = (pieces.cloned().collect(), draft.language.clone());
    Draft { pieces, language, title: None }.finish()
}

/// The characters of `bytes`, which came as `content_type`.
pub(crate) fn text(bytes: &[u8], content_type: Option<&str>) -> String {
    encoding::decode(bytes, content_type.and_then(charset))
}

/// What is not certain about the characters that [`read`] makes of `bytes`; whoever reads an
/// article for somebody tells them.
pub fn doubt(bytes: &[u8], hint: &Hint<'_>) -> Option<encoding::Doubt> {
    if is_book(bytes) { None } else { encoding::doubt(bytes, hint.content_type.and_then(charset)) }
}

/// The titles in the table of contents of the book that `bytes` hold, in order, as
/// [`Hint::chapter`] counts them.
///
/// # Errors
/// [`ArticleError::BadBook`] for what is no EPUB book.
pub fn chapters(bytes: &[u8]) -> Result<Vec<String>, ArticleError> {
    epub::chapters(bytes)
}

/// The article of the book that `bytes` hold, or of one of its chapters, and the pages that it
/// stands in.
///
/// # Errors
/// As [`read`].
pub(crate) fn book_pages(
    bytes: &[u8],
    chapter: Option<&str>,
) -> Result<(Article, Vec<BookPage>), ArticleError> {
    let (draft, pages) = epub::pages(bytes, chapter)?;
    let article = draft.finish();
    if article.words.is_empty() { Err(ArticleError::Empty) } else { Ok((article, pages)) }
}

/// Whether bytes are a ZIP file with what every EPUB has; the names in it stand there in the clear.
pub fn is_book(bytes: &[u8]) -> bool {
    const CONTAINER: &[u8] = b"META-INF/container.xml";
    bytes.starts_with(b"PK\x03\x04") && bytes.windows(CONTAINER.len()).any(|name| name == CONTAINER)
}

/// What bytes are that begin like no text.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    const SIGNS: [(&[u8], &str); 15] = [
        (b"PK\x03\x04", "a ZIP or Office file"),
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"GIF8", "a picture"),
        (b"ID3", "a sound file"),
        (b"OggS", "a sound file"),
        (b"fLaC", "a sound file"),
        (b"RIFF", "a sound or picture file"),
        (b"\x1f\x8b", "a compressed file"),
        (b"7z\xbc\xaf", "a compressed file"),
        (b"\xd0\xcf\x11\xe0", "an old Office document"),
        (b"{\\rtf", "an RTF document"),
        (b"\x7fELF", "a program"),
        (b"BOOKMOBI", "a Mobipocket book"),
    ];
    let is_mp4 = bytes.get(4..8) == Some(b"ftyp");
    let is_mobi = bytes.get(60..68) == Some(b"BOOKMOBI");
    let sign = SIGNS.iter().find(|(sign, _)| bytes.starts_with(sign)).map(|(_, what)| *what);
    sign.or(is_mp4.then_some("a sound or video file")).or(is_mobi.then_some("a Mobipocket book"))
}

/// Whether one character in twenty is none that anybody writes: of random bytes it is one in ten.
fn is_noise(text: &str) -> bool {
    let is_odd = |c: &char| (c.is_control() && !c.is_whitespace()) || *c == '\u{fffd}';
    text.chars().filter(is_odd).count() * 20 > text.chars().count()
}

/// Whether the name says that it is a text of another kind, whatever it looks like.
fn is_prose(hint: &Hint<'_>) -> bool {
    matches!(
        hint.name.map(ending).unwrap_or_default().as_str(),
        "md" | "markdown" | "html" | "htm" | "xhtml"
    )
}

/// The text's format: HTML is known by its look, Markdown by its name or its look.
fn format(text: &str, hint: &Hint<'_>) -> Format {
    let kind = hint
        .content_type
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    let ending = hint.name.map(ending).unwrap_or_default();
    let looks_like_html = html::is_likely(text);
    match (kind.as_str(), ending.as_str()) {
        // Servers say this of anything, so that it must look like it.
        ("text/html" | "application/xhtml+xml", _) if looks_like_html || text.contains("</") => {
            Format::Html
        }
        ("text/markdown" | "text/x-markdown", _) | (_, "md" | "markdown" | "mdown" | "mkd") => {
            Format::Markdown
        }
        (_, "html" | "htm" | "xhtml") => Format::Html,
        (_, "txt" | "text") => Format::Plain,
        _ if looks_like_html => Format::Html,
        _ if markdown::is_likely(text) => Format::Markdown,
        _ => Format::Plain,
    }
}

/// The ending of a file's name or of an address, in small letters.
fn ending(name: &str) -> String {
    let path =
        if name.contains("://") { name.split(['?', '#']).next().unwrap_or_default() } else { name };
    let file = path.rsplit(['/', '\\']).next().unwrap_or_default();
    file.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default()
}

/// The encoding that a `Content-Type` names.
fn charset(content_type: &str) -> Option<&str> {
    let parameter = content_type.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim().eq_ignore_ascii_case("charset").then_some(value)
    })?;
    Some(parameter.trim().trim_matches(['"', '\'']))
}
