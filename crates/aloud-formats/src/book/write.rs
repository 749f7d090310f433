//! A book and the times of its words to the same book with overlays.

use super::clips::clips;
use super::once::Once;
use super::package::{
    Archive, Item, Package, SMIL, XHTML, folder, is_elsewhere, relative, resolve,
};
use super::page::{Page, Places, n_wanted};
use super::smil::{self, Clip, clock};
use super::wrap::{named, segments};
use super::xml::{Document, Edits, Kind, escaped};
use super::{BookError, nav, upgrade};
use crate::address::percent_decoded;
use crate::align::Status;
use crate::documents::{self, BookPage};
use crate::reading::Reading;
use crate::time::{Span, Timestamp};
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::io::{Read, Seek, Write};
use std::ops::Range;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The class that readers give to what is spoken now, where a book has none of its own.
const ACTIVE_CLASS: &str = "-epub-media-overlay-active";
/// How it looks, unless the book says otherwise: dark on yellow can be read on any page.
const STYLE: &str = ".-epub-media-overlay-active { background-color: #ffe9a8; color: #000; }\n";
/// A sentence of which less than this share of its characters was found in the source has no place
/// there.
const ENOUGH: f64 = 0.8;

/// What is lit at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fragments {
    /// Sentences.
    #[default]
    Sentence,
    /// Words.
    Word,
}

/// A part of the sound, in order of time.
pub struct Sound<'a> {
    /// When it begins on the time line of the reading.
    pub start: Timestamp,
    /// Its media type, one of those that every reader of EPUB 3 plays (`audio/mpeg`, `audio/mp4`).
    pub kind: &'static str,
    /// Where it is found.
    pub place: SoundPlace<'a>,
}

/// Where a book's sound lies.
pub enum SoundPlace<'a> {
    /// In the book: its bytes, and how many they are.
    Embedded(Box<dyn Read + 'a>, u64),
    /// Elsewhere: an absolute address.
    Address(String),
}

/// What is asked of a book.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What is lit at a time.
    pub fragments: Fragments,
    /// Who reads, where the book does not say; who wrote it is taken for no reader.
    pub narrators: Vec<String>,
    /// Where the sound ends on the time line of the reading.
    pub end: Timestamp,
    /// The chapter that was read, as in [`documents::Hint`].
    pub chapter: Option<String>,
    /// The time of the change, as `2026-01-31T12:00:00Z`.
    pub modified: String,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// How many elements are lit one after the other.
    pub n_fragments: usize,
    /// How many pages have an overlay.
    pub n_pages: usize,
    /// How much of the sound is played.
    pub played: Timestamp,
    /// Sentences of the article that are read, but have no place in the book's source.
    pub without_place: Vec<usize>,
    /// Pages that cannot be changed, since they are not well-formed, by their paths, with what is
    /// wrong.
    pub broken: Vec<(String, String)>,
    /// Whether the book was of EPUB 2.
    pub is_upgraded: bool,
}

/// A part of a page that is lit.
struct Fragment {
    /// The page's index.
    page: usize,
    id: String,
    source: Range<usize>,
    /// Whether the element is there already.
    is_named: bool,
    span: Span,
}

/// A page's source, and what the article has of it.
struct Content {
    page: BookPage,
    source: String,
}

/// Writes `book`, whose article `reading` is about, with an overlay for each of its pages that is
/// read in `sounds`.
///
/// The same input gives the same bytes. All sound is copied from its readers, one after the other.
///
/// # Errors
/// [`BookError`]; what is wrong with single pages is told in [`Written`].
pub fn write<W: Write + Seek>(
    book: &[u8],
    reading: &Reading,
    sounds: Vec<Sound<'_>>,
    options: &Options,
    out: W,
) -> Result<Written, BookError> {
    let mut archive = Archive::open(book)?;
    let (article, pages) = documents::book_pages(book, options.chapter.as_deref())
        .map_err(|error| BookError::Broken(error.to_string()))?;
    if article.text != reading.article.text {
        return Err(BookError::OtherText);
    }
    let opf_path = archive.package()?;
    let opf = archive.text(&opf_path)?;
    let package = Package::parse(&opf, &opf_path)?;
    let contents: Vec<Content> = pages
        .into_iter()
        .map(|page| {
            let source = archive.text(&page.path)?;
            Ok(Content { page, source })
        })
        .collect::<Result<_, BookError>>()?;
    let mut written = Written { is_upgraded: !package.is_three(), ..Written::default() };
    let documents: Vec<Option<Document<'_>>> = contents
        .iter()
        .map(|content| {
            Document::parse(&content.source)
                .map_err(|why| written.broken.push((content.page.path.clone(), why)))
                .ok()
        })
        .collect();
    let prefix = (0..).map(|n| if n == 0 { "aloud-".to_owned() } else { format!("aloud{n}-") });
    let is_free =
        |prefix: &String| contents.iter().all(|content| !content.source.contains(prefix.as_str()));
    let prefix = prefix.take(1000).find(is_free).unwrap_or_default();
    let fragments =
        fragments(reading, &contents, &documents, options.fragments, &prefix, &mut written);
    if fragments.is_empty() {
        let has_none = reading.alignment.words.iter().all(|word| word.span.is_none());
        let is_read = reading.alignment.sentences.iter().any(|sentence| sentence.span.is_some());
        return Err(if options.fragments == Fragments::Word && has_none && is_read {
            BookError::NoWords
        } else {
            BookError::Nothing
        });
    }
    let borders: Vec<Timestamp> =
        sounds.iter().map(|sound| sound.start).filter(|start| *start > Timestamp::ZERO).collect();
    let spans: Vec<Span> = fragments.iter().map(|fragment| fragment.span).collect();
    let others: Vec<Span> = reading
        .alignment
        .unwritten
        .iter()
        .map(|other| other.span)
        .filter(|span| !span.is_empty())
        .collect();
    let clips = clips(&spans, &others, &borders, options.end);
    written.n_fragments = fragments.len();
    written.played = Timestamp::from_millis(clips.iter().map(|clip| clip.millis()).sum());

    let mut new = New::default();
    let old = Old::of(&package, &mut archive);
    let room = (0..).map(|n| if n == 0 { "aloud".to_owned() } else { format!("aloud{n}") });
    let is_free = |name: &String| {
        let inside = format!("{}{name}/", package.folder);
        archive
            .zip
            .file_names()
            .flatten()
            .all(|path| !path.starts_with(&inside) || old.paths.contains(&*path))
    };
    let room = format!("{}{}/", package.folder, room.take(1000).find(is_free).unwrap_or_default());
    let mut listed = Listed {
        package: &package,
        prefix: element_prefix(&package),
        manifest: String::new(),
        metadata: String::new(),
    };

    let has_class = package.properties("media:active-class").next().is_some();
    let style = format!("{room}active.css");
    if !has_class {
        listed.item(&format!("{prefix}style"), &style, "text/css", "");
        let _ = write!(
            listed.metadata,
            "<{0}meta property=\"media:active-class\">{ACTIVE_CLASS}</{0}meta>\n    ",
            listed.prefix
        );
        new.files.push((style.clone(), STYLE.into()));
    }
    let sound_paths = places(&sounds, &room);
    for (index, (sound, path)) in sounds.iter().zip(&sound_paths).enumerate() {
        listed.item(&format!("{prefix}sound-{}", index + 1), path, sound.kind, "");
    }

    // Overlays, and the pages that they are of.
    let by_path = package.by_path();
    let mut overlays: HashMap<usize, String> = HashMap::new();
    let (mut from, mut n) = (0, 0);
    while from < fragments.len() {
        let page = fragments[from].page;
        let to =
            from + fragments[from..].iter().take_while(|fragment| fragment.page == page).count();
        let content = &contents[page];
        n += 1;
        let path = format!("{room}{n}.smil");
        let pars = fragments[from..to].iter().zip(&clips[from..to]).map(|(fragment, clip)| {
            let part = borders.partition_point(|border| *border <= clip.start());
            let begin = sounds.get(part).map_or(0, |sound| sound.start.millis());
            let address = sound_paths
                .get(part)
                .map(|path| if is_elsewhere(path) { path.clone() } else { relative(&room, path) });
            let clip = Clip {
                sound: address.unwrap_or_default(),
                start: clip.start().minus(begin),
                end: Some(clip.end().minus(begin)),
            };
            (fragment.id.clone(), clip)
        });
        let pars: Vec<(String, Clip)> = pars.collect();
        new.files.push((
            path.clone(),
            smil::print(&relative(&room, &content.page.path), &pars).into_bytes(),
        ));
        let id = format!("{prefix}overlay-{n}");
        let remote = if sound_paths.iter().any(|path| is_elsewhere(path)) {
            " properties=\"remote-resources\""
        } else {
            ""
        };
        listed.item(&id, &path, SMIL, remote);
        let played = clips[from..to].iter().map(|clip| clip.millis()).sum();
        listed.meta(
            &format!(" refines=\"#{id}\" property=\"media:duration\""),
            &clock(Timestamp::from_millis(played)),
        );
        if let Some(item) = by_path.get(content.page.path.as_str()) {
            overlays.insert(item.index, id);
        }
        from = to;
    }
    written.n_pages = n;
    listed.meta(" property=\"media:duration\"", &clock(written.played));
    let told = package.narrators();
    // Whom a recording names as its artist is as often who wrote the book.
    let authors: Vec<String> = package
        .document
        .elements("creator")
        .map(|index| package.document.content(index).trim().to_owned())
        .collect();
    let others: Vec<String> =
        options.narrators.iter().filter(|name| !authors.contains(name)).cloned().collect();
    for name in if told.is_empty() { &others } else { &told } {
        listed.meta(" property=\"media:narrator\"", name);
    }

    for (index, (content, document)) in contents.iter().zip(&documents).enumerate() {
        let Some(document) = document else { continue };
        let mut edits = Edits::default();
        if written.is_upgraded {
            upgrade::page(document, &mut edits);
        }
        let own: Vec<&Fragment> =
            fragments.iter().filter(|fragment| fragment.page == index).collect();
        for fragment in own.iter().filter(|fragment| !fragment.is_named) {
            edits.insert(fragment.source.start, format!("<span id=\"{}\">", fragment.id));
            edits.insert(fragment.source.end, "</span>");
        }
        if !has_class && !own.is_empty() {
            link(document, &relative(folder(&content.page.path), &style), &mut edits);
        }
        if edits.is_empty() {
            continue;
        }
        declare_utf8(document, &mut edits);
        new.changed.insert(content.page.path.clone(), edits.apply(&content.source).into_bytes());
    }
    if written.is_upgraded {
        pages_without_text(&package, &contents, &mut archive, &mut new, &mut written);
        contents_of(&package, &mut archive, &mut listed, &mut new, &prefix)?;
    }
    let mut edits = listed.edits(&overlays, &old, written.is_upgraded, &options.modified);
    declare_utf8(&package.document, &mut edits);
    new.changed.insert(opf_path.clone(), edits.apply(&opf).into_bytes());
    pack(&mut archive, &new, &old, sounds, &sound_paths, out).map_err(BookError::Write)?;
    Ok(written)
}

/// The parts of pages that are lit, in the order of the book.
fn fragments(
    reading: &Reading,
    contents: &[Content],
    documents: &[Option<Document<'_>>],
    kind: Fragments,
    prefix: &str,
    written: &mut Written,
) -> Vec<Fragment> {
    let article = &reading.article;
    let mut found = Vec::new();
    for (page, (content, document)) in contents.iter().zip(documents).enumerate() {
        let blocks = article.blocks.get(content.page.blocks.clone()).unwrap_or_default();
        let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else { continue };
        let sentences = first.sentences.start..last.sentences.end;
        let timed = sentences.filter(|&index| {
            let timing = reading.alignment.sentences.get(index);
            timing.is_some_and(|timing| timing.status != Status::Unspoken && timing.span.is_some())
        });
        let Some(document) = document else {
            written.without_place.extend(timed);
            continue;
        };
        let offset = first.bytes.start;
        let places = Page::of(document).places(&article.text[offset..last.bytes.end]);
        for index in timed {
            let pieces = match kind {
                Fragments::Sentence => sentence(reading, index, document, &places, offset),
                Fragments::Word => words(reading, index, document, &places, offset),
            };
            if pieces.is_empty() {
                written.without_place.push(index);
            }
            for (number, (name, source, span)) in pieces.iter().enumerate() {
                let is_part = kind == Fragments::Sentence && pieces.len() > 1;
                let id = if is_part {
                    format!("{prefix}{name}-{}", number + 1)
                } else {
                    format!("{prefix}{name}")
                };
                let named = named(document, source);
                let is_named = named.is_some();
                found.push(Fragment {
                    page,
                    id: named.unwrap_or(id),
                    source: source.clone(),
                    is_named,
                    span: *span,
                });
            }
        }
    }
    found
}

/// The pieces of one sentence: a name, where it stands, and when it is spoken.
fn sentence(
    reading: &Reading,
    index: usize,
    document: &Document<'_>,
    places: &Places,
    offset: usize,
) -> Vec<(String, Range<usize>, Span)> {
    let (article, written) = (&reading.article, &reading.article.sentences[index]);
    let inside = |bytes: &Range<usize>| bytes.start - offset..bytes.end - offset;
    let n = n_wanted(&article.text[written.bytes.clone()]);
    let is_there = places.n_found(&inside(&written.bytes)) as f64 >= n as f64 * ENOUGH;
    let Some(span) = reading.alignment.sentences[index].span.filter(|_| is_there) else {
        return Vec::new();
    };
    let Some(source) = places.source(&inside(&written.bytes)) else { return Vec::new() };
    // Where each word stands, and when it begins.
    let words: Vec<(usize, Option<Timestamp>)> = written
        .words
        .clone()
        .filter_map(|word| {
            let at = places.source(&inside(&article.words[word].bytes))?.start;
            Some((
                at,
                reading.alignment.words.get(word).and_then(|timing| timing.span).map(Span::start),
            ))
        })
        .collect();
    let mut parts: Vec<(Range<usize>, Option<Timestamp>)> = Vec::new();
    for part in segments(document, source) {
        let own: Vec<_> = words.iter().filter(|(at, _)| part.contains(at)).collect();
        if !own.is_empty() {
            parts.push((part, own.iter().find_map(|(_, start)| *start)));
        }
    }
    // Parts share the sentence's time: by their words' times, else by their length.
    let whole: usize = parts.iter().map(|(part, _)| part.len()).sum();
    let mut pieces = Vec::new();
    let (mut at, mut before) = (span.start(), 0);
    for (number, (part, _)) in parts.iter().enumerate() {
        before += part.len();
        let by_length =
            span.start().plus((span.millis() as f64 * before as f64 / whole.max(1) as f64) as u64);
        let next = parts
            .get(number + 1)
            .map_or(span.end(), |(_, start)| start.unwrap_or(by_length))
            .clamp(at, span.end());
        pieces.push((format!("s{}", index + 1), part.clone(), Span::new(at, next)));
        at = next;
    }
    pieces
}

/// The words of one sentence that have times.
fn words(
    reading: &Reading,
    index: usize,
    document: &Document<'_>,
    places: &Places,
    offset: usize,
) -> Vec<(String, Range<usize>, Span)> {
    let mut pieces = Vec::new();
    for word in reading.article.sentences[index].words.clone() {
        let bytes = &reading.article.words[word].bytes;
        let Some(span) = reading.alignment.words.get(word).and_then(|timing| timing.span) else {
            continue;
        };
        let Some(source) = places.source(&(bytes.start - offset..bytes.end - offset)) else {
            continue;
        };
        // What begins in one element and ends in another is lit where most of it stands.
        let part = segments(document, source).into_iter().max_by_key(Range::len);
        pieces.extend(part.map(|part| (format!("w{}", word + 1), part, span)));
    }
    pieces
}

/// What an earlier overlay left in the book, which goes.
struct Old {
    /// Files.
    paths: HashSet<String>,
    /// Their items and what is said of them.
    tags: Vec<usize>,
}

impl Old {
    fn of(package: &Package<'_>, archive: &mut Archive<'_>) -> Self {
        let overlays: Vec<&Item> = package.items.iter().filter(|item| item.kind == SMIL).collect();
        let mut sounds = HashSet::new();
        for item in &overlays {
            let Ok(text) = archive.text(&item.path) else { continue };
            sounds.extend(
                smil::parse(&text, folder(&item.path))
                    .unwrap_or_default()
                    .into_iter()
                    .map(|par| par.clip.sound),
            );
        }
        // An overlay may name anything; and a sound may be played by a page as well, under a name
        // with escapes.
        let is_sound = |path: &str| {
            package.items.iter().any(|item| item.path == path && item.kind.starts_with("audio/"))
        };
        sounds.retain(|path| is_sound(path));
        for item in package.items.iter().filter(|item| item.kind == XHTML) {
            let Ok(text) = archive.text(&item.path) else { continue };
            let text = percent_decoded(&text);
            sounds.retain(|path| !text.contains(path.rsplit('/').next().unwrap_or(path)));
        }
        let gone = |item: &&Item| item.kind == SMIL || sounds.contains(&item.path);
        let tags = package.items.iter().filter(gone).map(|item| item.index);
        let said = package.properties("media:duration").chain(package.properties("media:narrator"));
        Self {
            tags: tags.chain(said).collect(),
            paths: overlays
                .into_iter()
                .map(|item| item.path.clone())
                .chain(sounds.iter().cloned())
                .collect(),
        }
    }
}

/// Files of the new book that are not the old one's.
#[derive(Default)]
struct New {
    changed: HashMap<String, Vec<u8>>,
    files: Vec<(String, Vec<u8>)>,
}

/// What the package lists besides.
struct Listed<'a, 'b> {
    package: &'b Package<'a>,
    /// The prefix of its elements.
    prefix: String,
    manifest: String,
    metadata: String,
}

impl Listed<'_, '_> {
    fn item(&mut self, id: &str, path: &str, kind: &str, more: &str) {
        let href =
            if is_elsewhere(path) { path.to_owned() } else { relative(&self.package.folder, path) };
        let (prefix, href) = (&self.prefix, escaped(&href));
        let _ = write!(
            self.manifest,
            "<{prefix}item id=\"{id}\" href=\"{href}\" media-type=\"{kind}\"{more}/>\n    "
        );
    }

    fn meta(&mut self, attributes: &str, content: &str) {
        let (prefix, content) = (&self.prefix, escaped(content));
        let _ = write!(self.metadata, "<{prefix}meta{attributes}>{content}</{prefix}meta>\n    ");
    }

    /// All changes to the package document.
    fn edits(
        mut self,
        overlays: &HashMap<usize, String>,
        old: &Old,
        is_upgraded: bool,
        modified: &str,
    ) -> Edits {
        let (package, document) = (self.package, &self.package.document);
        let mut edits = Edits::default();
        if is_upgraded {
            upgrade::package(package, &self.prefix, &mut edits);
        }
        for &index in &old.tags {
            edits.remove(package.whole(index));
        }
        for item in package.items.iter().filter(|item| !old.tags.contains(&item.index)) {
            let had = document
                .attributes(item.index)
                .into_iter()
                .find(|attribute| attribute.name == "media-overlay");
            match (overlays.get(&item.index), had) {
                (Some(id), Some(had)) => edits.replace(had.value, id.clone()),
                (None, Some(had)) => edits.remove(had.whole),
                (Some(id), None) => {
                    let at = document.tokens[item.index].bytes.start
                        + 1
                        + document.name(item.index).len();
                    edits.insert(at, format!(" media-overlay=\"{id}\""));
                }
                (None, None) => {}
            }
        }
        let mut dates = package
            .properties("dcterms:modified")
            .filter(|&index| document.attribute(index, "refines").is_none());
        match dates.next() {
            Some(index) => {
                let (start, end) =
                    (&document.tokens[index], &document.tokens[document.tokens[index].partner]);
                edits.replace(start.bytes.end..end.bytes.start.max(start.bytes.end), modified);
            }
            None => self.meta(" property=\"dcterms:modified\"", modified),
        }
        for (local, text) in [("metadata", &self.metadata), ("manifest", &self.manifest)] {
            if let Some(end) = package.end_of(local) {
                edits.insert(end, format!("  {}", text.trim_end().to_owned() + "\n  "));
            }
        }
        edits
    }
}

/// The prefix of the package's own elements, with its colon.
fn element_prefix(package: &Package<'_>) -> String {
    let document = &package.document;
    let name =
        document.elements("package").next().map(|index| document.name(index)).unwrap_or_default();
    name.rsplit_once(':').map(|(prefix, _)| format!("{prefix}:")).unwrap_or_default()
}

/// Where each sound lies in the new book, or elsewhere.
fn places(sounds: &[Sound<'_>], room: &str) -> Vec<String> {
    let place = |(index, sound): (usize, &Sound<'_>)| match &sound.place {
        SoundPlace::Address(address) => address.clone(),
        SoundPlace::Embedded(..) => {
            let ending = if sound.kind == "audio/mpeg" { "mp3" } else { "m4a" };
            format!("{room}sound-{}.{ending}", index + 1)
        }
    };
    sounds.iter().enumerate().map(place).collect()
}

/// Links a page to the style of what is lit.
fn link(document: &Document<'_>, href: &str, edits: &mut Edits) {
    let Some(head) = document.elements("head").next() else { return };
    let (token, name) = (&document.tokens[head], document.name(head));
    let prefix = name.rsplit_once(':').map(|(prefix, _)| format!("{prefix}:")).unwrap_or_default();
    let link =
        format!("<{prefix}link rel=\"stylesheet\" type=\"text/css\" href=\"{}\"/>", escaped(href));
    match token.kind {
        Kind::Start => edits.insert(document.tokens[token.partner].bytes.start, link),
        _ => edits.replace(token.bytes.clone(), format!("<{name}>{link}</{name}>")),
    }
}

/// Has a page say that it is UTF-8.
fn declare_utf8(document: &Document<'_>, edits: &mut Edits) {
    let declares_other = |text: &str| {
        text.starts_with("<?xml ")
            && text.contains("encoding")
            && !text.to_ascii_lowercase().contains("utf-8")
    };
    if let Some(token) = document.tokens.first().filter(|_| declares_other(document.text(0))) {
        edits.replace(token.bytes.clone(), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    }
}

/// Has all other pages of an older book be of EPUB 3 as well.
fn pages_without_text(
    package: &Package<'_>,
    contents: &[Content],
    archive: &mut Archive<'_>,
    new: &mut New,
    written: &mut Written,
) {
    let known: HashSet<&str> = contents.iter().map(|content| content.page.path.as_str()).collect();
    for item in package
        .items
        .iter()
        .filter(|item| item.kind == XHTML && !known.contains(item.path.as_str()))
    {
        let Ok(source) = archive.text(&item.path) else { continue };
        match Document::parse(&source) {
            Ok(document) => {
                let mut edits = Edits::default();
                upgrade::page(&document, &mut edits);
                declare_utf8(&document, &mut edits);
                new.changed.insert(item.path.clone(), edits.apply(&source).into_bytes());
            }
            Err(why) => written.broken.push((item.path.clone(), why)),
        }
    }
}

/// A navigation document for an older book: of its NCX, or where it has none of its pages.
fn contents_of(
    package: &Package<'_>,
    archive: &mut Archive<'_>,
    listed: &mut Listed<'_, '_>,
    new: &mut New,
    prefix: &str,
) -> Result<(), BookError> {
    let document = &package.document;
    let ncx = package.items.iter().find(|item| item.kind == "application/x-dtbncx+xml");
    let base = ncx.map_or(package.folder.as_str(), |item| folder(&item.path)).to_owned();
    let read: HashSet<&str> = package
        .spine
        .iter()
        .filter_map(|id| package.item(id))
        .map(|item| item.path.as_str())
        .collect();
    let is_there = |href: &str| read.contains(resolve(&base, href).as_str());
    let mut entries = Vec::new();
    if let Some(item) = ncx {
        let source = archive.text(&item.path)?;
        entries = nav::entries(&source, &is_there).map_err(BookError::Broken)?;
        // EPUB 3 knows no outside definitions, and has this one go.
        let mut edits = Edits::default();
        let document = Document::parse(&source).map_err(BookError::Broken)?;
        let types = document.tokens.iter().filter(|token| token.kind == Kind::DocType);
        types.for_each(|token| edits.remove(token.bytes.clone()));
        if !edits.is_empty() {
            declare_utf8(&document, &mut edits);
            new.changed.insert(item.path.clone(), edits.apply(&source).into_bytes());
        }
    }
    let title =
        document.elements("title").next().map(|index| document.content(index)).unwrap_or_default();
    if entries.is_empty() {
        let pages = package.spine.iter().filter_map(|id| package.item(id)).enumerate();
        entries = pages
            .map(|(n, item)| nav::Entry {
                title: format!("{}", n + 1),
                href: relative(&base, &item.path),
                below: Vec::new(),
            })
            .collect();
    }
    let language = document
        .elements("language")
        .next()
        .map(|index| document.content(index))
        .unwrap_or_default();
    let path = format!("{base}{prefix}nav.xhtml");
    listed.item(&format!("{prefix}nav"), &path, XHTML, " properties=\"nav\"");
    new.files.push((path, nav::print(title.trim(), language.trim(), &entries).into_bytes()));
    Ok(())
}

/// Puts the new book together: what was not changed is copied as it is packed.
fn pack<W: Write + Seek>(
    archive: &mut Archive<'_>,
    new: &New,
    old: &Old,
    sounds: Vec<Sound<'_>>,
    sound_paths: &[String],
    out: W,
) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| error.to_string();
    let mut zip = ZipWriter::new(Once::new(out));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    // The first file says what all of it is; readers look at its very place.
    zip.start_file("mimetype", stored).map_err(|e| failed(&e))?;
    zip.write_all(b"application/epub+zip").map_err(|e| failed(&e))?;
    for index in 0..archive.zip.len() {
        let file = archive.zip.by_index_raw(index).map_err(|e| failed(&e))?;
        let name = file.name().map_err(|e| failed(&e))?.into_owned();
        // A signature is one of the old book.
        if name == "mimetype"
            || name == "META-INF/signatures.xml"
            || old.paths.contains(&name)
            || file.is_dir()
        {
            continue;
        }
        match new.changed.get(&name) {
            Some(bytes) => {
                drop(file);
                zip.start_file(name, packed).map_err(|e| failed(&e))?;
                zip.write_all(bytes).map_err(|e| failed(&e))?;
            }
            None => zip.raw_copy_file(file).map_err(|e| failed(&e))?,
        }
    }
    for (name, bytes) in &new.files {
        zip.start_file(name.as_str(), packed).map_err(|e| failed(&e))?;
        zip.write_all(bytes).map_err(|e| failed(&e))?;
    }
    for (sound, path) in sounds.into_iter().zip(sound_paths) {
        if let SoundPlace::Embedded(mut bytes, n) = sound.place {
            // Sound is packed already.
            zip.start_file(path.as_str(), stored.large_file(n >= u64::from(u32::MAX)))
                .map_err(|e| failed(&e))?;
            std::io::copy(&mut bytes, &mut zip).map_err(|e| failed(&e))?;
        }
    }
    zip.finish().map_err(|e| failed(&e))?.flush().map_err(|e| failed(&e))
}
