//! `aloud subs`: subtitles whose words are the article's, and the judgement of any subtitles.

use super::args::{MethodArg, SubsArgs, UnwrittenArg};
use super::exit::Exit;
use super::recognise::{self, Recognition};
use super::report::{Failure, Outcome, counted, plain, quoted};
use super::{Context, article, method, output, parts, rules, second, tracks};
use crate::align;
use crate::decode::{self, Convert, Name, Source};
use crate::episode::{Chapter, file_name};
use crate::export::{self, Format, Options, Profile, Sound, Unwritten, check, convert, fix};
use crate::feeds;
use crate::import;
use crate::models::catalogue;
use crate::printable;
use crate::reading::Reading;
use crate::reason::Reason;
use crate::time::{Span, Timestamp};
use crate::transcript::Segment;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

impl From<UnwrittenArg> for Unwritten {
    fn from(arg: UnwrittenArg) -> Self {
        match arg {
            UnwrittenArg::Keep => Self::Keep,
            UnwrittenArg::Drop => Self::Drop,
            UnwrittenArg::Brackets => Self::Brackets,
        }
    }
}

/// Writes subtitles, or judges them.
pub fn run(args: &SubsArgs, context: &Context) -> Outcome {
    let profile = rules::profile(&args.profile)?;
    if args.check && is_subtitles(&args.audio) {
        return judge_file(&args.audio, &profile, args.json);
    }
    if args.fix {
        return mend_file(args, &profile, context);
    }
    output::input_or_pattern(&args.audio)?;
    if is_subtitles(&args.audio) {
        let why = format!("`{}` holds subtitles, no sound", args.audio.display());
        return Err(
            Failure::new(Exit::Usage, why).hint("`--check` judges them, `--fix` mends them")
        );
    }
    let own = parts::is_book(&args.audio).then(|| args.audio.clone().into_os_string());
    let recording = parts::recording(&args.audio, context)?;
    let args = &SubsArgs {
        audio: recording.path.clone(),
        article: args.article.clone().or(own),
        ..args.clone()
    };
    if args.article.is_some() && args.recognise.script.is_some() {
        context.voice.note(
            "`--script` is for what was said; the article's own words stay as they are written",
        );
    }
    let format = format(args)?;
    let files = recording.files.iter().map(PathBuf::as_path);
    let texts = args.article.iter().chain(&args.bilingual).map(Path::new).chain(files);
    output::spare(
        args.output.as_deref(),
        texts.chain([args.audio.as_path()]).chain(args.recognise.transcript.as_deref()),
    )?;
    if let Some(path) = &args.output {
        output::check(path, args.force)?;
    }
    let named = recognise::language(args.recognise.language.clone(), context)?;
    let text = args
        .article
        .as_deref()
        .map(|source| article::load(source, args.chapter.as_deref(), named, context))
        .transpose()?;
    let written = text.as_ref().map(|text| &text.article);
    let language = tracks::language(written, &args.recognise, context)?;
    let recording = tracks::chosen(recording, &args.which, language.as_deref(), context)?;
    let args = &SubsArgs { audio: recording.path.clone(), ..args.clone() };
    let anyway = args.method.or_forced(args.force).anyway;
    let first = args.article.as_deref().zip(text.as_ref());
    let second = args
        .bilingual
        .as_deref()
        .map(|source| second::load(source, first, anyway, context))
        .transpose()?;
    if let Some((text, second)) = text.as_ref().zip(second.as_ref()) {
        second.belongs_to(&text.article, context)?;
    }
    if text.is_none()
        && let Some(named) = args
            .method
            .method
            .filter(|named| matches!(named, MethodArg::Synth | MethodArg::Estimate))
    {
        let named = if named == MethodArg::Synth { "synth" } else { "estimate" };
        let why = format!("`--method {named}` gives times to a written text");
        return Err(
            Failure::new(Exit::Usage, why).hint("name the article: `aloud subs AUDIO ARTICLE`")
        );
    }
    let is_written = text.is_some();
    let reading = match text {
        Some(mut text) => {
            let method = args.method.or_forced(args.force);
            let bytes = std::mem::take(&mut text.bytes);
            let asked = parts::Asked {
                audio: &recording,
                source: args.article.as_deref().unwrap_or_default(),
                bytes: &bytes,
                text,
                chapter: args.chapter.as_deref(),
                how: (&args.recognise, &method),
            };
            let (tied, audio) = parts::tied(asked, context)?;
            method::accepted(tied, &audio, method.anyway, context)?
        }
        None => Reading::of_transcript(
            Recognition::of(&args.audio, &args.recognise, None, context)?
                .transcript(&args.audio, &mut |_: &[Segment]| {})?,
        ),
    };
    if args.keep_lines && reading.article.cues.is_empty() {
        let why = "`--keep-lines` keeps the lines of subtitles or lyrics, and this text is none";
        return Err(Failure::new(Exit::Usage, why).hint("leave it out"));
    }
    if let Some(second) = second.as_ref().filter(|_| !is_written) {
        second.belongs_to(&reading.article, context)?;
    }
    let beside = second.as_ref().map(|second| second.beside(&reading.article, context));
    let (beside, shared) =
        beside.map_or_else(Default::default, |beside| (beside.texts, beside.shared));
    let options = Options {
        profile,
        words: args.words,
        unwritten: args.unwritten.into(),
        second_language: second.as_ref().and_then(|second| second.language(&reading.article)),
        second: beside,
        shared,
        sound: if format == Format::Html { sound(&recording, args)? } else { Sound::None },
        chapters: if format == Format::Html {
            chapters(&recording.path, context)?
        } else {
            Vec::new()
        },
        title: args.title.clone(),
        keep_lines: args.keep_lines,
    };
    let cues = export::cues(&reading, &options);
    // A page has its text all the same.
    if cues.is_empty() && format != Format::Html {
        return Err(nothing(&reading, is_written, args.keep_lines, &recording.path));
    }
    if args.keep_lines {
        left_out(&export::unheard(&reading)).into_iter().for_each(|note| context.voice.warn(note));
    }
    if args.check {
        return judge(&cues, &options.profile, &[], args.json);
    }
    if options.unwritten != Unwritten::Drop {
        let can_hear = method::can_recognise(&args.recognise, context);
        let note = silent(&reading.alignment.unwritten, can_hear);
        note.into_iter().for_each(|note| context.voice.warn(note));
    }
    let mut bytes = Vec::new();
    export::write(format, &reading, &options, &mut bytes)?;
    let unmet = check::check(&cues, &options.profile).len();
    if unmet > 0 && !matches!(format, Format::Html | Format::Lrc) {
        let places = counted(unmet, "place", "places");
        context.voice.note(format!(
            "rules of `{}` are broken in {places}; `--check` lists them",
            options.profile.name
        ));
    }
    match &args.output {
        Some(path) => output::to_file(path, &bytes, args.force),
        None => output::to_stdout(&bytes),
    }
}

/// Why no subtitle came out, of a text that `is_written` or of what was recognised.
fn nothing(reading: &Reading, is_written: bool, keep_lines: bool, audio: &Path) -> Failure {
    let name = plain(&file_name(audio));
    let (why, hint) = match reading.alignment.method {
        _ if !is_written => (
            format!("no words were made out in `{name}`, so that there are no subtitles"),
            "`aloud transcribe` says what is heard instead; `--language` names what is spoken",
        ),
        align::Method::Sentences if keep_lines => (
            "these subtitles are in another language than is spoken, and their lines have no times"
                .to_owned(),
            "give those in the language that is spoken, or leave `--keep-lines` out",
        ),
        _ => (
            format!("nothing of the text was found in `{name}`, so that there are no subtitles"),
            "`aloud align` shows what was found; another `--method` may find more",
        ),
    };
    Failure::new(Exit::Nothing, why).hint(hint)
}

/// What is said of cues that were not kept, since no word of them was heard.
fn left_out(unheard: &[String]) -> Option<String> {
    let first = quoted(unheard.first()?);
    Some(match unheard.len() {
        1 => format!("1 cue is not spoken and was left out: {first}"),
        n => format!("{n} cues are not spoken and were left out, the first: {first}"),
    })
}

/// Speech of so many milliseconds without a word is worth one.
const SILENT_MS: u64 = 10_000;

/// What is said that nobody wrote and nobody recognised, which no subtitles can show.
fn silent(unwritten: &[align::Unwritten], can_hear: bool) -> Option<String> {
    let bare = || unwritten.iter().filter(|passage| passage.text.is_empty()).map(|p| p.span);
    let ms: u64 = bare().map(Span::millis).sum();
    let longest = bare().max_by_key(|span| span.millis()).filter(|_| ms >= SILENT_MS)?;
    let first = match can_hear {
        true => String::new(),
        false => format!("`aloud models pull {}`, and ", catalogue::DEFAULT),
    };
    Some(format!(
        "{} of speech are not in the text and have no subtitles, the longest stretch from {} to {}; to have it recognised: {first}`--method auto`",
        Timestamp::from_millis(ms),
        longest.start(),
        longest.end(),
    ))
}

fn format(args: &SubsArgs) -> Result<Format, Failure> {
    let usage = |e: export::UnknownFormat| Failure::new(Exit::Usage, e);
    let named = args
        .format
        .as_deref()
        .map(|name| Format::named(name, &Format::SUBTITLES))
        .transpose()
        .map_err(usage)?;
    match (named, args.output.as_deref()) {
        (Some(format), _) => Ok(format),
        (None, Some(path)) if super::inputs::is_book_name(path) => {
            Err(Failure::new(Exit::Usage, "subtitles are no book")
                .hint("`aloud align AUDIO BOOK.epub -o NEW.epub` writes one that is read along"))
        }
        (None, Some(path)) => {
            output::format(path, &Format::SUBTITLES).map(|by_name| by_name.unwrap_or(Format::Srt))
        }
        (None, None) => Ok(Format::Srt),
    }
}

/// The recording's own chapters, or those that came beside it.
fn chapters(audio: &Path, context: &Context) -> Result<Vec<Chapter>, Failure> {
    let own =
        decode::open(audio).map_err(|e| Failure::new(Exit::Input, e))?.tags().chapters.clone();
    if !own.is_empty() {
        return Ok(own);
    }
    let id = decode::episode_id(audio).map_err(|e| {
        Failure::new(Exit::Input, format!("cannot read `{}`: {e}", audio.display()))
    })?;
    Ok(feeds::chapters(&context.store()?, id))
}

/// Where the page finds the recording.
fn sound(recording: &parts::Recording, args: &SubsArgs) -> Result<Sound, Failure> {
    let audio = match recording.files.as_slice() {
        [one] if decode::is_list(&recording.path) && !parts::is_book(one) => one,
        _ => &recording.path,
    };
    if decode::is_list(audio) {
        return Err(Failure::new(
            Exit::Usage,
            "a page plays one file, and this recording is in several",
        ));
    }
    // What is chosen of a file is a playlist of it.
    let parts = match decode::is_list(&recording.path) {
        true => Source::open(&recording.path).map_err(|e| Failure::new(Exit::Input, e))?.parts(),
        false => Vec::new(),
    };
    if let Some(track) = parts.iter().find_map(|part| part.choice.track) {
        let name = plain(&file_name(audio));
        let alone = Convert::to(
            &Name::new(audio.to_string_lossy()),
            "mka",
            &format!("-map 0:a:{track} -c copy"),
        );
        let why = format!(
            "a page plays the track that `{name}` chooses itself, and these are times of another"
        );
        return Err(Failure::new(Exit::Usage, why).hint(format!("part it: `{alone}`")));
    }
    let file = file_name(audio);
    if args.embed {
        let bytes = fs::read(audio).map_err(|e| {
            Failure::new(Exit::Input, format!("cannot read `{}`: {e}", audio.display()))
        })?;
        return Ok(Sound::Embedded { file, bytes });
    }
    let folder = args
        .output
        .as_deref()
        .and_then(Path::parent)
        .map_or_else(|| PathBuf::from("."), Path::to_owned);
    Ok(Sound::File(relative(&folder, audio).unwrap_or(file)))
}

/// The path of `to` from inside `folder`, with slashes; `None` where either does not exist or no
/// path leads there.
fn relative(folder: &Path, to: &Path) -> Option<String> {
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let (from, to) = (fs::canonicalize(here).ok()?, fs::canonicalize(to).ok()?);
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    if shared == 0 {
        return None;
    }
    let up = from.components().skip(shared).map(|_| "..".to_owned());
    let down =
        to.components().skip(shared).map(|part| part.as_os_str().to_string_lossy().into_owned());
    Some(up.chain(down).collect::<Vec<_>>().join("/"))
}

fn is_subtitles(path: &Path) -> bool {
    const ENDINGS: [&str; 9] = ["srt", "vtt", "ass", "ssa", "ttml", "dfxp", "lrc", "sbv", "sub"];
    path.extension().is_some_and(|e| ENDINGS.iter().any(|ending| e.eq_ignore_ascii_case(ending)))
}

fn judge_file(path: &Path, profile: &Profile, as_json: bool) -> Outcome {
    let failed = |why: Reason| {
        Failure::new(Exit::Input, why.of(format!("cannot read `{}`", path.display())))
    };
    let bytes = super::recognise::read_file(path).map_err(|e| failed(e.into()))?;
    let name = path.file_name().map(|name| name.to_string_lossy());
    let (cues, problems) = check::read(&bytes, name.as_deref()).map_err(|e| failed(e.into()))?;
    judge(&cues, profile, &problems, as_json)
}

/// A line for each of what was found; of what is mended in the same way only the first
/// [`MOST_OF_A_KIND`], and how many more there are.
fn findings(found: impl Iterator<Item = (String, &'static str)>) -> String {
    let (mut page, mut counts) = (String::new(), BTreeMap::new());
    for (what, mend) in found {
        let n: &mut usize = counts.entry(mend).or_default();
        *n += 1;
        if *n <= MOST_OF_A_KIND {
            let _ = writeln!(page, "{}", printable::line(&what));
        }
    }
    for (mend, n) in counts.into_iter().filter(|(_, n)| *n > MOST_OF_A_KIND) {
        let _ = writeln!(
            page,
            "and {}: {mend}",
            counted(n - MOST_OF_A_KIND, "more place", "more places")
        );
    }
    page
}

/// Writes a file of subtitles that keeps the rules, and says what was done and what is left.
fn mend_file(args: &SubsArgs, profile: &Profile, context: &Context) -> Outcome {
    let path = &args.audio;
    let failed = |why: Reason| {
        Failure::new(Exit::Input, why.of(format!("cannot read `{}`", path.display())))
    };
    let wanted = mended_format(args)?;
    output::spare(args.output.as_deref(), [path.as_path()])?;
    if let Some(output) = &args.output {
        output::check(output, args.force)?;
    }
    let bytes = super::recognise::read_file(path).map_err(|e| failed(e.into()))?;
    let name = path.file_name().map(|name| name.to_string_lossy());
    let mut document = import::document(&bytes, name.as_deref()).map_err(|e| failed(e.into()))?;
    let before = broken(&bytes, profile).map_err(|e| failed(e.into()))?;
    let changes = fix::fix(&mut document, profile);
    if document.cues.is_empty() {
        let why = format!("no cue of `{}` has a text, so that none would be left", path.display());
        return Err(Failure::new(Exit::Nothing, why).hint("get it again where it came from"));
    }
    let to_vtt = wanted.map_or(document.is_vtt, |format| format == Format::Vtt);
    let lost = convert::convert(&mut document, to_vtt);
    let text = fix::print(&document);
    // Judged as it will be read, so that `--check` finds the same.
    let left = broken(text.as_bytes(), profile).map_err(|e| failed(e.into()))?;
    if document.rolls {
        let why = "each shows again what the one before showed, so nothing was joined, divided or changed; \
                   `aloud transcribe AUDIO --transcript FILE` takes each word once";
        context.voice.warn(format!("the cues of `{}` roll: {why}", path.display()));
    }
    context.voice.note(mended(before, left, &changes, document.cues.len(), profile.name));
    if !lost.is_nothing() {
        context.voice.warn(format!(
            "{} has no place for these, which were left out: {lost}",
            if document.is_vtt { "WebVTT" } else { "SRT" }
        ));
    }
    let text = fix::written_like(&bytes, text);
    match &args.output {
        Some(output) => output::to_file(output, text.as_bytes(), args.force),
        None => output::to_stdout(text.as_bytes()),
    }
}

/// The format that a mended file is asked for in; `None` for its own.
fn mended_format(args: &SubsArgs) -> Result<Option<Format>, Failure> {
    const MENDED: [Format; 2] = [Format::Srt, Format::Vtt];
    let named = |name: &str| {
        Format::named(name, &MENDED).map_err(|_| {
            let why = format!("`--fix` writes SRT and WebVTT, and `{name}` is neither");
            Failure::new(Exit::Usage, why).hint("name the file `.srt` or `.vtt`")
        })
    };
    if let Some(name) = &args.format {
        return named(name).map(Some);
    }
    let path = args.output.as_deref().filter(|path| !path.is_dir() && !path.starts_with("/dev"));
    path.and_then(Path::extension).map(|ending| named(&ending.to_string_lossy())).transpose()
}

/// In how many places a file breaks rules, as `--check` counts them.
fn broken(bytes: &[u8], profile: &Profile) -> Result<usize, import::ImportError> {
    let (cues, problems) = check::read(bytes, None)?;
    Ok(check::check(&cues, profile).len() + problems.len())
}

/// What mending came to, of a file that broke rules in so many places `before` and breaks them in
/// so many now.
fn mended(
    before: usize,
    left: usize,
    changes: &fix::Changes,
    n_cues: usize,
    rules: &str,
) -> String {
    let is_as_it_was = *changes == fix::Changes::default();
    if before == 0 && is_as_it_was {
        return format!(
            "{} all rules of `{rules}`; nothing was changed",
            counted(n_cues, "cue keeps", "cues keep")
        );
    }
    let left = match left {
        0 => "none does now".to_owned(),
        1 => "1 still does; `--check` tells it".to_owned(),
        n => format!("{n} still do; `--check` lists them"),
    };
    let done = [
        (changes.timed, "cue got other times", "cues got other times"),
        (changes.wrapped, "got other lines", "got other lines"),
        (changes.divided, "was divided off", "were divided off"),
        (changes.joined, "was joined to the one before", "were joined to those before"),
        (changes.dropped, "that was empty was left out", "that were empty were left out"),
        (changes.sorted, "was put in the order of time", "were put in the order of time"),
    ];
    let done: Vec<String> = done
        .into_iter()
        .filter(|(n, ..)| *n > 0)
        .map(|(n, one, many)| counted(n, one, many))
        .collect();
    let done = if done.is_empty() { "nothing was changed".to_owned() } else { done.join(", ") };
    format!("{} broke rules of `{rules}`, {left}; {done}", counted(before, "place", "places"))
}

/// Prints what is wrong; exit code 1 when anything is.
fn judge(
    cues: &[export::Cue],
    profile: &Profile,
    problems: &[import::Problem],
    as_json: bool,
) -> Outcome {
    let violations = check::check(cues, profile);
    let exit = if violations.is_empty() && problems.is_empty() { Exit::Done } else { Exit::Failed };
    if as_json {
        output::say(&json_of(cues.len(), profile, &violations, problems))?;
        return Ok(exit);
    }
    let mut page = findings(
        problems.iter().map(|problem| (problem.to_string(), "to be mended where it was written")),
    );
    page += &findings(violations.iter().map(|violation| (violation.to_string(), violation.mend)));
    let n = violations.len() + problems.len();
    let _ = match n {
        0 => writeln!(
            page,
            "{} all rules of `{}`",
            counted(cues.len(), "cue keeps", "cues keep"),
            profile.name
        ),
        n => {
            let breaks = if n == 1 { "breaks" } else { "break" };
            let (places, cues) =
                (counted(n, "place", "places"), counted(cues.len(), "cue", "cues"));
            writeln!(page, "{places} in {cues} {breaks} rules of `{}`", profile.name)
        }
    };
    output::say(&page)?;
    Ok(exit)
}

/// What is wrong, for programs: all of it, with times in seconds.
fn json_of(
    n_cues: usize,
    profile: &Profile,
    violations: &[check::Violation],
    problems: &[import::Problem],
) -> String {
    let broken: Vec<Value> = violations
        .iter()
        .map(|v| {
            let at = v.at.millis() as f64 / 1000.0;
            json!({ "cue": v.cue, "id": v.id, "at": at, "rule": v.kind.name(), "what": v.what, "mend": v.mend })
        })
        .collect();
    let unread: Vec<Value> = problems
        .iter()
        .map(|problem| json!({ "line": problem.line, "what": problem.what }))
        .collect();
    format!(
        "{:#}\n",
        json!({ "rules": profile.name, "cues": n_cues, "broken": broken, "unread": unread })
    )
}

/// Findings of one kind that are printed one by one; nobody reads more of them.
const MOST_OF_A_KIND: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_findings_are_summed_up() {
        let of = |n: usize| {
            (0..n)
                .map(|n| (format!("cue {n} is\n\u{1b}too long"), "cut it"))
                .chain(std::iter::once(("other".into(), "x")))
        };
        let lines = |n: usize| findings(of(n)).lines().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(lines(2), ["cue 0 is too long", "cue 1 is too long", "other"]);
        assert_eq!(lines(MOST_OF_A_KIND).len(), MOST_OF_A_KIND + 1);
        let many = lines(1_000_000);
        assert_eq!(
            (many.len(), many.last().unwrap().as_str()),
            (MOST_OF_A_KIND + 2, "and 999800 more places: cut it")
        );
    }

    #[test]
    fn cues_that_are_left_out_are_told() {
        let long = "字".repeat(61);
        for (unheard, want) in [
            (&[][..], None),
            (
                &["（門鈴聲）"],
                Some("1 cue is not spoken and was left out: “（門鈴聲）”".to_owned()),
            ),
            (
                &[&*long, "[door]"],
                Some(format!(
                    "2 cues are not spoken and were left out, the first: “{}…”",
                    "字".repeat(60)
                )),
            ),
        ] {
            let unheard: Vec<String> = unheard.iter().map(|text| (*text).to_owned()).collect();
            assert_eq!(left_out(&unheard), want);
        }
    }

    #[test]
    fn mending_is_told_in_words() {
        let changes = |timed, joined| fix::Changes { timed, joined, ..fix::Changes::default() };
        for ((before, left, changes), want) in [
            ((0, 0, changes(0, 0)), "1 cue keeps all rules of `x`; nothing was changed"),
            (
                (1, 0, changes(1, 0)),
                "1 place broke rules of `x`, none does now; 1 cue got other times",
            ),
            (
                (3, 1, changes(2, 1)),
                "3 places broke rules of `x`, 1 still does; `--check` tells it; 2 cues got other times, 1 was joined to the one before",
            ),
            (
                (2, 2, changes(0, 0)),
                "2 places broke rules of `x`, 2 still do; `--check` lists them; nothing was changed",
            ),
        ] {
            assert_eq!(mended(before, left, &changes, 1, "x"), want);
        }
    }

    #[test]
    fn the_way_from_a_page_to_its_sound() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a/x.mp3", "a/b/page.html"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        for (from, to, want) in
            [("a", "a/x.mp3", "x.mp3"), ("a/b", "a/x.mp3", "../x.mp3"), ("", "a/x.mp3", "a/x.mp3")]
        {
            assert_eq!(
                relative(&folder.path().join(from), &folder.path().join(to)).as_deref(),
                Some(want)
            );
        }
        assert_eq!(relative(folder.path(), Path::new("no/such/file")), None);
    }
}
