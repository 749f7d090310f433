//! `aloud read`.

use super::ListenArgs;
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
    /// How fast, 0.5 to 3, without change of pitch
    #[arg(long, value_name = "N")]
    pub rate: Option<f32>,
    /// Begin paused
    #[arg(long)]
    pub paused: bool,
    /// A sound card's name or a part of it (`aloud doctor` lists them) [variable: ALOUD_DEVICE]
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Let the text go on without sound
    #[arg(long)]
    pub no_audio: bool,
    /// dark, light, contrast, plain or bare
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
}

impl ReadArgs {
    /// How it is played.
    pub fn listen(&self) -> ListenArgs {
        let Self { rate, paused, device, no_audio, theme, .. } = self.clone();
        ListenArgs { rate, paused, device, no_audio, theme, ..ListenArgs::default() }
    }
}
