//! Which parts of a page's source an element can be put around, so that what is read there has a
//! name and everything else stays.

use super::xml::{Document, Kind};
use std::ops::Range;

/// Elements that may stand in a line of text, and so in a `span` (HTML's phrasing content, and what
/// older books use for it).
const PHRASING: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn",
    "em", "font", "i", "img", "ins", "kbd", "label", "mark", "math", "q", "rb", "rp", "rt", "rtc",
    "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "svg", "time", "tt",
    "u", "var", "wbr",
];

/// The parts of `bytes`, in order, around each of which a `span` may be put: as few as the elements
/// allow that begin or end within. An element that begins with the first character or ends with the
/// last is taken whole.
pub(super) fn segments(document: &Document<'_>, bytes: Range<usize>) -> Vec<Range<usize>> {
    let bytes = widened(document, bytes);
    let mut found = Vec::new();
    let mut current: Option<Range<usize>> = None;
    let mut index = document.tokens.partition_point(|token| token.bytes.end <= bytes.start);
    while let Some(token) = document.tokens.get(index).filter(|token| token.bytes.start < bytes.end)
    {
        let mut part = token.bytes.start.max(bytes.start)..token.bytes.end.min(bytes.end);
        let is_whole = part == token.bytes;
        let goes_on = match token.kind {
            Kind::Text | Kind::Other => true,
            Kind::Data | Kind::Reference => is_whole,
            Kind::Start | Kind::Empty => {
                let end = document.tokens[token.partner].bytes.end;
                let fits = end <= bytes.end && is_phrasing(document, index);
                if fits {
                    index = token.partner;
                    part.end = end;
                }
                fits
            }
            Kind::End | Kind::DocType => false,
        };
        if goes_on {
            current = Some(current.map_or(part.start, |current| current.start)..part.end);
        } else {
            found.extend(current.take());
        }
        index += 1;
    }
    found.extend(current);
    found
        .into_iter()
        .map(|part| trimmed(document.source, part))
        .filter(|part| !part.is_empty())
        .collect()
}

/// The `id` of the `span` that is exactly `part`, or has exactly `part` in it, where there is one.
pub(super) fn named(document: &Document<'_>, part: &Range<usize>) -> Option<String> {
    let first = document.tokens.partition_point(|token| token.bytes.end <= part.start);
    let candidates = [Some(first), first.checked_sub(1)];
    candidates.into_iter().flatten().find_map(|index| {
        let token = document
            .tokens
            .get(index)
            .filter(|token| token.kind == Kind::Start && document.local(index) == "span")?;
        let end = &document.tokens[token.partner].bytes;
        let is_it = (token.bytes.start, end.end) == (part.start, part.end)
            || (token.bytes.end, end.start) == (part.start, part.end);
        document.attribute(index, "id").filter(|id| is_it && !id.is_empty())
    })
}

fn trimmed(source: &str, part: Range<usize>) -> Range<usize> {
    let text = &source[part.clone()];
    let start = part.start + text.len() - text.trim_start().len();
    start..(part.start + text.trim_end().len()).max(start)
}

/// Whether the element at `index` and all in it may stand in a line.
fn is_phrasing(document: &Document<'_>, index: usize) -> bool {
    let mut at = index;
    while at <= document.tokens[index].partner {
        if matches!(document.tokens[at].kind, Kind::Start | Kind::Empty) {
            let name = document.local(at);
            if !PHRASING.contains(&name) {
                return false;
            }
            if matches!(name, "svg" | "math") {
                at = document.tokens[at].partner;
            }
        }
        at += 1;
    }
    true
}

/// With the tags of elements that only one end of `bytes` stands in, at the very edge of the
/// element.
fn widened(document: &Document<'_>, bytes: Range<usize>) -> Range<usize> {
    let mut bytes = bytes;
    let is_blank = |index: usize| {
        document.tokens[index].kind == Kind::Text && document.text(index).trim().is_empty()
    };
    let before = |at: usize| {
        let index = document.tokens.partition_point(|token| token.bytes.end <= at);
        // White space of the same run of text stands between too.
        let inside = document.tokens.get(index).filter(|token| token.bytes.start < at);
        let is_bare = inside.is_none_or(|token| {
            token.kind == Kind::Text && document.source[token.bytes.start..at].trim().is_empty()
        });
        (0..index).rev().find(|&index| !is_blank(index)).filter(|_| is_bare)
    };
    let after = |at: usize| {
        let index = document.tokens.partition_point(|token| token.bytes.end <= at);
        let inside = document.tokens.get(index).filter(|token| token.bytes.start < at);
        let is_bare = inside.is_none_or(|token| {
            token.kind == Kind::Text && document.source[at..token.bytes.end].trim().is_empty()
        });
        let first = index + usize::from(inside.is_some());
        (first..document.tokens.len()).find(|&index| !is_blank(index)).filter(|_| is_bare)
    };
    loop {
        let start = before(bytes.start).filter(|&index| {
            let token = &document.tokens[index];
            token.kind == Kind::Start
                && document.tokens[token.partner].bytes.start < bytes.end
                && is_phrasing(document, index)
        });
        if let Some(index) = start {
            bytes.start = document.tokens[index].bytes.start;
            continue;
        }
        let end = after(bytes.end).filter(|&index| {
            let token = &document.tokens[index];
            token.kind == Kind::End
                && document.tokens[token.partner].bytes.start >= bytes.start
                && is_phrasing(document, token.partner)
        });
        match end {
            Some(index) => bytes.end = document.tokens[index].bytes.end,
            None => return bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_go_around_whole_elements() {
        for (source, text, want) in [
            ("<p>One two.</p>", "One two.", &["One two."][..]),
            ("<p>One. <b>Two</b> three. Four.</p>", "Two</b> three.", &["<b>Two</b> three."]),
            ("<p>One <b>two.</b> Three.</p>", "One <b>two.", &["One <b>two.</b>"]),
            ("<p><b>One.</b> Two.</p>", "One.", &["One."]),
            ("<p>He said <i>yes. Then</i> no.</p>", "He said <i>yes.", &["He said", "yes."]),
            ("<p>He said <i>yes. Then</i> no.</p>", "Then</i> no.", &["Then", "no."]),
            (
                "<p><span class='cap'> T</span>he end.</p>",
                "T</span>he end.",
                &["<span class='cap'> T</span>he end."],
            ),
            ("<tr><td>One</td> <td>two.</td></tr>", "One</td> <td>two.", &["One", "two."]),
            ("<div>One <div>x</div> two.</div>", "One <div>x</div> two.", &["One", "x", "two."]),
            ("<p>a <![CDATA[b. c]]> d</p>", "a <![CDATA[b.", &["a"]),
            (
                "<p>One <!-- c --><img src='x'/> two</p>",
                "One <!-- c --><img src='x'/> two",
                &["One <!-- c --><img src='x'/> two"],
            ),
        ] {
            let document = Document::parse(source).unwrap();
            let start = source.find(text).unwrap();
            let found: Vec<&str> = segments(&document, start..start + text.len())
                .into_iter()
                .map(|part| &source[part])
                .collect();
            assert_eq!(found, want, "{source}");
        }
    }

    #[test]
    fn a_span_that_is_there_is_used() {
        let source = "<p><span id='a'>One.</span> <span>Two.</span> <b id='c'>Three.</b></p>";
        let document = Document::parse(source).unwrap();
        let name = |text: &str| {
            named(&document, &(source.find(text).unwrap()..source.find(text).unwrap() + text.len()))
        };
        assert_eq!(
            ["One.", "Two.", "Three.", "<span id='a'>One.</span>"].map(name),
            [Some("a".to_owned()), None, None, Some("a".to_owned())]
        );
    }
}
