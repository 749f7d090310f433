//! How text is tied to sound: recognised, spoken by a synthesiser, or by length alone; and which of them is at hand.

use super::Context;
use super::args::{MethodArg, MethodArgs, RecogniseArgs};
use super::exit::Exit;
use super::progress::Progress;
use super::recognise::{self, Recognition};
use super::report::{Failure, plain};
use crate::align::{self, Method, across, estimate};
use crate::article::Article;
use crate::decode;
use crate::episode::file_name;
use crate::models;
use crate::pipeline::{self, SynthError, Tied, Voice};
use crate::reading::Reading;
use crate::speech::Frame;
use crate::synth::{Speaker, Trouble};
use crate::time::Timestamp;
use crate::transcript::{AudioRef, Segment, Transcript};
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

impl FromStr for MethodArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        ValueEnum::from_str(text, true).map_err(|_| format!("there is no method `{text}`; there are auto, whisper, synth and estimate"))
    }
}

impl MethodArgs {
    /// The method that was asked for, by flag, variable or file.
    ///
    /// # Errors
    /// With exit code 2 when there is none of that name.
    pub fn wanted(&self, context: &Context) -> Result<MethodArg, Failure> {
        Ok(context.settings.get("method", self.method)?.unwrap_or(MethodArg::Auto))
    }
}

/// The command that speaks in a process of its own: this same program.
fn child() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap_or_else(|_| "aloud".into()));
    command.arg("synth-child");
    command
}

/// Where the synthesiser's library lies, if somebody said so.
pub fn library(context: &Context) -> Option<String> {
    context.settings.text("espeak").map(|(file, _)| file).filter(|file| !file.is_empty())
}

/// Where the dictionary lies that kanji are read by, if somebody said so.
pub fn dictionary(context: &Context) -> Option<PathBuf> {
    context.settings.text("mecab").map(|(folder, _)| PathBuf::from(folder)).filter(|folder| !folder.as_os_str().is_empty())
}

/// Who speaks, given what [`library`] and [`dictionary`] say.
pub fn voice<'a>(library: Option<&'a str>, dictionary: Option<&'a Path>) -> Voice<'a> {
    Voice { child, library, dictionary }
}

/// Whether espeak-ng is there: its version, or why it cannot be used.
pub fn speaker(context: &Context) -> Result<String, Trouble> {
    Speaker::start(child, "en", library(context).as_deref()).map(|speaker| speaker.version().to_owned())
}

/// Whether recognition was asked for by name, or the usual model is there.
pub fn can_recognise(args: &RecogniseArgs, context: &Context) -> bool {
    let is_named = args.transcript.is_some() || args.model.is_some() || context.settings.text("model").is_some();
    let is_there = || recognise::places(context).is_ok_and(|places| models::locate(&places, models::catalogue::DEFAULT).is_ok());
    is_named || is_there()
}

/// Ties `article` to `audio`.
///
/// # Errors
/// With exit code 5 when they do not belong together and `force` is not given, 4 when what was asked for is not on this
/// machine; else as [`Recognition::transcript`].
pub fn reading(
    audio: &Path,
    mut article: Article,
    how: (&RecogniseArgs, &MethodArgs),
    force: bool,
    context: &Context,
) -> Result<Reading, Failure> {
    let (recognise, method) = how;
    if article.language.is_none() {
        // A text of digits or names does not tell; who names the language means the text's as well.
        article.language.clone_from(&recognise.language);
    }
    let tied = match method.wanted(context)? {
        MethodArg::Whisper => heard(audio, article, recognise, context)?,
        MethodArg::Synth => {
            warn_of_store(context)?;
            spoken(audio, &article, context).map_err(failure)?
        }
        MethodArg::Estimate => by_length(audio, &article, context)?,
        MethodArg::Auto if can_recognise(recognise, context) => sharpened(heard(audio, article, recognise, context)?, audio, context)?,
        MethodArg::Auto => without_model(audio, article, recognise, context)?,
    };
    for note in &tied.notes {
        context.voice.warn(note);
    }
    if !tied.belongs {
        let name = plain(&file_name(audio));
        if !force {
            let hint = match tied.reading.alignment.method {
                // Sounds say nothing about a text in another language.
                Method::Synth => "; if it is a translation of what is said, only recognition can tell: `aloud models pull base`",
                _ => "",
            };
            let why = format!("the article does not belong to `{name}`: {}; `--force` ties them all the same{hint}", tied.reason);
            return Err(Failure::new(Exit::Nothing, why));
        }
        context.voice.warn(format!("the article does not seem to belong to `{name}`: {}", tied.reason));
    }
    if tied.reading.alignment.method == Method::Sentences {
        context.voice.note("the narration is in another language than the article: tied sentence by sentence");
    }
    Ok(tied.reading)
}

/// By recognition.
fn heard(audio: &Path, article: Article, recognise: &RecogniseArgs, context: &Context) -> Result<Tied, Failure> {
    let recognition = Recognition::of(audio, recognise, Some(&article.text), context)?;
    let transcript = recognition.transcript(audio, &mut |_: &[Segment]| {})?;
    let tied = pipeline::tie(article, transcript, audio, recognition.store(), &|| context.is_cancelled());
    tied.ok_or_else(|| Failure::new(Exit::Cancelled, "cancelled; what was recognised is kept"))
}

/// What was recognised with what a synthesiser adds to it, where there is one and both speak the same language.
fn sharpened(mut tied: Tied, audio: &Path, context: &Context) -> Result<Tied, Failure> {
    let reading = &tied.reading;
    let is_across = across::is_across(reading.article.language.as_deref(), reading.transcript.language.as_deref());
    if !tied.belongs || is_across || reading.alignment.method != Method::Words {
        return Ok(tied);
    }
    match spoken(audio, &reading.article, context) {
        Ok(synth) if synth.belongs => {
            tied.reading.alignment = align::together(&reading.article, &reading.alignment, &synth.reading.alignment);
            context.voice.note("times are recognised, and sharpened by synthesised speech");
        }
        Ok(synth) => log::info!("synthesised speech does not fit: {}", synth.reason),
        Err(SynthError::Cancelled) => return Err(failure(SynthError::Cancelled)),
        Err(error) => log::info!("times are as they were recognised: {error}"),
    }
    Ok(tied)
}

/// The best there is where nothing can be recognised. A model that is missing is offered only where nobody can speak.
fn without_model(audio: &Path, article: Article, recognise: &RecogniseArgs, context: &Context) -> Result<Tied, Failure> {
    warn_of_store(context)?;
    let why = match spoken(audio, &article, context) {
        Ok(tied) => {
            context
                .voice
                .note(format!("times are by synthesised speech: the model `{}` is not on this machine", models::catalogue::DEFAULT));
            return Ok(tied);
        }
        Err(SynthError::Trouble(trouble)) => trouble.to_string(),
        Err(SynthError::NoLanguage) => SynthError::NoLanguage.to_string(),
        Err(error) => return Err(failure(error)),
    };
    match Recognition::new(recognise, Some(&article.text), context) {
        Ok(_) => return heard(audio, article, recognise, context),
        Err(failure) if failure.exit == Exit::NoModel => {
            context.voice.warn(format!("times are guessed by length alone: {}; {why}", failure.why));
        }
        Err(failure) => return Err(failure),
    }
    by_length(audio, &article, context)
}

/// Says that nothing will be kept, where nobody recognises and says so then.
fn warn_of_store(context: &Context) -> Result<(), Failure> {
    context.store()?.problem().into_iter().for_each(|why| context.voice.warn(why));
    Ok(())
}

/// By synthesised speech.
fn spoken(audio: &Path, article: &Article, context: &Context) -> Result<Tied, SynthError> {
    let length = decode::open(audio)?.length().map_or(Timestamp::from_millis(60_000), |length| length.at);
    let mut progress = Progress::new(context.voice, &file_name(audio));
    let mut watch = |share: f32| progress.show(Timestamp::from_millis((length.millis() as f64 * f64::from(share)) as u64), Some(length));
    let store = context.store().map_err(|failure| SynthError::Trouble(Trouble::Broken(failure.why)))?;
    let (library, dictionary) = (library(context), dictionary(context));
    let voice = voice(library.as_deref(), dictionary.as_deref());
    pipeline::synth(article, audio, &store, voice, &mut watch, &|| context.is_cancelled())
}

/// By length alone.
fn by_length(audio: &Path, article: &Article, context: &Context) -> Result<Tied, Failure> {
    let frames = pipeline::frames(audio, &|| context.is_cancelled()).map_err(|e| Failure::new(Exit::Input, e))?;
    let pipeline::Scan { frames, damage } = frames.ok_or_else(|| Failure::new(Exit::Cancelled, "cancelled"))?;
    let alignment = estimate::estimate(article, &estimate::stretches(&frames));
    let duration = Some(Timestamp::from_millis(frames.len() as u64 * 10));
    let is_placed = alignment.words.iter().any(|word| word.span.is_some());
    let mut notes: Vec<String> = damage.into_iter().collect();
    notes.extend(pace(article, &frames).filter(|_| is_placed));
    let reference = AudioRef { file: file_name(audio), id: decode::episode_id(audio).ok(), duration };
    let transcript = Transcript { audio: reference, language: article.language.clone(), ..Transcript::default() };
    let reading = Reading { transcript, article: article.clone(), alignment };
    let reason = if is_placed { String::new() } else { "by its length nothing of it has a place there".to_owned() };
    Ok(Tied { reading, belongs: is_placed, reason, notes })
}

/// A remark where nobody would read `article` so slowly or fast. By length alone no text is told from another.
fn pace(article: &Article, frames: &[Frame]) -> Option<String> {
    /// Words, or characters of Chinese and Japanese, that people read in a second.
    const LIKELY: std::ops::RangeInclusive<f64> = 1.0..=8.0;
    let spoken = frames.iter().filter(|frame| frame.speech >= 0.5).count() as f64 / 100.0;
    let n = article.sentences.iter().filter(|sentence| sentence.skip.is_none()).map(|sentence| sentence.words.len()).sum::<usize>();
    let pace = n as f64 / spoken.max(0.1);
    (!LIKELY.contains(&pace)).then(|| {
        format!(
            "the text would be read at {pace:.1} words a second here: is it another one, or a part? Times by length alone are wrong then"
        )
    })
}

fn failure(error: SynthError) -> Failure {
    let exit = match error {
        SynthError::Input(_) | SynthError::Hash(..) => Exit::Input,
        SynthError::NoLanguage => Exit::Usage,
        SynthError::Trouble(_) => Exit::NoModel,
        SynthError::Cancelled => Exit::Cancelled,
    };
    Failure::new(exit, error)
}
