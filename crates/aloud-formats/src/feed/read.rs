//! From the bytes of a feed to its entries, tag by tag, over what is damaged.

use super::draft::{Draft, attribute, clean, length, reader, reference};
use super::{Entry, Feed, page};
use crate::address::resolve;
use crate::documents;
use crate::printable;
use crate::reason::Hinted;
use quick_xml::Reader;
use quick_xml::errors::{Error, SyntaxError};
use quick_xml::events::{BytesStart, Event};
use std::collections::{HashMap, HashSet};

/// Entries that are read of one feed.
const MOST_ENTRIES: usize = 100_000;
/// So often reading goes on behind what cannot be read; each time all of the rest may be looked
/// through.
const MOST_DAMAGED: usize = 300;
/// And so many bytes of it in all: a long feed may be looked through a few times only.
const MOST_AGAIN: usize = 2 << 30;
/// So many troubles are told one by one.
const MOST_TOLD: usize = 5;

/// Why bytes are no feed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// There is nothing.
    #[error("there is nothing in it")]
    Empty,
    /// A page for people.
    #[error("it is a web page, not a feed")]
    Page {
        /// The feeds that it names.
        feeds: Vec<String>,
    },
    /// Something else.
    #[error("it is neither RSS nor Atom")]
    Other,
}

impl Hinted for FeedError {
    fn hint(&self) -> Option<String> {
        let Self::Page { feeds } = self else { return None };
        let feeds: Vec<String> =
            feeds.iter().take(MOST_TOLD).map(|url| format!("`{url}`")).collect();
        (!feeds.is_empty()).then(|| format!("its feeds are {}", feeds.join(", ")))
    }
}

/// What the feed in `bytes` says, which came from `base` as `content_type`; beside it what of it is
/// damaged or was left out, for people. Linear in the length of `bytes`.
///
/// # Errors
/// [`FeedError`]. A feed that is damaged is none: what can be read of it is.
pub fn read(
    bytes: &[u8],
    base: &str,
    content_type: Option<&str>,
) -> Result<(Feed, Vec<String>), FeedError> {
    let source = documents::text(bytes, content_type);
    let source = source.trim_start_matches('\u{feff}');
    if source.trim().is_empty() {
        return Err(FeedError::Empty);
    }
    let mut reading = Reading::new(source, base);
    reading.run();
    if !reading.is_feed && reading.entries.is_empty() {
        return Err(if page::is_one(source) {
            FeedError::Page { feeds: page::feeds(source, base) }
        } else {
            FeedError::Other
        });
    }
    Ok(reading.finish())
}

/// Whose tag it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    /// RSS, Atom, or nobody's.
    Plain,
    Content,
    Dublin,
    Itunes,
    Media,
    Podcast,
    Foreign,
}

impl Family {
    /// By the address that a prefix stands for.
    fn of_address(url: &str) -> Self {
        let url = url.trim().to_lowercase();
        let is = |part: &str| url.contains(part);
        match () {
            () if is("purl.org/rss/1.0/modules/content") => Self::Content,
            () if is("purl.org/dc/") => Self::Dublin,
            () if is("itunes.com/dtds/podcast") => Self::Itunes,
            () if is("search.yahoo.com/mrss") => Self::Media,
            () if is("podcastindex.org/namespace") || is("podcast-namespace") => Self::Podcast,
            () if is("www.w3.org/2005/atom") || is("purl.org/rss/1.0") || is("purl.org/atom") => {
                Self::Plain
            }
            () => Self::Foreign,
        }
    }

    /// By the prefix that everybody gives it, where a feed does not say.
    fn of_prefix(prefix: &str) -> Self {
        match prefix {
            "content" => Self::Content,
            "dc" => Self::Dublin,
            "itunes" => Self::Itunes,
            "media" => Self::Media,
            "podcast" => Self::Podcast,
            "" | "atom" | "a10" | "rss" => Self::Plain,
            _ => Self::Foreign,
        }
    }
}

/// What a tag is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Feed,
    Entry,
    Title,
    /// By how much it counts.
    OtherTitle,
    Link,
    Id,
    Date(u8),
    Enclosure,
    Media,
    MediaGroup,
    Length,
    Language,
    Transcript,
    Chapters,
    /// The whole text.
    Text,
    /// What tells of it.
    About,
    Other,
}

fn what(family: Family, local: &str) -> What {
    match (family, local) {
        (Family::Plain, "channel" | "feed") => What::Feed,
        (Family::Plain, "item" | "entry") => What::Entry,
        (Family::Plain, "title") => What::Title,
        (Family::Itunes | Family::Dublin, "title") => What::OtherTitle,
        (Family::Plain, "link") => What::Link,
        (Family::Plain, "guid" | "id") => What::Id,
        (Family::Plain, "pubdate" | "published" | "issued") => What::Date(0),
        (Family::Dublin, "date") => What::Date(1),
        (Family::Plain, "updated" | "modified") => What::Date(2),
        (Family::Plain, "enclosure") => What::Enclosure,
        (Family::Media, "content") => What::Media,
        (Family::Media, "group") => What::MediaGroup,
        (Family::Itunes, "duration") => What::Length,
        (Family::Plain | Family::Dublin, "language") => What::Language,
        (Family::Podcast, "transcript") => What::Transcript,
        (Family::Podcast, "chapters") => What::Chapters,
        (Family::Content, "encoded") | (Family::Plain, "content") => What::Text,
        (Family::Plain, "description" | "summary") | (Family::Itunes, "summary") => What::About,
        _ => What::Other,
    }
}

/// A tag whose text is being read.
struct Capture {
    what: What,
    /// How many tags are open with it.
    level: usize,
    /// Where what is in it begins.
    start: usize,
    text: String,
    has_tags: bool,
    /// Of an identifier: it is not an address.
    is_no_link: bool,
}

struct Reading<'a> {
    source: &'a str,
    base: String,
    prefixes: HashMap<String, Family>,
    /// The tags that are open.
    path: Vec<What>,
    capture: Option<Capture>,
    /// The entry that is open, and how many tags were open around it.
    draft: Option<(Draft, usize)>,
    feed: Feed,
    entries: Vec<Entry>,
    is_feed: bool,
    n_left_out: usize,
    problems: Vec<String>,
    n_problems: usize,
}

/// Where reading could not go on.
struct Stop {
    at: usize,
    why: String,
    /// Whether all behind it was looked through to find that out.
    was_looked_through: bool,
}

impl<'a> Reading<'a> {
    fn new(source: &'a str, base: &str) -> Self {
        Self {
            source,
            base: base.to_owned(),
            prefixes: HashMap::new(),
            path: Vec::new(),
            capture: None,
            draft: None,
            feed: Feed::default(),
            entries: Vec::new(),
            is_feed: false,
            n_left_out: 0,
            problems: Vec::new(),
            n_problems: 0,
        }
    }

    /// Reads all of it; behind a place that nobody can read it goes on with the next entry.
    fn run(&mut self) {
        let (mut from, mut again) = (0, 0usize);
        let (mut line, mut counted) = (1, 0);
        while let Some(Stop { at, why, was_looked_through }) = self.run_from(from) {
            line += self.source.get(counted..at).map_or(0, |passed| passed.matches('\n').count());
            counted = at;
            self.problem(format!("line {line}: {why}"));
            self.close_entry();
            if was_looked_through {
                again += self.source.len() - at.min(self.source.len());
            }
            match self.next_entry(at.max(from + 1)) {
                Some(next) if self.n_problems < MOST_DAMAGED && again < MOST_AGAIN => from = next,
                Some(_) => {
                    return self
                        .problem("so much of it is damaged that the rest was not read".to_owned());
                }
                None => return,
            }
        }
        if self.draft.is_some() {
            self.problem("it breaks off within an entry".to_owned());
            self.close_entry();
        } else if self.is_feed && !self.path.is_empty() {
            self.problem("it breaks off".to_owned());
        }
    }

    fn problem(&mut self, what: String) {
        self.n_problems += 1;
        if self.problems.len() < MOST_TOLD {
            self.problems.push(what);
        }
    }

    /// Where the next entry begins.
    fn next_entry(&self, from: usize) -> Option<usize> {
        let bytes = self.source.as_bytes();
        let is_one = |at: &usize| {
            let rest = &bytes[*at..];
            ["<item", "<entry"].iter().any(|tag| {
                rest.get(..tag.len()).is_some_and(|head| head.eq_ignore_ascii_case(tag.as_bytes()))
                    && rest
                        .get(tag.len())
                        .is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'>')
            })
        };
        (from..bytes.len()).filter(|at| bytes[*at] == b'<').find(is_one)
    }

    /// Reads on from a byte; where it cannot go on, and why. `None` at the end.
    fn run_from(&mut self, from: usize) -> Option<Stop> {
        let source = self.source;
        let mut reader: Reader<&[u8]> = reader(&source[from..]);
        let place = |position: u64| {
            from + usize::try_from(position).unwrap_or(usize::MAX).min(source.len() - from)
        };
        loop {
            let before = place(reader.buffer_position());
            match reader.read_event() {
                Err(error) => {
                    // What is begun and not ended was looked for up to the end of all.
                    let was_looked_through = matches!(&error, Error::Syntax(what) if *what != SyntaxError::InvalidBangMarkup);
                    return Some(Stop {
                        at: place(reader.error_position()).max(before),
                        why: error.to_string(),
                        was_looked_through,
                    });
                }
                Ok(Event::Eof) => return None,
                Ok(Event::Start(tag)) => self.open(&tag, place(reader.buffer_position())),
                Ok(Event::Empty(tag)) => {
                    let at = place(reader.buffer_position());
                    let what = self.what(&tag);
                    self.open(&tag, at);
                    self.close(what, at);
                }
                Ok(Event::End(tag)) => {
                    let what = self.named(tag.name().as_ref());
                    self.close(what, before);
                }
                Ok(Event::Text(text)) => self.say(&text),
                Ok(Event::CData(text)) => self.say(&text),
                Ok(Event::GeneralRef(name)) => {
                    let name: &str = &name;
                    let text = reference(name).unwrap_or_else(|| format!("&{name};"));
                    self.say(&text);
                }
                Ok(Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::DocType(_)) => {}
            }
        }
    }

    fn named(&self, name: &str) -> What {
        let name = name.to_lowercase();
        let (prefix, local) = name.split_once(':').unwrap_or(("", &name));
        let family =
            self.prefixes.get(prefix).copied().unwrap_or_else(|| Family::of_prefix(prefix));
        what(family, local)
    }

    fn what(&self, tag: &BytesStart<'_>) -> What {
        self.named(tag.name().as_ref())
    }

    fn say(&mut self, text: &str) {
        if let Some(capture) = &mut self.capture {
            capture.text.push_str(text);
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>, end: usize) {
        self.declare(tag);
        let what = self.what(tag);
        let local = tag.local_name().as_ref().to_lowercase();
        self.is_feed |= matches!(local.as_str(), "rss" | "feed" | "rdf") && self.path.is_empty();
        if what == What::Entry {
            // One that was never closed ends where the next begins.
            self.close_entry();
            self.draft = Some((Draft::default(), self.path.len()));
        }
        if what == What::Feed
            && let Some(base) =
                attribute(tag, "xml:base").and_then(|base| resolve(&self.base, &base))
        {
            self.base = base;
        }
        let parent = self.path.last().copied();
        self.path.push(what);
        if let Some(capture) = &mut self.capture {
            capture.has_tags = true;
            return;
        }
        match (parent, self.draft.is_some()) {
            (Some(What::Entry | What::MediaGroup), true) => self.open_in_entry(what, tag),
            (Some(What::Feed), false) if what == What::Link => self.feed_link(tag),
            _ => {}
        }
        let is_leaf = match parent {
            Some(What::Entry) => !matches!(
                what,
                What::Other | What::MediaGroup | What::Media | What::Enclosure | What::Language
            ),
            Some(What::Feed) => {
                self.draft.is_none()
                    && matches!(what, What::Title | What::OtherTitle | What::Link | What::Language)
            }
            _ => false,
        };
        if is_leaf && what != What::Entry {
            let is_no_link =
                attribute(tag, "isPermaLink").is_some_and(|is| is.eq_ignore_ascii_case("false"));
            let capture = Capture {
                what,
                level: self.path.len(),
                start: end,
                text: String::new(),
                has_tags: false,
                is_no_link,
            };
            self.capture = Some(capture);
        }
    }

    /// Notes what prefixes stand for.
    fn declare(&mut self, tag: &BytesStart<'_>) {
        /// Nobody needs more.
        const MOST: usize = 200;
        // Most tags have none, and looking costs less than reading attributes.
        if self.prefixes.len() >= MOST || !tag.contains("xmlns") {
            return;
        }
        for attribute in tag.attributes().with_checks(false).filter_map(Result::ok) {
            let name = attribute.key.as_ref().to_lowercase();
            if let Some(prefix) = name.strip_prefix("xmlns:") {
                self.prefixes.insert(prefix.to_owned(), Family::of_address(&attribute.value));
            }
        }
    }

    /// The page of an Atom feed.
    fn feed_link(&mut self, tag: &BytesStart<'_>) {
        let is_page = attribute(tag, "rel").is_none_or(|rel| rel == "alternate");
        if let (true, Some(href)) = (is_page, attribute(tag, "href")) {
            self.feed.link = self.feed.link.take().or_else(|| resolve(&self.base, &href));
        }
    }

    fn open_in_entry(&mut self, what: What, tag: &BytesStart<'_>) {
        let Some((draft, _)) = &mut self.draft else { return };
        let (base, of) = (self.base.as_str(), |name: &str| attribute(tag, name));
        match what {
            What::Enclosure => {
                if let Some(url) = of("url").or_else(|| of("href")) {
                    draft.sound(base, &url, of("type"), of("length"), true);
                }
            }
            What::Media => {
                let is_picture = of("medium")
                    .is_some_and(|medium| !matches!(medium.as_str(), "audio" | "video"));
                if let (false, Some(url)) = (is_picture, of("url")) {
                    draft.sound(
                        base,
                        &url,
                        of("type").or_else(|| of("medium").map(|medium| medium + "/*")),
                        of("fileSize"),
                        false,
                    );
                    draft.length = draft.length.or_else(|| length(&of("duration")?));
                }
            }
            What::Link => {
                let (rel, kind) = (of("rel").unwrap_or_else(|| "alternate".into()), of("type"));
                let Some(href) = of("href") else { return };
                match rel.as_str() {
                    "enclosure" => draft.sound(base, &href, kind, of("length"), true),
                    "alternate" => {
                        let is_page = kind.is_none_or(|kind| kind.contains("html"));
                        let slot = &mut draft.links[if is_page { 0 } else { 1 }];
                        *slot = slot.take().or_else(|| resolve(base, &href));
                    }
                    _ => {}
                }
            }
            What::Transcript => {
                if let Some(url) = of("url") {
                    draft.transcript(base, &url, of("type"), of("language"));
                }
            }
            What::Chapters => {
                let url = of("url").and_then(|url| resolve(base, &url));
                draft.chapters = draft.chapters.take().or(url);
            }
            _ => {}
        }
    }

    /// A tag ends whose end tag begins at `at`.
    fn close(&mut self, what: What, at: usize) {
        /// So far back a tag is looked for that others were not closed in.
        const FAR: usize = 64;
        match self.path.last() {
            None => return,
            Some(last) if *last == what => drop(self.path.pop()),
            Some(_) if what == What::Other => return,
            Some(_) => {
                let from = self.path.len().saturating_sub(FAR);
                match self.path[from..].iter().rposition(|open| *open == what) {
                    Some(place) => self.path.truncate(from + place),
                    // Nobody opened it.
                    None => return,
                }
            }
        }
        if self.capture.as_ref().is_some_and(|capture| self.path.len() < capture.level) {
            self.take(at);
        }
        if what == What::Entry {
            self.close_entry();
        }
    }

    /// What was captured goes where it belongs.
    fn take(&mut self, at: usize) {
        let Some(capture) = self.capture.take() else { return };
        let base = self.base.as_str();
        let Some((draft, _)) = &mut self.draft else {
            match capture.what {
                What::Title => self.feed.title = clean(&capture.text),
                What::OtherTitle if self.feed.title.is_empty() => {
                    self.feed.title = clean(&capture.text);
                }
                What::Link => {
                    self.feed.link = self.feed.link.take().or_else(|| resolve(base, &capture.text));
                }
                What::Language => {
                    self.feed.language =
                        Some(clean(&capture.text)).filter(|language| !language.is_empty());
                }
                _ => {}
            }
            return;
        };
        let text = capture.text.as_str();
        match capture.what {
            What::Title => {
                draft.title =
                    Some(clean(text)).filter(|title| !title.is_empty()).or(draft.title.take());
            }
            What::OtherTitle => {
                draft.title = draft
                    .title
                    .take()
                    .or_else(|| Some(clean(text)).filter(|title| !title.is_empty()));
            }
            What::Link if !text.trim().is_empty() => {
                draft.links[0] = draft.links[0].take().or_else(|| resolve(base, text));
            }
            What::Id => {
                let id = printable::line(text.trim()).into_owned();
                if !capture.is_no_link && id.starts_with("http") {
                    draft.links[2] = resolve(base, &id);
                }
                draft.id = Some(id);
            }
            What::Date(rank) => draft.date(usize::from(rank), text),
            What::Length => draft.length = length(text).or(draft.length),
            What::Text | What::About => {
                let slot = usize::from(capture.what == What::About);
                // Atom has markup that is not escaped.
                let inner = if capture.has_tags {
                    self.source.get(capture.start..at).unwrap_or_default()
                } else {
                    text
                };
                draft.text(slot, inner);
            }
            _ => {}
        }
    }

    /// The entry that is open, if one is, is whole.
    fn close_entry(&mut self) {
        self.capture = None;
        let Some((draft, place)) = self.draft.take() else { return };
        self.path.truncate(place);
        if draft.is_empty() {
            return;
        }
        match draft.finish() {
            Some(entry) if self.entries.len() < MOST_ENTRIES => self.entries.push(entry),
            Some(_) => self.n_left_out += 1,
            None => {}
        }
    }

    /// The feed, each entry once.
    fn finish(mut self) -> (Feed, Vec<String>) {
        if self.n_problems > self.problems.len() {
            self.problems.push(format!(
                "{} more places cannot be read",
                self.n_problems - self.problems.len()
            ));
        }
        if self.n_left_out > 0 {
            self.problems.push(format!(
                "{} entries beyond the first {MOST_ENTRIES} were left out",
                self.n_left_out
            ));
        }
        let n = self.entries.len();
        self.feed.entries = distinct(self.entries);
        if self.feed.entries.len() < n {
            self.problems.push(format!("{} entries are there twice", n - self.feed.entries.len()));
        }
        (self.feed, self.problems)
    }
}

/// Each entry once. Entries with one identifier and several recordings are told apart by these.
fn distinct(entries: Vec<Entry>) -> Vec<Entry> {
    fn url(entry: &Entry) -> &str {
        entry.sound.as_ref().map(|sound| sound.url.as_str()).unwrap_or_default()
    }
    let (mut first, mut several) = (HashMap::new(), HashSet::new());
    for entry in &entries {
        if *first.entry(entry.id.as_str()).or_insert(url(entry)) != url(entry) {
            several.insert(entry.id.clone());
        }
    }
    let mut seen = HashSet::new();
    let mut kept = Vec::with_capacity(entries.len());
    for mut entry in entries {
        if several.contains(&entry.id) {
            entry.id = format!("{} {}", entry.id, url(&entry));
        }
        if seen.insert(entry.id.clone()) {
            kept.push(entry);
        }
    }
    kept
}
