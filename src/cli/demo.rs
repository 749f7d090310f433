//! `aloud demo`: the main job on the built-in episode, with no download and nothing to prepare.

use super::args::{DemoArgs, RecogniseArgs};
use super::exit::Exit;
use super::recognise::Recognition;
use super::report::{Failure, Outcome};
use super::{Context, output};
use crate::export::{self, Format, Options};
use crate::models::catalogue::MICRO;
use crate::reading::Reading;
use crate::transcript::{Segment, Transcript};
use std::io::{self, IsTerminal, Write};
use std::time::Instant;

/// The English column's narration; empty in a packaged copy without it.
static EPISODE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/demo.mp3"));
/// Its name.
const NAME: &str = "open-models.en.mp3";

/// Transcribes the built-in episode and leaves its subtitles.
pub fn run(args: &DemoArgs, context: &Context) -> Outcome {
    if EPISODE.is_empty() {
        return Err(Failure::new(
            Exit::Failed,
            "this copy of aloud was built without the demo episode; build it from the whole source tree",
        ));
    }
    let folder = tempfile::tempdir()?;
    let audio = folder.path().join(NAME);
    std::fs::write(&audio, EPISODE)?;
    // The model's card: greedy search is as right as any for this one, and twice as quick.
    let recognise =
        RecogniseArgs { model: Some(MICRO.to_owned()), language: Some("en".to_owned()), beam: Some(1), ..RecogniseArgs::default() };
    let recognition = Recognition::new(&recognise, None, context)?;
    context.voice.note("a narrated column of 9:21, recognised on this machine by the very small built-in model");
    let is_live = io::stdout().is_terminal();
    let mut live = |segments: &[Segment]| {
        if is_live {
            let part = Transcript { segments: segments.to_vec(), ..Transcript::default() };
            let _ = export::txt::write(&part, &mut io::stdout()).and_then(|()| io::stdout().flush());
        }
    };
    let start = Instant::now();
    let transcript = recognition.transcript(&audio, &mut live)?;
    let took = start.elapsed().as_secs_f64();
    let mut srt = Vec::new();
    let reading = Reading::of_transcript(transcript);
    export::write(Format::Srt, &reading, &Options::default(), &mut srt)?;
    output::to_file(&args.output, &srt, true)?;
    output::to_stdout(summary(&reading.transcript, took, &args.output.display().to_string()).as_bytes())
}

/// What was done, in a few lines.
fn summary(transcript: &Transcript, took: f64, srt: &str) -> String {
    let length = transcript.audio.duration.unwrap_or_default();
    let words = transcript.words().count();
    let first: Vec<&str> = transcript.words().take(12).map(|w| w.text.as_str()).collect();
    format!(
        "\nepisode    {NAME}, {length}\n\
         heard      {words} words in {took:.1} s ({:.0}× realtime): “{} …”\n\
         subtitles  {srt}\n\
         \n\
         The built-in model knows the demo's voice only. For your own recordings:\n\
         \n\
         \x20   aloud models pull base\n\
         \x20   aloud transcribe RECORDING\n",
        length.secs() / took.max(0.001),
        first.join(" "),
    )
}
