//! `aloud read`.

use super::PlayArgs;
use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;

/// `aloud read`.
#[derive(Clone, Debug, Args)]
pub struct ReadArgs {
    /// A text, Markdown, HTML or EPUB file, an http(s) address, or - for standard input
    #[arg(value_name = "ARTICLE")]
    pub article: OsString,
    /// The chapter of a book, by its number or title
    #[arg(long, value_name = "N|TITLE")]
    pub chapter: Option<String>,
    /// Write the sound to FILE, .wav or .flac, instead of playing it
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write over an existing file
    #[arg(long)]
    pub force: bool,
    /// The language to read it in, as a code such as `en` or `zh`; the text's own when not given
    #[arg(long, short, value_name = "CODE")]
    pub language: Option<String>,
    /// How it is played.
    #[command(flatten)]
    pub play: PlayArgs,
}
