//! A book's package document: which files there are, in which order they are read, and which
//! overlay belongs to which.

use super::BookError;
use super::xml::{Document, Kind};
use crate::address::{percent, percent_decoded};
use crate::printable;
use std::collections::HashMap;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// The media type of a page.
pub(super) const XHTML: &str = "application/xhtml+xml";
/// The media type of an overlay.
pub(super) const SMIL: &str = "application/smil+xml";

/// The files of a book. How much they may unpack to was checked before.
pub(super) struct Archive<'a> {
    pub(super) zip: ZipArchive<Cursor<&'a [u8]>>,
}

impl<'a> Archive<'a> {
    /// # Errors
    /// What is no archive, or none that anybody wrote.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, BookError> {
        crate::documents::check_book(bytes).map_err(BookError::Broken)?;
        let zip = ZipArchive::new(Cursor::new(bytes))
            .map_err(|error| BookError::Broken(error.to_string()))?;
        Ok(Self { zip })
    }

    /// The bytes of the file at `path`.
    ///
    /// # Errors
    /// Where there is none, or it is damaged.
    pub(super) fn read(&mut self, path: &str) -> Result<Vec<u8>, BookError> {
        let broken = |error: &dyn std::fmt::Display| {
            BookError::Broken(format!("`{}`: {error}", printable::line(path)))
        };
        let mut bytes = Vec::new();
        let mut file = self.zip.by_name(path).map_err(|error| broken(&error))?;
        file.read_to_end(&mut bytes).map_err(|error| broken(&error))?;
        Ok(bytes)
    }

    /// The text of the file at `path`, whatever its encoding.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(super) fn text(&mut self, path: &str) -> Result<String, BookError> {
        self.read(path).map(|bytes| crate::documents::decoded(&bytes))
    }

    /// The path of the package document.
    ///
    /// # Errors
    /// Where the container names none.
    pub(super) fn package(&mut self) -> Result<String, BookError> {
        let container = self.text("META-INF/container.xml")?;
        let document = Document::parse(&container).map_err(BookError::Broken)?;
        let path =
            document.elements("rootfile").find_map(|index| document.attribute(index, "full-path"));
        path.ok_or_else(|| BookError::Broken("its container names no package".into()))
    }
}

/// A file of the book as its manifest lists it.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// The tag that lists it.
    pub(super) index: usize,
    pub(super) id: String,
    /// Its path in the archive; an address for what lies elsewhere.
    pub(super) path: String,
    pub(super) kind: String,
}

/// The package document, taken apart.
pub(super) struct Package<'a> {
    pub(super) document: Document<'a>,
    /// The folder that it lies in, with a slash at its end; empty at the root.
    pub(super) folder: String,
    pub(super) items: Vec<Item>,
    /// Identifiers of what is read, in order.
    pub(super) spine: Vec<String>,
}

impl<'a> Package<'a> {
    /// # Errors
    /// Where it is not well-formed.
    pub(super) fn parse(source: &'a str, path: &str) -> Result<Self, BookError> {
        let document = Document::parse(source)
            .map_err(|why| BookError::Broken(format!("its package: {why}")))?;
        let folder = folder(path).to_owned();
        let items: Vec<Item> = document
            .elements("item")
            .filter_map(|index| {
                let href = document.attribute(index, "href")?;
                Some(Item {
                    index,
                    id: document.attribute(index, "id")?,
                    path: resolve(&folder, &href),
                    kind: document.attribute(index, "media-type").unwrap_or_default(),
                })
            })
            .collect();
        let spine = document
            .elements("itemref")
            .filter_map(|index| document.attribute(index, "idref"))
            .collect();
        Ok(Self { document, folder, items, spine })
    }

    /// The file of that identifier.
    pub(super) fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// Files by their paths.
    pub(super) fn by_path(&self) -> HashMap<&str, &Item> {
        self.items.iter().map(|item| (item.path.as_str(), item)).collect()
    }

    /// Whether it is of EPUB 3.
    pub(super) fn is_three(&self) -> bool {
        let version = self
            .document
            .elements("package")
            .find_map(|index| self.document.attribute(index, "version"));
        version.is_some_and(|version| version.trim().starts_with('3'))
    }

    /// The contents of all `meta` elements of a property (EPUB 3).
    pub(super) fn properties<'b>(&'b self, property: &'b str) -> impl Iterator<Item = usize> + 'b {
        self.document.elements("meta").filter(move |&index| {
            self.document.attribute(index, "property").as_deref() == Some(property)
        })
    }

    /// Who reads it aloud, where the book says so.
    pub(super) fn narrators(&self) -> Vec<String> {
        let document = &self.document;
        let refined: Vec<String> = self
            .properties("role")
            .filter(|&index| document.content(index).trim() == "nrt")
            .filter_map(|index| {
                Some(document.attribute(index, "refines")?.trim_start_matches('#').to_owned())
            })
            .collect();
        let is_one = |index: usize| {
            document.attribute(index, "opf:role").is_some_and(|role| role == "nrt")
                || document.attribute(index, "id").is_some_and(|id| refined.contains(&id))
        };
        let names = document
            .elements("contributor")
            .chain(document.elements("creator"))
            .filter(|&index| is_one(index));
        let told = self.properties("media:narrator").map(|index| document.content(index));
        let mut narrators: Vec<String> = Vec::new();
        for name in told
            .chain(names.map(|index| document.content(index)))
            .map(|name| name.trim().to_owned())
        {
            if !name.is_empty() && !narrators.contains(&name) {
                narrators.push(name);
            }
        }
        narrators
    }

    /// The tag and everything up to the end of its element, with the line that it stands on where
    /// it stands there alone.
    pub(super) fn whole(&self, index: usize) -> std::ops::Range<usize> {
        let document = &self.document;
        let (start, end) = (
            document.tokens[index].bytes.start,
            document.tokens[document.tokens[index].partner].bytes.end,
        );
        let before = &document.source[..start];
        let blank = before.len() - before.trim_end_matches([' ', '\t']).len();
        let is_alone = before[..start - blank].ends_with('\n')
            && document.source[end..].starts_with(['\n', '\r']);
        if is_alone { start - blank - 1..end } else { start..end }
    }

    /// The end tag of the one element of that name.
    pub(super) fn end_of(&self, local: &str) -> Option<usize> {
        let index = self.document.elements(local).next()?;
        let token = &self.document.tokens[index];
        (token.kind == Kind::Start).then(|| self.document.tokens[token.partner].bytes.start)
    }
}

/// The folder of a path, with its slash.
pub(super) fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |slash| &path[..=slash])
}

/// Whether an address leads out of the book.
pub(super) fn is_elsewhere(href: &str) -> bool {
    href.split_once(':').is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
    })
}

/// The path that `href` means in a file of `folder`, without its fragment.
pub(super) fn resolve(folder: &str, href: &str) -> String {
    if is_elsewhere(href) {
        return href.to_owned();
    }
    let path = percent_decoded(href.split(['#', '?']).next().unwrap_or_default());
    let whole = if path.starts_with('/') { path } else { format!("{folder}{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// How a file in `folder` refers to the one at `path`.
pub(super) fn relative(folder: &str, path: &str) -> String {
    let from: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let to: Vec<&str> = path.split('/').collect();
    let shared =
        from.iter().zip(&to[..to.len().saturating_sub(1)]).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), from.len() - shared);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~!$'()*+,;=@".contains(&byte);
    up.chain(to[shared..].iter().map(|part| percent(part, is_plain))).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_there_and_back() {
        for (folder, path, href) in [
            ("OEBPS/", "OEBPS/a.xhtml", "a.xhtml"),
            ("OEBPS/aloud/", "OEBPS/text/b c.xhtml", "../text/b%20c.xhtml"),
            ("", "a/b.xhtml", "a/b.xhtml"),
            ("a/b/", "c.xhtml", "../../c.xhtml"),
            ("a/", "a/ü&.xhtml", "%C3%BC%26.xhtml"),
        ] {
            assert_eq!(relative(folder, path), href);
            assert_eq!(resolve(folder, &format!("{href}#x")), path);
        }
        for (href, want) in [
            ("../../x", "x"),
            ("./x//y", "a/x/y"),
            ("http://a/b", "http://a/b"),
            ("x%zz", "a/x%zz"),
            ("/r", "r"),
        ] {
            assert_eq!(resolve("a/", href), want);
        }
        assert!(is_elsewhere("https://x") && !is_elsewhere("a/b:c") && !is_elsewhere("x"));
    }
}
