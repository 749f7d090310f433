//! An EPUB book to pieces: all of it in reading order, or one chapter of its table of contents.

use super::limits::tame;
use super::{ArticleError, html};
use crate::article::draft::Draft;
use rbook::Epub;
use std::collections::HashMap;
use std::io::{self, Cursor, Write};
use std::ops::Range;

/// A book's text is smaller than this, in bytes; more is a small file that unpacks for ever.
const MOST_TEXT: usize = 64 << 20;

/// A page of a book, and what of the article it holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BookPage {
    /// Its path in the book.
    pub(crate) path: String,
    /// The article's blocks.
    pub(crate) blocks: Range<usize>,
}

/// The book's pieces; with `chapter`, only those of one entry of its table of contents, named by
/// its title (or a part of it that no other has) or by its number from 1.
pub(super) fn parse(bytes: &[u8], chapter: Option<&str>) -> Result<Draft, ArticleError> {
    pages(bytes, chapter).map(|(draft, _)| draft)
}

/// The same, and the pages that they stand in, in reading order; each piece becomes a block. A
/// title that was put in front is of none.
pub(super) fn pages(
    bytes: &[u8],
    chapter: Option<&str>,
) -> Result<(Draft, Vec<BookPage>), ArticleError> {
    let mut book = Book::open(bytes)?;
    let mut draft = std::mem::take(&mut book.draft);
    let mut chosen = 0..draft.pieces.len();
    if let Some(wanted) = chapter {
        let chapters = book.chapters(draft.pieces.len());
        let titles: Vec<&str> = chapters.iter().map(|chapter| chapter.title.as_str()).collect();
        let Some(index) = choose(&titles, wanted) else {
            return Err(ArticleError::NoChapter {
                wanted: wanted.to_owned(),
                chapters: titles.into_iter().map(str::to_owned).collect(),
            });
        };
        chosen = chapters[index].pieces.clone();
        draft.pieces = draft.pieces[chosen.clone()].to_vec();
        draft.title = Some(chapters[index].title.clone());
    }
    draft.lead_with_title();
    let in_front = draft.pieces.len() - chosen.len();
    let ends = book.pages.iter().skip(1).map(|(_, first)| *first).chain([book.n_pieces]);
    let pages = book.pages.iter().zip(ends).filter_map(|((path, first), end)| {
        let (first, end) = ((*first).max(chosen.start), end.min(chosen.end));
        let moved = |piece: usize| piece - chosen.start + in_front;
        (first < end).then(|| BookPage { path: path.clone(), blocks: moved(first)..moved(end) })
    });
    Ok((draft, pages.collect()))
}

/// The titles of the book's table of contents, in order.
pub(super) fn chapters(bytes: &[u8]) -> Result<Vec<String>, ArticleError> {
    let book = Book::open(bytes)?;
    Ok(book.chapters(book.n_pieces).into_iter().map(|chapter| chapter.title).collect())
}

struct Book {
    draft: Draft,
    /// Where files begin, and the elements in them that have a name, as a number of pieces before.
    anchors: HashMap<String, usize>,
    /// Title, depth and address of each entry of the table of contents.
    contents: Vec<(String, usize, String)>,
    /// The path of each page that is read, and how many pieces come before it.
    pages: Vec<(String, usize)>,
    /// Pieces of all pages.
    n_pieces: usize,
}

struct Chapter {
    title: String,
    pieces: Range<usize>,
}

impl Book {
    fn open(bytes: &[u8]) -> Result<Self, ArticleError> {
        let broken =
            |error: &dyn std::fmt::Display| ArticleError::BadBook { reason: error.to_string() };
        super::limits::check_book(bytes).map_err(|reason| ArticleError::BadBook { reason })?;
        let epub = Epub::read(Cursor::new(bytes.to_vec())).map_err(|error| broken(&error))?;
        let mut draft = Draft {
            title: epub.metadata().title().map(|title| title.value().to_owned()),
            language: epub.metadata().language().map(|language| language.value().to_owned()),
            ..Draft::default()
        };
        let mut anchors = HashMap::new();
        let mut pages = Vec::new();
        let mut room = MOST_TEXT;
        for entry in epub.spine().iter().filter_map(|item| item.manifest_entry()) {
            let mut page = Limited { bytes: Vec::new(), room };
            // A book with a page that is missing or damaged has others.
            if let Err(error) = entry.copy_bytes(&mut page) {
                if page.bytes.len() >= room {
                    return Err(ArticleError::BadBook { reason: "its text is too long".into() });
                }
                log::warn!("a page of the book cannot be read: {error}");
            }
            room -= page.bytes.len();
            let path = entry.href().path().decode().into_owned();
            if entry.properties().iter().any(|property| property == "nav") {
                continue;
            }
            let document =
                html::document(&tame(&closed(&super::encoding::decode(&page.bytes, None))))
                    .map_err(|what| ArticleError::BadBook { reason: format!("in it is {what}") })?;
            anchors.entry(path.clone()).or_insert(draft.pieces.len());
            pages.push((path.trim_start_matches('/').to_owned(), draft.pieces.len()));
            html::walk(&document.root(), &mut draft, &mut |id, at| {
                anchors.entry(format!("{path}#{id}")).or_insert(at);
            });
        }
        let contents = epub.toc().contents().map(|root| {
            let entries = root.flatten().filter_map(|entry| {
                let address = entry.href()?.decode().into_owned();
                Some((crate::article::clean::clean_line(entry.label()), entry.depth(), address))
            });
            entries.collect()
        });
        let n_pieces = draft.pieces.len();
        Ok(Self { draft, anchors, contents: contents.unwrap_or_default(), pages, n_pieces })
    }

    /// Where each chapter's pieces are: from its address to that of the next chapter of its depth
    /// or above.
    fn chapters(&self, n_pieces: usize) -> Vec<Chapter> {
        let place = |address: &str| {
            let path = address.split('#').next().unwrap_or_default();
            self.anchors.get(address).or_else(|| self.anchors.get(path)).copied()
        };
        let entries: Vec<(&str, usize, usize)> = self
            .contents
            .iter()
            .filter_map(|(title, depth, address)| Some((title.as_str(), *depth, place(address)?)))
            .collect();
        let end = |index: usize| {
            let (_, depth, start) = entries[index];
            let next =
                entries[index + 1..].iter().find(|(_, other, at)| *other <= depth && *at >= start);
            next.map_or(n_pieces, |(_, _, at)| *at)
        };
        let chapter = |index: usize| Chapter {
            title: entries[index].0.to_owned(),
            pieces: entries[index].2..end(index),
        };
        (0..entries.len()).map(chapter).collect()
    }
}

/// The entry that `wanted` names: a whole title, a number, or a part of one title only.
fn choose(titles: &[&str], wanted: &str) -> Option<usize> {
    let wanted = wanted.trim().to_lowercase();
    let lower: Vec<String> = titles.iter().map(|title| title.to_lowercase()).collect();
    let whole = lower.iter().position(|title| *title == wanted);
    let number = || {
        wanted.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).filter(|n| *n < titles.len())
    };
    let part = || {
        let mut having = lower
            .iter()
            .enumerate()
            .filter(|(_, title)| !wanted.is_empty() && title.contains(&wanted));
        having.next().filter(|_| having.next().is_none()).map(|(index, _)| index)
    };
    whole.or_else(number).or_else(part)
}

/// XHTML lets any element close itself, HTML only some: of the others those are closed that would
/// swallow what follows.
fn closed(page: &str) -> String {
    const SWALLOWING: [&str; 8] =
        ["title", "script", "style", "textarea", "iframe", "noscript", "a", "div"];
    let mut fixed = String::with_capacity(page.len());
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        fixed.push_str(before);
        let Some(end) = tag.find('>') else {
            rest = tag;
            break;
        };
        let name =
            tag[1..end].split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        if tag[..end].ends_with('/') && SWALLOWING.contains(&name) {
            fixed.push_str(tag[..end].trim_end_matches('/'));
            fixed.push_str(&format!("></{name}>"));
        } else {
            fixed.push_str(&tag[..=end]);
        }
        rest = &tag[end + 1..];
    }
    fixed.push_str(rest);
    fixed
}

/// Takes no more bytes than there is room for.
struct Limited {
    bytes: Vec<u8>,
    room: usize,
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = bytes.len().min(self.room - self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
