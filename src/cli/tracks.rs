//! Which sound track and which channel of a recording is heard, and that it is told where there are
//! several.
//!
//! A choice becomes a playlist of one file, so that whatever comes later, and whoever opens the
//! recording again, hears the same.

use super::args::{ChannelArg, RecogniseArgs, SoundArgs};
use super::exit::Exit;
use super::parts::{Recording, playlist};
use super::report::{Failure, plain};
use super::{Context, recognise};
use crate::article::Article;
use crate::decode::{self, Choice, Side, SoundTrack, Source};
use crate::episode::file_name;
use crate::transcribe::language;
use std::path::{Path, PathBuf};

/// What is heard of a file.
pub struct Chosen {
    /// The file, or a playlist that says what of it.
    pub path: PathBuf,
    /// What would choose the same again, whatever the text's language.
    pub which: SoundArgs,
}

/// `recording` with the sound that `args` ask for, or the track in `written`, the language of the
/// text, where the file has one; what there was to choose from is told.
///
/// # Errors
/// With exit code 2 when there is no such track or channel, 3 when the file cannot be read.
pub fn chosen(
    recording: Recording,
    args: &SoundArgs,
    written: Option<&str>,
    context: &Context,
) -> Result<Recording, Failure> {
    let path = one(&recording.path, args, written, context)?.path;
    Ok(Recording { path, ..recording })
}

/// As [`chosen`], of the file at `path`.
///
/// # Errors
/// As [`chosen`].
pub fn one(
    path: &Path,
    args: &SoundArgs,
    written: Option<&str>,
    context: &Context,
) -> Result<Chosen, Failure> {
    let all_of_it = || Chosen { path: path.to_owned(), which: SoundArgs::default() };
    let side = match args.channel {
        ChannelArg::Mix => None,
        ChannelArg::Left => Some(Side::Left),
        ChannelArg::Right => Some(Side::Right),
    };
    let name = plain(&file_name(path));
    if decode::is_list(path) {
        if args.track.is_some() || side.is_some() {
            let why = format!(
                "`{name}` is a list of files: `--track` and `--channel` are for one of them"
            );
            return Err(Failure::new(Exit::Usage, why));
        }
        return Ok(all_of_it());
    }
    // Whoever opens it in earnest says what is wrong with it.
    let Ok(source) = Source::open(path) else { return Ok(all_of_it()) };
    let tracks = source.tracks();
    let wanted = match &args.track {
        Some(wanted) => Some(named(tracks, wanted).ok_or_else(|| {
            let why = format!("`{name}` has no sound track `{}`", plain(wanted));
            Failure::new(Exit::Usage, why).hint(format!("it has {}", all(tracks)))
        })?),
        None => written.and_then(|written| better(tracks, written)),
    };
    let track = wanted.filter(|&wanted| !tracks.get(wanted).is_some_and(|track| track.is_heard));
    let tracks = tracks.to_vec();
    let source = match track {
        Some(_) => Source::open_as(path, Choice { track, side: None })
            .map_err(|e| Failure::new(Exit::Input, e))?,
        None => source,
    };
    if side.is_some() && source.channels() != 2 && source.side().is_none() {
        let n = source.channels();
        let why = format!("`{name}` has {n} channel{}", if n == 1 { "" } else { "s" });
        return Err(Failure::new(Exit::Usage, why).hint("`--channel` is for two"));
    }
    if source.side() == Some(Side::Difference) && side.is_none() {
        context
            .voice
            .note(format!("the two channels of `{name}` mirror each other, so that together they are silent: one is turned round"));
    }
    let heard = wanted.or_else(|| tracks.iter().position(|track| track.is_heard));
    if tracks.len() > 1
        && let Some(heard) = heard
    {
        let how = if args.track.is_some() { "" } else { "; `--track` chooses" };
        context.voice.note(format!(
            "`{name}` has {}: number {} is heard{how}",
            all(&tracks),
            heard + 1
        ));
    }
    let choice = Choice { track, side };
    let number = heard.filter(|_| tracks.len() > 1).map(|heard| (heard + 1).to_string());
    let which = SoundArgs { track: number, channel: args.channel };
    if choice == Choice::default() {
        return Ok(Chosen { which, ..all_of_it() });
    }
    let mut called = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    called.push_str(
        &SoundArgs { track: track.map(|track| (track + 1).to_string()), channel: args.channel }
            .suffix(),
    );
    let path = playlist(&[(path.to_owned(), choice)], &called, context)?;
    Ok(Chosen { path, which })
}

/// The language that a track should be in: the text's, or else what was named by flag, variable or
/// file.
///
/// # Errors
/// With exit code 2 for one that nobody knows.
pub fn language(
    text: Option<&Article>,
    recognise: &RecogniseArgs,
    context: &Context,
) -> Result<Option<String>, Failure> {
    // A name that is none is told, whoever knows better.
    let named = recognise::language(recognise.language.clone(), context)?;
    Ok(text.and_then(|text| text.language.clone()).or_else(|| named.map(str::to_owned)))
}

/// The track that `wanted` names: by number from 1, or by language.
fn named(tracks: &[SoundTrack], wanted: &str) -> Option<usize> {
    if let Ok(number) = wanted.trim().parse::<usize>() {
        return number.checked_sub(1).filter(|&index| index < tracks.len());
    }
    let wanted = language::parse(wanted).ok()?;
    tracks.iter().position(|track| spoken(track) == Some(wanted))
}

/// A track in the language `written`, where the one that is heard is in another.
fn better(tracks: &[SoundTrack], written: &str) -> Option<usize> {
    let written = language::parse(written).ok()?;
    let heard = tracks.iter().find(|track| track.is_heard).and_then(spoken)?;
    tracks.iter().position(|track| spoken(track) == Some(written)).filter(|_| heard != written)
}

/// The language that a file says a track is in.
fn spoken(track: &SoundTrack) -> Option<&'static str> {
    language::parse(track.language.as_deref()?).ok()
}

/// "2 sound tracks (1 English, 2 German)".
fn all(tracks: &[SoundTrack]) -> String {
    let of = |(index, track): (usize, &SoundTrack)| match (spoken(track), &track.language) {
        (Some(code), _) => format!("{} {}", index + 1, language::name(code)),
        (None, Some(given)) => format!("{} `{}`", index + 1, plain(given)),
        (None, None) => (index + 1).to_string(),
    };
    let named: Vec<String> = tracks.iter().enumerate().map(of).collect();
    match tracks.len() {
        1 => "one".to_owned(),
        n => format!("{n} sound tracks ({})", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracks_by_number_and_language() {
        let track = |language: &str, is_heard| SoundTrack {
            language: Some(language.into()).filter(|l: &String| !l.is_empty()),
            is_heard,
        };
        let film = [
            track("eng", true),
            track("ger", false),
            track("zh-TW", false),
            track("", false),
            track("tlh", false),
        ];
        for (wanted, found) in [
            ("1", Some(0)),
            ("5", Some(4)),
            ("0", None),
            ("6", None),
            ("de", Some(1)),
            ("German", Some(1)),
            ("chi", Some(2)),
            ("fr", None),
            ("-1", None),
            ("", None),
        ] {
            assert_eq!(named(&film, wanted), found, "{wanted}");
        }
        for (written, found) in
            [("en", None), ("de", Some(1)), ("zh", Some(2)), ("fr", None), ("xx", None)]
        {
            assert_eq!(better(&film, written), found, "{written}");
        }
        assert_eq!(all(&film), "5 sound tracks (1 English, 2 German, 3 Chinese, 4, 5 `tlh`)");
        assert_eq!(better(&film[3..], "de"), None);
    }
}
