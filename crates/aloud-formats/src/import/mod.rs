//! A transcript made elsewhere: read it, whoever wrote it.
//!
//! The format is found from the content. Reading goes on past what is damaged and says what was
//! left out or mended. Pure: bytes in, a transcript out; this room never opens a file, and never
//! knows the recording or the article.

mod ass;
mod assemble;
mod captions;
mod document;
mod gather;
mod json;
mod language;
mod lrc;
mod notes;
mod openai;
mod own;
mod podcast;
mod rolling;
mod simple;
mod srt;
mod stamp;
mod text;
mod ttml;
mod value;
mod vtt;
mod whisper_cpp;
mod whisperx;

#[cfg(test)]
mod captions_tests;
#[cfg(test)]
mod foreign_tests;
#[cfg(test)]
mod tests;

pub(crate) use captions::writing;
pub use document::{Document, Marked, RawCue, marked};
pub(crate) use document::{is_times, shown};
pub use notes::Problem;
pub(crate) use rolling::n_shared;
pub(crate) use text::unescape;

use crate::reason::Hinted;
use crate::time::{Span, Timestamp};
use crate::transcript::{AudioRef, Transcript};
use notes::Notes;
use value::{Broken, Value};

/// What [`read`] accepts, for messages.
pub const FORMATS: &str = "aloud, whisper.cpp, OpenAI verbose, WhisperX or Podcasting 2.0 JSON, SRT, WebVTT, ASS, TTML, LRC, SBV or MicroDVD";

/// The longest SRT or WebVTT file that is read, in bytes. A cue takes twenty times its length in
/// memory, and an hour of speech fills some 70 kB.
const MOST_CUES: usize = 16 << 20;

/// Where one character in so many is NUL, a file is no text.
const MOST_NUL: usize = 8;

/// Why bytes are no transcript.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ImportError {
    /// There is nothing in it.
    #[error("`{name}` is empty")]
    Empty {
        /// The file's name.
        name: String,
    },
    /// It is longer than anybody speaks.
    #[error("`{name}` is longer than {} MiB, which is more than is said in two hundred hours", MOST_CUES >> 20)]
    TooLong {
        /// The file's name.
        name: String,
    },
    /// It is JSON with more segments, words and tokens than that.
    #[error("`{name}` has more than {} million words or tokens, which is more than is said in two hundred hours",
        value::MOST_ITEMS / 1_000_000)]
    TooMany {
        /// The file's name.
        name: String,
    },
    /// It is not text at all.
    #[error("`{name}` is not text")]
    Binary {
        /// The file's name.
        name: String,
    },
    /// It is text in an older encoding.
    #[error("`{name}` is neither UTF-8 nor UTF-16")]
    Encoding {
        /// The file's name.
        name: String,
    },
    /// It begins like JSON but is not.
    #[error("`{name}` is damaged JSON ({reason})")]
    Json {
        /// The file's name.
        name: String,
        /// What the parser says, with line and column.
        reason: String,
    },
    /// It is of a format we write, but a later version.
    #[error("`{name}` is `{format}`, but this version reads `{}`", own::FORMAT)]
    Version {
        /// The file's name.
        name: String,
        /// What it says it is.
        format: String,
    },
    /// It is no subtitle file, or an empty one.
    #[error("`{name}` has no cues")]
    NoCues {
        /// The file's name.
        name: String,
    },
    /// It is a file of cues, but not of a format that is written again as it stands.
    #[error("`{name}` is neither SRT nor WebVTT, and no other cues can be mended")]
    OtherCaptions {
        /// The file's name.
        name: String,
    },
    /// It is text or JSON, but no transcript with times.
    #[error("`{name}` is no transcript with times")]
    Unknown {
        /// The file's name.
        name: String,
    },
}

impl Hinted for ImportError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Empty { .. } | Self::Binary { .. } => format!("give a transcript as {FORMATS}"),
            Self::TooLong { .. } | Self::TooMany { .. } => "give it in parts".into(),
            Self::Encoding { .. } => "convert it, for example with `iconv -f BIG5 -t UTF-8`".into(),
            Self::Json { .. } => "write it again with the program that made it".into(),
            Self::Version { .. } => "use a newer `aloud`".into(),
            Self::NoCues { .. } => {
                "give an SRT, WebVTT, ASS, TTML, LRC, SBV or MicroDVD file".into()
            }
            Self::OtherCaptions { .. } => {
                "write it as SRT or WebVTT first, with any editor of subtitles".into()
            }
            Self::Unknown { .. } => format!("give one as {FORMATS}"),
        })
    }
}

/// Reads a transcript of any accepted format; `name_hint` is the file's name, for messages. What
/// was left out or mended is listed beside it. Linear in the length of `bytes` but for sorting.
///
/// Texts come without markup, control characters and terminal escapes. Words that have no times of
/// their own share their segment's by length, without a probability. The transcript names no model,
/// and its recording only where the file does.
pub fn read(
    bytes: &[u8],
    name_hint: Option<&str>,
) -> Result<(Transcript, Vec<Problem>), ImportError> {
    read_spoken(bytes, name_hint, None)
}

/// The same, where the language that is spoken may be known by its code: of captions in two
/// languages that one is taken.
///
/// # Errors
/// As [`read`].
pub fn read_spoken(
    bytes: &[u8],
    name_hint: Option<&str>,
    spoken: Option<&str>,
) -> Result<(Transcript, Vec<Problem>), ImportError> {
    let name = || name_hint.map_or_else(|| "the transcript".to_owned(), text::excerpt);
    let decoded = decode(bytes, &name)?;
    let source = decoded.text.trim_start();
    let is_json = begins_json(source);
    let mut notes = Notes::default();
    let (transcript, joins_bytes) = if is_json {
        read_json(source, &mut notes, name)?
    } else {
        // Not trimmed, so that lines keep their numbers.
        (
            read_cues(&decoded.text, spoken, &mut notes)
                .ok_or_else(|| ImportError::Unknown { name: name() })?,
            false,
        )
    };
    notes.guess(decoded.guess);
    if decoded.n_damaged > 0 && !joins_bytes {
        notes.of_file(match decoded.n_damaged {
            1 => "1 byte that is no text was left out".to_owned(),
            n => format!("{n} bytes that are not text were left out"),
        });
    }
    Ok((transcript, notes.into_problems()))
}

/// The text of a file; fails where there is none.
fn decode<'a>(
    bytes: &'a [u8],
    name: &dyn Fn() -> String,
) -> Result<text::Decoded<'a>, ImportError> {
    let mut decoded = text::decode(bytes);
    // JSON is always Unicode; a few damaged bytes are survivable; text in which most foreign
    // characters are, is another encoding.
    if decoded.n_damaged * 4 > decoded.n_foreign
        && !begins_json(decoded.text.trim_start())
        && !decoded.text.contains('\0')
    {
        decoded = text::guessed(bytes).unwrap_or(decoded);
    }
    let source = decoded.text.trim_start();
    if source.is_empty() {
        return Err(ImportError::Empty { name: name() });
    }
    if source.len() > MOST_CUES && !begins_json(source) {
        return Err(ImportError::TooLong { name: name() });
    }
    // A few are damage, which nobody is shown.
    let n_nul = source.bytes().filter(|byte| *byte == 0).count();
    if n_nul * MOST_NUL > source.len() {
        return Err(ImportError::Binary { name: name() });
    }
    if !begins_json(source) && decoded.n_damaged > 8 && decoded.n_damaged * 4 > decoded.n_foreign {
        return Err(ImportError::Encoding { name: name() });
    }
    Ok(decoded)
}

/// When a cue is shown, and its lines without markup.
pub type TimedLines = (Span, Vec<String>);

/// Whether bytes are captions or lyrics of a format that [`cues`] reads.
pub fn is_captions(bytes: &[u8]) -> bool {
    decode(bytes, &String::new).is_ok_and(|decoded| captions::is_one(&decoded.text))
}

/// Whether `source` is a document of TTML, which begins as a page of HTML may.
pub fn is_ttml(source: &str) -> bool {
    ttml::is_one(source)
}

/// A cue as its file has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caption {
    /// When it is shown.
    pub span: Span,
    /// Its lines without markup.
    pub lines: Vec<String>,
    /// Who speaks, where the file says so.
    pub speaker: Option<String>,
}

/// Captions as a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaptionText {
    /// Those that say something, in the order of the file.
    pub captions: Vec<Caption>,
    /// The same in the file's other language; empty where it has only one.
    pub other: Vec<Caption>,
    /// The language that the file declares, as a code, where it can be that of the text.
    pub language: Option<String>,
}

/// Captions to be read as a text: each word once, in the order of the file. Of two languages the
/// one that is `wanted`, by its code, or that the file declares, and else the first.
///
/// # Errors
/// As [`cues`].
pub fn captions(
    bytes: &[u8],
    name_hint: Option<&str>,
    wanted: Option<&str>,
) -> Result<CaptionText, ImportError> {
    let name = || name_hint.map_or_else(|| "the file".to_owned(), text::excerpt);
    let decoded = decode(bytes, &name)?;
    let mut notes = Notes::default();
    let mut found = captions::parse(&decoded.text, &mut notes)
        .ok_or_else(|| ImportError::NoCues { name: name() })?;
    rolling::unroll(&mut found.cues, &mut notes);
    for cue in &mut found.cues {
        // A text has no times, and lines with them would not be chosen among.
        cue.words = assemble::Words::Unknown;
    }
    let declared = found.language.as_deref().and_then(language::code);
    let wanted = wanted.and_then(language::code).or_else(|| declared.clone());
    let both = found.cues.clone();
    let wanted = wanted.as_deref().map(captions::writing_of);
    let taken = captions::choose_language(&mut found.cues, wanted);
    let other = taken.map(|taken| captions::in_other_language(both, taken)).unwrap_or_default();
    let may_be = |code: &String| taken.is_none_or(|taken| captions::writing_of(code) == taken);
    let caption = |rough: assemble::Rough| {
        let speaker = rough.speaker.clone();
        let (span, lines) = timed(&rough);
        Caption { span, lines, speaker }
    };
    let shown = |cues: Vec<assemble::Rough>| {
        cues.into_iter().map(caption).filter(|caption| !caption.lines.is_empty()).collect()
    };
    Ok(CaptionText {
        captions: shown(found.cues),
        other: shown(other),
        language: declared.filter(may_be),
    })
}

/// The cues of a file of subtitles as they stand there: in the order of the file, with their lines,
/// also where they overlap or are empty. A missing end is the start.
pub fn cues(
    bytes: &[u8],
    name_hint: Option<&str>,
) -> Result<(Vec<TimedLines>, Vec<Problem>), ImportError> {
    let (cues, problems) = named_cues(bytes, name_hint)?;
    Ok((cues.into_iter().map(|(_, cue)| cue).collect(), problems))
}

/// The number or name of a cue in its file, where it has one, and the cue.
pub(crate) type NamedLines = (Option<String>, TimedLines);

/// As [`cues`], each with its number or name.
pub(crate) fn named_cues(
    bytes: &[u8],
    name_hint: Option<&str>,
) -> Result<(Vec<NamedLines>, Vec<Problem>), ImportError> {
    let name = || name_hint.map_or_else(|| "the file".to_owned(), text::excerpt);
    let decoded = decode(bytes, &name)?;
    let mut notes = Notes::default();
    let roughs = captions::parse(&decoded.text, &mut notes)
        .map(|captions| captions.cues)
        .unwrap_or_default();
    if roughs.is_empty() {
        return Err(ImportError::NoCues { name: name() });
    }
    notes.guess(decoded.guess);
    Ok((
        roughs.iter().map(|rough| (rough.id.clone(), timed(rough))).collect(),
        notes.into_problems(),
    ))
}

/// An SRT or WebVTT file with everything that is in it, to be mended and written again.
///
/// # Errors
/// When it is no such file, or has no cues.
pub fn document(bytes: &[u8], name_hint: Option<&str>) -> Result<Document, ImportError> {
    let name = || name_hint.map_or_else(|| "the file".to_owned(), text::excerpt);
    let decoded = decode(bytes, &name)?;
    let mut found = document::read(&decoded.text);
    if found.cues.is_empty() {
        let is_other = captions::parse(&decoded.text, &mut Notes::default())
            .is_some_and(|captions| !captions.cues.is_empty());
        return Err(if is_other {
            ImportError::OtherCaptions { name: name() }
        } else {
            ImportError::NoCues { name: name() }
        });
    }
    found.rolls = captions::parse(&decoded.text, &mut Notes::default())
        .is_some_and(|captions| rolling::is_habit(&captions.cues));
    Ok(found)
}

fn timed(rough: &assemble::Rough) -> TimedLines {
    let start = rough.start.unwrap_or(Timestamp::ZERO);
    let lines = rough
        .text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect();
    (Span::new(start, rough.end.unwrap_or(start).max(start)), lines)
}

/// Whether `source` begins as JSON does; subtitles may begin with a bracket too.
fn begins_json(source: &str) -> bool {
    let next = |source: &str| source.trim_start().chars().next();
    match source.split_at_checked(1) {
        Some(("{", rest)) => matches!(next(rest), None | Some('"' | '}')),
        Some(("[", rest)) => matches!(next(rest), None | Some('{' | '[' | ']')),
        _ => false,
    }
}

fn read_cues(source: &str, spoken: Option<&str>, notes: &mut Notes) -> Option<Transcript> {
    let found = captions::parse(source, notes)?;
    let language = found.language.as_deref().and_then(language::code);
    let (segments, speakers) = assemble::segments(captions::settle(found, spoken, notes), notes);
    Some(Transcript { language, segments, speakers, ..Transcript::default() })
}

/// The transcript in a JSON text, and whether its format keeps halves of characters to be joined.
fn read_json(
    source: &str,
    notes: &mut Notes,
    name: impl Fn() -> String,
) -> Result<(Transcript, bool), ImportError> {
    let mut mended = None;
    let mut value =
        value::parse(source, &mut mended, value::MOST_ITEMS).map_err(|broken| match broken {
            Broken::TooLong => ImportError::TooMany { name: name() },
            Broken::Json(error) => ImportError::Json { name: name(), reason: error.to_string() },
        })?;
    if value.is_list() {
        // Some scripts keep the list of segments only.
        value = Value::under("segments", value);
    }
    if let Some(format) = value.get("format").and_then(Value::as_str) {
        return match format {
            own::FORMAT => Ok((own::read(value, notes), false)),
            _ if format.starts_with("aloud-transcript/") => {
                Err(ImportError::Version { name: name(), format: text::excerpt(format) })
            }
            _ => Err(ImportError::Unknown { name: name() }),
        };
    }
    let has = |key: &str| value.get(key).is_some_and(Value::is_list);
    let is_whisper_cpp = has("transcription");
    let roughs = if is_whisper_cpp {
        whisper_cpp::read(&mut value, notes)
    } else if podcast::is_one(&value) {
        podcast::read(&mut value, notes)
    } else if whisperx::is_one(&value) {
        whisperx::read(&mut value, notes)
    } else if has("segments") || has("words") {
        openai::read(&mut value, notes)
    } else {
        return Err(ImportError::Unknown { name: name() });
    };
    let language = whisper_cpp::language(&value)
        .or_else(|| value.get("language").and_then(Value::as_str))
        .and_then(language::code);
    let audio = AudioRef { duration: json::duration(&value), ..AudioRef::default() };
    let (segments, speakers) = assemble::segments(roughs, notes);
    Ok((
        Transcript { audio, language, segments, speakers, ..Transcript::default() },
        is_whisper_cpp,
    ))
}
