//! `aloud transcribe`: many recordings in, a transcript for each.

use super::args::{FormatArg, TranscribeArgs};
use super::exit::Exit;
use super::recognise::Recognition;
use super::report::{Failure, Outcome, plain};
use super::{Context, inputs, output, tracks};
use crate::episode::file_name;
use crate::export::{self, Format, Options};
use crate::reading::Reading;
use crate::time::Span;
use crate::transcribe::language;
use crate::transcript::{Gap, GapReason, Segment, Transcript};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

impl From<FormatArg> for Format {
    fn from(arg: FormatArg) -> Self {
        match arg {
            FormatArg::Json => Self::Transcript,
            FormatArg::Txt => Self::Text,
            FormatArg::Srt => Self::Srt,
            FormatArg::Vtt => Self::Vtt,
        }
    }
}

/// Where the transcripts of a command go.
enum Target {
    /// One after another to standard output.
    Stdout,
    /// The only one into this file.
    File(PathBuf),
    /// Each into this folder, under the recording's name.
    Folder(PathBuf),
}

/// Transcribes everything that was named, goes on after a bad one, and sums up.
pub fn run(args: &TranscribeArgs, context: &Context) -> Outcome {
    let mut recordings = inputs::recordings(&args.audio);
    // Of all, so that a share calls them as one machine would.
    let mut names = names(&recordings);
    if let Some(shard) = args.shard
        && !recordings.is_empty()
    {
        let n = recordings.len();
        (recordings, names) =
            recordings.into_iter().zip(names).filter(|(recording, _)| shard.has(recording)).unzip();
        context.voice.note(format!("share {shard}: {} of {n} recordings", recordings.len()));
        if recordings.is_empty() {
            return Ok(Exit::Done);
        }
    }
    if recordings.is_empty() {
        let named: Vec<String> =
            args.audio.iter().map(|path| format!("`{}`", path.display())).collect();
        let why = format!("there are no recordings in {}", named.join(", "));
        return Err(Failure::new(Exit::Input, why).hint("name a file, or a folder that holds some"));
    }
    if args.recognise.transcript.is_some() && recordings.len() > 1 {
        return Err(
            Failure::new(Exit::Usage, "`--transcript` is of one recording").hint("name one")
        );
    }
    if let [only] = &recordings[..] {
        output::input(only)?;
    }
    output::spare(
        args.output.as_deref(),
        recordings.iter().map(PathBuf::as_path).chain(args.recognise.transcript.as_deref()),
    )?;
    let (target, format) = plan(args, &recordings)?;
    let recognition = match &recordings[..] {
        [only] => Recognition::of(only, &args.recognise, None, context)?,
        _ => Recognition::new(&args.recognise, None, context)?,
    };
    let language = tracks::language(None, &args.recognise, context)?;
    let (mut done, mut there, mut worst) = (0, 0, Exit::Done);
    for (n, (recording, name)) in recordings.iter().zip(names).enumerate() {
        let file = match &target {
            Target::Stdout => None,
            Target::File(path) => Some(path.clone()),
            Target::Folder(folder) => {
                Some(folder.join(format!("{name}{}.{}", args.which.suffix(), format.name())))
            }
        };
        // Whoever asks for a folder again asks for what is missing in it.
        if matches!(target, Target::Folder(_))
            && !args.force
            && file.as_deref().is_some_and(Path::is_file)
        {
            there += 1;
            continue;
        }
        let place = (recordings.len() > 1).then_some((n + 1, recordings.len()));
        let result =
            tracks::one(recording, &args.which, language.as_deref(), context).and_then(|heard| {
                one(&heard.path, &recognition, file.as_deref(), format, args.force, place, context)
            });
        match result {
            Ok(_) => done += 1,
            Err(failure) if failure.exit == Exit::Cancelled || recordings.len() == 1 => {
                return Err(failure);
            }
            Err(failure) => {
                // What is wrong with the recording itself names it.
                context.voice.error(match failure.exit {
                    Exit::Input => failure.why,
                    _ => failure.why.of(format!("`{}`", recording.display())),
                });
                worst = worst.max(failure.exit);
            }
        }
    }
    if recordings.len() > 1 {
        let before = if there > 0 {
            format!(", {there} there already; `--force` makes them again")
        } else {
            String::new()
        };
        context
            .voice
            .note(format!("{done} of {} recordings transcribed{before}", recordings.len()));
    } else if there > 0 {
        context.voice.note("the transcript is there already; `--force` makes it again");
    }
    Ok(worst)
}

fn plan(args: &TranscribeArgs, recordings: &[PathBuf]) -> Result<(Target, Format), Failure> {
    let named = args.format.map(Format::from);
    let by_name = || {
        args.output.as_deref().map_or(Ok(None), |path| output::format(path, &Format::TRANSCRIPTS))
    };
    let format = named.map_or_else(by_name, |format| Ok(Some(format)))?.unwrap_or(Format::Text);
    let target = match &args.output {
        None if recordings.len() > 1 && matches!(format, Format::Srt | Format::Vtt) => {
            let why = "subtitles of several recordings need a folder";
            return Err(Failure::new(Exit::Usage, why).hint("`-o FOLDER` names one"));
        }
        None => Target::Stdout,
        Some(path) if output::is_stdout(path) => Target::Stdout,
        Some(path) if path.is_dir() => Target::Folder(path.clone()),
        Some(path) if !path.exists() && is_folder_to_be(path, recordings.len() > 1) => {
            fs::create_dir_all(path).map_err(|e| {
                Failure::new(
                    Exit::Failed,
                    format!("cannot make the folder `{}`: {e}", path.display()),
                )
            })?;
            Target::Folder(path.clone())
        }
        Some(path) if recordings.len() > 1 => {
            let path = path.display();
            let why = format!("several recordings need a folder, and `{path}` is none");
            return Err(Failure::new(Exit::Usage, why).hint(format!("`{path}/` makes one")));
        }
        Some(path) => {
            output::check(path, args.force)?;
            Target::File(path.clone())
        }
    };
    Ok((target, format))
}

/// What to call the transcript of each recording: by its name without the extension; where others
/// would have the same, with it, then with its folder, and at last with its number in the list.
fn names(recordings: &[PathBuf]) -> Vec<String> {
    let mut names = vec![None; recordings.len()];
    for way in 0..4 {
        let wanted: Vec<String> =
            recordings.iter().enumerate().map(|(n, path)| name(way, n, path)).collect();
        // File systems may take large and small letters for the same.
        let mut counts: HashMap<String, usize> = HashMap::new();
        for (own, wanted) in names.iter().zip(&wanted) {
            *counts.entry(own.as_ref().unwrap_or(wanted).to_lowercase()).or_default() += 1;
        }
        for (own, wanted) in names.iter_mut().zip(wanted) {
            if own.is_none() && counts[&wanted.to_lowercase()] == 1 {
                *own = Some(wanted);
            }
        }
    }
    names
        .into_iter()
        .enumerate()
        .map(|(n, name)| name.unwrap_or_else(|| (n + 1).to_string()))
        .collect()
}

fn name(way: usize, n: usize, path: &Path) -> String {
    let text = |part: Option<&OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let whole = text(path.file_name());
    match way {
        0 => text(path.file_stem()),
        1 => whole,
        2 => format!("{} {whole}", text(path.parent().and_then(Path::file_name))),
        _ => format!("{} {whole}", n + 1),
    }
}

/// Whether a name that nothing has yet is that of a folder: it ends as one, or many files are to go
/// there and it looks like none.
fn is_folder_to_be(path: &Path, is_many: bool) -> bool {
    path.as_os_str().to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR])
        || (is_many && path.extension().is_none())
}

fn one(
    recording: &Path,
    recognition: &Recognition,
    file: Option<&Path>,
    format: Format,
    force: bool,
    place: Option<(usize, usize)>,
    context: &Context,
) -> Outcome {
    if let Some(file) = file {
        output::check(file, force)?;
    }
    // On a terminal a reader sees each line as soon as it is known.
    let is_live = file.is_none() && format == Format::Text && io::stdout().is_terminal();
    if place.is_some() && file.is_none() && format == Format::Text {
        output::say(&format!("\n== {} ==\n", recording.display()))?;
    }
    let mut shown = 0;
    let mut live = |segments: &[Segment]| {
        if is_live {
            shown += segments.len();
            let part = Transcript { segments: segments.to_vec(), ..Transcript::default() };
            let _ =
                export::txt::write(&part, &mut io::stdout()).and_then(|()| io::stdout().flush());
        }
    };
    let name = file_name(recording);
    let label = place.map_or_else(|| name.clone(), |(n, all)| format!("{n} of {all}  {name}"));
    let transcript = recognition.transcript_as(&label, recording, &mut live)?;
    if transcript.words().next().is_none() {
        context.voice.note(wordless(&plain(&recording.display().to_string()), &transcript));
    }
    if is_live && shown > 0 {
        return Ok(Exit::Done);
    }
    let mut bytes = Vec::new();
    export::write(format, &Reading::of_transcript(transcript), &Options::default(), &mut bytes)?;
    match file {
        Some(file) => output::to_file(file, &bytes, force),
        None => output::to_stdout(&bytes),
    }
}

/// What is said of a recording called `name` without a word in it: whether nobody speaks, or
/// nothing could be made out.
fn wordless(name: &str, transcript: &Transcript) -> String {
    let is_lost = |gap: &&Gap| {
        matches!(gap.reason, GapReason::Unclear | GapReason::Failed | GapReason::Damaged)
    };
    let lost: Vec<Span> = transcript.gaps.iter().filter(is_lost).map(|gap| gap.span).collect();
    let Some(first) = lost.first() else {
        return format!("nobody speaks in `{name}`, as far as can be heard");
    };
    let seconds = lost.iter().map(|span| span.millis()).sum::<u64>().div_ceil(1000);
    let more = if lost.len() > 1 {
        format!(" and in {} more places", lost.len() - 1)
    } else {
        String::new()
    };
    let taken = transcript
        .language
        .as_deref()
        .map_or_else(String::new, |code| format!(" in {}", language::name(code)));
    format!(
        "no words could be made out{taken} in `{name}`, though something is there at {} to {}{more}, {seconds} s in all; \
         if another language is spoken, `--language` says which",
        first.start(),
        first.end()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_speaks_only_where_no_speech_was_found() {
        let gap = |start, end, reason| Gap { span: Span::from_millis(start, end), reason };
        for (gaps, want) in [
            (vec![], "nobody speaks in `x`, as far as can be heard"),
            (vec![gap(0, 9000, GapReason::Music)], "nobody speaks in `x`, as far as can be heard"),
            (
                vec![
                    gap(0, 2000, GapReason::Silence),
                    gap(2000, 13_000, GapReason::Unclear),
                    gap(20_000, 20_500, GapReason::Failed),
                ],
                "no words could be made out in English in `x`, though something is there at 0:02 to 0:13 and in 1 more places, \
                 12 s in all; if another language is spoken, `--language` says which",
            ),
        ] {
            let transcript =
                Transcript { language: Some("en".into()), gaps, ..Transcript::default() };
            assert_eq!(wordless("x", &transcript), want);
        }
    }

    #[test]
    fn every_transcript_has_a_name_of_its_own() {
        for (recordings, want) in [
            (vec!["a/one.mp3", "a/two.mp3"], vec!["one", "two"]),
            (vec!["a/one.mp3", "a/ONE.wav", "two.wav"], vec!["one.mp3", "ONE.wav", "two"]),
            (
                vec!["a/one.mp3", "b/one.mp3", "b/one.wav"],
                vec!["a one.mp3", "b one.mp3", "one.wav"],
            ),
            (vec!["x/a/one.mp3", "y/a/one.mp3"], vec!["1 one.mp3", "2 one.mp3"]),
        ] {
            let recordings: Vec<PathBuf> = recordings.into_iter().map(PathBuf::from).collect();
            assert_eq!(names(&recordings), want);
        }
    }
}
