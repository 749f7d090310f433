//! Give it to me as a file.
//!
//! `passage` says what is shown, `cues` chooses readable cues once, and each format only prints, to
//! any writer. Pure but for that writer; this room never knows paths, nor how a reading was made.

pub mod check;
pub mod convert;
pub mod cue;
mod cues;
pub mod fix;
pub mod passage;
pub mod profile;

mod breaks;
mod cut;
mod glue;
mod hold;
mod kept;
mod lines;
mod second;
mod segment;
mod size;
mod stamp;
mod tongue;

pub mod alignment;
pub mod ass;
pub mod hits;
pub mod html;
pub mod json;
pub mod lrc;
pub mod podcast;
pub mod srt;
pub mod times;
pub mod ttml;
pub mod txt;
pub mod vtt;

#[cfg(test)]
mod read_back;
#[cfg(test)]
mod script_tests;
#[cfg(test)]
mod tests;

pub use cue::Cue;
pub use cues::cues;
pub use kept::unheard;
pub use passage::Unwritten;
pub use profile::Profile;

use crate::episode::Chapter;
use crate::reading::Reading;
use crate::reason::Hinted;
use crate::script::{self, Script};
use std::io::{self, Write};
use std::path::Path;

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `aloud-transcript/1`: everything that is known of what was said.
    Transcript,
    /// Paragraphs without times, as they were said.
    Text,
    /// `aloud-alignment/1`: when each written word is spoken.
    Alignment,
    /// SubRip subtitles.
    Srt,
    /// WebVTT subtitles.
    Vtt,
    /// Enhanced LRC lyrics, every word with its time.
    Lrc,
    /// Advanced SubStation Alpha subtitles, every word with its karaoke tag.
    Ass,
    /// TTML subtitles.
    Ttml,
    /// Podcasting 2.0's transcript JSON.
    Podcast,
    /// Plain text, every cue with its time.
    Times,
    /// A page that plays the recording with the words lit.
    Html,
}

/// A name that is no format of the kind asked for.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{name}` is no format here")]
pub struct UnknownFormat {
    name: String,
    among: String,
}

impl Hinted for UnknownFormat {
    fn hint(&self) -> Option<String> {
        Some(format!("use {}", self.among))
    }
}

impl Format {
    /// What `aloud transcribe` writes.
    pub const TRANSCRIPTS: [Format; 4] =
        [Format::Transcript, Format::Text, Format::Srt, Format::Vtt];

    /// What `aloud subs` writes, the default first.
    pub const SUBTITLES: [Format; 8] = [
        Format::Srt,
        Format::Vtt,
        Format::Lrc,
        Format::Ass,
        Format::Ttml,
        Format::Podcast,
        Format::Times,
        Format::Html,
    ];

    /// Its name within either list, which is also the extension of its files.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Transcript | Format::Alignment | Format::Podcast => "json",
            Format::Text | Format::Times => "txt",
            Format::Srt => "srt",
            Format::Vtt => "vtt",
            Format::Lrc => "lrc",
            Format::Ass => "ass",
            Format::Ttml => "ttml",
            Format::Html => "html",
        }
    }

    /// The format of that name in `among`, in any case.
    ///
    /// # Errors
    /// When there is none; the message lists those there are.
    pub fn named(name: &str, among: &[Format]) -> Result<Self, UnknownFormat> {
        let names = || among.iter().map(|format| format.name()).collect::<Vec<_>>().join(", ");
        let found = among.iter().copied().find(|format| format.name().eq_ignore_ascii_case(name));
        found.ok_or_else(|| UnknownFormat { name: name.to_owned(), among: names() })
    }

    /// What it is, in a few words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Format::Transcript => "the transcript with the time of every word",
            Format::Alignment => "the time of every word of the article",
            Format::Text => "the transcript as plain text",
            Format::Srt => "subtitles for every player",
            Format::Vtt => "subtitles for web pages",
            Format::Lrc => "lines with times, as lyrics",
            Format::Ass => "subtitles with looks",
            Format::Ttml => "subtitles for broadcasters",
            Format::Podcast => "transcript for podcasts",
            Format::Times => "text, a time for each line",
            Format::Html => "a page with its words lit",
        }
    }

    /// The format in `among` that a file's extension names, in any case.
    pub fn of_path(path: &Path, among: &[Format]) -> Option<Self> {
        Self::named(path.extension()?.to_str()?, among).ok()
    }
}

/// Where a page finds the recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sound {
    /// Nowhere: the page is text with times.
    #[default]
    None,
    /// In a file, by its path from the folder that the page lies in.
    File(String),
    /// In the page itself.
    Embedded {
        /// The file's name; its extension tells the kind of sound.
        file: String,
        /// The file's bytes.
        bytes: Vec<u8>,
    },
}

/// What is asked of a file besides its format. Each format heeds what it can show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The rules for cues.
    pub profile: Profile,
    /// Whether formats that can do without times for each word (WebVTT, Podcasting 2.0) hold them.
    pub words: bool,
    /// What is done with what was said but is not written.
    pub unwritten: Unwritten,
    /// For each sentence of the article, its text in a second language, shown below; empty for one
    /// language.
    pub second: Vec<Option<String>>,
    /// For each sentence of the article, whether what it says stands in the second text of the one
    /// before it, too; empty where none shares its text.
    pub shared: Vec<bool>,
    /// The second language as a code ("zh"), where known.
    pub second_language: Option<String>,
    /// Where a page finds the recording.
    pub sound: Sound,
    /// The recording's chapters, which a page lists with the text's headings.
    pub chapters: Vec<Chapter>,
    /// A title; the article's where there is none.
    pub title: Option<String>,
    /// Whether a text that came as subtitles or lyrics keeps its own cues and lines.
    pub keep_lines: bool,
}

impl Options {
    /// The title to show: the one asked for, the article's, or the recording's file name.
    fn title<'a>(&'a self, reading: &'a Reading) -> &'a str {
        self.title
            .as_deref()
            .or(reading.article.title.as_deref())
            .unwrap_or(&reading.transcript.audio.file)
    }

    /// The second language as [`tag`] names it.
    fn second_tag(&self) -> Option<String> {
        let text: String = self.second.iter().flatten().map(String::as_str).collect();
        self.second_language.as_deref().map(|code| tag(code, &text))
    }
}

/// The language `code` of `text` as programs that show it want it (BCP 47): Chinese with its
/// script, by which they choose the glyphs.
fn tag(code: &str, text: &str) -> String {
    match script::detect(text).filter(|_| code == "zh") {
        Some(Script::Hant) => "zh-Hant".to_owned(),
        Some(Script::Hans) => "zh-Hans".to_owned(),
        Some(Script::AsIs) | None => code.to_owned(),
    }
}

/// The language of the article as [`tag`] names it.
fn language(reading: &Reading) -> Option<String> {
    reading.article.language.as_deref().map(|code| tag(code, &reading.article.text))
}

/// Writes `reading` as `format`. The same reading and options give the same bytes. Fails only if
/// `out` does.
pub fn write(
    format: Format,
    reading: &Reading,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Transcript => json::write(&reading.transcript, out),
        Format::Text => txt::write(&reading.transcript, out),
        Format::Alignment => alignment::write(reading, out),
        Format::Srt => srt::write(&cues(reading, options), out),
        Format::Vtt => vtt::write(&cues(reading, options), options.words, out),
        Format::Lrc => lrc::write(&cues(reading, options), options.title(reading), out),
        Format::Ass => ass::write(&cues(reading, options), options.title(reading), out),
        Format::Ttml => ttml::write(&cues(reading, options), reading, options, out),
        Format::Podcast => podcast::write(&cues(reading, options), options.words, out),
        Format::Times => times::write(&cues(reading, options), out),
        Format::Html => html::write(reading, options, out),
    }
}
