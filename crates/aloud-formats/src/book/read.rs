//! What a book with overlays says itself: when which of its words is spoken, and in which sounds.

use super::BookError;
use super::package::{Archive, Package, SMIL, folder, is_elsewhere};
use super::page::Page;
use super::smil::{self, Par};
use super::xml::Document;
use crate::align::{self, Alignment, Timing};
use crate::article::Article;
use crate::documents;
use crate::time::{Span, Timestamp};
use std::collections::HashMap;
use std::io::{self, Cursor, Write};
use std::ops::Range;
use zip::ZipArchive;

/// How sure a word is that shares a clip with others, by its length.
const SHARED: f32 = 0.5;

/// A book that says when its words are spoken.
#[derive(Clone, Debug)]
pub struct Spoken {
    /// What it says.
    pub article: Article,
    /// Its sounds, in the order in which they are first heard: paths in the book, or addresses.
    pub sounds: Vec<String>,
    /// Who reads, where the book says so.
    pub narrators: Vec<String>,
    clips: Vec<Clip>,
}

/// Words that are spoken in a clip of a sound.
#[derive(Clone, Debug)]
struct Clip {
    words: Range<usize>,
    sound: usize,
    start: Timestamp,
    end: Option<Timestamp>,
}

/// Where a sound lies on the time line of all, and how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// When it begins.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
}

/// What `book`, or one of its chapters (as in [`documents::Hint`]), says of its times; `None` for a
/// book without overlays.
///
/// # Errors
/// For what is no book, or a damaged one.
pub fn read(book: &[u8], chapter: Option<&str>) -> Result<Option<Spoken>, BookError> {
    let mut archive = Archive::open(book)?;
    let path = archive.package()?;
    let source = archive.text(&path)?;
    let package = Package::parse(&source, &path)?;
    let overlays: Vec<&str> = package
        .items
        .iter()
        .filter(|item| item.kind == SMIL)
        .map(|item| item.path.as_str())
        .collect();
    if overlays.is_empty() {
        return Ok(None);
    }
    let mut by_page: HashMap<String, Vec<Par>> = HashMap::new();
    for path in overlays {
        // One that is damaged leaves the others.
        let pars = archive
            .text(path)
            .map_err(|error| error.to_string())
            .and_then(|text| smil::parse(&text, folder(path)));
        match pars {
            Ok(pars) => pars
                .into_iter()
                .for_each(|par| by_page.entry(par.page.clone()).or_default().push(par)),
            Err(why) => log::warn!("an overlay of the book cannot be read: {why}"),
        }
    }
    let (article, pages) = documents::book_pages(book, chapter)
        .map_err(|error| BookError::Broken(error.to_string()))?;
    let mut spoken =
        Spoken { article, sounds: Vec::new(), narrators: package.narrators(), clips: Vec::new() };
    for page in &pages {
        let Some(pars) = by_page.get(&page.path) else { continue };
        let text = archive.text(&page.path)?;
        match Document::parse(&text) {
            Ok(document) => spoken.add(pars, &document, page.blocks.clone()),
            Err(why) => log::warn!(
                "a page of the book is not well-formed, and its times are not used: {why}"
            ),
        }
    }
    Ok((!spoken.clips.is_empty()).then_some(spoken))
}

/// Writes the bytes of a sound of `book` to `out`.
///
/// # Errors
/// When there is none of that path, it is damaged, or `out` fails.
pub fn sound(book: &[u8], path: &str, out: &mut dyn Write) -> Result<(), BookError> {
    let failed = |error: &dyn std::fmt::Display| {
        BookError::Broken(format!("`{}`: {error}", crate::printable::line(path)))
    };
    // Who knows the name of a sound has had the book checked; nobody unpacks all for each of them.
    let mut archive = ZipArchive::new(Cursor::new(book)).map_err(|error| failed(&error))?;
    let mut file = archive.by_name(path).map_err(|error| failed(&error))?;
    io::copy(&mut file, out).map(|_| ()).map_err(|error| failed(&error))
}

impl Spoken {
    /// Adds the clips of a page whose text is in `blocks` of the article.
    fn add(&mut self, pars: &[Par], document: &Document<'_>, blocks: Range<usize>) {
        let blocks = self.article.blocks.get(blocks).unwrap_or_default();
        let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else { return };
        let offset = first.bytes.start;
        let places = Page::of(document).places(&self.article.text[offset..last.bytes.end]);
        let sentences = &self.article.sentences[first.sentences.start..last.sentences.end];
        let own = sentences.first().map_or(0, |sentence| sentence.words.start)
            ..sentences.last().map_or(0, |sentence| sentence.words.end);
        // Where each word stands in the source.
        let words: Vec<(usize, usize)> = own
            .filter_map(|word| {
                let bytes = &self.article.words[word].bytes;
                Some((places.source(&(bytes.start - offset..bytes.end - offset))?.start, word))
            })
            .collect();
        let elements: HashMap<String, Range<usize>> = (0..document.tokens.len())
            .filter_map(|index| {
                let token = &document.tokens[index];
                Some((
                    document.attribute(index, "id")?,
                    token.bytes.start..document.tokens[token.partner].bytes.end,
                ))
            })
            .collect();
        for par in pars {
            let Some(bytes) = elements.get(&par.id) else { continue };
            let inside = words.partition_point(|(at, _)| *at < bytes.start)
                ..words.partition_point(|(at, _)| *at < bytes.end);
            let Some((&(_, first), &(_, last))) =
                words[inside.clone()].first().zip(words[inside].last())
            else {
                continue;
            };
            let sound =
                self.sounds.iter().position(|sound| *sound == par.clip.sound).unwrap_or_else(
                    || {
                        self.sounds.push(par.clip.sound.clone());
                        self.sounds.len() - 1
                    },
                );
            let (start, end) = (par.clip.start, par.clip.end);
            self.clips.push(Clip { words: first..last + 1, sound, start, end });
        }
    }

    /// Whether all of its sound is in the book.
    pub fn is_whole(&self) -> bool {
        self.sounds.iter().all(|sound| !is_elsewhere(sound))
    }

    /// The times, where `sounds` says where each of its sounds lies on one time line. What goes
    /// back in it has none.
    pub fn alignment(&self, sounds: &[Stretch]) -> Alignment {
        let article = &self.article;
        let mut words = vec![Timing::default(); article.words.len()];
        let (mut at, mut next) = (Timestamp::ZERO, 0);
        for clip in &self.clips {
            let Some(sound) = sounds.get(clip.sound) else { continue };
            let place = |at: Timestamp| sound.start.plus(at.millis()).min(sound.end);
            let (start, end) = (place(clip.start).max(at), clip.end.map_or(sound.end, place));
            let own = clip.words.start.max(next)..clip.words.end;
            if end <= start || own.is_empty() {
                continue;
            }
            let lengths: Vec<usize> =
                own.clone().map(|word| article.word(word).chars().count().max(1)).collect();
            let whole: usize = lengths.iter().sum();
            let share = |n: usize| {
                start
                    .plus(((end.millis() - start.millis()) as f64 * n as f64 / whole as f64) as u64)
            };
            let confidence = if own.len() == 1 { 1.0 } else { SHARED };
            let mut before = 0;
            for (word, length) in own.clone().zip(lengths) {
                let span = Span::new(share(before), share(before + length));
                words[word] =
                    Timing { span: (!span.is_empty()).then_some(span), confidence, spoken: 0..0 };
                before += length;
            }
            (at, next) = (end, own.end);
        }
        align::given(article, words)
    }
}
