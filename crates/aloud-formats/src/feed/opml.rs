//! Lists of feeds as programs exchange them: OPML.

use super::draft::{attribute, reader, tidy};
use crate::address::resolve;
use crate::printable;
use quick_xml::escape::escape;
use quick_xml::events::Event;
use std::collections::HashSet;

/// A feed in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// What the list calls it; may be empty.
    pub title: String,
    /// Its address.
    pub url: String,
}

/// The feeds in an OPML file, however it groups them, each once; and how many had no address that
/// can be asked. `None` for what is no such file. A damaged file is read as far as it goes.
pub fn read_opml(bytes: &[u8]) -> Option<(Vec<Outline>, usize)> {
    let text = crate::documents::decoded(bytes);
    let mut reader = reader(&text);
    let (mut found, mut n_bad, mut is_one) = (Vec::new(), 0, false);
    let mut known = HashSet::new();
    while let Ok(event) = reader.read_event() {
        let (Event::Start(tag) | Event::Empty(tag)) = &event else {
            if matches!(event, Event::Eof) {
                break;
            }
            continue;
        };
        let name = tag.name().as_ref().to_lowercase();
        is_one |= name == "opml";
        if name != "outline" {
            continue;
        }
        let Some(url) = attribute(tag, "xmlUrl") else { continue };
        let title = attribute(tag, "title").or_else(|| attribute(tag, "text")).unwrap_or_default();
        match resolve("", &url) {
            Some(url) if !known.insert(url.clone()) => {}
            Some(url) => found.push(Outline { title: tidy(&title), url }),
            None => n_bad += 1,
        }
    }
    is_one.then_some((found, n_bad))
}

/// An OPML file of `outlines`.
pub fn write_opml(outlines: &[Outline]) -> String {
    let mut file =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n");
    file.push_str("  <head><title>Feeds of aloud</title></head>\n  <body>\n");
    for outline in outlines {
        let (title, url) = (printable::line(&outline.title), escape(outline.url.as_str()));
        let title = escape(&*title);
        file.push_str(&format!(
            "    <outline type=\"rss\" text=\"{title}\" title=\"{title}\" xmlUrl=\"{url}\"/>\n"
        ));
    }
    file + "  </body>\n</opml>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        let outline = |title: &str, url: &str| Outline { title: title.into(), url: url.into() };
        for (file, want) in [
            (
                "<opml version='1.0'><body><outline text='News'><outline text='A &amp; B' xmlUrl='https://a.net/x?a=1&amp;b=2'/>\
                 <outline title='T' text='x' xmlurl='http://b.org/'/></outline><outline xmlUrl='https://a.net/x?a=1&amp;b=2'/></body></opml>",
                Some((
                    vec![
                        outline("A & B", "https://a.net/x?a=1&b=2"),
                        outline("T", "http://b.org/"),
                    ],
                    0,
                )),
            ),
            // Broken off, with addresses that are none.
            (
                "<opml><body><outline xmlUrl='feed.xml'/><outline xmlUrl='https://c.org/f' text='a\u{202e}b'/><outline xmlUrl='ht",
                Some((vec![outline("ab", "https://c.org/f")], 1)),
            ),
            ("<opml/>", Some((vec![], 0))),
            ("<rss/>", None),
            ("plain", None),
        ] {
            assert_eq!(read_opml(file.as_bytes()), want, "{file}");
        }
        let all =
            [outline("A & \"B\" <c>", "https://a.net/x?a=1&b=2"), outline("課", "http://b.org/")];
        assert_eq!(read_opml(write_opml(&all).as_bytes()), Some((all.to_vec(), 0)));
    }
}
