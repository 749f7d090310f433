//! DAISY books, 2.02 and 3 (ANSI/NISO Z39.86): the text and the times of one as an EPUB in memory,
//! so that everything behind knows one kind of book. Its sounds stay where they are, under the
//! names that they have beside the book.
//!
//! Of DAISY 2.02 the `ncc.html` names headings and overlays, and pages are XHTML; of DAISY 3 the
//! package names overlays, an NCX has the headings, and pages are DTBook. A book without a text has
//! its headings, whose times are known. After the specification of DAISY 2.02 and
//! ANSI/NISO Z39.86-2005.

use super::nav::{self, Entry};
use super::package::{Archive, Package, XHTML, folder, relative, resolve};
use super::smil::{self, Clip, Par};
use super::xml::{Document, Edits, Kind, data, escaped};
use super::{BookError, package};
use crate::address::percent_decoded;
use crate::article::clean::clean_line;
use crate::documents;
use crate::printable;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::io::{Cursor, Write};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Bytes of a file that is no sound; as for a part of an EPUB.
pub const MOST_TEXT: u64 = 64 << 20;
/// Bytes of all of them together.
const MOST_TEXTS: usize = 256 << 20;
/// Nobody takes longer for a heading than this, in milliseconds, and for each of its characters: a
/// clip may hold a whole chapter behind its heading.
const LONGEST_HEADING: (u64, u64) = (1_000, 250);

/// The files that a DAISY book may begin with, of those with these names (with `/`, from the folder
/// that is looked at): the nearest first, and of those as near an `ncc.html` before a package.
/// Whether a package is DAISY's, only [`is_daisy_package`] tells: that of an EPUB, or what programs
/// lay beside books, is named so, too.
pub fn daisy_entries<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let rank = |name: &str| {
        let own = name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        let is_ncc = matches!(own.as_str(), "ncc.html" | "ncc.htm" | "ncc.xhtml");
        let kind = if is_ncc { 0 } else { usize::from(own.ends_with(".opf")) };
        (is_ncc || kind == 1).then_some((name.matches('/').count(), kind))
    };
    let mut found: Vec<_> = names.filter_map(|name| Some((rank(name)?, name))).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, name)| name).collect()
}

/// Whether the package with these bytes says that it is DAISY's, which it must.
pub fn is_daisy_package(bytes: &[u8]) -> bool {
    documents::decoded(bytes).contains("Z39.86")
}

/// The DAISY book in a ZIP archive as an EPUB without its sounds, which [`sound`](super::sound)
/// finds in the archive; `None` where there is no such book in it.
///
/// # Errors
/// For a damaged book, one beyond all measure, and one that is encrypted.
pub fn of_daisy_zip(bytes: &[u8]) -> Result<Option<Vec<u8>>, BookError> {
    if !bytes.starts_with(b"PK\x03\x04") || documents::is_book(bytes) {
        return Ok(None);
    }
    let mut archive = Archive::open(bytes)?;
    let names: Vec<String> =
        archive.zip.file_names().flatten().map(std::borrow::Cow::into_owned).collect();
    for entry in daisy_entries(names.iter().map(String::as_str)) {
        let is_ncc = !entry.to_ascii_lowercase().ends_with(".opf");
        if is_ncc || is_daisy_package(&archive.read(entry)?) {
            let read = &mut |name: &str| archive.read(name).map_err(|e| e.to_string());
            return of_daisy(entry, &names, read).map(Some);
        }
    }
    Ok(None)
}

/// The DAISY book that begins with `entry`, one of the files that `names` are, as an EPUB without
/// its sounds; `read` gives the bytes of one of them. No other files are asked for or named.
///
/// # Errors
/// For a damaged book, one beyond all measure, and one that is encrypted.
pub fn of_daisy(
    entry: &str,
    names: &[String],
    read: &mut dyn FnMut(&str) -> Result<Vec<u8>, String>,
) -> Result<Vec<u8>, BookError> {
    // What a protected book has for its package and for the keys to it (PDTB 2).
    let is_key = |name: &String| {
        let own = name.to_ascii_lowercase();
        folder(name) == folder(entry) && (own.ends_with(".ppf") || own.ends_with(".ao"))
    };
    if names.iter().any(is_key) {
        return Err(BookError::Locked);
    }
    let real = names.iter().map(|name| (name.to_lowercase(), name.as_str())).collect();
    let mut files =
        Files { names: names.iter().map(String::as_str).collect(), real, read, room: MOST_TEXTS };
    let source = files.text(entry)?;
    let told = if entry.to_ascii_lowercase().ends_with(".opf") {
        Told::of_package(&source, entry, &mut files)?
    } else {
        Told::of_ncc(&source, entry)?
    };
    let overlays = Overlays::read(&told, entry, &mut files);
    let mut new = Epub::default();
    for (page, pars) in &overlays.pages {
        // A page that is missing or damaged leaves the others.
        match files.text(page).and_then(|text| as_page(&text).map_err(|why| broken(page, &why))) {
            Ok(text) => new.page(page, text, pars),
            Err(BookError::Locked) => return Err(BookError::Locked),
            Err(why) => log::warn!("a page of the book cannot be read: {why}"),
        }
    }
    let places = if new.pages.is_empty() {
        headings(&told, &overlays, &mut new)
    } else {
        told.headings.iter().map(|heading| overlays.place(&heading.target)).collect()
    };
    new.finish(&told, &places)
}

fn broken(name: &str, why: &dyn std::fmt::Display) -> BookError {
    BookError::Broken(format!("`{}`: {why}", printable::line(name)))
}

/// The files of a book, by the names that references give them: whatever their case, since most
/// were made where it does not count.
struct Files<'a> {
    names: HashSet<&'a str>,
    real: HashMap<String, &'a str>,
    read: &'a mut dyn FnMut(&str) -> Result<Vec<u8>, String>,
    /// Bytes that may still be read.
    room: usize,
}

impl<'a> Files<'a> {
    /// The name of the file that is referred to as `path`.
    fn name(&self, path: &str) -> Option<&'a str> {
        self.names.get(path).copied().or_else(|| self.real.get(&path.to_lowercase()).copied())
    }

    fn text(&mut self, path: &str) -> Result<String, BookError> {
        let name = self.name(path).ok_or_else(|| broken(path, &"it is not there"))?;
        let bytes = (self.read)(name).map_err(|why| broken(name, &why))?;
        let Some(room) =
            self.room.checked_sub(bytes.len()).filter(|_| bytes.len() as u64 <= MOST_TEXT)
        else {
            return Err(broken(name, &"it is longer than any text that somebody wrote"));
        };
        self.room = room;
        let text = documents::decoded(&bytes);
        documents::check_xml(text.as_bytes())
            .map_err(|what| broken(name, &format!("it has {what}")))?;
        if text.contains("<EncryptedData") || text.contains("pdtb2:") {
            return Err(BookError::Locked);
        }
        Ok(text)
    }
}

/// Where a heading is spoken: an overlay, and what is meant in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Target {
    overlay: String,
    id: Option<String>,
}

impl Target {
    fn of(folder: &str, href: &str) -> Self {
        let id = href.split_once('#').map(|(_, id)| percent_decoded(id));
        Self { overlay: resolve(folder, href), id: id.filter(|id| !id.is_empty()) }
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Heading {
    /// From 1.
    depth: usize,
    title: String,
    target: Target,
}

/// What a book says of itself.
#[derive(Debug, Default)]
struct Told {
    title: String,
    language: String,
    narrators: Vec<String>,
    headings: Vec<Heading>,
    /// In the order in which they are heard.
    overlays: Vec<String>,
}

impl Told {
    fn of_ncc(source: &str, entry: &str) -> Result<Self, BookError> {
        let document = Document::parse(source).map_err(|why| broken(entry, &why))?;
        let folder = folder(entry);
        let mut told = Self::default();
        let targets = |inside: std::ops::Range<usize>| {
            inside
                .filter(|&index| {
                    document.tokens[index].kind == Kind::Start && document.local(index) == "a"
                })
                .filter_map(|index| document.attribute(index, "href"))
                .filter(|href| {
                    href.split('#')
                        .next()
                        .is_some_and(|path| path.to_ascii_lowercase().ends_with(".smil"))
                })
                .map(|href| Target::of(folder, &href))
        };
        let mut seen = HashSet::new();
        told.overlays = targets(0..document.tokens.len())
            .map(|target| target.overlay)
            .filter(|path| seen.insert(path.clone()))
            .collect();
        // Headings do not stand in each other.
        let mut end = 0;
        for (index, token) in document.tokens.iter().enumerate() {
            let depth = ["h1", "h2", "h3", "h4", "h5", "h6"]
                .iter()
                .position(|name| document.local(index) == *name);
            let begins = token.kind == Kind::Start && index >= end;
            let Some(depth) = depth.filter(|_| begins) else { continue };
            end = token.partner;
            if let Some(target) = targets(index..token.partner).next() {
                let title = clean_line(&document.content(index));
                told.headings.push(Heading { depth: depth + 1, title, target });
            }
        }
        told.title = first(&document, &["title"])
            .or_else(|| metas(&document, "dc:title").pop())
            .unwrap_or_default();
        told.language = metas(&document, "dc:language").pop().unwrap_or_default();
        told.narrators = metas(&document, "ncc:narrator");
        Ok(told)
    }

    fn of_package(source: &str, entry: &str, files: &mut Files<'_>) -> Result<Self, BookError> {
        let package = Package::parse(source, entry)?;
        let items: HashMap<&str, &package::Item> =
            package.items.iter().map(|item| (item.id.as_str(), item)).collect();
        let items = package.spine.iter().filter_map(|id| items.get(id.as_str()));
        let document = &package.document;
        let mut told = Self {
            title: first(document, &["Title", "title"]).unwrap_or_default(),
            language: first(document, &["Language", "language"]).unwrap_or_default(),
            narrators: metas(document, "dtb:narrator"),
            overlays: items.map(|item| item.path.clone()).collect(),
            headings: Vec::new(),
        };
        let is_ncx = |item: &&package::Item| {
            item.kind == "application/x-dtbncx+xml"
                || item.path.to_ascii_lowercase().ends_with(".ncx")
        };
        let Some(ncx) = package.items.iter().find(is_ncx) else { return Ok(told) };
        let entries = files.text(&ncx.path)?;
        let entries = nav::entries(&entries, &|_| true).map_err(|why| broken(&ncx.path, &why))?;
        let mut open: Vec<(usize, Entry)> =
            entries.into_iter().rev().map(|entry| (1, entry)).collect();
        while let Some((depth, entry)) = open.pop() {
            open.extend(entry.below.into_iter().rev().map(|below| (depth + 1, below)));
            let target = Target::of(folder(&ncx.path), &entry.href);
            told.headings.push(Heading { depth, title: entry.title, target });
        }
        Ok(told)
    }
}

/// The characters of the first element with one of these local names that has any.
fn first(document: &Document<'_>, names: &[&str]) -> Option<String> {
    names
        .iter()
        .flat_map(|name| document.elements(name))
        .map(|index| clean_line(&document.content(index)))
        .find(|text| !text.is_empty())
}

/// What the `meta` elements of that name say, each once.
fn metas(document: &Document<'_>, name: &str) -> Vec<String> {
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    for index in document.elements("meta") {
        let is_own =
            document.attribute(index, "name").is_some_and(|own| own.eq_ignore_ascii_case(name));
        let content = document.attribute(index, "content").map(|text| clean_line(&text));
        let content = content.filter(|text| is_own && !text.is_empty());
        found.extend(content.filter(|text| seen.insert(text.clone())));
    }
    found
}

/// An element of a page: its path and its `id`.
type Place = (String, String);

/// What comes first from some place of an overlay on: what is spoken, and when.
#[derive(Default)]
struct Spot {
    place: Option<Place>,
    clip: Option<Clip>,
}

/// What all overlays say.
#[derive(Default)]
struct Overlays {
    /// What is spoken of each page, in the order in which both are heard.
    pages: Vec<(String, Vec<(String, Clip)>)>,
    /// What is spoken, and when, from each element of an overlay on.
    from: HashMap<Target, Spot>,
}

impl Overlays {
    /// Those of the book that begins with `entry`, whose own headings are no page.
    fn read(told: &Told, entry: &str, files: &mut Files<'_>) -> Self {
        let mut all = Self::default();
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut wanted: HashMap<&str, Vec<&Target>> = HashMap::new();
        for heading in &told.headings {
            wanted.entry(&heading.target.overlay).or_default().push(&heading.target);
        }
        for path in &told.overlays {
            let pars = files.text(path).map_err(|e| e.to_string()).and_then(|text| {
                let wanted = wanted.get(path.as_str()).map_or(&[][..], Vec::as_slice);
                all.note(path, &text, wanted, files)?;
                smil::parse(&text, folder(path))
            });
            let pars = match pars {
                Ok(pars) => pars,
                // One that is damaged leaves the others.
                Err(why) => {
                    log::warn!("an overlay of the book cannot be read: {why}");
                    continue;
                }
            };
            for Par { page, id, clip } in pars {
                let Some(page) = files.name(&page).filter(|page| *page != entry) else { continue };
                let Some(clip) = is_there(&clip, files) else { continue };
                let n = *known.entry(page.to_owned()).or_insert_with(|| {
                    all.pages.push((page.to_owned(), Vec::new()));
                    all.pages.len() - 1
                });
                all.pages[n].1.push((id, clip));
            }
        }
        all
    }

    /// Notes what comes first from each of the `wanted` places on.
    fn note(
        &mut self,
        path: &str,
        text: &str,
        wanted: &[&Target],
        files: &Files<'_>,
    ) -> Result<(), String> {
        let document = Document::parse(text)?;
        let (mut ids, mut texts, mut sounds) = (HashMap::new(), Vec::new(), Vec::new());
        for (index, token) in document.tokens.iter().enumerate() {
            if !matches!(token.kind, Kind::Start | Kind::Empty) {
                continue;
            }
            if let Some(id) = document.attribute(index, "id") {
                ids.entry(id).or_insert(index);
            }
            match document.local(index) {
                "text" => texts.push(index),
                "audio" => sounds.push(index),
                _ => {}
            }
        }
        // Looked up and not looked for: there may be as many headings as tokens.
        let next = |all: &[usize], at: usize| {
            all.get(all.partition_point(|index| *index < at)).map(|index| *index..*index + 1)
        };
        for target in wanted {
            let at = match &target.id {
                Some(id) => ids.get(id).copied(),
                None => Some(0),
            };
            let Some(at) = at else { continue };
            let place = next(&texts, at)
                .and_then(|tokens| smil::text(&document, tokens, folder(path)))
                .and_then(|(page, id)| Some((files.name(&page)?.to_owned(), id)));
            let clip = next(&sounds, at)
                .and_then(|tokens| smil::clips(&document, tokens, folder(path)).next())
                .and_then(|clip| is_there(&clip, files));
            self.from.insert((*target).clone(), Spot { place, clip });
        }
        Ok(())
    }

    fn place(&self, target: &Target) -> Option<Place> {
        self.from.get(target)?.place.clone()
    }
}

/// The clip with the name of a sound that is there.
fn is_there(clip: &Clip, files: &Files<'_>) -> Option<Clip> {
    Some(Clip { sound: files.name(&clip.sound)?.to_owned(), ..*clip })
}

/// A page of all headings with the times at which they begin, for a book without a text; gives the
/// place of each.
fn headings(told: &Told, overlays: &Overlays, new: &mut Epub) -> Vec<Option<Place>> {
    const PAGE: &str = "aloud-headings.xhtml";
    let (mut body, mut pars, mut places) = (String::new(), Vec::new(), Vec::new());
    for (n, heading) in told.headings.iter().enumerate() {
        let id = format!("h{}", n + 1);
        let _ = writeln!(body, "<h2 id=\"{id}\">{}</h2>", escaped(&heading.title));
        if let Some(clip) = overlays.from.get(&heading.target).and_then(|spot| spot.clip.clone()) {
            let (least, each) = LONGEST_HEADING;
            let longest = clip.start.plus(least + each * heading.title.chars().count() as u64);
            let end = Some(clip.end.map_or(longest, |end| end.min(longest)));
            pars.push((id.clone(), Clip { end, ..clip }));
        }
        places.push(Some((PAGE.to_owned(), id)));
    }
    let title = escaped(&told.title);
    let page = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>{title}</title></head>\n<body>\n{body}</body></html>\n"
    );
    new.page(PAGE, page, &pars);
    places
}

/// The new book.
#[derive(Default)]
struct Epub {
    pages: Vec<String>,
    /// Paths and texts.
    files: Vec<(String, String)>,
}

impl Epub {
    /// Adds a page, and an overlay of it.
    fn page(&mut self, path: &str, text: String, pars: &[(String, Clip)]) {
        self.pages.push(path.to_owned());
        self.files.push((path.to_owned(), text));
        let pars: Vec<(String, Clip)> = pars
            .iter()
            .map(|(id, clip)| {
                (id.clone(), Clip { sound: relative("", &clip.sound), ..clip.clone() })
            })
            .collect();
        self.files.push((overlay(self.pages.len()), smil::print(&relative("", path), &pars)));
    }

    /// The bytes of all of it, where the headings stand at `places`.
    fn finish(mut self, told: &Told, places: &[Option<Place>]) -> Result<Vec<u8>, BookError> {
        const PACKAGE: &str = "aloud.opf";
        const NAV: &str = "aloud-nav.xhtml";
        let (title, language) = (escaped(&told.title), escaped(&told.language));
        let narrators: String = told
            .narrators
            .iter()
            .map(|name| format!("<meta property=\"media:narrator\">{}</meta>", escaped(name)))
            .collect();
        let (mut items, mut spine) = (String::new(), String::new());
        for (n, page) in self.pages.iter().enumerate() {
            let (n, href) = (n + 1, escaped(&relative("", page)));
            let _ = writeln!(
                items,
                "<item id=\"p{n}\" media-overlay=\"o{n}\" href=\"{href}\" media-type=\"{XHTML}\"/>"
            );
            let _ = writeln!(
                items,
                "<item id=\"o{n}\" href=\"{}\" media-type=\"{}\"/>",
                overlay(n),
                package::SMIL
            );
            let _ = writeln!(spine, "<itemref idref=\"p{n}\"/>");
        }
        let package = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<package xmlns=\"http://www.idpf.org/2007/opf\" version=\"3.0\" unique-identifier=\"id\">\n\
             <metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:identifier id=\"id\">aloud</dc:identifier><dc:title>{title}</dc:title>\
             <dc:language>{language}</dc:language>{narrators}</metadata>\n<manifest>\n{items}\
             <item id=\"nav\" href=\"{NAV}\" media-type=\"{XHTML}\" properties=\"nav\"/>\n</manifest>\n<spine>\n{spine}</spine>\n</package>\n"
        );
        let container = format!(
            "<container version=\"1.0\" xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\"><rootfiles>\
             <rootfile full-path=\"{PACKAGE}\" media-type=\"application/oebps-package+xml\"/></rootfiles></container>"
        );
        let contents = nav::print(&told.title, &told.language, &tree(&told.headings, places));
        self.files.insert(0, ("META-INF/container.xml".to_owned(), container));
        self.files.push((PACKAGE.to_owned(), package));
        self.files.push((NAV.to_owned(), contents));
        let failed = |error: &dyn std::fmt::Display| BookError::Write(error.to_string());
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in &self.files {
            zip.start_file(name.as_str(), SimpleFileOptions::default()).map_err(|e| failed(&e))?;
            zip.write_all(text.as_bytes()).map_err(|e| failed(&e))?;
        }
        zip.finish().map(Cursor::into_inner).map_err(|e| failed(&e))
    }
}

fn overlay(n: usize) -> String {
    format!("aloud-{n}.smil")
}

/// The contents of those headings that have a place.
fn tree(headings: &[Heading], places: &[Option<Place>]) -> Vec<Entry> {
    let mut open: Vec<(usize, Entry)> = vec![(0, Entry::default())];
    let close = |open: &mut Vec<(usize, Entry)>, depth: usize| {
        while open.len() > 1 && open.last().is_some_and(|(own, _)| *own >= depth) {
            let (Some((_, entry)), Some((_, above))) = (open.pop(), open.last_mut()) else { break };
            above.below.push(entry);
        }
    };
    for (heading, place) in headings.iter().zip(places) {
        let Some((page, id)) = place.as_ref().filter(|_| !heading.title.is_empty()) else {
            continue;
        };
        close(&mut open, heading.depth);
        let href = format!("{}#{}", relative("", page), id);
        open.push((heading.depth, Entry { title: heading.title.clone(), href, below: Vec::new() }));
    }
    close(&mut open, 0);
    open.swap_remove(0).1.below
}

/// A page as XHTML: what is a DTBook with the elements that mean the same, and of what is XHTML
/// already the numbers of pages and marks of notes marked as such.
fn as_page(text: &str) -> Result<String, String> {
    let document = Document::parse(text)?;
    match document.elements("dtbook").next() {
        Some(_) => Ok(of_dtbook(&document)),
        None => {
            let mut edits = Edits::default();
            for index in document.elements("span") {
                let class = document.attribute(index, "class").unwrap_or_default();
                let role = match class.as_str() {
                    "page-normal" | "page-front" | "page-special" => "doc-pagebreak",
                    "noteref" => "doc-noteref",
                    _ => continue,
                };
                let at = document.tokens[index].bytes.start + 1 + document.name(index).len();
                edits.insert(at, format!(" role=\"{role}\""));
            }
            Ok(edits.apply(text))
        }
    }
}

fn of_dtbook(document: &Document<'_>) -> String {
    let mut page = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // What the end tags of open elements are called.
    let mut open: Vec<&str> = Vec::new();
    for (index, token) in document.tokens.iter().enumerate() {
        match token.kind {
            Kind::Start | Kind::Empty => {
                let local = document.local(index);
                let (name, more) = match xhtml(local) {
                    // Pictures have captions too.
                    ("caption", _) if open.last() != Some(&"table") => ("figcaption", ""),
                    found => found,
                };
                let attributes: String = ["id", "xml:lang", "href"]
                    .iter()
                    .filter_map(|own| {
                        Some(format!(" {own}=\"{}\"", escaped(&document.attribute(index, own)?)))
                    })
                    .collect();
                let _ = write!(page, "<{name}{more}{attributes}");
                match (token.kind, name) {
                    (Kind::Empty, "br" | "img" | "col" | "meta" | "link") => page.push_str("/>"),
                    (Kind::Empty, _) => {
                        let _ = write!(page, "></{name}>");
                    }
                    _ => {
                        page.push('>');
                        open.push(name);
                    }
                }
            }
            Kind::End => {
                let _ = write!(page, "</{}>", open.pop().unwrap_or("span"));
            }
            Kind::Data => page.push_str(&escaped(data(document.text(index)))),
            Kind::Text | Kind::Reference => page.push_str(document.text(index)),
            Kind::DocType | Kind::Other => {}
        }
    }
    page
}

/// The element of XHTML that means what DTBook's does, and attributes that say more.
fn xhtml(local: &str) -> (&str, &'static str) {
    match local {
        "dtbook" => (
            "html",
            " xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\"",
        ),
        "book" => ("body", ""),
        "frontmatter" | "bodymatter" | "rearmatter" | "level" | "level1" | "level2" | "level3"
        | "level4" | "level5" | "level6" => ("section", ""),
        "doctitle" => ("h1", ""),
        "hd" | "bridgehead" => ("h2", ""),
        "covertitle" | "docauthor" | "author" | "byline" | "dateline" | "title" => ("p", ""),
        "linegroup" | "poem" | "line" | "prodnote" => ("div", ""),
        "sidebar" => ("aside", ""),
        "epigraph" => ("blockquote", ""),
        "imggroup" => ("figure", ""),
        "list" => ("ul", ""),
        "pagenum" | "linenum" => ("span", " role=\"doc-pagebreak\""),
        "noteref" | "annoref" => ("a", " role=\"doc-noteref\""),
        "note" | "annotation" => ("aside", " role=\"doc-footnote\""),
        "head" | "meta" | "link" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "p" | "div" | "em"
        | "strong" | "a" | "br" | "img" | "sub" | "sup" | "cite" | "code" | "kbd" | "samp"
        | "dfn" | "abbr" | "acronym" | "bdo" | "q" | "blockquote" | "address" | "li" | "dl"
        | "dt" | "dd" | "table" | "caption" | "thead" | "tbody" | "tfoot" | "tr" | "td" | "th"
        | "col" | "colgroup" | "math" => (local, ""),
        _ => ("span", ""),
    }
}
