//! Arguments of `aloud cache`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Show or clear what is remembered of episodes.
#[derive(Args, Debug)]
pub struct CacheArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: CacheCommand,
}

/// What can be done with the cache.
#[derive(Subcommand, Debug)]
pub enum CacheCommand {
    /// List what is remembered
    #[command(visible_alias = "ls")]
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Forget an episode, or everything
    Rm {
        /// The recording, or its file name or the first digits of its hash as `list` shows them
        #[arg(value_name = "EPISODE", required_unless_present = "all", conflicts_with = "all")]
        episode: Option<PathBuf>,
        /// Forget everything
        #[arg(long)]
        all: bool,
        /// What goes besides, and whether it is asked.
        #[command(flatten)]
        goes: Goes,
    },
}

/// What goes with an episode, and whether it is asked.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Goes {
    /// Also what was made while listening, which nothing can make again: places, bookmarks and
    /// notes
    #[arg(long)]
    pub listened: bool,
    /// Do not ask before transcripts and the like go, which take long to make again
    #[arg(long, short)]
    pub yes: bool,
}
