//! Which episodes are searched, and what is known of each.

use crate::cli::args::{FindArgs, InArg};
use crate::cli::exit::Exit;
use crate::cli::recognise::{self, Recognition};
use crate::cli::report::{Failure, plain};
use crate::cli::tracks::Chosen;
use crate::cli::{Context, article, method, output, parts, tracks};
use crate::decode;
use crate::episode::{Episode, file_name};
use crate::reading::Reading;
use crate::reason::Reason;
use crate::transcript::Segment;
use std::path::{Path, PathBuf};

/// An episode that can be searched.
pub struct Known {
    /// The recording as it was named.
    pub audio: PathBuf,
    /// What of it is heard.
    pub chosen: Chosen,
    /// What was said and written.
    pub reading: Reading,
    /// Whether the reading's text was written, and is not its transcript.
    pub has_article: bool,
}

/// Everything that is to be searched. A recording that is named alone is transcribed if it was not
/// yet; of several those that were not are named, and left out unless they are to be transcribed.
///
/// # Errors
/// With exit code 2 where the options do not fit the recordings, 3 where one cannot be read, 5
/// where none was transcribed; else as [`Recognition::transcript`].
pub fn collect(args: &FindArgs, context: &Context) -> Result<Vec<Known>, Failure> {
    let mut seen = std::collections::HashSet::new();
    let audio: Vec<&Path> = args
        .audio
        .iter()
        .map(PathBuf::as_path)
        .filter(|path| seen.insert(path.to_owned()))
        .collect();
    if let [only] = audio[..] {
        return Ok(vec![one(only, args, context)?]);
    }
    for path in &audio {
        output::input(path)?;
    }
    let of_one = [
        (args.article.is_some(), "--article"),
        (args.recognise.transcript.is_some(), "--transcript"),
    ];
    if let Some((_, flag)) = of_one.into_iter().find(|(is_given, _)| *is_given) {
        let why = format!("`{flag}` is of one recording");
        return Err(Failure::new(Exit::Usage, why).hint(super::ONE));
    }
    wants_article(args, false)?;
    let language = tracks::language(None, &args.recognise, context)?;
    let heard = |path: &&Path| {
        Ok(((*path).to_owned(), tracks::one(path, &args.which, language.as_deref(), context)?))
    };
    several(audio.iter().map(heard).collect::<Result<Vec<_>, Failure>>()?, args, context)
}

fn wants_article(args: &FindArgs, has_article: bool) -> Result<(), Failure> {
    let wants = args.text == InArg::Written && !has_article;
    if wants {
        Err(Failure::new(Exit::Usage, "`--in written` searches an article")
            .hint("give it with `--article`"))
    } else {
        Ok(())
    }
}

fn one(audio: &Path, args: &FindArgs, context: &Context) -> Result<Known, Failure> {
    output::input_or_pattern(audio)?;
    let own = parts::is_book(audio).then(|| audio.as_os_str().to_owned());
    let source = args.article.clone().or(own);
    wants_article(args, source.is_some())?;
    let named = recognise::language(args.recognise.language.clone(), context)?;
    let text = source
        .as_deref()
        .map(|source| article::load(source, args.chapter.as_deref(), named, context))
        .transpose()?;
    let written = text.as_ref().map(|text| &text.article);
    let language = tracks::language(written, &args.recognise, context)?;
    let recording = parts::recording(audio, context)?;
    let mut chosen = tracks::one(&recording.path, &args.which, language.as_deref(), context)?;
    let audio = recording.path.clone();
    let (Some(source), Some(mut text)) = (source, text) else {
        let transcript = Recognition::of(&chosen.path, &args.recognise, None, context)?
            .transcript(&chosen.path, &mut |_: &[Segment]| {})?;
        let reading = Reading::of_transcript(transcript);
        return Ok(Known { audio, chosen, reading, has_article: false });
    };
    let bytes = std::mem::take(&mut text.bytes);
    let how = args.method.or_forced(args.force);
    let asked = parts::Asked {
        audio: &parts::Recording { path: chosen.path.clone(), ..recording },
        source: &source,
        bytes: &bytes,
        text,
        chapter: args.chapter.as_deref(),
        how: (&args.recognise, &how),
    };
    let (tied, heard) = parts::tied(asked, context)?;
    let reading = method::accepted(tied, &heard, how.anyway, context)?;
    // Its files may go in another order than their names.
    let audio = if heard == chosen.path { audio } else { heard.clone() };
    chosen.path = heard;
    Ok(Known { audio, chosen, reading, has_article: true })
}

fn several(
    audio: Vec<(PathBuf, Chosen)>,
    args: &FindArgs,
    context: &Context,
) -> Result<Vec<Known>, Failure> {
    let recognition = Recognition::new(&args.recognise, None, context)?;
    let (mut known, mut missing) = (Vec::new(), Vec::new());
    for (audio, chosen) in audio {
        let heard = &chosen.path;
        let transcript = if args.transcribe {
            Some(recognition.transcript(heard, &mut |_: &[Segment]| {})?)
        } else {
            recognition.recall(&episode(heard)?)
        };
        match transcript {
            Some(transcript) => known.push(Known {
                audio,
                chosen,
                reading: Reading::of_transcript(transcript),
                has_article: false,
            }),
            None => missing.push(plain(&audio.to_string_lossy())),
        }
    }
    if missing.is_empty() {
        return Ok(known);
    }
    let why = Reason::new(format!("not transcribed yet: {}", missing.join(", ")))
        .hint("`--transcribe` does that first");
    if known.is_empty() {
        return Err(Failure::new(Exit::Nothing, why));
    }
    context.voice.warn(why.one_line());
    Ok(known)
}

/// Who this recording is, as far as the store has to know.
fn episode(audio: &Path) -> Result<Episode, Failure> {
    let id = decode::episode_id(audio).map_err(|e| {
        Failure::new(Exit::Input, format!("cannot read `{}`: {e}", audio.display()))
    })?;
    let file = file_name(audio);
    Ok(Episode { file, id, tags: <_>::default() })
}
