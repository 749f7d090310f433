//! What no document that somebody wrote exceeds, checked before any library sees it.
//!
//! The parsers behind this room recurse into what is nested, compare each attribute of a tag with
//! all others, and take memory by the kilobyte for each element: small files could end the process
//! or hold it for minutes.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;
use std::io::{Cursor, Read};
use zip::{CompressionMethod, ZipArchive};

/// Start tags in a page or in a part of a book. The HTML standard on one page has some 350,000.
pub(super) const MOST_ELEMENTS: usize = 500_000;
/// Attributes of one tag; each is compared with those before it.
const MOST_ATTRIBUTES: usize = 256;
/// Elements of a part of a book that are open at once. Contents are freed by recursion.
const MOST_NESTED: usize = 1000;
/// Bytes that a part of a book may unpack to, where it is not stored as it is (as pictures and
/// sound are).
const MOST_PART: u64 = 64 << 20;
/// Bytes that all parts of a book together may unpack to beyond the book's own size.
const MOST_UNPACKED: u64 = 1 << 30;

/// Looks through all parts of the EPUB in `bytes`, as they will be read: how much each unpacks to,
/// how deep it is nested, and of how many elements it is. What is damaged in it is for its reader
/// to find.
///
/// # Errors
/// What is beyond all measure, in words for people.
pub(crate) fn check_book(bytes: &[u8]) -> Result<(), String> {
    let Ok(mut book) = ZipArchive::new(Cursor::new(bytes)) else { return Ok(()) };
    let mut room = MOST_UNPACKED.saturating_add(bytes.len() as u64);
    for index in 0..book.len() {
        let Ok(part) = book.by_index(index) else { continue };
        // What a part says of its own length may be a lie; what it takes in the file cannot be more
        // than the file.
        let stored = part.compressed_size().min(bytes.len() as u64);
        let most = MOST_PART.max(stored + stored / 8).min(room);
        let name = crate::printable::line(&String::from_utf8_lossy(part.name_raw()))
            .chars()
            .take(80)
            .collect::<String>();
        // What is stored as it is, which may be hours of sound, is looked at where it lies.
        let in_place = (part.compression() == CompressionMethod::Stored && !part.encrypted())
            .then(|| part.data_start())
            .flatten();
        let in_place = in_place.and_then(|start| {
            bytes.get(usize::try_from(start).ok()?..usize::try_from(start + stored).ok()?)
        });
        let mut read = Vec::new();
        let unpacked = match in_place {
            Some(bytes) => bytes,
            None => {
                // An error here is one for the reader too, and what came before it counts.
                let _ = part.take(most + 1).read_to_end(&mut read);
                &read[..]
            }
        };
        if unpacked.len() as u64 > most {
            return Err(format!("its part `{name}` unpacks to more than {} MB", most >> 20));
        }
        room -= unpacked.len() as u64;
        check_xml(&as_utf8(unpacked)).map_err(|what| format!("its part `{name}` has {what}"))?;
    }
    Ok(())
}

/// UTF-16 with a mark as UTF-8; the book's reader knows no other encodings.
fn as_utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    match bytes {
        [0xFF, 0xFE, ..] => {
            Cow::Owned(encoding_rs::UTF_16LE.decode(bytes).0.into_owned().into_bytes())
        }
        [0xFE, 0xFF, ..] => {
            Cow::Owned(encoding_rs::UTF_16BE.decode(bytes).0.into_owned().into_bytes())
        }
        _ => Cow::Borrowed(bytes),
    }
}

/// Whether XML is within all measure, up to the first fault in it, where its reader stops too.
///
/// # Errors
/// What is beyond all measure, in words for people.
pub(crate) fn check_xml(bytes: &[u8]) -> Result<(), String> {
    let mut reader = Reader::from_reader(bytes);
    let (mut n_elements, mut n_open) = (0usize, 0usize);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                check_tag(&tag)?;
                n_elements += 1;
                n_open += 1;
            }
            Ok(Event::Empty(tag)) => {
                check_tag(&tag)?;
                n_elements += 1;
                // The reader of contents takes them for open.
                n_open +=
                    usize::from(matches!(tag.local_name().into_inner(), "li" | "nav" | "navPoint"));
            }
            Ok(Event::End(_)) => n_open = n_open.saturating_sub(1),
            Ok(Event::Eof) | Err(_) => return Ok(()),
            Ok(_) => {}
        }
        if n_open > MOST_NESTED {
            return Err(format!("more than {MOST_NESTED} elements in each other"));
        }
        if n_elements > MOST_ELEMENTS {
            return Err(format!("more than {MOST_ELEMENTS} elements"));
        }
    }
}

fn check_tag(tag: &BytesStart<'_>) -> Result<(), String> {
    match tag.attributes().with_checks(false).flatten().take(MOST_ATTRIBUTES + 1).count()
        > MOST_ATTRIBUTES
    {
        true => Err(format!("an element with more than {MOST_ATTRIBUTES} attributes")),
        false => Ok(()),
    }
}

/// `page` without the attributes of a tag beyond the first [`MOST_ATTRIBUTES`], and without
/// comments, which hold nothing to be read. Tags are told from scripts and comments as the HTML
/// standard does (13.2.5), as far as that decides where a tag ends. Linear.
pub(super) fn tame(page: &str) -> Cow<'_, str> {
    let mut scan = Scan { page, at: 0, copied: 0, kept: String::new() };
    while let Some(n) = page[scan.at..].find('<') {
        scan.at += n + 1;
        scan.markup();
    }
    if scan.kept.is_empty() && scan.copied == 0 {
        return Cow::Borrowed(page);
    }
    scan.kept.push_str(&page[scan.copied..]);
    Cow::Owned(scan.kept)
}

struct Scan<'a> {
    page: &'a str,
    /// Where it is.
    at: usize,
    /// What comes before this is in `kept`, or left out.
    copied: usize,
    kept: String,
}

impl Scan<'_> {
    fn bytes(&self) -> &[u8] {
        &self.page.as_bytes()[self.at..]
    }

    /// What begins behind a `<`.
    fn markup(&mut self) {
        if self.bytes().starts_with(b"!--") {
            let from = self.at - 1;
            let body = &self.page[self.at + 3..];
            // `<!-->` and `<!--->` are whole.
            let whole = [">", "->"].iter().find(|end| body.starts_with(**end)).map(|end| end.len());
            // An end may stand behind any number of dashes.
            let end = body
                .match_indices('>')
                .map(|(at, _)| at)
                .find(|at| ["--", "--!"].iter().any(|end| body[..*at].ends_with(end)));
            self.at += 3 + whole.or(end.map(|at| at + 1)).unwrap_or(body.len());
            self.leave_out(from, self.at);
        } else if self.bytes().first().is_some_and(u8::is_ascii_alphabetic) {
            let name = self.tag();
            self.raw_text(&name);
        } else if self.bytes().first() == Some(&b'/')
            && self.bytes().get(1).is_some_and(u8::is_ascii_alphabetic)
        {
            self.at += 1;
            self.tag();
        }
    }

    /// A tag from its name to behind its `>`; gives the name in small letters.
    fn tag(&mut self) -> String {
        let n_name = self.until(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'));
        let name = self.page[self.at..self.at + n_name].to_ascii_lowercase();
        self.at += n_name;
        let (mut n, mut surplus) = (0, None);
        loop {
            self.at += self.until(|b| !b.is_ascii_whitespace() && b != b'/');
            if matches!(self.bytes().first(), None | Some(b'>')) {
                break;
            }
            n += 1;
            if n > MOST_ATTRIBUTES && surplus.is_none() {
                surplus = Some(self.at);
            }
            self.attribute();
        }
        if let Some(from) = surplus {
            self.leave_out(from, self.at);
        }
        self.at += usize::from(!self.bytes().is_empty());
        name
    }

    fn attribute(&mut self) {
        // A name may begin with `=`.
        let n_first = self.page[self.at..].chars().next().map_or(0, char::len_utf8);
        self.at += n_first;
        self.at += self.until(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>' | b'='));
        let n_space = self.until(|b| !b.is_ascii_whitespace());
        if self.bytes().get(n_space) != Some(&b'=') {
            return;
        }
        self.at += n_space + 1;
        self.at += self.until(|b| !b.is_ascii_whitespace());
        match self.bytes().first() {
            Some(quote @ (b'"' | b'\'')) => {
                let quote = *quote;
                self.at += 1;
                self.at += self.until(|b| b == quote);
                self.at += usize::from(!self.bytes().is_empty());
            }
            _ => self.at += self.until(|b| b.is_ascii_whitespace() || b == b'>'),
        }
    }

    /// Behind some start tags there are no tags up to their own end.
    fn raw_text(&mut self, name: &str) {
        if !matches!(
            name,
            "script" | "style" | "textarea" | "title" | "xmp" | "iframe" | "noembed" | "noframes"
        ) {
            return;
        }
        let rest = self.bytes();
        let is_end = |at: &usize| {
            let tag = &rest[*at..];
            tag.get(2..2 + name.len()).is_some_and(|own| own.eq_ignore_ascii_case(name.as_bytes()))
                && tag
                    .get(2 + name.len())
                    .is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'))
        };
        let n = self.page[self.at..].match_indices("</").map(|(at, _)| at).find(is_end);
        self.at += n.unwrap_or(rest.len());
    }

    /// How many bytes there are to the first that `is_end`; all ends are ASCII, so that no
    /// character is cut.
    fn until(&self, is_end: impl Fn(u8) -> bool) -> usize {
        let rest = self.bytes();
        rest.iter().position(|b| is_end(*b)).unwrap_or(rest.len())
    }

    fn leave_out(&mut self, from: usize, to: usize) {
        self.kept.push_str(&self.page[self.copied..from]);
        self.copied = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_left_out() {
        let attributes = |n: usize| (0..n).map(|n| format!(" a{n}")).collect::<String>();
        let (most, more) = (attributes(MOST_ATTRIBUTES), attributes(MOST_ATTRIBUTES + 50));
        for (page, want) in [
            ("<p>a <b class='x>y' id=z>b</b> &lt; 3 <3 < /x", None),
            (
                "a<!-- <p> -- > -->b<!-->c<!--->d<!--e--!>f<!---->g<!----->h<!-- open",
                Some("abcdfgh".to_owned()),
            ),
            (&format!("<p{most}>"), None),
            (&format!("<p{more}>x"), Some(format!("<p{most} >x"))),
            (
                &format!("<p x='>'{more}>x</P{more}>"),
                Some(format!("<p x='>'{} >x</P{most} >", attributes(MOST_ATTRIBUTES - 1))),
            ),
            (
                &format!("<script>a<b c=\"</script><p{more}>"),
                Some(format!("<script>a<b c=\"</script><p{most} >")),
            ),
            (
                &format!("<TITLE>a</titles> <!-- </title x='>'><p{more}>"),
                Some(format!("<TITLE>a</titles> <!-- </title x='>'><p{most} >")),
            ),
            ("<script>never closed <!-- x", None),
            ("<a b='never closed > <!-- x -->", None),
            ("<a =b c = d =e/ f/=\"g>\">", None),
            ("", None),
        ] {
            assert_eq!(tame(page), want.as_deref().unwrap_or(page), "{page}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_scanned(page in "(<|>|!--|--|[a-c]|/|=|'|\"| |script|中|&){0,60}") {
            let tamed = tame(&page);
            prop_assert!(tamed.len() <= page.len());
            prop_assert!(page.contains("<!--") || tamed == page.as_str());
        }
    }
}
