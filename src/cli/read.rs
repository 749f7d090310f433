//! `aloud read`: a text that has no recording is read aloud by espeak-ng, and its words light up as any others.

use super::args::{ListenArgs, MethodArg, MethodArgs, ReadArgs};
use super::clip::{self, Kind};
use super::exit::Exit;
use super::progress::Progress;
use super::report::{Failure, Outcome, plain};
use super::{Context, article, confirm, listen, method, output, parts, voice};
use crate::align::Alignment;
use crate::article::Article;
use crate::pipeline::{self, ReadError};
use crate::store::Store;
use crate::time::{Span, Timestamp};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// How many bytes the header of a WAVE file takes.
const HEADER: usize = 44;
/// About so many letters are said in a minute, by which progress is told.
const LETTERS_A_MINUTE: u64 = 900;
/// Names of files that hold a text.
const TEXTS: [&str; 5] = ["txt", "md", "markdown", "html", "htm"];

/// Has the text read aloud, and plays or writes it.
pub fn run(args: &ReadArgs, context: &Context) -> Outcome {
    let kind = args.output.as_deref().map(Kind::of_path).transpose()?;
    if let Some(path) = &args.output {
        output::spare(Some(path), [Path::new(&args.article)])?;
        output::check(path, args.force)?;
    }
    let mut text = article::load(&args.article, args.chapter.as_deref(), context)?;
    if args.language.is_some() {
        text.language.clone_from(&args.language);
    }
    let store = context.store()?;
    let source = Path::new(&args.article);
    let sound = sound(&text, source, &store, context)?;
    let (Some(path), Some(kind)) = (&args.output, kind) else {
        let method = MethodArgs { method: Some(MethodArg::Synth), ..MethodArgs::default() };
        let made_of = source.is_file().then(|| source.to_owned());
        let listen = ListenArgs { method, audio: Some(sound), made_of, ..args.listen() };
        return listen::run_with(&listen, &args.listen(), context);
    };
    let known = pipeline::recall_synth(&text, &sound, &store);
    let length = known.as_ref().and_then(|tied| tied.reading.transcript.audio.duration).unwrap_or_default();
    let whole = Span::new(Timestamp::ZERO, length.plus(1000));
    let bytes = clip::clip(&sound, whole, kind, None, &|| !context.is_cancelled()).map_err(|e| Failure::new(Exit::Failed, e))?;
    output::to_file(path, &bytes, args.force)?;
    if let Some(tied) = known {
        keep(&text, tied.reading.alignment, path, &store, context)?;
    }
    let name = path.display();
    context.voice.note(format!("{length} of speech by espeak-ng; `aloud listen {name}` plays it with its text"));
    Ok(Exit::Done)
}

/// Where `name` is a text that somebody wants to listen to: whether it is to be read aloud, asked where somebody is there.
///
/// # Errors
/// With exit code 130 where that was answered with Ctrl-C.
pub fn is_wanted(name: &Path, context: &Context) -> Result<bool, Failure> {
    let is_text = |ending: &std::ffi::OsStr| TEXTS.iter().any(|own| ending.eq_ignore_ascii_case(own));
    if !name.extension().is_some_and(is_text) || !name.is_file() {
        return Ok(false);
    }
    let shown = plain(&name.to_string_lossy());
    let question = format!("`{shown}` is a text without a recording. Have it read aloud by espeak-ng?");
    match confirm::ask(&question, confirm::Answer::Yes, &|| context.is_cancelled())? {
        confirm::Answer::Yes => Ok(true),
        confirm::Answer::Cancelled => Err(Failure::new(Exit::Cancelled, "cancelled")),
        confirm::Answer::No | confirm::Answer::Nobody => Err(Failure::new(
            Exit::Input,
            format!(
                "`{shown}` is a text, no recording: `aloud read {shown}` has it read aloud, `aloud listen RECORDING {shown}` plays its own"
            ),
        )),
    }
}

/// The text's sound, which is made where it is not there.
fn sound(text: &Article, source: &Path, store: &Store, context: &Context) -> Result<PathBuf, Failure> {
    let language = text.language.as_deref().unwrap_or_default();
    let hash = blake3::hash(format!("read aloud 1\n{language}\n{}", text.text).as_bytes());
    let named = text.title.clone().or_else(|| Some(source.file_stem()?.to_string_lossy().into_owned()));
    let named: String = named.unwrap_or_default().replace(['/', '\\', '\0'], "_").trim_matches(['.', '-', ' ']).chars().take(60).collect();
    let path = parts::room(&hash, context)?.join(format!("{}.wav", if named.is_empty() { "text" } else { &named }));
    if path.is_file() && pipeline::recall_synth(text, &path, store).is_some() {
        return Ok(path);
    }
    let alignment = spoken(text, &path, context)?;
    keep(text, alignment, &path, store, context)?;
    Ok(path)
}

fn keep(text: &Article, alignment: Alignment, path: &Path, store: &Store, context: &Context) -> Result<(), Failure> {
    let tied = pipeline::keep_read_aloud(text, alignment, path, store, &|| context.is_cancelled()).map_err(method::failure)?;
    tied.notes.iter().for_each(|note| context.voice.warn(note));
    Ok(())
}

/// Has it spoken into the file at `path`, which is there only once all of it is.
fn spoken(text: &Article, path: &Path, context: &Context) -> Result<Alignment, Failure> {
    let (library, dictionary) = (voice::library(context), voice::dictionary(context));
    let voice = voice::voice(library.as_deref(), dictionary.as_deref());
    let mut progress = Progress::new(context.voice, text.title.as_deref().unwrap_or("the text"));
    let length = Timestamp::from_millis(text.text.chars().count() as u64 * 60_000 / LETTERS_A_MINUTE);
    let mut watch = |share: f32| progress.show(Timestamp::from_secs(length.secs() * f64::from(share)), Some(length));
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
        let too_long = || io::Error::other("it is longer than a WAVE file can be; name a `--chapter`");
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
