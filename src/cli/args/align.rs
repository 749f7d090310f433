//! The arguments of `aloud align`.

use super::{MethodArgs, RecogniseArgs, SoundArgs};
use clap::{Args as ClapArgs, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// `aloud align`.
#[derive(Clone, Debug, ClapArgs)]
pub struct AlignArgs {
    /// The recording; a folder or pattern ("book/*.mp3") for one in several files, an EPUB that has
    /// its sound in it, or a DAISY book (its folder, its ncc.html or .opf, a .zip)
    #[arg(value_name = "AUDIO")]
    pub audio: PathBuf,
    /// The article: a text, Markdown, HTML or EPUB file, an http(s) address, or - for standard
    /// input
    #[arg(value_name = "ARTICLE")]
    pub article: Option<OsString>,
    /// The chapter of a book, by its number or title
    #[arg(long, value_name = "N|TITLE")]
    pub chapter: Option<String>,
    /// Answer with everything that is known, for programs
    #[arg(long)]
    pub json: bool,
    /// Draw written position against time into FILE (.svg or .png)
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    /// Write to FILE instead of standard output; a name that ends in .epub is the book read along
    /// (EPUB 3, Media Overlays)
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write over an existing file
    #[arg(long)]
    pub force: bool,
    /// What lights up in a book
    #[arg(long, value_enum, value_name = "WHAT", default_value = "sentence")]
    pub fragments: FragmentsArg,
    /// Where a book has its sound: `embed`, or the http(s) address of the recording
    #[arg(long = "audio", value_name = "WHERE", default_value = EMBED)]
    pub sound: String,
    /// Which sound of the recording.
    #[command(flatten)]
    pub which: SoundArgs,
    /// How the text is tied to the sound.
    #[command(flatten)]
    pub method: MethodArgs,
    /// How speech is recognised.
    #[command(flatten)]
    pub recognise: RecogniseArgs,
}

/// The sound of a book is in it.
pub const EMBED: &str = "embed";

/// What lights up in a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FragmentsArg {
    /// A sentence at a time
    Sentence,
    /// A word at a time
    Word,
}
