//! `aloud demo`: the main job on the built-in episode, with no download and nothing to prepare.

use super::args::{DemoArgs, ListenArgs, MethodArgs, RecogniseArgs};
use super::exit::Exit;
use super::method::Other;
use super::report::{Failure, Outcome};
use super::{Context, article, listen, method, output};
use crate::align::Status;
use crate::episode::EpisodeId;
use crate::export::{self, Format, Options, Unwritten};
use crate::models::catalogue::MICRO;
use crate::reading::Reading;
use crate::search::{self, Query, Text};
use std::fs;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Instant;

/// The English column's narration; empty in a packaged copy without it.
static EPISODE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/demo.mp3"));
/// Its article, as a reader meets it.
static ARTICLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/demo.txt"));
/// Their names.
const NAME: &str = "open-models.en.mp3";
const ARTICLE_NAME: &str = "open-models.en.txt";

const NEXT: &str = "\
The built-in model knows the demo's voice only. For your own recordings:

    aloud models pull base
    aloud listen RECORDING ARTICLE
    aloud subs RECORDING ARTICLE -o FILE.srt
";

/// So many cues are shown, and where this is said.
const CUES: usize = 3;
const PHRASE: &str = "power from a fire truck";

/// Whether the built-in episode is this one.
pub fn is_episode(id: EpisodeId) -> bool {
    static ID: LazyLock<Option<EpisodeId>> = LazyLock::new(|| {
        (!EPISODE.is_empty()).then(|| EpisodeId(*blake3::hash(EPISODE).as_bytes()))
    });
    *ID == Some(id)
}

/// The built-in episode, its article, and how it is recognised, for as long as this is kept.
struct Demo {
    audio: PathBuf,
    text: String,
    recognise: RecogniseArgs,
    _folder: tempfile::TempDir,
}

impl Demo {
    fn unpack() -> Result<Self, Failure> {
        if EPISODE.is_empty() || ARTICLE.is_empty() {
            let why = "this copy of aloud was built without the demo episode";
            return Err(Failure::new(Exit::Failed, why).hint("build it from the whole source tree"));
        }
        let folder = tempfile::tempdir()?;
        let (audio, text) = (folder.path().join(NAME), folder.path().join(ARTICLE_NAME));
        fs::write(&audio, EPISODE)?;
        fs::write(&text, ARTICLE)?;
        // The model's card: greedy search is as right as any for this one, and twice as quick.
        let recognise = RecogniseArgs {
            model: Some(MICRO.to_owned()),
            language: Some("en".to_owned()),
            beam: Some(1),
            ..RecogniseArgs::default()
        };
        Ok(Self { audio, text: text.to_string_lossy().into_owned(), recognise, _folder: folder })
    }
}

/// Plays the built-in episode, and others that are chosen after it, as `args` say.
pub fn play(args: &ListenArgs, context: &Context) -> Outcome {
    let demo = Demo::unpack()?;
    let (audio, article, recognise) =
        (Some(demo.audio.clone()), Some(demo.text.clone().into()), demo.recognise.clone());
    listen::run_with(&ListenArgs { audio, article, recognise, ..args.clone() }, args, context)?;
    output::to_stdout(NEXT.as_bytes())
}

/// Recognises the built-in episode and ties its article to it. In a terminal it plays; elsewhere it
/// leaves subtitles and says what it did.
pub fn run(args: &DemoArgs, context: &Context) -> Outcome {
    if io::stdout().is_terminal() && io::stdin().is_terminal() && args.output.is_none() {
        return play(&ListenArgs::default(), context);
    }
    let Demo { audio, text, recognise, _folder } = Demo::unpack()?;
    context.voice.note(
        "a narrated column of 9:21, recognised on this machine by the very small built-in model",
    );
    let start = Instant::now();
    let reading = method::reading(
        &audio,
        (article::load(&text, None, None, context)?.article, Other::default()),
        (&recognise, &MethodArgs::default()),
        context,
    )?;
    let took = start.elapsed().as_secs_f64();
    let mut srt = Vec::new();
    export::write(Format::Srt, &reading, &Options::default(), &mut srt)?;
    let path = args.output.clone().unwrap_or_else(|| "aloud-demo.srt".into());
    output::to_file(&path, &srt, true)?;
    if output::is_stdout(&path) {
        return Ok(Exit::Done);
    }
    output::say(&summary(&reading, took, &path.display().to_string()))
}

/// What was done, in a few lines.
fn summary(reading: &Reading, took: f64, srt: &str) -> String {
    let Reading { transcript, article, alignment } = reading;
    let length = transcript.audio.duration.unwrap_or_default();
    let timed = alignment.words.iter().filter(|timing| timing.span.is_some()).count();
    let unread =
        alignment.sentences.iter().filter(|timing| timing.status == Status::Unspoken).count();
    let added: f64 = alignment.unwritten.iter().map(|u| u.span.millis() as f64 / 1000.0).sum();
    // What nobody wrote is spelled as the small model heard it; the article's own words are what
    // one came for.
    let written = Options { unwritten: Unwritten::Drop, ..Options::default() };
    let cues = export::cues(reading, &written);
    let shown = cues.iter().filter(|cue| !cue.lines.is_empty()).take(CUES);
    let cues: String = shown
        .map(|cue| {
            format!(
                "\n             {}  {}",
                cue.span.start(),
                cue.texts().collect::<Vec<_>>().join(" ")
            )
        })
        .collect();
    let hits = Query::parse(PHRASE)
        .map(|query| search::find(&Text::written(reading), &query))
        .unwrap_or_default();
    let found = hits
        .first()
        .and_then(|hit| hit.span)
        .map_or_else(|| "not found".to_owned(), |span| format!("said at {}", span.start()));
    format!(
        "\nepisode      {NAME}, {length}, recognised in {took:.1} s ({:.0}× realtime) by a very small model that knows this voice only\n\
         written      {} words, {timed} of which know when they are spoken\n\
         first cues{cues}\n\
         found        “{PHRASE}”: {found}\n\
         left out     {unread} sentences that nobody reads: title, byline, captions and the like\n\
         added        {added:.0} s are said but not written: an introduction, an advertisement\n\
         subtitles    {srt}: the article's own words\n\
         to see it    `aloud demo` in a terminal plays it, and the words light up as they are heard\n\n{NEXT}",
        length.secs() / took.max(0.001),
        article.words.len(),
    )
}
