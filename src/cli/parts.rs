//! Which recording is meant, where it lies in several files: a folder, a pattern, or a book with
//! its sound in it.

use super::args::{MethodArgs, RecogniseArgs};
use super::article::Loaded;
use super::daisy::Daisy;
use super::exit::Exit;
use super::method::Other;
use super::report::{Failure, Voice, counted, plain};
use super::{Context, inputs, method};
use crate::align::Belongs;
use crate::book::{self, Spoken, Stretch};
use crate::decode::{self, Choice, Part, Source};
use crate::documents;
use crate::episode::{EpisodeId, file_name};
use crate::pipeline::Tied;
use crate::reading::Reading;
use crate::reason::Reason;
use crate::store::Store;
use crate::time::{Span, Timestamp};
use crate::transcript::{AudioRef, Transcript};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

/// The folder beside other work that playlists and sounds of books lie in.
const BOOKS: &str = "books";

/// A recording as one file.
pub struct Recording {
    /// The file, or a playlist of several.
    pub path: PathBuf,
    /// The files that it is made of, which no output is to be written over.
    pub files: Vec<PathBuf>,
    /// Whether nothing but their names says in which order they go.
    pub is_by_name: bool,
}

/// The recording at `path` as one file: itself, or a playlist of what is in the folder, fits the
/// pattern, or is in the book there. A playlist is kept beside other work, so that what is known of
/// the recording can find it again.
///
/// # Errors
/// With exit code 3 when there is nothing of the sort.
pub fn recording(path: &Path, context: &Context) -> Result<Recording, Failure> {
    let one = |path: PathBuf, of: &Path| Recording {
        path,
        files: vec![of.to_owned()],
        is_by_name: false,
    };
    if is_book(path) {
        return sounds(path, context);
    }
    if !path.is_dir() && !inputs::is_pattern(path) {
        return Ok(one(path.to_owned(), path));
    }
    let mut files = inputs::meant(&[path.to_owned()]);
    files.sort_by(|a, b| natural(&a.to_string_lossy(), &b.to_string_lossy()));
    let nothing = || {
        let why = if path.is_dir() {
            "there is no recording in it"
        } else {
            "there is no recording that fits it"
        };
        Failure::new(
            Exit::Input,
            format!(
                "`{}`: {why} (wav, mp3, m4a, m4b, flac, ogg, opus and others are looked for)",
                path.display()
            ),
        )
    };
    match files.as_slice() {
        [] => Err(nothing()),
        [alone] => Ok(one(alone.clone(), alone)),
        files => {
            let shown = files
                .first()
                .zip(files.last())
                .map(|(a, b)| format!("{} to {}", file_name(a), file_name(b)));
            let n = files.len();
            context.voice.note(format!(
                "{n} files, one after the other in the order of their names: {}",
                plain(&shown.unwrap_or_default())
            ));
            let whole = if path.is_dir() {
                path.to_owned()
            } else {
                path.parent().unwrap_or(Path::new("")).to_owned()
            };
            let name = fs::canonicalize(&whole).ok().and_then(|folder| {
                folder.file_name().map(|name| name.to_string_lossy().into_owned())
            });
            let path = playlist(
                &whole_files(files),
                &name.unwrap_or_else(|| "recording".into()),
                context,
            )?;
            Ok(Recording { path, files: files.to_vec(), is_by_name: true })
        }
    }
}

/// Files of which all is heard.
fn whole_files(files: &[PathBuf]) -> Vec<(PathBuf, Choice)> {
    files.iter().map(|file| (file.clone(), Choice::default())).collect()
}

/// Writes a playlist of `files` and what is to be heard of each, called `name`.
///
/// # Errors
/// When it cannot be written, or one of them has a name that no playlist can hold.
pub fn playlist(
    files: &[(PathBuf, Choice)],
    name: &str,
    context: &Context,
) -> Result<PathBuf, Failure> {
    let mut text = String::from("#EXTM3U\n");
    for (file, choice) in files {
        let whole = std::path::absolute(file)?;
        let line =
            whole.to_str().filter(|line| !line.contains(['\n', '\r']) && line.trim() == *line);
        let odd = || {
            let why = format!("`{}` has a name that no playlist can hold", file.display());
            Failure::new(Exit::Input, why).hint("rename it")
        };
        text.push_str(&choice.lines());
        text.push_str(line.ok_or_else(odd)?);
        text.push('\n');
    }
    let folder = room(&blake3::hash(text.as_bytes()), context)?;
    let path = folder.join(format!("{}.m3u8", name.replace(['/', '\\'], "_")));
    fs::write(&path, text).map_err(|e| {
        Failure::new(Exit::Failed, format!("cannot write `{}`: {e}", path.display()))
    })?;
    Ok(path)
}

/// A folder for what belongs to `hash`, beside other work.
///
/// # Errors
/// When it cannot be made.
pub fn room(hash: &blake3::Hash, context: &Context) -> Result<PathBuf, Failure> {
    let store = context.store()?;
    let base = match store.cache_dir() {
        Some(dir) => dir.to_owned(),
        // Nobody else has laid anything into a folder that was made now.
        None => tempfile::Builder::new().prefix("aloud-").tempdir()?.keep(),
    };
    let folder = base.join(BOOKS).join(EpisodeId(*hash.as_bytes()).folder());
    fs::create_dir_all(&folder).map_err(|e| {
        Failure::new(Exit::Failed, format!("cannot make the folder `{}`: {e}", folder.display()))
    })?;
    Ok(folder)
}

/// Removes all playlists and all sounds of books and of texts that were read aloud; they are made
/// again when they are asked for.
pub fn forget(store: &Store) {
    let Some(folder) = store.cache_dir().map(|dir| dir.join(BOOKS)) else { return };
    // With `--cache DIR` a folder of this name may be somebody's own.
    for own in fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|own| EpisodeId::names_folder(own))
    {
        if let Err(e) = fs::remove_dir_all(&own) {
            log::warn!("cannot remove `{}`: {e}", own.display());
        }
    }
    let _ = fs::remove_dir(&folder);
}

/// Names in the order that people give them: numbers by their size, letters whatever their case.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut x, mut y) = (a, b);
    loop {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let (n, m) = (digits(x), digits(y));
        if n > 0 && m > 0 {
            let (p, q) = (x[..n].trim_start_matches('0'), y[..m].trim_start_matches('0'));
            match p.len().cmp(&q.len()).then_with(|| p.cmp(q)) {
                Ordering::Equal => (x, y) = (&x[n..], &y[m..]),
                unlike => return unlike,
            }
            continue;
        }
        match (x.chars().next(), y.chars().next()) {
            (Some(c), Some(d)) => match c.to_lowercase().cmp(d.to_lowercase()) {
                Ordering::Equal => (x, y) = (&x[c.len_utf8()..], &y[d.len_utf8()..]),
                unlike => return unlike,
            },
            (None, None) => return a.cmp(b),
            (c, d) => return c.is_some().cmp(&d.is_some()),
        }
    }
}

/// Whether the file or the folder at `path` is a book.
pub fn is_book(path: &Path) -> bool {
    inputs::is_book_name(path) && path.is_file() || Daisy::at(path).is_some()
}

/// A book, and where its sounds are.
pub struct Book<'a> {
    /// It as an EPUB.
    pub epub: Cow<'a, [u8]>,
    /// See [`Sounds`].
    pub sounds: Sounds,
}

/// Where the sounds of a book are, under their names.
pub enum Sounds {
    /// In the book.
    Inside,
    /// In another archive with these bytes.
    Packed(Vec<u8>),
    /// In this folder.
    Beside(PathBuf),
}

impl Book<'_> {
    /// The book at `path`.
    ///
    /// # Errors
    /// With exit code 3 when it cannot be read.
    fn load(path: &Path) -> Result<Self, Failure> {
        if let Some(daisy) = Daisy::at(path) {
            return daisy.load();
        }
        let bytes = fs::read(path).map_err(|e| {
            Failure::new(Exit::Input, format!("cannot read `{}`: {e}", path.display()))
        })?;
        Ok(Self { epub: Cow::Owned(bytes), sounds: Sounds::Inside })
    }

    /// What its sounds are in, where they are packed.
    fn archive(&self) -> &[u8] {
        match &self.sounds {
            Sounds::Packed(bytes) => bytes,
            Sounds::Inside | Sounds::Beside(_) => &self.epub,
        }
    }

    /// Writes the bytes of the sound of that name to `out`.
    fn copy(&self, sound: &str, out: &mut dyn Write) -> Result<(), Reason> {
        if let Sounds::Beside(folder) = &self.sounds {
            let copied = File::open(folder.join(sound)).and_then(|mut f| io::copy(&mut f, out));
            return copied.map(drop).map_err(|e| Reason::from(e).of(format!("`{}`", plain(sound))));
        }
        Ok(book::sound(self.archive(), sound, out)?)
    }
}

/// What the book in `bytes`, called `name`, says of its own times.
fn spoken(bytes: &[u8], name: &str, chapter: Option<&str>) -> Result<Option<Spoken>, Failure> {
    book::read(bytes, chapter)
        .map_err(|e| Failure::new(Exit::Input, Reason::from(e).of(format!("cannot use `{name}`"))))
}

/// The sounds of the book at `path`, and the files that they are; what is packed is laid beside
/// other work.
fn sounds(path: &Path, context: &Context) -> Result<Recording, Failure> {
    let book = Book::load(path)?;
    let name = path.display().to_string();
    let Some(spoken) = spoken(&book.epub, &name, None)? else {
        return Err(Failure::new(Exit::Input, format!("`{name}` is a book without a sound"))
            .hint("name the recording, and the book after it"));
    };
    if !spoken.is_whole() {
        let elsewhere: Vec<&str> = spoken
            .sounds
            .iter()
            .map(String::as_str)
            .filter(|sound| sound.contains("://"))
            .take(3)
            .collect();
        let elsewhere = plain(&elsewhere.join(", "));
        let why = format!("the sound of `{name}` is not in it but at {elsewhere}");
        return Err(Failure::new(Exit::Input, why).hint("fetch it, and name it before the book"));
    }
    let mut files = Vec::new();
    // The book chooses no other name than a sound's: a playlist would lead to files outside of it.
    let ending = |sound: &str| inputs::sound_ending(Path::new(sound));
    if let Sounds::Beside(folder) = &book.sounds {
        for sound in &spoken.sounds {
            if ending(sound).is_none() {
                let why =
                    format!("cannot use `{name}`: `{}` is named as no sound is", plain(sound));
                return Err(Failure::new(Exit::Input, why));
            }
            files.push(folder.join(sound));
        }
    } else {
        let folder = room(&blake3::hash(book.archive()), context)?;
        for (index, sound) in spoken.sounds.iter().enumerate() {
            let ending = ending(sound).unwrap_or("mp3");
            let file = folder.join(format!("{:03}.{ending}", index + 1));
            if !file.is_file() {
                extract(&book, sound, &file).map_err(|why| {
                    Failure::new(Exit::Input, why.of(format!("cannot use the sound of `{name}`")))
                })?;
            }
            files.push(file);
        }
    }
    let whole = match &book.sounds {
        Sounds::Beside(folder) => fs::canonicalize(folder).unwrap_or_default(),
        Sounds::Inside | Sounds::Packed(_) => path.with_extension(""),
    };
    let whole = whole.file_name().map(|name| name.to_string_lossy().into_owned());
    let one = match files.as_slice() {
        [one] => one.clone(),
        files => {
            // A disc has no name.
            let whole = whole.unwrap_or_else(|| "recording".into());
            playlist(&whole_files(files), &whole, context)?
        }
    };
    // What was laid there may be laid there again.
    if !matches!(book.sounds, Sounds::Beside(_)) {
        files.clear();
    }
    files.push(path.to_owned());
    Ok(Recording { path: one, files, is_by_name: false })
}

/// Lays a sound of a book at `to`, whole or not at all.
fn extract(book: &Book<'_>, sound: &str, to: &Path) -> Result<(), Reason> {
    let folder = to.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    book.copy(sound, &mut file)?;
    Ok(file.persist(to).map(drop).map_err(|e| e.error)?)
}

/// Whether nobody says how times are to be found, so that a book's own are taken. A setting is
/// about texts that have none.
pub fn is_free(recognise: &RecogniseArgs, method: &MethodArgs) -> bool {
    recognise.transcript.is_none() && recognise.model.is_none() && method.method.is_none()
}

/// What is to be tied to what, and how.
pub struct Asked<'a> {
    /// The recording.
    pub audio: &'a Recording,
    /// Where the text came from.
    pub source: &'a OsStr,
    /// Its bytes there.
    pub bytes: &'a [u8],
    /// The text, of which the bytes were taken.
    pub text: Loaded,
    /// The part of it that is meant.
    pub chapter: Option<&'a str>,
    /// How.
    pub how: (&'a RecogniseArgs, &'a MethodArgs),
}

/// Ties the text to the recording: by the book's own times, where it has them and nothing else is
/// asked for, else as [`method::tied_to_either`]; of several files, whose order only their names
/// tell, in the order that the sound tells. Gives the recording in that order, too.
///
/// # Errors
/// As [`method::tied`].
pub fn tied(asked: Asked<'_>, context: &Context) -> Result<(Tied, PathBuf), Failure> {
    let path = &asked.audio.path;
    let (recognise, method) = asked.how;
    let Loaded { article, other, whole, .. } = asked.text;
    if is_free(recognise, method)
        && let Some(given) = given(path, (asked.source, asked.bytes), asked.chapter, context)?
    {
        return Ok((given, path.clone()));
    }
    let may_move = asked.audio.is_by_name && recognise.transcript.is_none();
    let other = Other { other: other.as_ref(), whole: whole.as_ref() };
    let tied = method::tied_to_either(path, (article, other), asked.how, context)?;
    if may_move && tied.belongs() == Belongs::Yes {
        let text = &tied.reading.article;
        let alone = |part: &Path| method::tied(part, text.clone(), asked.how, context);
        if let Some(path) = reordered(path, &tied.reading, &alone, context)? {
            return Ok((method::tied(&path, text.clone(), asked.how, context)?, path));
        }
    }
    Ok((tied, path.clone()))
}

/// A file of a recording, how long it is, and what was found in it.
struct Heard {
    path: PathBuf,
    length: u64,
    sentences: Vec<usize>,
    read: u64,
}

impl Heard {
    /// Whether next to nothing of the text is in it.
    fn is_strange(&self) -> bool {
        self.read * 5 < self.length
    }
}

/// The files of the recording at `audio` with what `reading` found in them; none of one in one
/// file.
fn heard(audio: &Path, reading: &Reading) -> Vec<Heard> {
    let Ok(source) = Source::open(audio) else { return Vec::new() };
    let Some(end) = source.length().map(|length| length.at) else { return Vec::new() };
    let parts = source.parts();
    let ends = parts.iter().skip(1).map(|part| part.start).chain([end]);
    let spans: Vec<(usize, Span)> = reading
        .alignment
        .sentences
        .iter()
        .enumerate()
        .filter_map(|(index, sentence)| Some((index, sentence.span?)))
        .collect();
    let heard = |(part, end): (&Part, Timestamp)| {
        let own: Vec<_> = spans
            .iter()
            .filter(|(_, span)| span.start() >= part.start && span.start() < end)
            .collect();
        Heard {
            path: part.path.clone(),
            length: end.millis().saturating_sub(part.start.millis()),
            sentences: own.iter().map(|(index, _)| *index).collect(),
            read: own.iter().map(|(_, span)| span.millis()).sum(),
        }
    };
    parts.iter().zip(ends).map(heard).collect()
}

/// The recording with its files in the order of the text, where one in which nothing was found was
/// only out of order: each of those is looked for `alone`, in all of the text.
fn reordered(
    audio: &Path,
    reading: &Reading,
    alone: &dyn Fn(&Path) -> Result<Tied, Failure>,
    context: &Context,
) -> Result<Option<PathBuf>, Failure> {
    let is_missing = |(index, sentence): (usize, &crate::article::Sentence)| {
        sentence.skip.is_none() && reading.alignment.sentences[index].span.is_none()
    };
    // Files of other chapters are no reason to look for this one again.
    if !reading.article.sentences.iter().enumerate().any(is_missing) {
        return Ok(None);
    }
    let files = heard(audio, reading);
    let middle = |sentences: &[usize]| sentences.get(sentences.len() / 2).copied();
    let mut places: Vec<(usize, &Path)> = Vec::new();
    for file in &files {
        let mut place = middle(&file.sentences);
        if file.is_strange() {
            context.voice.note(format!(
                "looking for `{}` in all of the text",
                plain(&file_name(&file.path))
            ));
            place = match alone(&file.path) {
                Ok(tied) if tied.belongs() == Belongs::Yes => {
                    let timed = tied
                        .reading
                        .alignment
                        .sentences
                        .iter()
                        .enumerate()
                        .filter(|(_, sentence)| sentence.span.is_some());
                    middle(&timed.map(|(index, _)| index).collect::<Vec<_>>())
                }
                Err(failure) if failure.exit == Exit::Cancelled => return Err(failure),
                _ => None,
            };
        }
        // What is nowhere in the text stays behind what it followed.
        let before = places.last().map_or(0, |(place, _)| *place);
        places.push((place.unwrap_or(before), &file.path));
    }
    let mut sorted = places.clone();
    sorted.sort_by_key(|(place, _)| *place);
    if sorted == places {
        return Ok(None);
    }
    let files: Vec<PathBuf> = sorted.into_iter().map(|(_, path)| path.to_owned()).collect();
    let names: Vec<String> = files.iter().map(|file| file_name(file)).collect();
    context.voice.note(format!(
        "the files go in another order than their names, by what is said: {}",
        plain(&names.join(", "))
    ));
    let name =
        audio.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    playlist(&whole_files(&files), &name, context).map(Some)
}

/// The times that a book came with, given its name and its bytes, if `audio` is its own sound. What
/// they are is said.
///
/// # Errors
/// With exit code 3 when either cannot be read.
pub fn given(
    audio: &Path,
    (name, bytes): (&OsStr, &[u8]),
    chapter: Option<&str>,
    context: &Context,
) -> Result<Option<Tied>, Failure> {
    if !documents::is_book(bytes) {
        return Ok(None);
    }
    let shown = name.to_string_lossy();
    let Some(spoken) = spoken(bytes, &shown, chapter)? else { return Ok(None) };
    let source = Source::open(audio).map_err(|e| Failure::new(Exit::Input, e))?;
    let end = source.length().filter(|length| !length.is_estimate).map(|length| length.at);
    let parts = source.parts();
    let files: Vec<PathBuf> = if parts.is_empty() {
        vec![audio.to_owned()]
    } else {
        parts.iter().map(|part| part.path.clone()).collect()
    };
    let starts: Vec<Timestamp> = if parts.is_empty() {
        vec![Timestamp::ZERO]
    } else {
        parts.iter().map(|part| part.start).collect()
    };
    let ends =
        starts.iter().skip(1).copied().chain([end.unwrap_or(Timestamp::from_millis(u64::MAX / 4))]);
    let places: Vec<Stretch> =
        starts.iter().zip(ends).map(|(start, end)| Stretch { start: *start, end }).collect();
    let sounds = Daisy::at(Path::new(name)).map_or(Ok(Sounds::Inside), |daisy| daisy.sounds())?;
    let book = Book { epub: Cow::Borrowed(bytes), sounds };
    let Some(places) = matched(&book, &spoken, &files, &places)? else {
        context
            .voice
            .note(format!("`{}` has times for another sound; they are not used", plain(&shown)));
        return Ok(None);
    };
    let alignment = spoken.alignment(&places);
    let n = alignment.sentences.iter().filter(|sentence| sentence.span.is_some()).count();
    let by = if spoken.narrators.is_empty() {
        String::new()
    } else {
        format!(", read by {}", plain(&spoken.narrators.join(", ")))
    };
    context.voice.note(format!(
        "times are those of the book `{}` itself: {}{by}",
        plain(&shown),
        counted(n, "sentence", "sentences")
    ));
    let reference =
        AudioRef { file: file_name(audio), id: decode::episode_id(audio).ok(), duration: end };
    let transcript = Transcript {
        audio: reference,
        language: spoken.article.language.clone(),
        ..Transcript::default()
    };
    let reading = Reading { transcript, article: spoken.article, alignment };
    debug_assert!(reading.alignment.belongs == Belongs::Yes);
    Ok(Some(Tied { reading, reason: String::new(), notes: Vec::new() }))
}

/// For each sound of the book the place of the file that it is itself, or that has its bytes, or for
/// one that lies elsewhere its name; `None` where one has no file.
fn matched(
    book: &Book<'_>,
    spoken: &Spoken,
    files: &[PathBuf],
    places: &[Stretch],
) -> Result<Option<Vec<Stretch>>, Failure> {
    if let Sounds::Beside(folder) = &book.sounds {
        let own: Vec<Option<PathBuf>> =
            files.iter().map(|file| std::path::absolute(file).ok()).collect();
        let place = |sound: &String| {
            let path = std::path::absolute(folder.join(sound)).ok()?;
            places.get(own.iter().position(|own| own.as_ref() == Some(&path))?).copied()
        };
        if let Some(all) = spoken.sounds.iter().map(place).collect() {
            return Ok(Some(all));
        }
    }
    let failed = |path: &Path, e: &dyn std::fmt::Display| {
        Failure::new(Exit::Input, format!("cannot read `{}`: {e}", path.display()))
    };
    let mut hashes = Vec::new();
    for file in files {
        let mut hasher = blake3::Hasher::new();
        File::open(file)
            .and_then(|file| hasher.update_reader(file).map(|_| ()))
            .map_err(|e| failed(file, &e))?;
        hashes.push(hasher.finalize());
    }
    let mut found = Vec::new();
    for sound in &spoken.sounds {
        let place = if sound.contains("://") {
            let name = sound
                .split(['?', '#'])
                .next()
                .unwrap_or(sound)
                .rsplit('/')
                .next()
                .unwrap_or(sound)
                .to_owned();
            files.iter().position(|file| file_name(file) == name)
        } else {
            let mut hasher = blake3::Hasher::new();
            book.copy(sound, &mut hasher)
                .ok()
                .and_then(|()| hashes.iter().position(|hash| *hash == hasher.finalize()))
        };
        match place.and_then(|place| places.get(place)) {
            Some(place) => found.push(*place),
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

/// Says of each file of a recording in several in which next to nothing of the text was found.
pub fn judge(audio: &Path, reading: &Reading, voice: &Voice) {
    for file in heard(audio, reading).iter().filter(|file| file.is_strange()) {
        let what = if file.read == 0 { "nothing" } else { "little" };
        voice.warn(format!(
            "{what} of the text was found in `{}`: is it of this book?",
            plain(&file_name(&file.path))
        ));
    }
}

/// A reader of a whole file, for a book that holds it.
pub fn reader(path: &Path) -> io::Result<(Box<dyn io::Read>, u64)> {
    let file = File::open(path)?;
    let n = file.metadata()?.len();
    Ok((Box::new(file.take(n)), n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_the_order_of_people() {
        let mut names = [
            "b.mp3",
            "10.mp3",
            "2.mp3",
            "a/1.mp3",
            "Chapter 2.mp3",
            "chapter 10.mp3",
            "chapter 1.mp3",
            "02.mp3",
            "1.mp3",
            "x",
        ];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(
            names,
            [
                "1.mp3",
                "02.mp3",
                "2.mp3",
                "10.mp3",
                "a/1.mp3",
                "b.mp3",
                "chapter 1.mp3",
                "Chapter 2.mp3",
                "chapter 10.mp3",
                "x"
            ]
        );
    }
}
