//! From recognition arguments to a transcript, for every subcommand that needs one.

use super::Context;
use super::args::{ComputeType, RecogniseArgs};
use super::confirm::{self, Answer};
use super::exit::Exit;
use super::progress::Progress;
use super::report::{Failure, plain};
use crate::decode;
use crate::episode::{Episode, EpisodeId, file_name};
use crate::models::{self, AlignmentHeads, Languages, Located, ModelError, Places};
use crate::pipeline::{self, Detector, Error, Event, Place, Playhead, Recogniser};
use crate::reason::Reason;
use crate::script::{self, Converter, Script, UnknownScript};
use crate::store::Store;
use crate::time::{Span, Timestamp};
use crate::transcribe::protocol::Heads;
use crate::transcribe::supervise::StartError;
use crate::transcribe::{self, language};
use crate::transcript::{ModelRef, Segment, Transcript};
use clap::ValueEnum;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

/// Longest prompt read from a file, in bytes; Whisper takes some 200 tokens of it.
const MAX_PROMPT: u64 = 64 << 10;

/// Everything that is the same for all recordings of one command.
pub struct Recognition<'a> {
    context: &'a Context,
    how: How,
    /// The script of Chinese text; `None` leaves it to what most of a transcript is written in.
    script: Option<Script>,
    store: Store,
}

/// Where transcripts come from.
enum How {
    /// The recogniser.
    Recognise(Box<pipeline::Settings>),
    /// A file made elsewhere.
    Read(PathBuf, Option<&'static str>),
}

impl<'a> Recognition<'a> {
    /// Settles flags, variables and the settings file. Chinese is written in the script of
    /// `article`, where there is one and nobody says otherwise, else in that of the user's locale,
    /// else in the one that prevails in the transcript.
    ///
    /// # Errors
    /// With exit code 2 for settings that make no sense, 4 when there is no usable model.
    pub fn new(
        args: &RecogniseArgs,
        article: Option<&str>,
        context: &'a Context,
    ) -> Result<Self, Failure> {
        let script = match context.settings.get::<String>("script", args.script.clone())? {
            Some(text) => {
                Some(text.parse().map_err(|e: UnknownScript| Failure::new(Exit::Usage, e))?)
            }
            None => article.and_then(script::detect).or_else(locale_script),
        };
        let how = match &args.transcript {
            Some(path) => How::Read(path.clone(), language(args.language.clone(), context)?),
            None => How::Recognise(Box::new(settings(args, context)?)),
        };
        let store = context.store()?;
        if let Some(why) = store.problem() {
            context.voice.warn(why.one_line());
        }
        Ok(Self { context, how, script, store })
    }

    /// As [`new`](Self::new), for `audio` alone: where that is no recording, a model that is
    /// missing is not the trouble.
    ///
    /// # Errors
    /// As [`new`](Self::new), and with exit code 3 where `audio` cannot be read.
    pub fn of(
        audio: &Path,
        args: &RecogniseArgs,
        article: Option<&str>,
        context: &'a Context,
    ) -> Result<Self, Failure> {
        Self::new(args, article, context).map_err(|failure| match decode::open(audio) {
            Err(error) if failure.exit == Exit::NoModel => Failure::new(Exit::Input, error),
            _ => failure,
        })
    }

    /// The transcript of one recording. `live` is given lines as soon as they are known and all
    /// before them are.
    ///
    /// # Errors
    /// With exit code 3 when the recording (or the transcript file) cannot be read, 4 when the
    /// recogniser cannot work, 130 when the user cancelled.
    pub fn transcript(
        &self,
        audio: &Path,
        live: &mut dyn FnMut(&[Segment]),
    ) -> Result<Transcript, Failure> {
        self.transcript_as(&file_name(audio), audio, live)
    }

    /// As [`Self::transcript`], with `label` before the progress.
    ///
    /// # Errors
    /// As [`Self::transcript`].
    pub fn transcript_as(
        &self,
        label: &str,
        audio: &Path,
        live: &mut dyn FnMut(&[Segment]),
    ) -> Result<Transcript, Failure> {
        let voice = &self.context.voice;
        let name = plain(&file_name(audio));
        let mut progress = Progress::new(voice, label);
        let mut length = None;
        let mut watch = |event: Event| match event {
            Event::Opened { length: found, .. } => {
                length = found;
                progress.show(Timestamp::ZERO, length);
            }
            Event::Remembered => {}
            Event::Waiting => {
                voice.note(format!("another aloud is transcribing `{name}`; waiting for it"));
            }
            Event::Language(code, share) => {
                let how_sure = if share < 0.5 { "; not sure: `--language` settles it" } else { "" };
                voice.note(format!(
                    "language: {} ({:.0} %{how_sure})",
                    language::name(code),
                    share * 100.0
                ));
            }
            Event::Text(segments) => {
                progress.clear();
                live(segments);
            }
            Event::Done(done) => progress.show(pipeline::reached(done), length),
            Event::Slow { what, since, until } => progress.wait(what, since, until),
            Event::Note(note) => {
                progress.clear();
                voice.warn(format!("`{name}`: {note}"));
            }
        };
        self.follow(audio, None, &mut watch, &|| self.context.is_cancelled())
    }

    /// Whether what is said may be in the language `code`, as far as the user and the model tell.
    pub fn may_hear(&self, code: &str) -> bool {
        match &self.how {
            How::Recognise(settings) => [settings.language, settings.recogniser.only_language]
                .iter()
                .flatten()
                .all(|told| *told == code),
            How::Read(..) => false,
        }
    }

    /// Whether it is worth while to recognise no more of `audio`, which `id` is, than one needs: the recogniser was
    /// not through with it before, and its words' times are not better than any others.
    pub fn is_worth_sparing(&self, audio: &Path, id: EpisodeId) -> bool {
        let How::Recognise(settings) = &self.how else { return false };
        let episode = Episode { file: file_name(audio), id, tags: <_>::default() };
        let is_done = || pipeline::recall(&episode, settings, &self.store).is_some();
        !pipeline::has_exact_times(settings) && !is_done()
    }

    /// As [`Self::transcript`], of the windows alone that reach into one of `only`, which are said
    /// in `language`.
    ///
    /// # Errors
    /// As [`Self::transcript`].
    pub fn passages(
        &self,
        audio: &Path,
        only: Vec<Span>,
        language: &'static str,
    ) -> Result<Transcript, Failure> {
        // Of a transcript that was made elsewhere all is there already.
        let How::Recognise(settings) = &self.how else {
            return self.transcript(audio, &mut |_| {});
        };
        let settings = pipeline::Settings {
            only: Some(only),
            language: Some(language),
            ..(**settings).clone()
        };
        let (how, store) = (How::Recognise(Box::new(settings)), self.store.clone());
        Self { context: self.context, how, script: self.script, store }
            .transcript(audio, &mut |_| {})
    }

    /// Where finished work is kept.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The transcript of `episode`, where nothing has to be recognised for it.
    pub fn recall(&self, episode: &Episode) -> Option<Transcript> {
        let How::Recognise(settings) = &self.how else { return None };
        let mut transcript = pipeline::recall(episode, settings, &self.store)?;
        self.settle_script(&mut transcript);
        Some(transcript)
    }

    /// As [`Self::transcript`], but says nothing itself: `watch` hears what happens, in the script
    /// that is wanted, and `cancelled` is asked whether to stop. What is under the `playhead` of
    /// somebody who listens meanwhile is recognised first.
    ///
    /// # Errors
    /// As [`Self::transcript`].
    pub fn follow(
        &self,
        audio: &Path,
        playhead: Option<Playhead>,
        watch: &mut dyn FnMut(Event),
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Result<Transcript, Failure> {
        let mut transcript = match &self.how {
            How::Read(path, language) => {
                read(path, audio, *language, &mut |note| watch(Event::Note(note)))?
            }
            How::Recognise(settings) => {
                let mut live = Live {
                    script: self.script,
                    language: settings.language.map(str::to_owned),
                    converter: None,
                };
                let mut converted = |event: Event| match event {
                    Event::Text(segments) => watch(Event::Text(&live.convert(segments))),
                    Event::Language(code, share) => {
                        live.language = Some(code.to_owned());
                        watch(Event::Language(code, share));
                    }
                    event => watch(event),
                };
                let (library, dictionary) =
                    (super::voice::library(self.context), super::voice::dictionary(self.context));
                let voice = Some(super::voice::voice(library.as_deref(), dictionary.as_deref()));
                let place = Place { store: &self.store, child: recogniser_child, voice, playhead };
                pipeline::transcribe(audio, settings, &place, &mut converted, cancelled)
                    .map_err(|error| failure(audio, error))?
            }
        };
        self.settle_script(&mut transcript);
        Ok(transcript)
    }

    /// Writes all of a Chinese transcript in one script. One that was made elsewhere stays as it is
    /// unless somebody says otherwise; in what we recognised ourselves two scripts are no more than
    /// the model's whim.
    fn settle_script(&self, transcript: &mut Transcript) {
        let by_evidence = || match &self.how {
            How::Recognise(_) => script::prevailing(
                &transcript.segments.iter().map(|s| s.text.as_str()).collect::<String>(),
            ),
            How::Read(..) => None,
        };
        if let Some(script) = self.script.or_else(by_evidence) {
            Converter::new(script).convert_transcript(transcript);
        }
    }
}

/// Converts lines while the rest is not known yet.
struct Live {
    /// `None` until something tells; what is shown once is not shown again in another.
    script: Option<Script>,
    /// `None` until it is known.
    language: Option<String>,
    converter: Option<Converter>,
}

impl Live {
    fn convert(&mut self, segments: &[Segment]) -> Vec<Segment> {
        let mut shown = Transcript {
            language: self.language.clone(),
            segments: segments.to_vec(),
            ..Transcript::default()
        };
        if self.script.is_none() {
            self.script = script::prevailing(
                &segments.iter().map(|segment| segment.text.as_str()).collect::<String>(),
            );
        }
        if let Some(script) = self.script {
            self.converter
                .get_or_insert_with(|| Converter::new(script))
                .convert_transcript(&mut shown);
        }
        shown.segments
    }
}

/// So far behind the end of its recording, in milliseconds, a transcript may go on: lengths are
/// rounded, and ends guessed.
const BEYOND_MS: u64 = 2_000;

/// A transcript made elsewhere. `note` is told what the user should know of it.
fn read(
    path: &Path,
    audio: &Path,
    language: Option<&'static str>,
    note: &mut dyn FnMut(String),
) -> Result<Transcript, Failure> {
    let failed = |why: Reason| {
        let thing = format!("cannot read the transcript `{}`", path.display());
        Failure::new(Exit::Input, why.of(thing))
    };
    let bytes = read_file(path).map_err(|e| failed(e.into()))?;
    let name = path.file_name().map(|n| n.to_string_lossy());
    let (mut transcript, problems) = crate::import::read_spoken(&bytes, name.as_deref(), language)
        .map_err(|e| failed(e.into()))?;
    for problem in problems.iter().take(5) {
        note(format!("`{}`: {problem}", path.display()));
    }
    if problems.len() > 5 {
        note(format!("`{}`: and {} more such places", path.display(), problems.len() - 5));
    }
    let is_other = |id: EpisodeId| decode::episode_id(audio).is_ok_and(|own| own != id);
    if transcript.audio.id.is_some_and(is_other) {
        note(format!(
            "`{}` is the transcript of another recording: its hash is not that of `{}`",
            path.display(),
            plain(&file_name(audio))
        ));
    }
    // What a foreign transcript does not say, the recording and the words themselves do.
    if let Some(code) = language {
        transcript.language = Some(code.to_owned());
    } else if transcript.language.is_none() {
        let said: Vec<&str> =
            transcript.segments.iter().map(|segment| segment.text.as_str()).collect();
        transcript.language = crate::article::from_text(&said.join("\n")).language;
    }
    transcript.audio.id = transcript.audio.id.or_else(|| decode::episode_id(audio).ok());
    if transcript.audio.duration.is_none() {
        transcript.audio.duration =
            decode::open(audio).ok().and_then(|decoder| decoder.length()).map(|length| length.at);
    }
    transcript.audio.file = file_name(audio);
    let end = transcript.words().last().map_or(Timestamp::ZERO, |word| word.span.end());
    if let Some(length) = transcript.audio.duration.filter(|length| end > length.plus(BEYOND_MS)) {
        note(format!(
            "`{}` goes on to {end}, but the recording ends at {length}: is it another one's?",
            path.display()
        ));
    }
    Ok(transcript)
}

fn failure(audio: &Path, error: Error) -> Failure {
    match error {
        Error::Input(_) | Error::Hash(..) => Failure::new(Exit::Input, error),
        Error::Stopped | Error::Threads(_) | Error::Start(StartError::Threads(_)) => {
            Failure::new(Exit::Failed, error)
        }
        Error::Start(e) => Failure::new(Exit::NoModel, e),
        Error::Cancelled { reached } => {
            let name = plain(&file_name(audio));
            Failure::new(Exit::Cancelled, format!("stopped at {reached} of `{name}`"))
                .hint("what is done is kept, and the same command goes on from there")
        }
    }
}

/// The program beside this one that goes without the instructions of newer processors, where what
/// is handed out brings one (`scripts/dist.sh`).
const FRUGAL: &str = "aloud-without-avx2";

/// The command that runs the recogniser in a process of its own: this same program, or
/// [another](FRUGAL) where this one asks too much of the processor.
pub fn recogniser_child() -> Command {
    let own = std::env::current_exe().unwrap_or_else(|_| "aloud".into());
    let mut command = Command::new(able(own, transcribe::check_processor().is_ok()));
    command.arg("recogniser-child");
    command
}

/// `own`, or the program beside it for who is not `able` to run it.
fn able(own: PathBuf, is_able: bool) -> PathBuf {
    let other = own.with_file_name(FRUGAL);
    if !is_able && other.is_file() { other } else { own }
}

/// The model's folders as the user set them.
///
/// # Errors
/// When there is neither a setting nor a home folder.
pub fn places(context: &Context) -> Result<Places, Failure> {
    let own = context.settings.text("models").map(|(text, _)| PathBuf::from(text));
    Places::of_user(own).map_err(|e| Failure::new(Exit::NoModel, e))
}

/// The language that was named, by flag, variable or file.
pub fn language(flag: Option<String>, context: &Context) -> Result<Option<&'static str>, Failure> {
    match context.settings.get::<String>("language", flag)? {
        Some(text) if text != "auto" => {
            language::parse(&text).map(Some).map_err(|e| Failure::new(Exit::Usage, e))
        }
        _ => Ok(None),
    }
}

/// Whether the model that is set, if one is, can be used.
///
/// # Errors
/// With exit code 4 where it is unknown, not here or damaged.
pub fn check_model(context: &Context) -> Result<(), Failure> {
    let Some(wanted) = context.settings.get::<String>("model", None)? else { return Ok(()) };
    models::locate(&places(context)?, &wanted).map(drop).map_err(|e| Failure::new(Exit::NoModel, e))
}

impl FromStr for ComputeType {
    type Err = Reason;

    fn from_str(text: &str) -> Result<Self, Reason> {
        ValueEnum::from_str(text, true).map_err(|_| {
            Reason::new(format!("there is no compute type `{text}`"))
                .hint("there are auto and float16")
        })
    }
}

/// `beam`, `jobs` or `threads`, by flag, variable or file.
///
/// # Errors
/// With exit code 2 for what is no number, or too many.
pub fn number(
    name: &str,
    flag: Option<usize>,
    context: &Context,
) -> Result<Option<usize>, Failure> {
    let most = match name {
        "beam" => 8,
        "jobs" => 64,
        _ => 256,
    };
    Ok(context.settings.within(name, flag, &(1..=most))?.map(|(n, _)| n))
}

/// Longest transcript or subtitle file that is read, in bytes.
const MAX_FILE: u64 = 256 << 20;

/// All of a file that somebody named: not a device or a pipe, which may have no end, and nothing
/// that fills the memory.
pub fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let about = std::fs::metadata(path)?;
    if !about.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    if about.len() > MAX_FILE {
        return Err(io::Error::other("it is longer than 256 MiB"));
    }
    std::fs::read(path)
}

fn settings(args: &RecogniseArgs, context: &Context) -> Result<pipeline::Settings, Failure> {
    let user = &context.settings;
    let language = language(args.language.clone(), context)?;
    let wanted = user
        .get::<String>("model", args.model.clone())?
        .unwrap_or_else(|| models::catalogue::DEFAULT.to_owned());
    let places = places(context)?;
    let located = match models::locate(&places, &wanted) {
        Err(ModelError::NotInstalled { name, bytes }) if offer(name, bytes, context)? => {
            fetch(&places, name, context)?;
            models::locate(&places, &wanted)
        }
        found => found,
    };
    let located = located.map_err(|e| Failure::new(Exit::NoModel, e))?;
    let recogniser = recogniser(located, &wanted)?;
    if let (Some(asked), Some(only)) = (language, recogniser.only_language)
        && asked != only
    {
        let (name, knows) = (&recogniser.model.name, language::name(only));
        let why = format!("the model `{name}` knows {knows} only");
        return Err(Failure::new(Exit::Usage, why).hint("`--model` chooses another"));
    }
    let (jobs, threads) =
        shares(number("jobs", args.jobs, context)?, number("threads", args.threads, context)?);
    Ok(pipeline::Settings {
        recogniser,
        detector: detector(&places)?,
        language,
        beam: number("beam", args.beam, context)?.unwrap_or(5),
        prompt: prompt(args.prompt.as_deref())?,
        only: None,
        jobs,
        threads,
        gpu: !args.no_gpu,
        may_round: context.settings.get("compute-type", args.compute_type)?.unwrap_or_default()
            == ComputeType::Auto,
    })
}

/// Asks whether a model that is missing should be fetched now; no wherever nobody is there to
/// answer.
fn offer(name: &str, bytes: u64, context: &Context) -> Result<bool, Failure> {
    let is_asked = context.voice.is_terminal
        && !context.voice.is_quiet
        && io::stdin().is_terminal()
        && cfg!(feature = "download");
    if !is_asked {
        return Ok(false);
    }
    let name = plain(name);
    let question = format!(
        "the model `{name}` is not on this machine; fetch it now ({})?",
        models::megabytes(bytes)
    );
    match confirm::ask(&question, Answer::Yes, &|| context.is_cancelled())? {
        Answer::Yes => Ok(true),
        Answer::No | Answer::Nobody => Ok(false),
        Answer::Cancelled => Err(Failure::new(Exit::Cancelled, "cancelled; nothing was fetched")),
    }
}

fn fetch(places: &Places, name: &str, context: &Context) -> Result<(), Failure> {
    let is_cancelled = || context.is_cancelled();
    let (mut out, mut err) = (io::sink(), io::stderr());
    let mut console =
        super::models::Console::new(&mut out, &mut err, context.voice.is_terminal, &is_cancelled);
    match super::models::fetch_named(places, name, &mut console)? {
        0 => Ok(()),
        130 => {
            Err(Failure::new(Exit::Cancelled, "cancelled")
                .hint("the same command goes on from there"))
        }
        _ => Err(Failure::new(Exit::NoModel, format!("`{name}` could not be fetched"))),
    }
}

fn recogniser(located: Located, wanted: &str) -> Result<Recogniser, Failure> {
    let sha1 = located.sha1().map_err(|e| Failure::new(Exit::NoModel, e))?;
    let heads = heads(located.heads);
    let is_english = located.entry.is_some_and(|e| e.languages() == Languages::English)
        || !located.info.is_multilingual();
    log::debug!("model `{wanted}` is {}", located.path.display());
    Ok(Recogniser {
        path: located.path,
        identity: sha1.clone(),
        model: ModelRef { name: located.name, sha1: Some(sha1) },
        heads: Some(heads),
        only_language: is_english.then_some("en"),
    })
}

/// More heads than these tell no more, and each takes time and memory with every word.
const MOST_HEADS: usize = 64;

/// The heads as the recogniser is told them.
fn heads(heads: AlignmentHeads) -> Heads {
    let pair =
        |(layer, head): (u32, u32)| Some((i32::try_from(layer).ok()?, i32::try_from(head).ok()?));
    match heads {
        AlignmentHeads::Preset(name) => Heads::Preset(name.to_owned()),
        AlignmentHeads::Heads(pairs) => {
            Heads::Reading(pairs.iter().copied().filter_map(pair).collect())
        }
        AlignmentHeads::UpperHalf { n_layer, n_head } => {
            let all: Vec<_> = (n_layer / 2..n_layer)
                .flat_map(|layer| (0..n_head).map(move |head| (layer, head)))
                .collect();
            let every = all.len().div_ceil(MOST_HEADS).max(1);
            Heads::Foreseeing(all.into_iter().step_by(every).filter_map(pair).collect())
        }
    }
}

/// Silero, where somebody put it beside the models.
fn detector(places: &Places) -> Result<Option<Detector>, Failure> {
    let Some(path) = places.detector() else { return Ok(None) };
    let bytes = std::fs::read(&path).map_err(|e| {
        Failure::new(Exit::NoModel, format!("cannot read `{}`: {e}", path.display()))
    })?;
    Ok(Some(Detector { path, identity: blake3::hash(&bytes).to_hex().to_string() }))
}

fn prompt(given: Option<&str>) -> Result<String, Failure> {
    let Some(path) = given.and_then(|text| text.strip_prefix('@')) else {
        return Ok(given.unwrap_or_default().to_owned());
    };
    let failed =
        |why: Reason| Failure::new(Exit::Input, why.of(format!("cannot read the prompt `{path}`")));
    let length = std::fs::metadata(path).map_err(|e| failed(e.into()))?.len();
    if length > MAX_PROMPT {
        let why = Reason::new("it is longer than 64 kB");
        return Err(failed(why.hint("a prompt is a list of names")));
    }
    std::fs::read_to_string(path)
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
        .map_err(|e| failed(e.into()))
}

/// Windows at once where nobody says how many.
pub fn usual_jobs() -> usize {
    shares(None, None).0
}

/// Windows at once, and threads for each.
///
/// Two windows side by side keep two cores busier than one window on both, because the decoder's
/// small steps leave threads waiting for each other; each window costs memory, so beyond four of
/// them threads are added instead.
fn shares(jobs: Option<usize>, threads: Option<usize>) -> (usize, usize) {
    let threads = threads
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
        .clamp(1, 256);
    let jobs = jobs.unwrap_or_else(|| threads.min(4)).clamp(1, 64);
    (jobs, (threads / jobs).max(1))
}

/// The script of the user's locale, where it is a Chinese one.
fn locale_script() -> Option<Script> {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    locale.and_then(|l| script::from_locale(&l))
}

#[cfg(test)]
mod tests {
    use super::{FRUGAL, able, shares};
    use std::fs;

    #[test]
    fn who_cannot_run_it_has_the_one_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let (own, other) = (folder.path().join("aloud"), folder.path().join(FRUGAL));
        assert_eq!(able(own.clone(), false), own);
        fs::write(&other, "").unwrap();
        assert_eq!(able(own.clone(), false), other);
        assert_eq!(able(own.clone(), true), own);
    }

    #[test]
    fn cores_are_shared_out() {
        for (jobs, threads, want) in [
            (None, Some(1), (1, 1)),
            (None, Some(2), (2, 1)),
            (None, Some(16), (4, 4)),
            (Some(3), Some(2), (3, 1)),
            (Some(0), Some(0), (1, 1)),
        ] {
            assert_eq!(shares(jobs, threads), want);
        }
    }
}
