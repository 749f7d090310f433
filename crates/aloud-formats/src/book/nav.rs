//! A navigation document (EPUB 3) from the contents of an older book (its NCX), or from its pages.

use super::xml::{Document, escaped};
use crate::article::clean::clean_line;
use std::fmt::Write as _;

/// What the contents name: a title, its address, and what is below it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Entry {
    pub(super) title: String,
    pub(super) href: String,
    pub(super) below: Vec<Entry>,
}

/// The entries of the NCX in `source`, in order, of those that `is_there` knows the address of. One
/// that it does not know gives its place to what is below it.
///
/// # Errors
/// Where it is not well-formed.
pub(super) fn entries(source: &str, is_there: &dyn Fn(&str) -> bool) -> Result<Vec<Entry>, String> {
    let document = Document::parse(source)?;
    let mut open: Vec<(usize, Entry)> = vec![(usize::MAX, Entry::default())];
    let map = document.elements("navMap").next().ok_or("there is no `navMap`")?;
    // What stands in a title is a part of it.
    let mut titled = 0;
    for index in map + 1..=document.tokens[map].partner {
        while open.len() > 1 && open.last().is_some_and(|(end, _)| index >= *end) {
            let Some((_, entry)) = open.pop() else { break };
            let Some((_, above)) = open.last_mut() else { break };
            if entry.title.is_empty() || !is_there(&entry.href) {
                above.below.extend(entry.below);
            } else {
                above.below.push(entry);
            }
        }
        let is_end = document.text(index).starts_with("</");
        match (document.local(index), open.last_mut()) {
            _ if is_end || index < titled => {}
            ("navPoint", _) => open.push((document.tokens[index].partner, Entry::default())),
            ("text", Some((_, entry))) if entry.title.is_empty() => {
                entry.title = clean_line(&document.content(index));
                titled = document.tokens[index].partner;
            }
            ("content", Some((_, entry))) => {
                entry.href = document.attribute(index, "src").unwrap_or_default();
            }
            _ => {}
        }
    }
    Ok(open.swap_remove(0).1.below)
}

/// A navigation document of these entries, in a book of that title and language.
pub(super) fn print(title: &str, language: &str, entries: &[Entry]) -> String {
    let (title, language) = (escaped(title), escaped(language));
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" \
         xmlns:epub=\"http://www.idpf.org/2007/ops\" lang=\"{language}\" xml:lang=\"{language}\">\n<head><title>{title}</title></head>\n\
         <body>\n<nav epub:type=\"toc\" id=\"toc\">\n<h1>{title}</h1>\n"
    );
    list(&mut text, entries);
    text.push_str("</nav>\n</body>\n</html>\n");
    text
}

/// How deep lists may be; what is deeper stands on the last level.
const DEEPEST: usize = 60;

fn list(text: &mut String, entries: &[Entry]) {
    // Without recursion: a list of entries for each level that is open.
    let mut open = vec![entries.iter()];
    text.push_str("<ol>\n");
    while let Some(level) = open.last_mut() {
        match level.next() {
            Some(entry) => {
                let _ = write!(
                    text,
                    "<li><a href=\"{}\">{}</a>",
                    escaped(&entry.href),
                    escaped(&entry.title)
                );
                if entry.below.is_empty() || open.len() >= DEEPEST {
                    text.push_str("</li>\n");
                } else {
                    text.push_str("\n<ol>\n");
                    open.push(entry.below.iter());
                }
            }
            None => {
                open.pop();
                text.push_str(if open.is_empty() { "</ol>\n" } else { "</ol>\n</li>\n" });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_of_an_older_book() {
        let ncx = "<ncx><navMap><navPoint><navLabel><text> One &amp; all </text></navLabel><content src='a.xhtml'/>\
                   <navPoint><navLabel><text>Two</text></navLabel><content src='a.xhtml#2'/></navPoint></navPoint>\
                   <navPoint><navLabel><text>Gone</text></navLabel><content src='gone.xhtml'/>\
                   <navPoint><navLabel><text>Three</text></navLabel><content src='b.xhtml'/></navPoint></navPoint></navMap></ncx>";
        let entries = entries(ncx, &|href| !href.starts_with("gone")).unwrap();
        let page = print("A & B", "en", &entries);
        let list = &page[page.find("<ol>").unwrap()..page.find("</nav>").unwrap()];
        insta::assert_snapshot!(list, @r#"
        <ol>
        <li><a href="a.xhtml">One &amp; all</a>
        <ol>
        <li><a href="a.xhtml#2">Two</a></li>
        </ol>
        </li>
        <li><a href="b.xhtml">Three</a></li>
        </ol>
        "#);
        assert!(Document::parse(&page).is_ok());
    }
}
