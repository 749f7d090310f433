//! A page of a book as the characters that are read in it, each with the bytes of its source, and
//! where the article's stand there.

use super::xml::{Document, Kind, data, resolved};
use crate::article::clean::clean_line;
use crate::documents::SILENT;
use std::ops::Range;

/// What is not of the article is looked over for what comes next up to so many characters, however
/// often.
const NEAR: usize = 400;
/// Farther away so many times as there are characters.
const FAR: usize = 50;

/// A character that shows, and where its source stands.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Char {
    c: char,
    start: u32,
    end: u32,
    /// Of the characters between two tags the same.
    run: u32,
}

/// The characters of a page that may be read, white space and what is invisible left out.
pub(super) struct Page {
    chars: Vec<Char>,
}

impl Page {
    /// Of `document`: the same elements are passed over as where the article was made, as far as
    /// their names and attributes tell.
    pub(super) fn of(document: &Document<'_>) -> Self {
        let mut chars = Vec::new();
        let (mut index, mut run) = (0, 0);
        let mut is_body = document.elements("body").next().is_none();
        while index < document.tokens.len() {
            let token = &document.tokens[index];
            match token.kind {
                Kind::Start | Kind::Empty => {
                    run += 1;
                    is_body |= document.local(index) == "body";
                    if is_silent(document, index) {
                        index = token.partner;
                    }
                }
                Kind::End => run += 1,
                Kind::Text | Kind::Data if is_body => {
                    let text = document.text(index);
                    let (text, before) = if token.kind == Kind::Data {
                        (data(text), "<![CDATA[".len())
                    } else {
                        (text, 0)
                    };
                    chars.extend(text.char_indices().filter(|(_, c)| shows(*c)).map(|(at, c)| {
                        let start = token.bytes.start + before + at;
                        Char { c, start: narrow(start), end: narrow(start + c.len_utf8()), run }
                    }));
                }
                Kind::Reference if is_body => {
                    let (start, end) = (narrow(token.bytes.start), narrow(token.bytes.end));
                    let text = resolved(document.text(index)).unwrap_or_default();
                    chars.extend(text.chars().filter(|c| shows(*c)).map(|c| Char {
                        c,
                        start,
                        end,
                        run,
                    }));
                }
                _ => {}
            }
            index += 1;
        }
        Self { chars }
    }

    /// For the characters of `text`, those of the page: the article's bytes of each that was found,
    /// and the source's, in order.
    pub(super) fn places(&self, text: &str) -> Places {
        let wanted: Vec<(usize, char)> = text.char_indices().filter(|(_, c)| shows(*c)).collect();
        let mut found: Vec<Option<usize>> = vec![None; wanted.len()];
        let (mut here, mut at) = (0, 0);
        // A page that is another to the two who read it must not cost a look through all of it for
        // each character.
        let mut room = FAR * (self.chars.len() + wanted.len());
        while at < wanted.len() && here < self.chars.len() {
            if self.chars[here].c == wanted[at].1 {
                found[at] = Some(here);
                (here, at) = (here + 1, at + 1);
                continue;
            }
            match self.gap(here, &wanted[at..], &mut room) {
                Some(gap) => {
                    self.slide(&mut found[..at], here, gap);
                    here += gap;
                }
                // Nothing of the sort stands there: it is not of this page.
                None => at += 1,
            }
        }
        let place = |(&(from, c), found): (&(usize, char), &Option<usize>)| {
            let char = self.chars[(*found)?];
            Some(Place {
                text: from..from + c.len_utf8(),
                source: char.start as usize..char.end as usize,
            })
        };
        Places { places: wanted.iter().zip(&found).filter_map(place).collect() }
    }

    /// How many characters from `here` on stand there and are not in the text, which goes on with
    /// `wanted`. `room` is how many characters may be looked at far away, and becomes less.
    fn gap(&self, here: usize, wanted: &[(usize, char)], room: &mut usize) -> Option<usize> {
        // Characters that have to agree, and how far away they may.
        const TRIES: [(usize, usize); 3] = [(24, usize::MAX), (8, NEAR), (3, 40)];
        let goes_on = |at: usize, n: usize| {
            let there = self.chars[at..].iter().map(|char| char.c);
            there.take(n).eq(wanted.iter().take(n).map(|(_, c)| *c))
        };
        TRIES.iter().find_map(|&(n, most)| {
            let n = n.min(wanted.len());
            let most = if most > NEAR { *room } else { most };
            let last = self.chars.len().checked_sub(n)?.min(here.saturating_add(most));
            let found = (here..=last).find(|&at| goes_on(at, n));
            if most > NEAR {
                *room = room.saturating_sub(found.unwrap_or(last).saturating_sub(here));
            }
            found.map(|at| at - here)
        })
    }

    /// What was left out may begin with the same characters as what comes after it ("end.1 1
    /// more"): it was an element where it can be one.
    fn slide(&self, found: &mut [Option<usize>], here: usize, gap: usize) {
        let is_edge = |at: usize| {
            at == 0 || at >= self.chars.len() || self.chars[at - 1].run != self.chars[at].run
        };
        if is_edge(here) && is_edge(here + gap) {
            return;
        }
        let fits = |n: usize| {
            let moved = |k: usize| {
                found.len() >= k
                    && found[found.len() - k] == Some(here - k)
                    && self.chars.get(here - k).map(|char| char.c)
                        == self.chars.get(here + gap - k).map(|char| char.c)
            };
            here >= n && gap >= n && (1..=n).all(moved)
        };
        let most = (1..=8).take_while(|&n| fits(n)).last().unwrap_or(0);
        if let Some(n) = (1..=most).find(|&n| is_edge(here - n) && is_edge(here + gap - n)) {
            for k in 1..=n {
                let slot = found.len() - k;
                found[slot] = Some(here + gap - k);
            }
        }
    }
}

fn narrow(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Whether a character is left of a text that was cleaned.
fn shows(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_graphic()
    } else {
        !c.is_whitespace() && !clean_line(c.encode_utf8(&mut [0; 4])).is_empty()
    }
}

/// Whether nothing in the element at `index` is read.
fn is_silent(document: &Document<'_>, index: usize) -> bool {
    let has = |name: &str, values: &[&str]| {
        document
            .attribute(index, name)
            .is_some_and(|value| value.split_whitespace().any(|one| values.contains(&one)))
    };
    SILENT.contains(&document.local(index))
        || document.attribute(index, "hidden").is_some()
        || has("aria-hidden", &["true"])
        || has("epub:type", &["noteref", "pagebreak"])
        || has("role", &["doc-noteref", "doc-pagebreak", "doc-backlink"])
}

/// A character of the article and of the source.
#[derive(Clone, Debug, PartialEq)]
struct Place {
    text: Range<usize>,
    source: Range<usize>,
}

/// Where the article's characters stand in a page, in order in both.
#[derive(Debug)]
pub(super) struct Places {
    places: Vec<Place>,
}

impl Places {
    /// From the first to the last character of `text`, bytes of the article, where both of them
    /// were found.
    pub(super) fn source(&self, text: &Range<usize>) -> Option<Range<usize>> {
        let from = self.places.partition_point(|place| place.text.start < text.start);
        let to = self.places.partition_point(|place| place.text.end <= text.end);
        let (first, last) = (self.places.get(from)?, self.places.get(to.checked_sub(1)?)?);
        (from < to).then_some(first.source.start..last.source.end)
    }

    /// How many characters of `text` were found.
    pub(super) fn n_found(&self, text: &Range<usize>) -> usize {
        let from = self.places.partition_point(|place| place.text.start < text.start);
        let to = self.places.partition_point(|place| place.text.end <= text.end);
        to.saturating_sub(from)
    }
}

/// How many characters of `text` there are to be found.
pub(super) fn n_wanted(text: &str) -> usize {
    text.chars().filter(|c| shows(*c)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_articles_words_are_found_in_the_source() {
        for (source, text, want) in [
            ("<p>One <b>two</b>.\n Three</p>", "One two. Three", "One <b>two</b>.\n Three"),
            ("<p>A &#8220;b&#8221; c&nbsp;d co&shy;op</p>", "“b” c", "&#8220;b&#8221; c"),
            (
                "<p>the end.<sup>1</sup> 1 more, and so it goes on</p>",
                "1 more, and so it goes on",
                "1 more, and so it goes on",
            ),
            ("<p>x</p><nav><a>One two</a></nav><p>One two</p>", "One two", "One two"),
            (
                "<p>An <i>old</i> page</p><p>and what its end is</p>",
                "not them\n\nand what its end is",
                "and what its end is",
            ),
            ("<p>漢<rt>かん</rt>字。次</p>", "漢字。", "漢<rt>かん</rt>字。"),
        ] {
            let document = Document::parse(source).unwrap();
            // The whole text of the page, of which `text` is a part.
            let whole =
                format!("{}{text}", if source.contains("the end.") { "the end. " } else { "" });
            let places = Page::of(&document).places(&whole);
            let from = whole.len() - text.len();
            let found = places.source(&(from..whole.len())).map(|bytes| &source[bytes]);
            assert_eq!(found, Some(want), "{source}");
        }
    }
}
