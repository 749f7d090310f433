//! How text is tied to sound: recognised, spoken by a synthesiser, or by length alone; and which of
//! them is at hand.

use super::Context;
use super::args::{MethodArg, MethodArgs, RecogniseArgs};
use super::exit::Exit;
use super::progress::Progress;
use super::recognise::{self, Recognition};
use super::report::{Failure, plain};
use super::voice::{dictionary, library, voice};
use crate::align::{self, Belongs, Method, across, estimate};
use crate::article::Article;
use crate::decode;
use crate::episode::{EpisodeId, file_name};
use crate::models;
use crate::pipeline::{self, SynthError, Tied};
use crate::reading::Reading;
use crate::reason::Reason;
use crate::speech::Frame;
use crate::synth::Trouble;
use crate::time::{Span, Timestamp};
use crate::transcribe::language;
use crate::transcript::{AudioRef, Segment, Transcript};
use clap::ValueEnum;
use std::path::Path;
use std::str::FromStr;

impl FromStr for MethodArg {
    type Err = Reason;

    fn from_str(text: &str) -> Result<Self, Reason> {
        ValueEnum::from_str(text, true).map_err(|_| {
            Reason::new(format!("there is no method `{text}`"))
                .hint("there are auto, whisper, synth and estimate")
        })
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

/// Whether recognition was asked for by name, or the usual model is there.
pub fn can_recognise(args: &RecogniseArgs, context: &Context) -> bool {
    let is_named = args.transcript.is_some()
        || args.model.is_some()
        || context.settings.text("model").is_some();
    let is_there = || {
        recognise::places(context)
            .is_ok_and(|places| models::locate(&places, models::catalogue::DEFAULT).is_ok())
    };
    is_named || is_there()
}

/// A text that may be in two languages.
#[derive(Clone, Copy, Default)]
pub struct Other<'a> {
    /// It in its other language.
    pub other: Option<&'a Article>,
    /// All of it, undivided.
    pub whole: Option<&'a Article>,
}

/// Ties a text to `audio`.
///
/// # Errors
/// With exit code 5 when they do not belong together, or that cannot be told, and `--anyway` is not
/// given, 4 when what was asked for is not on this machine; else as [`Recognition::transcript`].
pub fn reading(
    audio: &Path,
    text: (Article, Other<'_>),
    how: (&RecogniseArgs, &MethodArgs),
    context: &Context,
) -> Result<Reading, Failure> {
    accepted(tied_to_either(audio, text, how, context)?, audio, how.1.anyway, context)
}

/// As [`tied`]. Of a text in two languages it is the one that is heard, or all of it where both are:
/// which that is, nobody knows before.
///
/// # Errors
/// As [`tied`].
pub fn tied_to_either(
    audio: &Path,
    (article, Other { other, whole }): (Article, Other<'_>),
    how: (&RecogniseArgs, &MethodArgs),
    context: &Context,
) -> Result<Tied, Failure> {
    let tied = |article: Article| untold(audio, article, how, context);
    let Some(other) = other else { return Ok(told(tied(article)?, context)) };
    let found = match tied(article) {
        Ok(first) if is_heard(other, &first) => tied(other.clone())?,
        // Lengths fit either alike.
        Ok(first)
            if first.belongs() != Belongs::Yes
                && first.reading.alignment.method != Method::Estimate =>
        {
            let second = tied(other.clone())?;
            if second.belongs() == Belongs::Yes { second } else { first }
        }
        Err(failure) if failure.exit != Exit::Cancelled => {
            tied(other.clone()).map_err(|_| failure)?
        }
        first => first?,
    };
    if let Some(whole) = whole.filter(|_| is_half(&found)) {
        let all = tied(whole.clone())?;
        if all.belongs() == Belongs::Yes && unwritten(&all) * 2 < unwritten(&found) {
            context.voice.note("both of its languages are read: all of its text is taken");
            return Ok(told(all, context));
        }
    }
    if found.reading.article.text == other.text {
        let spoken = other.language.as_deref().map_or("its other language", language::name);
        context.voice.note(format!("{spoken} is spoken: its text is taken"));
    }
    Ok(told(found, context))
}

/// Whether what was heard is in the language of `other` and not in that of the text that was tied.
fn is_heard(other: &Article, tied: &Tied) -> bool {
    let heard = tied.reading.transcript.language.as_deref();
    is_foreign(&tied.reading) && !across::is_across(other.language.as_deref(), heard)
}

/// Whether so much is said beside the text that its other language may be read as well.
fn is_half(tied: &Tied) -> bool {
    let words = tied.reading.alignment.words.iter();
    let written: u64 = words.filter_map(|word| word.span).map(Span::millis).sum();
    unwritten(tied) * 2 > written
}

/// For how long something is said that is not in the text, in milliseconds.
fn unwritten(tied: &Tied) -> u64 {
    tied.reading.alignment.unwritten.iter().map(|unwritten| unwritten.span.millis()).sum()
}

/// What was tied, if it belongs together, or is wanted `anyway`.
///
/// # Errors
/// With exit code 5, as [`reading`].
pub fn accepted(
    tied: Tied,
    audio: &Path,
    anyway: bool,
    context: &Context,
) -> Result<Reading, Failure> {
    match refusal(&tied, audio) {
        Some(failure) if !anyway => return Err(failure),
        Some(_) => {
            let doubt = match tied.belongs() {
                Belongs::No => "the article does not seem to belong to",
                Belongs::Yes | Belongs::Unknown => {
                    "it cannot be told whether the article belongs to"
                }
            };
            context.voice.warn(format!("{doubt} `{}`: {}", plain(&file_name(audio)), tied.reason));
        }
        None => {}
    }
    if tied.reading.alignment.method == Method::Sentences {
        context.voice.note(
            "the narration is in another language than the article: tied sentence by sentence",
        );
    }
    Ok(tied.reading)
}

/// Ties `article` to `audio`, whether they belong together or not.
///
/// # Errors
/// As [`reading`], but for exit code 5.
pub fn tied(
    audio: &Path,
    article: Article,
    how: (&RecogniseArgs, &MethodArgs),
    context: &Context,
) -> Result<Tied, Failure> {
    Ok(told(untold(audio, article, how, context)?, context))
}

/// As [`tied`], with its remarks left to be made.
fn untold(
    audio: &Path,
    mut article: Article,
    how: (&RecogniseArgs, &MethodArgs),
    context: &Context,
) -> Result<Tied, Failure> {
    let (recognise, method) = how;
    if article.language.is_none() {
        // A text of digits or names does not tell; who names the language means the text's as well.
        article.language.clone_from(&recognise.language);
    }
    match method.wanted(context)? {
        MethodArg::Whisper => heard(audio, article, recognise, context),
        MethodArg::Synth => {
            warn_of_store(context)?;
            hash(audio).and_then(|id| spoken((audio, id), &article, context)).map_err(failure)
        }
        MethodArg::Estimate => by_length(audio, &article, context),
        MethodArg::Auto if can_recognise(recognise, context) => {
            by_evidence(audio, article, recognise, context)
        }
        MethodArg::Auto => without_model(audio, article, recognise, context),
    }
}

/// As [`tied`], by synthesised speech alone, to a recording whose hash is known.
///
/// # Errors
/// With exit code 4 where nothing can be spoken here; else as [`tied`].
pub fn by_synth(
    audio: (&Path, EpisodeId),
    article: &Article,
    context: &Context,
) -> Result<Tied, Failure> {
    warn_of_store(context)?;
    Ok(told(spoken(audio, article, context).map_err(failure)?, context))
}

/// What was tied, with its remarks made.
fn told(tied: Tied, context: &Context) -> Tied {
    tied.notes.iter().for_each(|note| context.voice.warn(note));
    tied
}

/// The hash by which the recording at `audio` is known.
fn hash(audio: &Path) -> Result<EpisodeId, SynthError> {
    decode::episode_id(audio).map_err(|e| SynthError::Hash(audio.to_owned(), e))
}

/// What is said where nobody insists; `None` for what belongs together. Who asks for times by
/// length alone knows that they are no evidence.
pub fn refusal(tied: &Tied, audio: &Path) -> Option<Failure> {
    let (name, method) = (plain(&file_name(audio)), tied.reading.alignment.method);
    let (what, hint) = match tied.belongs() {
        Belongs::Yes => return None,
        Belongs::Unknown if method == Method::Estimate => return None,
        // Sounds say nothing about a text in another language.
        Belongs::No if method == Method::Synth => (
            "the article does not belong to",
            "`--anyway` ties them all the same; if it is a translation of what is said, only recognition can tell: `aloud models pull base`",
        ),
        Belongs::No => ("the article does not belong to", "`--anyway` ties them all the same"),
        Belongs::Unknown => (
            "it cannot be told whether the article belongs to",
            "if you know that it does, `--anyway` ties them as well as may be",
        ),
    };
    Some(Failure::new(Exit::Nothing, format!("{what} `{name}`: {}", tied.reason)).hint(hint))
}

/// By recognition. What is heard in another language than the article's was perhaps only taken for
/// it: where they do not fit it is listened to again in the article's.
fn heard(
    audio: &Path,
    article: Article,
    recognise: &RecogniseArgs,
    context: &Context,
) -> Result<Tied, Failure> {
    let tied = heard_once(audio, article, recognise, context)?;
    if tied.belongs() == Belongs::Yes || !is_foreign(&tied.reading) {
        return Ok(tied);
    }
    Ok(heard_as_written(&tied, audio, recognise, context)?
        .filter(|again| again.belongs() == Belongs::Yes)
        .unwrap_or(tied))
}

fn heard_once(
    audio: &Path,
    article: Article,
    recognise: &RecogniseArgs,
    context: &Context,
) -> Result<Tied, Failure> {
    let recognition = Recognition::of(audio, recognise, Some(&article.text), context)?;
    heard_with(&recognition, audio, article, context)
}

fn heard_with(
    recognition: &Recognition<'_>,
    audio: &Path,
    article: Article,
    context: &Context,
) -> Result<Tied, Failure> {
    let transcript = recognition.transcript(audio, &mut |_: &[Segment]| {})?;
    let tied =
        pipeline::tie(article, transcript, audio, recognition.store(), &|| context.is_cancelled());
    tied.ok_or_else(|| {
        Failure::new(Exit::Cancelled, "cancelled").hint("what was recognised is kept")
    })
}

/// By recognition in the article's language, unless somebody said which is spoken.
fn heard_as_written(
    tied: &Tied,
    audio: &Path,
    recognise: &RecogniseArgs,
    context: &Context,
) -> Result<Option<Tied>, Failure> {
    let article = tied.reading.article.clone();
    let is_told = recognise.language.is_some()
        || recognise.transcript.is_some()
        || context.settings.text("language").is_some();
    let Some(language) =
        article.language.clone().filter(|code| !is_told && language::parse(code).is_ok())
    else {
        return Ok(None);
    };
    context.voice.note(format!("listening again, for {}", language::name(&language)));
    let recognise = RecogniseArgs { language: Some(language), ..recognise.clone() };
    heard_once(audio, article, &recognise, context).map(Some)
}

/// Whether another language was heard than is written.
fn is_foreign(reading: &Reading) -> bool {
    across::is_across(reading.article.language.as_deref(), reading.transcript.language.as_deref())
}

/// By synthesis and by recognition: each sentence where it fits best. Nothing is recognised that
/// synthesis knows for certain, and no text is refused before both were tried.
fn by_evidence(
    audio: &Path,
    article: Article,
    recognise: &RecogniseArgs,
    context: &Context,
) -> Result<Tied, Failure> {
    let recognition = Recognition::of(audio, recognise, Some(&article.text), context)?;
    if let Some(tied) = sparingly(&recognition, audio, &article, context)? {
        return Ok(tied);
    }
    let tied = heard_with(&recognition, audio, article, context)?;
    if tied.belongs() == Belongs::Yes {
        return if is_foreign(&tied.reading) { Ok(tied) } else { joined(tied, audio, context) };
    }
    let article = &tied.reading.article;
    let synth = beside(hash(audio).and_then(|id| spoken((audio, id), article, context)))?;
    if is_foreign(&tied.reading)
        && synth.as_ref().is_none_or(|synth| synth.belongs() != Belongs::No)
    {
        let again = heard_as_written(&tied, audio, recognise, context)?;
        if let Some(again) = again.filter(|again| again.belongs() == Belongs::Yes) {
            return joined(again, audio, context);
        }
    }
    let is_foreign = is_foreign(&tied.reading);
    let Some(mut synth) = synth else { return Ok(tied) };
    Ok(match (tied.belongs(), synth.belongs()) {
        (_, Belongs::Yes) => {
            context.voice.note(
                "times are by synthesised speech: what was recognised is too unlike the text",
            );
            synth
        }
        // What was heard in another language says nothing of the text's own words.
        (Belongs::No, _) if !is_foreign => tied,
        (Belongs::Unknown, Belongs::No) if !is_foreign => synth,
        (Belongs::No, Belongs::No) => synth,
        _ => {
            synth.reading.alignment.belongs = Belongs::Unknown;
            synth.reason = format!("{}; of what was recognised, {}", synth.reason, tied.reason);
            synth
        }
    })
}

/// Where more of a recording is open, all of it is recognised: one part in so many.
const OPEN: u64 = 3;

/// By synthesis, with recognition of what that leaves open and nothing else. `None` where all is to
/// be recognised: what is read is not certain without it, or much else is said, or it was done
/// already, or is more exact.
fn sparingly(
    recognition: &Recognition<'_>,
    audio: &Path,
    article: &Article,
    context: &Context,
) -> Result<Option<Tied>, Failure> {
    let all = |why: &str| {
        log::info!("all of it is recognised: {why}");
        Ok(None)
    };
    let language = article.language.as_deref().and_then(|code| language::parse(code).ok());
    let Some(language) = language.filter(|code| recognition.may_hear(code)) else {
        return all("the text's language may not be the sound's");
    };
    let Ok(id) = hash(audio) else { return all("it cannot be read") };
    if !recognition.is_worth_sparing(audio, id) {
        return all("it was done before, or tells better times");
    }
    let Some(mut tied) = beside(spoken((audio, id), article, context))?
        .filter(|tied| tied.belongs() == Belongs::Yes)
    else {
        return all("synthesised speech does not find the text for certain");
    };
    let open = align::open::open(article, &tied.reading.alignment);
    // Not the length: a container may promise another one than was decoded, and a remembered
    // reading has only its word.
    let alignment = &tied.reading.alignment;
    let known = alignment
        .words
        .iter()
        .filter_map(|timing| timing.span)
        .chain(alignment.unwritten.iter().map(|unwritten| unwritten.span));
    let end = known.map(|span| span.end().millis()).max().unwrap_or(0);
    if OPEN * open.iter().map(|span| span.millis()).sum::<u64>() > end {
        return all("synthesised speech leaves much of it open");
    }
    if open.is_empty() {
        context.voice.note(
            "times are by synthesised speech, which found everything; nothing had to be recognised",
        );
        return Ok(Some(tied));
    }
    context.voice.note("times are by synthesised speech; what it leaves open is recognised");
    let heard = recognition.passages(audio, open, language)?;
    // What is damaged, and why nothing is kept, the recogniser has told as well.
    tied.notes.clear();
    let (store, library, dictionary) = (context.store()?, library(context), dictionary(context));
    let ask = || context.is_cancelled();
    let done = shown(audio, context, |watch| {
        pipeline::complete(
            tied,
            heard,
            (audio, id),
            &store,
            voice(library.as_deref(), dictionary.as_deref()),
            watch,
            &ask,
        )
    });
    done.map(Some).map_err(failure)
}

/// What was recognised, each sentence where it fits the sound best.
fn joined(mut tied: Tied, audio: &Path, context: &Context) -> Result<Tied, Failure> {
    if tied.reading.alignment.method != Method::Words {
        return Ok(tied);
    }
    let (store, library, dictionary) = (context.store()?, library(context), dictionary(context));
    let ask = || context.is_cancelled();
    match beside(shown(audio, context, |watch| {
        pipeline::join(
            &tied.reading,
            (audio, hash(audio)?),
            &store,
            voice(library.as_deref(), dictionary.as_deref()),
            watch,
            &ask,
        )
    }))? {
        Some((synth, _)) if synth.belongs() == Belongs::No => {
            log::info!("synthesised speech does not fit: {}", synth.reason);
        }
        Some((_, alignment)) => {
            tied.reading.alignment = alignment;
            context.voice.note("times are recognised, and sharpened by synthesised speech");
        }
        None => {}
    }
    Ok(tied)
}

/// What synthesis adds where recognition does the work: nothing, if it cannot.
fn beside<T>(done: Result<T, SynthError>) -> Result<Option<T>, Failure> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(error @ (SynthError::Cancelled | SynthError::Threads(_))) => Err(failure(error)),
        Err(error) => {
            log::info!("nothing is synthesised: {error}");
            Ok(None)
        }
    }
}

/// The best there is where nothing can be recognised. A model that is missing is offered only where
/// nobody can speak.
fn without_model(
    audio: &Path,
    article: Article,
    recognise: &RecogniseArgs,
    context: &Context,
) -> Result<Tied, Failure> {
    warn_of_store(context)?;
    let spoken = hash(audio).and_then(|id| spoken((audio, id), &article, context));
    let why = match spoken {
        Ok(tied) => {
            context.voice.note(format!(
                "times are by synthesised speech: the model `{}` is not on this machine",
                models::catalogue::DEFAULT
            ));
            return Ok(tied);
        }
        Err(error @ (SynthError::Trouble(_) | SynthError::NoLanguage)) => {
            Reason::from(error).one_line()
        }
        Err(error) => return Err(failure(error)),
    };
    match Recognition::new(recognise, Some(&article.text), context) {
        Ok(_) => return heard(audio, article, recognise, context),
        Err(failure) if failure.exit == Exit::NoModel => {
            let no_model = failure.why.one_line();
            context.voice.warn(format!("times are guessed by length alone: {no_model}; {why}"));
        }
        Err(failure) => return Err(failure),
    }
    by_length(audio, &article, context)
}

/// Says that nothing will be kept, where nobody recognises and says so then.
fn warn_of_store(context: &Context) -> Result<(), Failure> {
    context.store()?.problem().into_iter().for_each(|why| context.voice.warn(why.one_line()));
    Ok(())
}

/// By synthesised speech.
fn spoken(
    audio: (&Path, EpisodeId),
    article: &Article,
    context: &Context,
) -> Result<Tied, SynthError> {
    let store = context
        .store()
        .map_err(|failure| SynthError::Trouble(Trouble::Broken(failure.why.one_line())))?;
    let (library, dictionary) = (library(context), dictionary(context));
    let ask = || context.is_cancelled();
    shown(audio.0, context, |watch| {
        pipeline::synth(
            article,
            audio,
            &store,
            voice(library.as_deref(), dictionary.as_deref()),
            watch,
            &ask,
        )
    })
}

/// Does `work` on a recording, whose progress is shown.
fn shown<T>(
    audio: &Path,
    context: &Context,
    work: impl FnOnce(&mut dyn FnMut(f32)) -> Result<T, SynthError>,
) -> Result<T, SynthError> {
    let length =
        decode::open(audio)?.length().map_or(Timestamp::from_millis(60_000), |length| length.at);
    let mut progress = Progress::new(&context.voice, &file_name(audio));
    work(&mut |share| {
        progress.show(
            Timestamp::from_millis((length.millis() as f64 * f64::from(share)) as u64),
            Some(length),
        );
    })
}

/// By length alone.
fn by_length(audio: &Path, article: &Article, context: &Context) -> Result<Tied, Failure> {
    let frames = pipeline::frames(audio, &|| context.is_cancelled())
        .map_err(|e| Failure::new(Exit::Input, e))?;
    let pipeline::Scan { frames, damage } =
        frames.ok_or_else(|| Failure::new(Exit::Cancelled, "cancelled"))?;
    let mut alignment = estimate::estimate(article, &estimate::stretches(&frames));
    let duration = Some(Timestamp::from_millis(frames.len() as u64 * 10));
    let is_placed = alignment.words.iter().any(|word| word.span.is_some());
    // By length alone any text fits.
    alignment.belongs = if is_placed { Belongs::Unknown } else { Belongs::No };
    let mut notes: Vec<String> = damage.into_iter().collect();
    notes.extend(pace(article, &frames).filter(|_| is_placed));
    let reference =
        AudioRef { file: file_name(audio), id: decode::episode_id(audio).ok(), duration };
    let transcript = Transcript {
        audio: reference,
        language: article.language.clone(),
        ..Transcript::default()
    };
    let reading = Reading { transcript, article: article.clone(), alignment };
    let reason = if is_placed {
        String::new()
    } else {
        "by its length nothing of it has a place there".to_owned()
    };
    Ok(Tied { reading, reason, notes })
}

/// A remark where nobody would read `article` so slowly or fast. By length alone no text is told
/// from another.
fn pace(article: &Article, frames: &[Frame]) -> Option<String> {
    /// Words, or characters of Chinese and Japanese, that people read in a second.
    const LIKELY: std::ops::RangeInclusive<f64> = 1.0..=8.0;
    let spoken = frames.iter().filter(|frame| frame.speech >= 0.5).count() as f64 / 100.0;
    let n = article
        .sentences
        .iter()
        .filter(|sentence| sentence.skip.is_none())
        .map(|sentence| sentence.words.len())
        .sum::<usize>();
    let pace = n as f64 / spoken.max(0.1);
    (!LIKELY.contains(&pace)).then(|| {
        format!(
            "the text would be read at {pace:.1} words a second here: is it another one, or a part? Times by length alone are wrong then"
        )
    })
}

/// What is said where nothing could be spoken.
pub fn failure(error: SynthError) -> Failure {
    let exit = match error {
        SynthError::Input(_) | SynthError::Hash(..) => Exit::Input,
        SynthError::NoLanguage => Exit::Usage,
        SynthError::Threads(_) => Exit::Failed,
        SynthError::Trouble(_) => Exit::NoModel,
        SynthError::Cancelled => Exit::Cancelled,
    };
    Failure::new(exit, error)
}
