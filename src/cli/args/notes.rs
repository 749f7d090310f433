//! Arguments of `aloud notes`.

use clap::Args;
use std::path::PathBuf;

/// Print every note and bookmark of every episode, as Markdown.
#[derive(Args, Debug)]
pub struct NotesArgs {
    /// Only what has this in its note, its quotation or the episode's title
    #[arg(value_name = "SEARCH")]
    pub search: Option<String>,
    /// Only of shows with this in their name
    #[arg(long, value_name = "NAME")]
    pub show: Option<String>,
    /// Only what was noted since a day (2026-11-26, UTC), or in the last 12h, 7d, 2w
    #[arg(long, value_name = "DAY|AGO")]
    pub since: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Write to FILE instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long)]
    pub force: bool,
}
