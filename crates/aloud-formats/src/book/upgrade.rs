//! From EPUB 2 to EPUB 3: what a page and the package have to lose or to say otherwise, and nothing
//! else.

use super::package::Package;
use super::xml::{Document, Edits, Kind, escaped, resolved};
use std::collections::HashSet;
use std::fmt::Write as _;
use std::ops::Range;

/// Elements that HTML has no more: what stands for them, and the style that they stood for.
const ELEMENTS: &[(&str, &str, &str)] = &[
    ("acronym", "abbr", ""),
    ("big", "span", "font-size: larger"),
    ("center", "div", "text-align: center"),
    ("dir", "ul", ""),
    ("font", "span", ""),
    ("strike", "s", ""),
    ("tt", "span", "font-family: monospace"),
];

/// Attributes that HTML has no more, and that nothing stands for.
const DROPPED: &[&str] = &[
    "axis",
    "cellpadding",
    "char",
    "charoff",
    "compact",
    "event",
    "for",
    "frame",
    "language",
    "longdesc",
    "noshade",
    "profile",
    "rev",
    "rules",
    "scheme",
    "summary",
    "version",
];

/// Has a page of XHTML 1 be one of HTML 5 in XML's clothes: its type, references to entities,
/// elements and attributes.
pub(super) fn page(document: &Document<'_>, edits: &mut Edits) {
    let mut ids: HashSet<String> =
        (0..document.tokens.len()).flat_map(|index| document.attribute(index, "id")).collect();
    for (index, token) in document.tokens.iter().enumerate() {
        match token.kind {
            Kind::DocType => edits.replace(token.bytes.clone(), "<!DOCTYPE html>"),
            Kind::Reference => {
                let text = document.text(index);
                let is_plain = text.starts_with("&#")
                    || ["&amp;", "&lt;", "&gt;", "&quot;", "&apos;"].contains(&text);
                if let Some(chars) = resolved(text).filter(|_| !is_plain) {
                    edits.replace(token.bytes.clone(), numbered(&chars));
                }
            }
            Kind::Start | Kind::Empty => tag(document, index, &mut ids, edits),
            _ => {}
        }
    }
}

fn numbered(chars: &str) -> String {
    chars.chars().fold(String::new(), |mut text, c| {
        let _ = write!(text, "&#{};", u32::from(c));
        text
    })
}

fn tag(document: &Document<'_>, index: usize, ids: &mut HashSet<String>, edits: &mut Edits) {
    let (name, token) = (document.name(index), &document.tokens[index]);
    let attributes = document.attributes(index);
    let value = |bytes: &Range<usize>| &document.source[bytes.clone()];
    if name == "meta"
        && attributes
            .iter()
            .any(|a| a.name == "http-equiv" && value(&a.value).eq_ignore_ascii_case("content-type"))
    {
        edits.remove(token.bytes.start..document.tokens[token.partner].bytes.end);
        return;
    }
    let mut style = String::new();
    if let Some((_, now, meant)) = ELEMENTS.iter().find(|(old, ..)| *old == name) {
        style.push_str(meant);
        let at = token.bytes.start + 1;
        edits.replace(at..at + name.len(), *now);
        if token.kind == Kind::Start {
            let at = document.tokens[token.partner].bytes.start + 2;
            edits.replace(at..at + name.len(), *now);
        }
    }
    let mut own = None;
    for attribute in &attributes {
        let text = value(&attribute.value);
        if attribute.name == "style" {
            own = Some(attribute.value.clone());
            continue;
        }
        if attribute.name == "name" && matches!(name, "a" | "img") {
            let has_id = attributes.iter().any(|other| other.name == "id");
            let is_new = !has_id && is_name(text) && ids.insert(text.to_owned());
            edits.replace(
                attribute.whole.clone(),
                if is_new { format!(" id=\"{text}\"") } else { String::new() },
            );
            continue;
        }
        if let Some(meant) = styled(name, attribute.name, text) {
            edits.remove(attribute.whole.clone());
            if !meant.is_empty() {
                style.push_str(if style.is_empty() { "" } else { "; " });
                style.push_str(&meant);
            }
        } else if attribute.name == "for" && matches!(name, "label" | "output") {
        } else if DROPPED.contains(&attribute.name)
            || (attribute.name == "type" && matches!(name, "ul" | "li"))
        {
            edits.remove(attribute.whole.clone());
        }
    }
    match own {
        _ if style.is_empty() => {}
        // What stood in the attribute counted less than what stands in the style.
        Some(own) => edits.insert(own.start, escaped(&style) + "; "),
        None => edits
            .insert(token.bytes.start + 1 + name.len(), format!(" style=\"{}\"", escaped(&style))),
    }
}

/// Whether a text can be an `id` in XML.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c))
}

/// What an attribute that HTML has no more says as a style; `None` for one that it has.
fn styled(element: &str, attribute: &str, value: &str) -> Option<String> {
    let value = value.trim();
    let is_plain = !value.is_empty()
        && value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '%' | '#' | '.' | '-' | ' '));
    let length = || {
        if value.bytes().all(|b| b.is_ascii_digit()) {
            format!("{value}px")
        } else {
            value.to_owned()
        }
    };
    let meant = match (element, attribute) {
        ("img" | "object" | "table", "align") if value == "left" || value == "right" => {
            format!("float: {value}")
        }
        ("table" | "hr", "align") if value == "center" => {
            "margin-left: auto; margin-right: auto".into()
        }
        ("img" | "object", "align") | (_, "valign") => format!("vertical-align: {value}"),
        (_, "align") => format!("text-align: {value}"),
        ("table" | "td" | "th" | "col" | "colgroup" | "tr" | "hr" | "pre", "width") => {
            format!("width: {}", length())
        }
        ("td" | "th" | "tr" | "table", "height") | ("hr", "size") => {
            format!("height: {}", length())
        }
        ("table" | "img" | "object", "border") => {
            let n = if value.is_empty() { "1" } else { value };
            if n == "0" { String::new() } else { format!("border: {n}px solid") }
        }
        ("table", "cellspacing") => format!("border-spacing: {}", length()),
        (_, "bgcolor") => format!("background-color: {value}"),
        (_, "background" | "link" | "vlink" | "alink") | ("font", "size") => String::new(),
        ("font" | "body", "color" | "text") => format!("color: {value}"),
        ("font", "face") => format!("font-family: {value}"),
        ("br", "clear") => format!("clear: {}", if value == "all" { "both" } else { value }),
        ("img" | "object", "hspace") => format!("margin-left: {0}; margin-right: {0}", length()),
        ("img" | "object", "vspace") => format!("margin-top: {0}; margin-bottom: {0}", length()),
        (_, "nowrap") => "white-space: nowrap".into(),
        _ => return None,
    };
    Some(if is_plain || attribute == "nowrap" { meant } else { String::new() })
}

/// Attributes that elements of Dublin Core keep.
const KEPT: [&str; 3] = ["id", "xml:lang", "dir"];

/// Has the package be one of EPUB 3. `prefix` is that of its elements, with a colon, or empty.
pub(super) fn package(package: &Package<'_>, prefix: &str, edits: &mut Edits) {
    let document = &package.document;
    if let Some(index) = document.elements("package").next() {
        match document.attributes(index).into_iter().find(|attribute| attribute.name == "version") {
            Some(version) => edits.replace(version.value, "3.0"),
            None => edits.insert(
                document.tokens[index].bytes.start + 1 + document.name(index).len(),
                " version=\"3.0\"",
            ),
        }
    }
    if let Some(spine) = document.elements("spine").next() {
        document
            .attributes(spine)
            .into_iter()
            .filter(|a| a.name == "page-map")
            .for_each(|a| edits.remove(a.whole));
    }
    let mut meant = String::new();
    let core: Vec<usize> = (0..document.tokens.len())
        .filter(|&index| {
            matches!(document.tokens[index].kind, Kind::Start | Kind::Empty)
                && document.name(index).starts_with("dc:")
        })
        .collect();
    // Of several dates only that of the publication stays.
    let dates: Vec<usize> =
        core.iter().copied().filter(|&index| document.local(index) == "date").collect();
    let of_publication = |index: &&usize| {
        document.attribute(**index, "opf:event").is_some_and(|event| event == "publication")
    };
    let date = dates.iter().find(of_publication).or(dates.first());
    for (n, &index) in core.iter().enumerate() {
        let is_spare = document.local(index) == "date" && Some(&index) != date;
        let is_identity =
            document.local(index) == "identifier" && document.attribute(index, "id").is_some();
        if is_spare || (document.content(index).trim().is_empty() && !is_identity) {
            edits.remove(package.whole(index));
            continue;
        }
        let id = document.attribute(index, "id");
        let mut given = id.clone();
        for attribute in document.attributes(index) {
            if KEPT.contains(&attribute.name) || attribute.name.starts_with("xmlns") {
                continue;
            }
            edits.remove(attribute.whole);
            let property = match attribute.name {
                "opf:role" => "role\" scheme=\"marc:relators",
                "opf:file-as" => "file-as",
                _ => continue,
            };
            let id = given.get_or_insert_with(|| format!("aloud-{}-{n}", document.local(index)));
            let value = &document.source[attribute.value];
            let _ = write!(
                meant,
                "<{prefix}meta refines=\"#{}\" property=\"{property}\">{value}</{prefix}meta>\n    ",
                escaped(id)
            );
        }
        if let Some(given) = given.filter(|_| id.is_none()) {
            let at = document.tokens[index].bytes.start + 1 + document.name(index).len();
            edits.insert(at, format!(" id=\"{given}\""));
        }
    }
    if let Some(end) = package.end_of("metadata").filter(|_| !meant.is_empty()) {
        edits.insert(end, meant);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_older_books() {
        for (source, want) in [
            (
                "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.1//EN\" \"x.dtd\">\n<html version='1'><p>a&nbsp;&mdash;&amp;&#65;</p></html>",
                "<!DOCTYPE html>\n<html><p>a&#160;&#8212;&amp;&#65;</p></html>",
            ),
            (
                "<head><meta http-equiv=\"Content-Type\" content=\"x\"/><meta name='a'/></head>",
                "<head><meta name='a'/></head>",
            ),
            (
                "<p align=\"center\" class='x'>a <tt>b</tt></p>",
                "<p style=\"text-align: center\" class='x'>a <span style=\"font-family: monospace\">b</span></p>",
            ),
            (
                "<td width='50%' style='color: red' valign='top'/>",
                "<td style='width: 50%; vertical-align: top; color: red'/>",
            ),
            (
                "<p><a name='x'/><a name='x' id='y'/><a name='1'>b</a></p>",
                "<p><a id=\"x\"/><a id='y'/><a>b</a></p>",
            ),
            ("<img width='5' height='6' border='0' alt=''/>", "<img width='5' height='6' alt=''/>"),
            (
                "<center><acronym title='a'>b</acronym></center>",
                "<div style=\"text-align: center\"><abbr title='a'>b</abbr></div>",
            ),
            ("<p align='x;y'>a</p>", "<p>a</p>"),
        ] {
            let document = Document::parse(source).unwrap();
            let mut edits = Edits::default();
            page(&document, &mut edits);
            assert_eq!(edits.apply(source), want);
        }
    }
}
