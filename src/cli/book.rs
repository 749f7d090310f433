//! `-o book.epub`: the book that was read aloud, written again with its sound and its times.

use super::args::{AlignArgs, FragmentsArg};
use super::daisy::Daisy;
use super::exit::Exit;
use super::report::{Failure, counted, plain};
use super::{Context, output, parts};
use crate::book::{self, BookError, Fragments, Options, Sound, SoundPlace, Written};
use crate::calendar;
use crate::decode::{Choice, Convert, Name, Source};
use crate::documents;
use crate::episode::file_name;
use crate::reading::Reading;
use crate::reason::Reason;
use crate::time::{Span, Timestamp};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

impl From<FragmentsArg> for Fragments {
    fn from(arg: FragmentsArg) -> Self {
        match arg {
            FragmentsArg::Sentence => Self::Sentence,
            FragmentsArg::Word => Self::Word,
        }
    }
}

/// What goes into a new book besides its text, looked at before the work.
pub struct Wanted {
    /// The files of the recording, when each begins, and its media type.
    files: Vec<(PathBuf, Timestamp, &'static str)>,
    /// Where the sound is found; `None` for in the book.
    address: Option<String>,
    length: Option<Timestamp>,
    artist: Option<String>,
}

/// Whether `source`, the bytes of the article, and the recording can become a book.
///
/// # Errors
/// With exit code 2 when the article is no EPUB, the sound is none that every reader plays, or the
/// address is none.
pub fn wanted(args: &AlignArgs, source: &[u8]) -> Result<Wanted, Failure> {
    let usage = |why: &str, hint: &str| Failure::new(Exit::Usage, why).hint(hint);
    let article = args.article.as_deref().unwrap_or_default();
    let is_made = |daisy: Daisy| daisy.is_source_of(source);
    if !documents::is_book(source) || Daisy::at(Path::new(article)).is_some_and(is_made) {
        let what = article.to_string_lossy();
        return Err(usage(
            &format!("`-o` names a book, but `{}` is none", plain(&what)),
            "only an EPUB is written again as one",
        ));
    }
    let address = match args.sound.as_str() {
        "embed" => None,
        address if address.starts_with("https://") || address.starts_with("http://") => {
            Some(address.to_owned())
        }
        other => {
            let other = plain(other);
            return Err(usage(
                &format!("`--audio {other}` is neither `embed` nor an http(s) address"),
                "a book reaches no file outside of itself",
            ));
        }
    };
    let found = Source::open(&args.audio).map_err(|e| Failure::new(Exit::Input, e))?;
    let parts = found.parts();
    let mut files = Vec::new();
    if parts.is_empty() {
        files.push((args.audio.clone(), Timestamp::ZERO, kind(&args.audio, found.codec())?));
    }
    for part in parts {
        if part.choice != Choice::default() {
            return Err(whole_only());
        }
        let kind = kind(&part.path, part.codec)?;
        files.push((part.path, part.start, kind));
    }
    if address.is_some() && files.len() > 1 {
        let why = "`--audio` names one address, and the recording is in several files";
        return Err(usage(why, "embed them"));
    }
    Ok(Wanted {
        files,
        address,
        length: found.length().map(|length| length.at),
        artist: found.tags().artist.clone(),
    })
}

/// Why a chosen track or channel does not go into a book.
pub fn whole_only() -> Failure {
    Failure::new(
        Exit::Usage,
        "a book holds the recording as it is: `--track` and `--channel` are for other outputs",
    )
}

/// The recording's media type.
///
/// # Errors
/// With exit code 2 for one that readers need not play.
fn kind(audio: &Path, codec: &str) -> Result<&'static str, Failure> {
    let mut head = Vec::new();
    let read = File::open(audio).and_then(|file| file.take(12).read_to_end(&mut head));
    read.map_err(|e| Failure::new(Exit::Input, format!("cannot read `{}`: {e}", audio.display())))?;
    let is_mp4 = head.get(4..8) == Some(b"ftyp");
    match codec {
        "MPEG Audio Layer 3" if !is_mp4 && !head.starts_with(b"RIFF") => Ok("audio/mpeg"),
        "Advanced Audio Coding" if is_mp4 => Ok("audio/mp4"),
        _ => {
            let convert =
                Convert::to(&Name::new(audio.to_string_lossy()), "mp3", "-map a:0 -q:a 4");
            let why = format!(
                "`{}` is {codec}, and books hold MP3, or AAC in MP4, which every reader plays",
                plain(&file_name(audio))
            );
            let hint = format!("this makes one of it:\n  {convert}");
            Err(Failure::new(Exit::Usage, why).hint(hint))
        }
    }
}

/// Writes the book at `path`, and says what came of it.
///
/// # Errors
/// With exit code 5 when nothing of it has a time, 1 when it cannot be written.
pub fn write(
    path: &Path,
    source: &[u8],
    wanted: Wanted,
    reading: &Reading,
    args: &AlignArgs,
    context: &Context,
) -> Result<(), Failure> {
    let mut sounds = Vec::new();
    for (file, start, kind) in wanted.files {
        let place = match &wanted.address {
            Some(address) => SoundPlace::Address(address.clone()),
            None => {
                let failed =
                    |e| Failure::new(Exit::Input, format!("cannot read `{}`: {e}", file.display()));
                let (bytes, n) = parts::reader(&file).map_err(failed)?;
                SoundPlace::Embedded(bytes, n)
            }
        };
        sounds.push(Sound { start, kind, place });
    }
    let last = reading
        .alignment
        .sentences
        .iter()
        .filter_map(|sentence| sentence.span)
        .map(Span::end)
        .max();
    let options = Options {
        fragments: args.fragments.into(),
        narrators: wanted.artist.into_iter().collect(),
        end: reading.transcript.audio.duration.or(wanted.length).or(last).unwrap_or_default(),
        chapter: args.chapter.clone(),
        modified: date(SystemTime::now()),
    };
    let mut made = None;
    let kept = output::to_file_by(path, args.force, |file| {
        // What went wrong is told below; the file is not kept.
        let result = made.insert(book::write(source, reading, sounds, &options, file));
        if result.is_ok() { Ok(()) } else { Err(std::io::ErrorKind::Other.into()) }
    });
    let made = match (made, kept) {
        (Some(Err(error)), _) => Err(error),
        (_, Err(failure)) => return Err(failure),
        (made, Ok(_)) => made.unwrap_or(Err(BookError::Nothing)),
    };
    let written = made.map_err(|error| {
        let exit = match error {
            BookError::Nothing => Exit::Nothing,
            BookError::NoWords => Exit::Usage,
            BookError::Write(_) => Exit::Failed,
            BookError::Broken(_) | BookError::Locked | BookError::OtherText => Exit::Input,
        };
        Failure::new(exit, Reason::from(error).of(format!("`{}`", path.display())))
    })?;
    tell(path, &written, reading, context);
    Ok(())
}

/// Says what became of the book, and what of it has no time.
fn tell(path: &Path, written: &Written, reading: &Reading, context: &Context) {
    let voice = &context.voice;
    let older = if written.is_upgraded { ", made EPUB 3 of EPUB 2" } else { "" };
    voice.note(format!(
        "`{}`{older}: {} on {} light up, {} of sound",
        path.display(),
        counted(written.n_fragments, "passage", "passages"),
        counted(written.n_pages, "page", "pages"),
        written.played
    ));
    let is_text = |index: usize| {
        reading.article.sentences[index].skip.is_none()
            && !reading.article.sentences[index].words.is_empty()
    };
    let silent: Vec<usize> = reading
        .alignment
        .sentences
        .iter()
        .enumerate()
        .filter(|(index, s)| s.span.is_none() && is_text(*index))
        .map(|(index, _)| index)
        .collect();
    let shown =
        |index: usize| plain(&reading.article.sentence(index).chars().take(60).collect::<String>());
    if let Some(first) = silent.first() {
        voice.note(format!(
            "{} not found in the sound, and do not light up, the first: {}",
            counted(silent.len(), "sentence was", "sentences were"),
            shown(*first)
        ));
    }
    if let Some(first) = written.without_place.first() {
        voice.warn(format!(
            "{} read, but could not be found in the book's source, the first: {}",
            counted(written.without_place.len(), "sentence is", "sentences are"),
            shown(*first)
        ));
    }
    for (page, why) in &written.broken {
        voice.warn(format!(
            "`{}` in the book is not well-formed and stays as it is, without an overlay: {}",
            plain(page),
            plain(why)
        ));
    }
}

/// A moment as EPUB writes it.
fn date(at: SystemTime) -> String {
    let seconds = at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (year, month, day) = calendar::date((seconds / 86_400) as i64);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn dates() {
        for (seconds, want) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_799, "2000-02-29T23:59:59Z"),
            (1_795_689_296, "2026-11-26T10:34:56Z"),
        ] {
            assert_eq!(date(UNIX_EPOCH + Duration::from_secs(seconds)), want);
        }
    }
}
