//! A web page to pieces: the article's body as a readability library finds it, then its blocks.
//!
//! Books are made of pages too: [`walk`] is what they share. Nothing here fetches what a page
//! refers to.

use super::limits::{MOST_ELEMENTS, tame};
use crate::article::clean::clean_line;
use crate::article::draft::Draft;
use crate::article::{BlockKind, Skip, plain, skip};
use crate::transcript::characters::is_spoken;
use dom_query::{Document, NodeRef};
use dom_smoothie::{Config, Readability};

/// Elements that hold nothing to be read.
pub(crate) const SILENT: &[&str] = &[
    "head", "script", "style", "template", "noscript", "svg", "math", "button", "input", "select",
    "textarea", "nav", "iframe", "object", "embed", "video", "audio", "canvas", "map", "dialog",
    "rt", "rtc", "rp", "form", "menu", "del", "s", "strike",
];
/// Elements that begin and end a block.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "html",
    "li",
    "main",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "tr",
    "ul",
];
/// Elements nested deeper than this are no page that somebody wrote; the search for the body
/// recurses, and is left out.
const DEEPEST: usize = 256;
/// With more elements open at once a page is not parsed at all.
const MOST_OPEN: usize = 4000;

/// From so many elements on the search for the body, which copies them several times, is left out.
const MANY_ELEMENTS: usize = 100_000;

/// The pieces of a web page: its article where one is found, else all of its text.
///
/// # Errors
/// As [`document`].
pub(super) fn parse(html: &str) -> Result<Draft, &'static str> {
    let html = &*tame(html);
    let document = document(html)?;
    remove_consent(&document);
    unfold_tables(&document);
    let declared = document.select_single("html").attr("lang").map(|lang| lang.to_string());
    let mut draft = article(&document, n_elements(html)).unwrap_or_else(|| whole(&document));
    draft.language = draft.language.or(declared);
    draft.title_from_heading();
    draft.lead_with_title();
    Ok(draft)
}

/// The tree of a [tame](super::limits::tame) page.
///
/// # Errors
/// What it is, in words, where so many elements are open at once that finding each one's parent
/// would take minutes, or where there are so many that they would not fit into memory. Tags are
/// only counted, so that this errs where they do not match.
pub(super) fn document(html: &str) -> Result<Document, &'static str> {
    if n_elements(html) > MOST_ELEMENTS {
        return Err("a page of more elements than anybody writes");
    }
    let (mut depth, mut deepest) = (0usize, 0usize);
    for tag in html.split('<').skip(1) {
        match tag.strip_prefix('/') {
            Some(_) => depth = depth.saturating_sub(1),
            None if tag.starts_with(|c: char| c.is_ascii_alphabetic()) && !has_no_end(tag) => {
                depth += 1;
            }
            None => {}
        }
        deepest = deepest.max(depth);
    }
    if deepest <= MOST_OPEN {
        Ok(Document::from(html))
    } else {
        Err("a page that is nested without end")
    }
}

/// How many start tags there are.
fn n_elements(html: &str) -> usize {
    html.as_bytes()
        .windows(2)
        .filter(|pair| pair[0] == b'<' && pair[1].is_ascii_alphabetic())
        .count()
}

/// Whether the element that `tag` begins needs no end tag, or ends itself.
fn has_no_end(tag: &str) -> bool {
    const NAMES: &[&str] = &[
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
        "track", "wbr", "p", "li", "dt", "dd", "td", "th", "tr", "tbody", "thead", "tfoot",
        "option", "optgroup", "rt", "rp", "html", "head", "body",
    ];
    let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    NAMES.iter().any(|own| own.eq_ignore_ascii_case(name))
        || tag.split('>').next().is_some_and(|inner| inner.ends_with('/'))
}

/// Makes blocks of the cells of tables that hold prose, as where two languages stand side by side:
/// the search for the body may take rows out of their table, and rows without one are one text.
fn unfold_tables(document: &Document) {
    /// Cells of words and numbers alone are shorter.
    const PROSE: usize = 15;
    for table in document.select("table").nodes() {
        let inside: Vec<NodeRef<'_>> = table.descendants_it().filter(NodeRef::is_element).collect();
        // Of tables in each other the innermost hold the text.
        if inside.iter().any(|node| node.has_name("table") || node.has_name("th")) {
            continue;
        }
        let cells = || inside.iter().filter(|node| node.has_name("td"));
        let n_chars: usize = cells().map(|cell| cell.text().chars().count()).sum();
        if n_chars < PROSE * cells().count() {
            continue;
        }
        let is_part = |node: &NodeRef<'_>| {
            ["td", "tr", "tbody", "thead", "tfoot"].iter().any(|name| node.has_name(name))
        };
        inside.iter().filter(|node| is_part(node)).for_each(|node| node.rename("div"));
        table.rename("div");
    }
}

/// Takes away what asks for leave to set cookies: a banner or a dialogue that says so in its names.
/// What is so long that it may be the page itself stays.
fn remove_consent(document: &Document) {
    const MOST_CHARS: usize = 4000;
    // The text of each is looked at, and they may be in each other.
    const MOST: usize = 50;
    let asks: Vec<NodeRef<'_>> = document
        .root()
        .descendants_it()
        .filter(|node| node.is_element() && asks_for_consent(node))
        .take(MOST)
        .collect();
    for node in asks {
        if node.text().chars().take(MOST_CHARS + 1).count() <= MOST_CHARS {
            node.remove_from_parent();
        }
    }
}

/// Whether an element's names are those of a banner about cookies ("cookie-banner",
/// "CookieConsent", "onetrust-consent-sdk").
fn asks_for_consent(node: &NodeRef<'_>) -> bool {
    const ABOUT: [&str; 6] = ["cookie", "consent", "gdpr", "ccpa", "onetrust", "didomi"];
    const KINDS: [&str; 14] = [
        "banner",
        "notice",
        "bar",
        "popup",
        "modal",
        "dialog",
        "overlay",
        "message",
        "alert",
        "sdk",
        "wall",
        "prompt",
        "consent",
        "notification",
    ];
    let name = node.node_name().unwrap_or_default();
    if matches!(&*name, "html" | "body" | "main" | "article") {
        return false;
    }
    let names = ["id", "class", "aria-label", "data-testid"]
        .map(|attribute| node.attr(attribute).map(|value| value.to_lowercase()));
    let is_dialog =
        node.attr("role").is_some_and(|role| matches!(&*role, "dialog" | "alertdialog"));
    names.iter().flatten().flat_map(|value| value.split_whitespace()).any(|name| {
        let is_about = ABOUT.iter().any(|about| name.contains(about));
        let mut parts = name.split(|c: char| !c.is_alphanumeric());
        is_about
            && (is_dialog
                || parts.any(|part| {
                    KINDS.iter().any(|kind| {
                        part == *kind
                            || (part.ends_with(kind)
                                && ABOUT.iter().any(|about| part.contains(about)))
                    })
                }))
    })
}

/// So few characters are next to nothing where the page's main part has many times as many.
const LITTLE: usize = 200;
const MOST_TIMES: usize = 5;

/// What the readability library takes for the article; `None` where it finds none, or next to
/// nothing of the text.
fn article(document: &Document, n_elements: usize) -> Option<Draft> {
    if is_deeper_than(document, DEEPEST) || n_elements > MANY_ELEMENTS {
        return None;
    }
    let mut readability =
        Readability::with_document(document.clone(), None, Some(Config::default())).ok()?;
    let found = readability.parse().ok()?;
    let title = Some(titled(document, found.title));
    let mut draft = Draft { title, language: found.lang, ..Draft::default() };
    let content = Document::fragment(found.content);
    walk(&content.root(), &mut draft, &mut |_, _| {});
    let n: usize = draft.pieces.iter().map(|piece| piece.text.chars().count()).sum();
    let main = document.select_single("article, main, [role=main]").text();
    let is_next_to_nothing = n < LITTLE && main.chars().count() > LITTLE + MOST_TIMES * n;
    (!draft.pieces.is_empty() && !is_next_to_nothing).then_some(draft)
}

/// The title that is read on the page: `found`, as the head has it, unless no heading says that,
/// as where it is the site's name, and there is one heading of the first rank.
fn titled(document: &Document, found: String) -> String {
    let lines = |selector: &str| -> Vec<String> {
        let found = document.select(selector);
        found.nodes().iter().map(|node| clean_line(&node.text())).collect()
    };
    if lines("h1, h2, h3").iter().any(|line| skip::is_same_line(line, &found)) {
        return found;
    }
    let site = document.select_single("meta[property='og:site_name']").attr("content");
    let is_site = |line: &str| site.as_deref().is_some_and(|site| skip::is_same_line(line, site));
    let mut first = lines("h1");
    first.retain(|line| line.contains(is_spoken) && !is_site(line));
    match &mut first[..] {
        [only] => std::mem::take(only),
        _ => found,
    }
}

/// All text of the page, with what is outside of its main part left out where it has one.
fn whole(document: &Document) -> Draft {
    let mut draft = Draft::default();
    let title = document.select_single("title").text();
    let main = document.select_single("article, main, [role=main]");
    for node in main.nodes() {
        walk(node, &mut draft, &mut |_, _| {});
    }
    if draft.pieces.is_empty() {
        walk(&document.root(), &mut draft, &mut |_, _| {});
    }
    draft.title_from_heading();
    draft.title =
        draft.title.or_else(|| Some(title.to_string()).filter(|title| !title.trim().is_empty()));
    draft
}

fn is_deeper_than(document: &Document, limit: usize) -> bool {
    let (root, mut depth) = (document.root(), 0usize);
    let mut node = root;
    loop {
        if let Some(child) = node.first_child() {
            depth += 1;
            if depth > limit {
                return true;
            }
            node = child;
            continue;
        }
        while node.next_sibling().is_none() {
            match node.parent() {
                Some(parent) if depth > 0 => node = parent,
                _ => return false,
            }
            depth -= 1;
        }
        match node.next_sibling() {
            Some(next) if depth > 0 => node = next,
            _ => return false,
        }
    }
}

/// Adds the blocks under `root` to `draft`. `on_anchor` is told each element's `id` and how many
/// pieces came before it. Without recursion, since pages may be nested as deep as their author
/// likes.
pub(super) fn walk(root: &NodeRef<'_>, draft: &mut Draft, on_anchor: &mut dyn FnMut(&str, usize)) {
    let mut walk =
        Walk { draft, on_anchor, text: String::new(), kinds: Vec::new(), skips: Vec::new() };
    let mut open = vec![(*root, false)];
    while let Some((node, is_done)) = open.pop() {
        if is_done {
            walk.leave(&node);
            continue;
        }
        if node.is_text() {
            walk.text.push_str(&node.text());
            continue;
        }
        if node.is_comment() || node.is_doctype() || !walk.enter(&node) {
            continue;
        }
        open.push((node, true));
        let first = open.len();
        open.extend(node.children_it(false).map(|child| (child, false)));
        open[first..].reverse();
    }
    walk.flush();
}

/// Where a line ends by a mark of its own; nobody writes this character (a line separator) in a
/// page.
const LINE_END: char = '\u{2028}';

struct Walk<'a> {
    draft: &'a mut Draft,
    on_anchor: &'a mut dyn FnMut(&str, usize),
    text: String,
    /// What the open elements make of a block; the innermost counts.
    kinds: Vec<BlockKind>,
    skips: Vec<Skip>,
}

impl Walk<'_> {
    /// Whether the element's children are wanted.
    fn enter(&mut self, node: &NodeRef<'_>) -> bool {
        let name = node.node_name().unwrap_or_default();
        if SILENT.contains(&&*name) || is_hidden(node) || is_note_mark(node, &name) {
            return false;
        }
        if BLOCKS.contains(&&*name) {
            self.flush();
        }
        if let Some(id) = node.id_attr() {
            // A block that has begun is not parted by an anchor inside it.
            (self.on_anchor)(&id, self.draft.pieces.len());
        }
        match &*name {
            "pre" => {
                self.preformatted(node);
                return false;
            }
            "img" => return false,
            "td" | "th" => self.text.push(' '),
            "br" => self.text.push(LINE_END),
            _ => {}
        }
        self.kinds.extend(kind(&name));
        self.skips.extend(skip(node, &name));
        true
    }

    fn leave(&mut self, node: &NodeRef<'_>) {
        let name = node.node_name().unwrap_or_default();
        if BLOCKS.contains(&&*name) {
            self.flush();
        }
        if matches!(&*name, "td" | "th") {
            self.text.push(' ');
        }
        if kind(&name).is_some() {
            self.kinds.pop();
        }
        if skip(node, &name).is_some() {
            self.skips.pop();
        }
    }

    /// Text with its own line breaks; code is not read.
    fn preformatted(&mut self, node: &NodeRef<'_>) {
        let is_code = node.element_children().iter().any(|child| child.has_name("code"));
        if !is_code {
            self.draft.pieces.extend(plain::paragraphs(&node.text()).pieces);
        }
    }

    fn flush(&mut self) {
        let kind = self.kinds.last().copied().unwrap_or(BlockKind::Paragraph);
        let text = std::mem::take(&mut self.text);
        let lines: Vec<String> =
            text.split(LINE_END).map(|line| unbroken(line).trim().to_owned()).collect();
        for group in lines.split(String::is_empty) {
            let group: Vec<&str> = group.iter().map(String::as_str).collect();
            // Mails and old pages break their lines at a width.
            for text in plain::rejoined(&group) {
                self.draft.push_skipped(kind, &text, self.skips.last().copied());
            }
        }
    }
}

/// Line breaks of the source are spaces, but none beside Chinese, where no space belongs.
fn unbroken(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for line in text.split(['\n', '\r']) {
        if joined.is_empty() {
            joined.push_str(line);
            continue;
        }
        let (before, after) = (joined.trim_end(), line.trim_start());
        if after.is_empty() || before.is_empty() {
            joined.push(' ');
            continue;
        }
        if !crate::transcript::split::needs_space(before, after) {
            joined.truncate(before.len());
        } else {
            joined.push(' ');
        }
        joined.push_str(after);
        joined.push_str(&line[line.trim_end().len()..]);
    }
    joined
}

/// Whether a text without a name is HTML: it begins with a tag that pages begin with.
pub(super) fn is_likely(text: &str) -> bool {
    const BEGINNINGS: [&str; 10] = [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<meta",
        "<title",
        "<article",
        "<div",
        "<p>",
        "<h1",
    ];
    let mut rest = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    while let Some((_, after)) = ["<?xml", "<!--"]
        .iter()
        .find_map(|sign| rest.strip_prefix(sign))
        .and_then(|rest| rest.split_once('>'))
    {
        rest = after.trim_start();
    }
    let head: String = rest.chars().take(16).collect::<String>().to_lowercase();
    BEGINNINGS.iter().any(|beginning| head.starts_with(beginning))
}

fn kind(name: &str) -> Option<BlockKind> {
    Some(match name {
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => BlockKind::Heading,
        "li" | "dd" | "dt" => BlockKind::Item,
        "blockquote" => BlockKind::Quote,
        "figcaption" | "caption" => BlockKind::Caption,
        _ => return None,
    })
}

fn is_hidden(node: &NodeRef<'_>) -> bool {
    let style = || {
        node.attr("style").map(|style| style.to_lowercase().replace(' ', "")).unwrap_or_default()
    };
    node.has_attr("hidden")
        || node.attr("aria-hidden").is_some_and(|value| &*value == "true")
        || style().contains("display:none")
}

/// The part that an element plays in a book or an article ("noteref", "doc-footnote").
fn has_role(node: &NodeRef<'_>, roles: &[&str]) -> bool {
    let given = [node.attr("epub:type"), node.attr("role")];
    given.iter().flatten().any(|value| value.split_whitespace().any(|role| roles.contains(&role)))
}

/// The mark of a footnote: a raised link, or a link that says what it is.
fn is_note_mark(node: &NodeRef<'_>, name: &str) -> bool {
    let is_link_inside = |node: &NodeRef<'_>| {
        node.has_name("a") && node.attr("href").is_some_and(|href| href.contains('#'))
    };
    let is_short = || node.text().trim().chars().count() <= 5;
    let is_raised = name == "sup" && node.descendants_it().any(|inner| is_link_inside(&inner));
    // "letters<sup>4</sup>" is a note, "m<sup>2</sup>" and "10<sup>6</sup>" are not.
    let is_number = || {
        name == "sup"
            && (1..=3).contains(&node.text().trim().len())
            && node.text().trim().bytes().all(|b| b.is_ascii_digit())
    };
    let before = || {
        node.prev_sibling()
            .filter(dom_query::NodeRef::is_text)
            .map(|before| before.text().to_string())
            .unwrap_or_default()
    };
    let follows_word = || {
        let before = before();
        let n_letters = before.chars().rev().take_while(|c| c.is_alphabetic()).count();
        n_letters >= 3
            || before.ends_with(['.', ',', '!', '?', '”', '"', '。', '，', '」', '！', '？'])
    };
    let raises = name == "a"
        && is_link_inside(node)
        && node.element_children().iter().any(|child| child.has_name("sup"));
    (is_number() && follows_word())
        || has_role(node, &["noteref", "doc-noteref", "pagebreak", "doc-pagebreak", "doc-backlink"])
        || ((is_raised || raises) && is_short())
}

/// Why a narrator would not read what is in an element, by what the element is.
fn skip(node: &NodeRef<'_>, name: &str) -> Option<Skip> {
    match name {
        // A term of a list of definitions may be who speaks; the article decides.
        "dt" => Some(Skip::Speaker),
        // Pages are laid out with tables too, but those have no headings.
        "table" if node.descendants_it().any(|inner| inner.has_name("th")) => Some(Skip::Table),
        _ => is_footnote(node).then_some(Skip::Footnote),
    }
}

fn is_footnote(node: &NodeRef<'_>) -> bool {
    has_role(
        node,
        &[
            "footnote",
            "footnotes",
            "endnote",
            "endnotes",
            "rearnote",
            "doc-footnote",
            "doc-endnote",
            "doc-endnotes",
        ],
    )
}
