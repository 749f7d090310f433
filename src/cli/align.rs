//! `aloud align`: when is each written word spoken.

use super::args::{AlignArgs, EMBED, FragmentsArg};
use super::exit::Exit;
use super::report::{Failure, Outcome};
use super::{Context, article as articles, book, inputs, method, output, parts, recognise, tracks};
use crate::export::{self, Format};
use crate::reading::Reading;
use crate::report;
use crate::report::plot::{Picture, plot};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// The width of a report that does not go to a terminal, in cells.
const COLUMNS: usize = 80;

/// Ties the article to the recording, and reports.
pub fn run(args: &AlignArgs, context: &Context) -> Outcome {
    let article = args
        .article
        .clone()
        .or_else(|| parts::is_book(&args.audio).then(|| args.audio.clone().into_os_string()));
    let Some(article) = article else {
        let why = "there is no article, and only a book that has its sound in it stands alone";
        return Err(Failure::new(Exit::Usage, why)
            .hint("name the article too: `aloud align AUDIO ARTICLE`"));
    };
    output::input_or_pattern(&args.audio)?;
    let recording = parts::recording(&args.audio, context)?;
    let args = &AlignArgs {
        audio: recording.path.clone(),
        article: Some(article.clone()),
        ..args.clone()
    };
    if let Some(path) = &args.output {
        output::check(path, args.force)?;
    }
    let picture = args.plot.as_deref().map(|path| picture(path, args.force)).transpose()?;
    output::input(&args.audio)?;
    for path in [args.output.as_deref(), args.plot.as_deref()] {
        let files = recording
            .files
            .iter()
            .map(PathBuf::as_path)
            .chain([args.audio.as_path(), Path::new(&article)]);
        output::spare(path, files.chain(args.recognise.transcript.as_deref()))?;
    }
    let named = recognise::language(args.recognise.language.clone(), context)?;
    let mut text = articles::load(&article, args.chapter.as_deref(), named, context)?;
    let source = std::mem::take(&mut text.bytes);
    let new_book = args.output.as_deref().filter(|path| inputs::is_book_name(path));
    let mut wanted = new_book.map(|_| book::wanted(args, &source)).transpose()?;
    if wanted.is_none() && (args.fragments != FragmentsArg::Sentence || args.sound != EMBED) {
        let why = "`--fragments` and `--audio` are for books, and `-o` names none";
        return Err(Failure::new(Exit::Usage, why).hint("give it a name that ends in `.epub`"));
    }
    let recording = match new_book {
        Some(_) if args.which.is_some() => return Err(book::whole_only()),
        Some(_) => recording,
        None => {
            let language = tracks::language(Some(&text.article), &args.recognise, context)?;
            tracks::chosen(recording, &args.which, language.as_deref(), context)?
        }
    };
    // A book goes into the file, what is known of it where it goes without one.
    let output = args.output.as_deref().filter(|path| wanted.is_none() && !output::is_stdout(path));
    let how = (&args.recognise, &args.method);
    let is_wanted = args.method.or_forced(args.force).anyway;
    let asked = parts::Asked {
        audio: &recording,
        source: &article,
        bytes: &source,
        text,
        chapter: args.chapter.as_deref(),
        how,
    };
    let (tied, audio) = parts::tied(asked, context)?;
    if audio != recording.path {
        // Its files go in another order.
        wanted = new_book
            .map(|_| book::wanted(&AlignArgs { audio: audio.clone(), ..args.clone() }, &source))
            .transpose()?;
    }
    let args = &AlignArgs { audio, ..args.clone() };
    let refused = method::refusal(&tied, &args.audio).filter(|_| args.json && !is_wanted);
    if let Some(failure) = refused {
        // A program is told in its own way as well.
        let bytes = as_json(&tied.reading.without_times())?;
        match output {
            Some(path) => output::to_file(path, &bytes, args.force)?,
            None => output::to_stdout(&bytes)?,
        };
        return Err(failure);
    }
    let reading = method::accepted(tied, &args.audio, is_wanted, context)?;
    parts::judge(&args.audio, &reading, &context.voice);
    if let (Some(picture), Some(path)) = (picture, &args.plot) {
        output::to_file(path, &plot(&reading, picture)?, args.force)?;
        context.voice.note(format!("the picture is in `{}`", path.display()));
    }
    if let (Some(path), Some(wanted)) = (new_book, wanted) {
        book::write(path, &source, wanted, &reading, args, context)?;
    }
    let bytes = if args.json {
        as_json(&reading)?
    } else {
        let is_terminal = output.is_none() && std::io::stdout().is_terminal();
        let columns = terminal_size::terminal_size()
            .filter(|_| is_terminal)
            .map_or(COLUMNS, |(width, _)| usize::from(width.0));
        report::report(&reading, columns, is_terminal && context.voice.has_colour).into_bytes()
    };
    match output {
        Some(path) => output::to_file(path, &bytes, args.force),
        None => output::to_stdout(&bytes),
    }
}

fn as_json(reading: &Reading) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    export::write(Format::Alignment, reading, &export::Options::default(), &mut bytes)?;
    Ok(bytes)
}

/// The kind of picture that a file's name asks for.
fn picture(path: &Path, force: bool) -> Result<Picture, Failure> {
    output::check(path, force)?;
    let unknown = || {
        Failure::new(
            Exit::Usage,
            format!("`--plot` draws .svg and .png, and `{}` is neither", path.display()),
        )
    };
    Picture::of_path(path).ok_or_else(unknown)
}
