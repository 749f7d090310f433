//! XML as its tokens, each with the bytes that it stands in, and changes to those bytes: what is
//! not changed stays as somebody wrote it.

use quick_xml::Reader;
use quick_xml::events::Event;
use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A start tag.
    Start,
    /// An end tag.
    End,
    /// An element that closes itself.
    Empty,
    /// Characters as they stand there.
    Text,
    /// A section whose characters are none of markup.
    Data,
    /// A reference to a character or an entity.
    Reference,
    /// The document's type.
    DocType,
    /// Comments and instructions.
    Other,
}

/// A tag, or what stands between two.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Where it stands.
    pub(super) bytes: Range<usize>,
    /// Of a start tag the index of its end tag, and the other way round; its own index for
    /// everything else.
    pub(super) partner: usize,
}

/// A document that was taken apart.
#[derive(Debug)]
pub(super) struct Document<'a> {
    pub(super) source: &'a str,
    pub(super) tokens: Vec<Token>,
}

/// An attribute of a tag.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    /// With its name, its quotes and the white space before it.
    pub(super) whole: Range<usize>,
    /// Without its quotes.
    pub(super) value: Range<usize>,
}

impl<'a> Document<'a> {
    /// The tokens of `source`, which is gone through once.
    ///
    /// # Errors
    /// Where it is not well-formed, in words.
    pub(super) fn parse(source: &'a str) -> Result<Self, String> {
        let mut reader = Reader::from_str(source);
        let (mut tokens, mut open): (Vec<Token>, Vec<usize>) = (Vec::new(), Vec::new());
        loop {
            let start = place(reader.buffer_position());
            let kind = match reader.read_event().map_err(|error| error.to_string())? {
                Event::Eof => break,
                Event::Start(_) => Kind::Start,
                Event::End(_) => Kind::End,
                Event::Empty(_) => Kind::Empty,
                Event::Text(_) => Kind::Text,
                Event::CData(_) => Kind::Data,
                Event::GeneralRef(_) => Kind::Reference,
                Event::DocType(_) => Kind::DocType,
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => Kind::Other,
            };
            let index = tokens.len();
            let mut partner = index;
            match kind {
                Kind::Start => open.push(index),
                Kind::End => {
                    partner = open.pop().ok_or("an end tag too many")?;
                    if let Some(start) = tokens.get_mut(partner) {
                        start.partner = index;
                    }
                }
                _ => {}
            }
            tokens.push(Token { kind, bytes: start..place(reader.buffer_position()), partner });
        }
        match open.last() {
            Some(_) => Err("an element without an end".into()),
            None => Ok(Self { source, tokens }),
        }
    }

    /// The source of the token at `index`.
    pub(super) fn text(&self, index: usize) -> &'a str {
        &self.source[self.tokens[index].bytes.clone()]
    }

    /// The name of the tag at `index`, with its prefix; empty for what is none.
    pub(super) fn name(&self, index: usize) -> &'a str {
        if !matches!(self.tokens[index].kind, Kind::Start | Kind::End | Kind::Empty) {
            return "";
        }
        let inner = self.text(index).trim_start_matches(['<', '/']);
        inner
            .split(|c: char| c.is_whitespace() || matches!(c, '/' | '>'))
            .next()
            .unwrap_or_default()
    }

    /// The name of the tag at `index` without its prefix.
    pub(super) fn local(&self, index: usize) -> &'a str {
        let name = self.name(index);
        name.rsplit_once(':').map_or(name, |(_, local)| local)
    }

    /// The attributes of the tag at `index`.
    pub(super) fn attributes(&self, index: usize) -> Vec<Attribute<'a>> {
        let Token { kind, bytes, .. } = &self.tokens[index];
        if !matches!(kind, Kind::Start | Kind::Empty) {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut at = bytes.start + 1 + self.name(index).len();
        let rest = |at: usize| &self.source[at.min(bytes.end)..bytes.end];
        let spaces = |text: &str| text.len() - text.trim_start().len();
        loop {
            let from = at;
            at += spaces(rest(at));
            let n = rest(at)
                .find(|c: char| c.is_whitespace() || matches!(c, '=' | '/' | '>'))
                .unwrap_or(rest(at).len());
            let name = &rest(at)[..n];
            at += n;
            at += spaces(rest(at));
            if name.is_empty() || !rest(at).starts_with('=') {
                return found;
            }
            at += 1;
            at += spaces(rest(at));
            let Some(quote) = rest(at).chars().next().filter(|c| matches!(c, '"' | '\'')) else {
                return found;
            };
            let Some(n) = rest(at + 1).find(quote) else { return found };
            found.push(Attribute { name, whole: from..at + n + 2, value: at + 1..at + 1 + n });
            at += n + 2;
        }
    }

    /// The attribute `name` of the tag at `index`, its references resolved.
    pub(super) fn attribute(&self, index: usize, name: &str) -> Option<String> {
        let found = self.attributes(index).into_iter().find(|attribute| attribute.name == name)?;
        Some(unescaped(&self.source[found.value]))
    }

    /// The tags, start or empty, whose local name is `local`.
    pub(super) fn elements<'b>(&'b self, local: &'b str) -> impl Iterator<Item = usize> + 'b {
        (0..self.tokens.len()).filter(move |&index| {
            matches!(self.tokens[index].kind, Kind::Start | Kind::Empty)
                && self.local(index) == local
        })
    }

    /// The characters in the element at `index`, references resolved.
    pub(super) fn content(&self, index: usize) -> String {
        let inner = index..self.tokens[index].partner;
        let mut text = String::new();
        for inside in inner {
            match self.tokens[inside].kind {
                Kind::Text => text.push_str(self.text(inside)),
                Kind::Data => text.push_str(data(self.text(inside))),
                Kind::Reference => text.push_str(&resolved(self.text(inside)).unwrap_or_default()),
                _ => {}
            }
        }
        text
    }
}

fn place(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// What stands in a section of characters.
pub(super) fn data(section: &str) -> &str {
    section
        .strip_prefix("<![CDATA[")
        .and_then(|inner| inner.strip_suffix("]]>"))
        .unwrap_or_default()
}

/// The characters that a reference such as `&#8212;` or `&nbsp;` stands for; `None` for one that
/// nobody knows.
pub(super) fn resolved(reference: &str) -> Option<String> {
    let name = reference.strip_prefix('&')?.strip_suffix(';')?;
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']).map(|digits| u32::from_str_radix(digits, 16));
        let code = hex.unwrap_or_else(|| number.parse()).ok()?;
        return char::from_u32(code).map(String::from);
    }
    quick_xml::escape::resolve_html5_entity(name).map(str::to_owned)
}

fn unescaped(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').map_or(1, |end| end + 1);
        match resolved(&rest[..end]) {
            Some(text) => plain.push_str(&text),
            None => plain.push_str(&rest[..end]),
        }
        rest = &rest[end..];
    }
    plain + rest
}

/// `text` as it may stand between tags and in attributes.
pub(super) fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

/// Changes to a text, in any order.
#[derive(Debug, Default)]
pub(super) struct Edits {
    /// What is replaced, by what; what is put at a place comes before what is replaced from there
    /// on.
    edits: Vec<(Range<usize>, String)>,
}

impl Edits {
    pub(super) fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.edits.push((at..at, text.into()));
    }

    pub(super) fn replace(&mut self, bytes: Range<usize>, text: impl Into<String>) {
        self.edits.push((bytes, text.into()));
    }

    pub(super) fn remove(&mut self, bytes: Range<usize>) {
        self.replace(bytes, "");
    }

    pub(super) fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// `source` with all changes made; of two that overlap the first stands.
    pub(super) fn apply(mut self, source: &str) -> String {
        self.edits.sort_by_key(|(bytes, _)| (bytes.start, bytes.end > bytes.start));
        let mut changed = String::with_capacity(
            source.len() + self.edits.iter().map(|(_, text)| text.len()).sum::<usize>(),
        );
        let mut at = 0;
        for (bytes, text) in self.edits {
            if bytes.start < at {
                continue;
            }
            changed.push_str(&source[at..bytes.start]);
            changed.push_str(&text);
            at = bytes.end;
        }
        changed + &source[at..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_know_their_places() {
        let source = "<?xml version=\"1.0\"?><!DOCTYPE html>\n<a x = '1>2' y=\"&lt;&#x41;\"><b/>t&nbsp;u<![CDATA[<&]]><!-- c --></a>";
        let document = Document::parse(source).unwrap();
        let whole: String = (0..document.tokens.len()).map(|index| document.text(index)).collect();
        assert_eq!(whole, source);
        let a = document.elements("a").next().unwrap();
        let values: Vec<_> = document
            .attributes(a)
            .into_iter()
            .map(|found| (found.name, &source[found.value]))
            .collect();
        assert_eq!(values, [("x", "1>2"), ("y", "&lt;&#x41;")]);
        assert_eq!(document.attribute(a, "y").as_deref(), Some("<A"));
        assert_eq!(document.content(a), "t\u{a0}u<&");
        assert_eq!(document.tokens[document.tokens[a].partner].partner, a);
        for broken in ["<a>", "<a></b>", "</a>", "<a", "<a><b></a></b>"] {
            assert!(Document::parse(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn edits_are_made_in_order_of_place() {
        let mut edits = Edits::default();
        edits.insert(3, "]");
        edits.replace(4..6, "X");
        edits.remove(0..1);
        edits.insert(1, "[");
        edits.insert(3, "(");
        edits.insert(4, "|");
        edits.replace(5..7, "overlaps");
        assert_eq!(edits.apply("abcdefg"), "[bc](d|Xg");
    }
}
