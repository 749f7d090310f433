//! Which episodes are searched, and what is known of each.

use crate::cli::args::{FindArgs, InArg};
use crate::cli::exit::Exit;
use crate::cli::method::Other;
use crate::cli::recognise::{self, Recognition};
use crate::cli::report::{Failure, plain};
use crate::cli::tracks::Chosen;
use crate::cli::{Context, article, method, output, tracks};
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
    for path in &audio {
        output::input(path)?;
    }
    if let [only] = audio[..] {
        return Ok(vec![one(only, args, context)?]);
    }
    let of_one = [
        (args.article.is_some(), "--article"),
        (args.recognise.transcript.is_some(), "--transcript"),
    ];
    if let Some((_, flag)) = of_one.into_iter().find(|(is_given, _)| *is_given) {
        let why = format!("`{flag}` is of one recording");
        return Err(Failure::new(Exit::Usage, why).hint("name one"));
    }
    wants_article(args)?;
    let language = tracks::language(None, &args.recognise, context)?;
    let heard = |path: &&Path| {
        Ok(((*path).to_owned(), tracks::one(path, &args.which, language.as_deref(), context)?))
    };
    several(audio.iter().map(heard).collect::<Result<Vec<_>, Failure>>()?, args, context)
}

fn wants_article(args: &FindArgs) -> Result<(), Failure> {
    let wants = args.text == InArg::Written && args.article.is_none();
    if wants {
        Err(Failure::new(Exit::Usage, "`--in written` searches an article")
            .hint("give it with `--article`"))
    } else {
        Ok(())
    }
}

fn one(audio: &Path, args: &FindArgs, context: &Context) -> Result<Known, Failure> {
    wants_article(args)?;
    let named = recognise::language(args.recognise.language.clone(), context)?;
    let text = args
        .article
        .as_deref()
        .map(|source| article::load(source, args.chapter.as_deref(), named, context))
        .transpose()?;
    let has_article = text.is_some();
    let written = text.as_ref().map(|text| &text.article);
    let language = tracks::language(written, &args.recognise, context)?;
    let chosen = tracks::one(audio, &args.which, language.as_deref(), context)?;
    let heard = &chosen.path;
    let reading = match text {
        Some(text) => method::reading(
            heard,
            (text.article, Other { other: text.other.as_ref(), whole: text.whole.as_ref() }),
            (&args.recognise, &args.method.or_forced(args.force)),
            context,
        )?,
        None => Reading::of_transcript(
            Recognition::of(heard, &args.recognise, None, context)?
                .transcript(heard, &mut |_: &[Segment]| {})?,
        ),
    };
    Ok(Known { audio: audio.to_owned(), chosen, reading, has_article })
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
