//! What can be wrong with a recording: errors that end a job, and losses that leave a part of it.
//!
//! Every message tells the thing and the reason, every hint what to do. Knows no codec and no
//! container, only their names.

use crate::pcm::{MAX_RATE, MIN_RATE};
use crate::printable;
use crate::reason::Hinted;
use crate::time::{Span, Timestamp};
use std::fmt::{self, Write as _};
use std::io;

/// Why a recording cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// It is missing, or may not be read.
    #[error("cannot open `{name}`: {source}")]
    Open {
        /// The file as the user named it.
        name: Name,
        /// What the system said.
        source: io::Error,
    },
    /// It is a folder.
    #[error("`{0}` is a folder")]
    Folder(Name),
    /// It is a pipe, a device or the like, in which nobody can go back.
    #[error("`{name}` is {kind}, not a file")]
    NotAFile {
        /// The file as the user named it.
        name: Name,
        /// What it is instead, with its article.
        kind: &'static str,
    },
    /// A file of several has a rate that no recording of speech has, so that it cannot be made that
    /// of the others.
    #[error(
        "`{name}` has {rate} samples a second; each of several files needs {MIN_RATE} to {MAX_RATE}"
    )]
    OtherRate {
        /// The file as the user named it.
        name: Name,
        /// Its samples per second.
        rate: u32,
        /// The rate to give it.
        wanted: u32,
    },
    /// It is a playlist that names nothing.
    #[error("`{0}` is a playlist without an entry")]
    NoEntry(Name),
    /// It has no bytes.
    #[error("`{0}` is empty")]
    Empty(Name),
    /// It is no recording of any kind.
    #[error("`{name}` is not a recording that aloud knows")]
    NotARecording {
        /// The file as the user named it.
        name: Name,
        /// The command that might help.
        convert: Convert,
    },
    /// It is something that holds no sound.
    #[error("`{name}` is no recording: it is {what}")]
    SomethingElse {
        /// The file as the user named it.
        name: Name,
        /// What it is, with its article where it has one.
        what: &'static str,
    },
    /// Its container is known by name only.
    #[error("`{name}` is {container}, which aloud cannot read")]
    Container {
        /// The file as the user named it.
        name: Name,
        /// The container's name, with its article where it has one.
        container: &'static str,
        /// The command that helps.
        convert: Convert,
    },
    /// Its container is known, its codec is known by name only.
    #[error("the sound of `{name}` is {codec}, which aloud cannot decode")]
    Codec {
        /// The file as the user named it.
        name: Name,
        /// The codec's name.
        codec: String,
        /// The command that helps.
        convert: Convert,
    },
    /// Its codec is left out of this build.
    #[error(
        "the sound of `{name}` is {codec}, and this program was built without the feature `{feature}`"
    )]
    Feature {
        /// The file as the user named it.
        name: Name,
        /// The codec's name.
        codec: &'static str,
        /// The cargo feature that has it.
        feature: &'static str,
        /// The command that helps.
        convert: Convert,
    },
    /// It is locked.
    #[error("`{name}` is protected against copying ({scheme}) and cannot be decoded")]
    Protected {
        /// The file as the user named it.
        name: Name,
        /// The scheme's mark in the file.
        scheme: String,
    },
    /// It is a film without sound, a picture, or the like.
    #[error("`{0}` has no sound track")]
    NoTrack(Name),
    /// It has fewer sound tracks than that.
    #[error("`{name}` has {n} sound track{}, and none of that number", if *n == 1 { "" } else { "s" })]
    OtherTrack {
        /// Its name.
        name: Name,
        /// How many it has.
        n: usize,
    },
    /// It has a sound track, but nothing is in it that can be decoded.
    #[error("`{0}` holds no sound: its sound track is empty or damaged throughout")]
    NoSound(Name),
    /// An MP4 file without the part that says where its sound is; recorders write it last.
    #[error(
        "`{0}` breaks off before the part that says where its sound is (`moov`), so nobody can read it"
    )]
    NoHeader(Name),
    /// Its structure is broken beyond use.
    #[error("`{name}` is damaged and cannot be read: {reason}")]
    Damaged {
        /// The file as the user named it.
        name: Name,
        /// What the decoder stumbled over.
        reason: String,
        /// The command that might help.
        convert: Convert,
    },
    /// The disk or the network failed while it was read.
    #[error("reading `{name}` failed at {at}: {source}")]
    Read {
        /// The file as the user named it.
        name: Name,
        /// How far the sound had come.
        at: Timestamp,
        /// What the system said.
        source: io::Error,
    },
}

impl DecodeError {
    /// Whether it is the disk's or the network's fault, not that of what is read.
    pub(super) fn is_of_disk(&self) -> bool {
        matches!(self, Self::Open { .. } | Self::Read { .. })
    }
}

impl Hinted for DecodeError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Folder(_) => "name a recording in it".into(),
            Self::NotAFile { .. } => "save the recording to a file first".into(),
            Self::OtherRate { name, wanted, .. } => {
                format!("convert it: {}", Convert::to(name, "flac", &format!("-ar {wanted}")))
            }
            Self::NoEntry(_) => "write a recording's file name on each of its lines".into(),
            Self::Empty(_) => "fetch or record it again".into(),
            Self::NotARecording { convert, .. } => {
                format!("if a player plays it, convert it: {convert}")
            }
            Self::SomethingElse { .. } => "name the file that holds the sound".into(),
            Self::Container { convert, .. } | Self::Codec { convert, .. } => {
                format!("convert it: {convert}")
            }
            Self::Feature { convert, .. } => {
                format!("build it with that feature, or convert the file: {convert}")
            }
            Self::Protected { .. } => "get it without protection".into(),
            Self::NoTrack(_) => "name a file that has one".into(),
            Self::NoHeader(_) => "get the whole file again".into(),
            Self::Damaged { convert, .. } => {
                format!("fetch it again, or try to repair it: {convert}")
            }
            Self::Open { .. } | Self::OtherTrack { .. } | Self::NoSound(_) | Self::Read { .. } => {
                return None;
            }
        })
    }
}

/// What a recording is called in messages: its path as the user named it, shown without anything
/// that a terminal would obey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// For the file at `path`.
    pub fn new(path: impl Into<String>) -> Self {
        Self(path.into())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::clean::clean(&self.0))
    }
}

/// An `ffmpeg` command line that turns a recording into one that is certain to work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Convert(String);

impl Convert {
    /// For the recording called `name`. Sound that begins later than the pictures beside it, or
    /// pauses in a container's clock, keeps its times: silence stands for what is not there.
    pub fn of(name: &Name) -> Self {
        Self::to(name, "flac", "-af aresample=async=1:first_pts=0 -ac 1 -ar 16000")
    }

    /// The same to a file of another ending, with these options.
    pub fn to(name: &Name, ending: &str, options: &str) -> Self {
        let path = name.0.as_str();
        // ffmpeg takes a leading dash for an option and what stands before a colon for a protocol.
        let odd = path.starts_with('-')
            || (path.contains(':') && !path.starts_with('/') && !path.starts_with('.'));
        let path = if odd { format!("./{path}") } else { path.to_owned() };
        let (folder, file) = path
            .rsplit_once('/')
            .map_or(("", path.as_str()), |(folder, file)| (&path[..=folder.len()], file));
        let stem = match file.rsplit_once('.') {
            Some((stem, extension))
                if !stem.is_empty() && !extension.eq_ignore_ascii_case(ending) =>
            {
                stem
            }
            Some((stem, _)) if !stem.is_empty() => &format!("{stem}.converted"),
            _ => file,
        };
        Self(format!(
            "ffmpeg -i {} {options} {}",
            shell_quoted(&path),
            shell_quoted(&format!("{folder}{stem}.{ending}"))
        ))
    }
}

impl fmt::Display for Convert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `text` as one word of a POSIX shell; control characters in the `$'…'` form, so that a message
/// that shows it is harmless to a terminal.
fn shell_quoted(text: &str) -> String {
    if !text.chars().any(printable::is_harmful) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let mut word = String::from("$'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => word.extend(['\\', c]),
            // `write!` to a string cannot fail.
            c if printable::is_harmful(c) => {
                c.to_string().bytes().for_each(|byte| _ = write!(word, "\\x{byte:02x}"));
            }
            c => word.push(c),
        }
    }
    word + "'"
}

/// A part of a recording that is not in what was decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Where in the decoded sound. Silence stands there, except for [`LossKind::LeftOut`] and
    /// [`LossKind::CutShort`].
    pub span: Span,
    /// What happened.
    pub kind: LossKind,
}

/// What happened to a part of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossKind {
    /// It could not be decoded, or was missing.
    Damaged,
    /// Bytes that are no sound stood between two packets and were left out; the span is empty, and
    /// what follows it may come earlier than it was recorded.
    LeftOut,
    /// Samples that are no numbers, or beyond all measure.
    Samples,
    /// The file ends before the recording does; the span reaches to where its header says it would
    /// end, or is empty where that is unknown.
    CutShort,
}

/// Losses in order of time, neighbours joined, and no more of them than anybody would read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Losses {
    list: Vec<Loss>,
}

impl Losses {
    /// Losses nearer to each other than this many milliseconds become one.
    const NEAR: u64 = 250;
    const MOST: usize = 1000;

    pub(crate) fn add(&mut self, span: Span, kind: LossKind) {
        let near = |loss: &Loss| {
            let apart = span
                .start()
                .max(loss.span.start())
                .millis()
                .saturating_sub(span.end().min(loss.span.end()).millis());
            loss.kind == kind && apart <= Self::NEAR
        };
        let join = |loss: &Loss| {
            Span::new(span.start().min(loss.span.start()), span.end().max(loss.span.end()))
        };
        if let Some(loss) = self.list.iter_mut().rev().find(|loss| near(loss)) {
            loss.span = join(loss);
        } else if self.list.len() < Self::MOST {
            self.list.push(Loss { span, kind });
        } else if let Some(loss) = self.list.iter_mut().rev().find(|loss| loss.kind == kind) {
            loss.span = join(loss);
        }
    }

    /// Takes back damage that was noted from `at` on.
    pub(crate) fn forget_damage_from(&mut self, at: Timestamp) {
        self.list.retain(|loss| loss.kind != LossKind::Damaged || loss.span.start() < at);
    }

    pub(crate) fn as_slice(&self) -> &[Loss] {
        &self.list
    }
}

/// One sentence about all that was lost, for one warning; `None` where nothing was.
pub fn describe(losses: &[Loss]) -> Option<String> {
    let of = |kind| losses.iter().filter(move |loss: &&Loss| loss.kind == kind);
    let mut parts = Vec::new();
    for (kind, what) in [
        (LossKind::Damaged, "is damaged or missing"),
        (LossKind::Samples, "had impossible sample values"),
    ] {
        let count = of(kind).count();
        if count > 0 {
            let seconds =
                of(kind).map(|loss| loss.span.millis()).sum::<u64>().max(1) as f64 / 1000.0;
            parts.push(format!(
                "{seconds:.3} s {what} (at {}) and became silence",
                places(of(kind))
            ));
        }
    }
    if of(LossKind::LeftOut).next().is_some() {
        parts.push(format!(
            "bytes that are no sound were left out (at {})",
            places(of(LossKind::LeftOut))
        ));
    }
    if let Some(loss) = of(LossKind::CutShort).next() {
        let (from, to) = (loss.span.start(), loss.span.end());
        parts.push(if loss.span.is_empty() {
            format!("the file breaks off at {from}")
        } else {
            format!(
                "the sound ends at {from} although its header promises {to}: the file breaks off, or parts of it are damaged and left out"
            )
        });
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// The first few places, and how many more there are.
fn places<'a>(losses: impl Iterator<Item = &'a Loss> + Clone) -> String {
    let mut places: Vec<_> =
        losses.clone().take(3).map(|loss| loss.span.start().to_string()).collect();
    let more = losses.skip(3).count();
    if more > 0 {
        places.push(format!("{more} more places"));
    }
    places.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_survive_the_shell() {
        for (path, want) in [
            (
                "talk.wma",
                "ffmpeg -i 'talk.wma' -af aresample=async=1:first_pts=0 -ac 1 -ar 16000 'talk.flac'",
            ),
            (
                "a b/it's.m4a",
                r"ffmpeg -i 'a b/it'\''s.m4a' -af aresample=async=1:first_pts=0 -ac 1 -ar 16000 'a b/it'\''s.flac'",
            ),
            (
                "x.FLAC",
                "ffmpeg -i 'x.FLAC' -af aresample=async=1:first_pts=0 -ac 1 -ar 16000 'x.converted.flac'",
            ),
            (
                "-rf.mp3",
                "ffmpeg -i './-rf.mp3' -af aresample=async=1:first_pts=0 -ac 1 -ar 16000 './-rf.flac'",
            ),
            (
                "Part 1: on.aac",
                "ffmpeg -i './Part 1: on.aac' -af aresample=async=1:first_pts=0 -ac 1 -ar 16000 './Part 1: on.flac'",
            ),
            (
                "a.b/voice",
                "ffmpeg -i 'a.b/voice' -af aresample=async=1:first_pts=0 -ac 1 -ar 16000 'a.b/voice.flac'",
            ),
            (
                "/tmp/.hidden",
                "ffmpeg -i '/tmp/.hidden' -af aresample=async=1:first_pts=0 -ac 1 -ar 16000 '/tmp/.hidden.flac'",
            ),
            (
                "a\x1b[31m.mp3",
                r"ffmpeg -i $'a\x1b[31m.mp3' -af aresample=async=1:first_pts=0 -ac 1 -ar 16000 $'a\x1b[31m.flac'",
            ),
            (
                "$(rm)`x`.mp3",
                "ffmpeg -i '$(rm)`x`.mp3' -af aresample=async=1:first_pts=0 -ac 1 -ar 16000 '$(rm)`x`.flac'",
            ),
        ] {
            assert_eq!(Convert::of(&Name::new(path)).to_string(), want);
        }
    }

    #[test]
    fn losses_make_one_sentence() {
        assert_eq!(describe(&[]), None);
        let mut losses = Losses::default();
        for at in [1_000, 1_026, 1_300, 9_000, 20_000, 30_000, 65_000] {
            losses.add(Span::from_millis(at, at + 26), LossKind::Damaged);
        }
        losses.add(Span::from_millis(40_000, 40_000), LossKind::LeftOut);
        losses.add(Span::from_millis(65_200, 561_000), LossKind::CutShort);
        assert_eq!(
            describe(losses.as_slice()).unwrap(),
            "0.430 s is damaged or missing (at 0:01, 0:09, 0:20, 2 more places) and became silence; \
             bytes that are no sound were left out (at 0:40); \
             the sound ends at 1:05 although its header promises 9:21: the file breaks off, or parts of it are damaged and left out"
        );
        for at in 0..100_000 {
            losses.add(Span::from_millis(at * 1_000, at * 1_000 + 1), LossKind::Samples);
        }
        assert!(losses.as_slice().len() <= Losses::MOST);
    }
}
