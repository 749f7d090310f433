//! `aloud read`: a text that has no recording is read aloud by espeak-ng, and its words light up as
//! any others.

use super::args::{ListenArgs, MethodArg, MethodArgs, ReadArgs};
use super::clip::{self, Kind};
use super::exit::Exit;
use super::progress::Progress;
use super::report::{Failure, Outcome, plain, quoted};
use super::{Context, article, confirm, listen, method, output, parts, voice};
use crate::align::Alignment;
use crate::article::Article;
use crate::decode;
use crate::pipeline::{self, ReadError, Tied};
use crate::store::Store;
use crate::time::{Span, Timestamp};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// How many bytes the header of a WAVE file takes.
const HEADER: usize = 44;
/// About so many letters are said in a minute, by which progress is told.
const LETTERS_A_MINUTE: u64 = 900;
/// A longer title is no name for a file.
const LONGEST_NAME: usize = 60;
/// Names of files that hold a text.
const TEXTS: [&str; 5] = ["txt", "md", "markdown", "html", "htm"];

/// Has the text read aloud, and plays or writes it.
pub fn run(args: &ReadArgs, context: &Context) -> Outcome {
    let kind = args.output.as_deref().map(Kind::of_path).transpose()?;
    if let Some(path) = &args.output {
        output::spare(Some(path), [Path::new(&args.article)])?;
        output::check(path, args.force)?;
    }
    let spoken =
        Spoken::of(&args.article, args.chapter.as_deref(), args.language.as_deref(), context)?;
    let listen = ListenArgs { play: args.play.clone(), ..ListenArgs::default() };
    let (Some(path), Some(kind)) = (&args.output, kind) else {
        return listen::run_with(&spoken.heard(&listen), &listen, context);
    };
    spoken.write(path, kind, args.force, context)
}

/// Whether `name` is a text, and no recording.
pub fn is_text(name: &Path) -> bool {
    name.extension().is_some_and(|ending| TEXTS.iter().any(|own| ending.eq_ignore_ascii_case(own)))
        && name.is_file()
}

/// What `args` ask for, where their recording is the text `name`: to hear it read aloud. It is
/// asked whether that is meant, unless somebody `has_chosen` it.
///
/// # Errors
/// With exit code 3 where that is not meant, or nobody can be asked; 130 where it was answered with
/// Ctrl-C; else as reading does.
pub fn heard(
    args: &ListenArgs,
    name: &Path,
    has_chosen: bool,
    context: &Context,
) -> Result<ListenArgs, Failure> {
    let shown = plain(&name.to_string_lossy());
    let question =
        format!("`{shown}` is a text without a recording. Have it read aloud by espeak-ng?");
    let answer = match has_chosen {
        true => confirm::Answer::Yes,
        false => confirm::ask(&question, confirm::Answer::Yes, &|| context.is_cancelled())?,
    };
    match answer {
        confirm::Answer::Yes => {
            Ok(Spoken::of(name.as_os_str(), None, args.recognise.language.as_deref(), context)?
                .heard(args))
        }
        confirm::Answer::Cancelled => Err(Failure::new(Exit::Cancelled, "cancelled")),
        confirm::Answer::No | confirm::Answer::Nobody => {
            let hint = format!(
                "`aloud read {shown}` has it read aloud, `aloud listen RECORDING {shown}` plays its own"
            );
            Err(Failure::new(Exit::Input, format!("`{shown}` is a text, no recording")).hint(hint))
        }
    }
}

/// A text that was read aloud.
struct Spoken {
    source: PathBuf,
    text: Article,
    /// Its sound, beside other work.
    sound: PathBuf,
    alignment: Alignment,
    length: Timestamp,
}

impl Spoken {
    /// What `source` holds, which is read aloud unless it was before.
    fn of(
        source: &OsStr,
        chapter: Option<&str>,
        language: Option<&str>,
        context: &Context,
    ) -> Result<Self, Failure> {
        let mut text = article::load(source, chapter, language, context)?.article;
        text.language = language.map(str::to_owned).or(text.language);
        let (store, source) = (context.store()?, PathBuf::from(source));
        let hash = blake3::hash(
            format!(
                "read aloud 1\n{}\n{}",
                text.language.as_deref().unwrap_or_default(),
                text.text
            )
            .as_bytes(),
        );
        let named = text
            .title
            .clone()
            .or_else(|| Some(source.file_stem()?.to_string_lossy().into_owned()))
            .unwrap_or_default();
        let named: String = named
            .replace(['/', '\\', '\0'], "_")
            .trim_matches(['.', '-', ' '])
            .chars()
            .take(LONGEST_NAME)
            .collect();
        let sound = parts::room(&hash, context)?
            .join(format!("{}.wav", if named.is_empty() { "text" } else { &named }));
        // Of a sound that is not there is no hash.
        let known = decode::episode_id(&sound)
            .ok()
            .and_then(|id| pipeline::recall_synth(&text, (&sound, id), &store));
        let tied = match known {
            Some(tied) => tied,
            None => {
                tell_passed_over(&text, context);
                keep(&text, spoken(&text, &sound, context)?, &sound, &store, context)?
            }
        };
        let length = tied.reading.transcript.audio.duration.unwrap_or_default();
        Ok(Self { source, text, sound, alignment: tied.reading.alignment, length })
    }

    /// `args` with it for their recording.
    fn heard(self, args: &ListenArgs) -> ListenArgs {
        let method = MethodArgs { method: Some(MethodArg::Synth), ..MethodArgs::default() };
        ListenArgs {
            method,
            audio: Some(self.sound),
            made_of: Some(self.source.into()),
            ..args.clone()
        }
    }

    /// Writes its sound to `path`, which opens with its text from then on.
    fn write(&self, path: &Path, kind: Kind, force: bool, context: &Context) -> Outcome {
        match kind {
            Kind::Wav => output::to_file_by(path, force, |file| {
                io::copy(&mut File::open(&self.sound)?, file).map(drop)
            })?,
            Kind::Flac => {
                let whole = Span::new(Timestamp::ZERO, self.length.plus(1000));
                let bytes = clip::clip(&self.sound, whole, kind, None, &|| !context.is_cancelled());
                output::to_file(path, &bytes.map_err(|e| Failure::new(Exit::Failed, e))?, force)?
            }
        };
        keep(&self.text, self.alignment.clone(), path, &context.store()?, context)?;
        let length = self.length;
        context.voice.note(format!(
            "{length} of speech by espeak-ng; `aloud listen {}` plays it with its text",
            path.display()
        ));
        Ok(Exit::Done)
    }
}

fn keep(
    text: &Article,
    alignment: Alignment,
    path: &Path,
    store: &Store,
    context: &Context,
) -> Result<Tied, Failure> {
    let tied = pipeline::keep_read_aloud(text, alignment, path, store, &|| context.is_cancelled())
        .map_err(method::failure)?;
    tied.notes.iter().for_each(|note| context.voice.warn(note));
    Ok(tied)
}

/// Says what of `text` is not read aloud, which nobody could tell from the sound.
fn tell_passed_over(text: &Article, context: &Context) {
    let passed: Vec<&str> = (0..text.sentences.len())
        .filter(|&index| !pipeline::is_read(&text.sentences[index]))
        .map(|index| text.sentence(index))
        .collect();
    let Some(first) = passed.first() else { return };
    let more = match passed.len() - 1 {
        0 => String::new(),
        n => format!(" and {n} more like it"),
    };
    context.voice.note(format!(
        "not read, as narrators pass over bylines, captions and the like: {}{more}",
        quoted(first)
    ));
}

/// Has it spoken into the file at `path`, which is there only once all of it is.
fn spoken(text: &Article, path: &Path, context: &Context) -> Result<Alignment, Failure> {
    let (library, dictionary) = (voice::library(context), voice::dictionary(context));
    let voice = voice::voice(library.as_deref(), dictionary.as_deref());
    let mut progress = Progress::new(&context.voice, text.title.as_deref().unwrap_or("the text"));
    let length =
        Timestamp::from_millis(text.text.chars().count() as u64 * 60_000 / LETTERS_A_MINUTE);
    let mut watch = |share: f32| {
        progress.show(Timestamp::from_secs(length.secs() * f64::from(share)), Some(length));
    };
    let mut read = Err(ReadError::Nothing);
    let written = output::to_file_by(path, true, |file| {
        let mut out = BufWriter::new(file);
        out.write_all(&[0; HEADER])?;
        let (mut n, mut rate) = (0u64, 0);
        let mut sink = |samples: &[i16], of: u32| {
            (n, rate) = (n + samples.len() as u64 * 2, of);
            let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
            out.write_all(&bytes)
        };
        read = pipeline::read_aloud(text, voice, &mut sink, &mut watch, &|| context.is_cancelled());
        // Half a sound is none.
        if let Err(e) = &read {
            return Err(io::Error::other(e.to_string()));
        }
        let too_long =
            || io::Error::new(io::ErrorKind::FileTooLarge, "it is longer than a WAVE file can be");
        out.seek(SeekFrom::Start(0))?;
        out.write_all(&clip::wav_header(u32::try_from(n).map_err(|_| too_long())?, rate, 1))?;
        out.flush()
    });
    let failure = |error| match error {
        ReadError::Synth(error) => method::failure(error),
        ReadError::Write(_) => Failure::new(Exit::Failed, error),
        ReadError::Nothing => Failure::new(Exit::Nothing, error),
    };
    let alignment = read.map_err(failure)?;
    written?;
    Ok(alignment)
}
