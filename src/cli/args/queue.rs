//! `aloud queue`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `aloud queue`.
#[derive(Clone, Debug, Args)]
pub struct QueueArgs {
    /// What to do; without it, list
    #[command(subcommand)]
    pub command: Option<QueueCommand>,
    /// List as JSON
    #[arg(long)]
    pub json: bool,
}

/// What can be done with the queue.
#[derive(Clone, Debug, Subcommand)]
pub enum QueueCommand {
    /// Hear these after what is there: recordings, every recording of a folder or of a playlist
    /// (.m3u), or what is not heard yet of a show on the shelf, by its name or an episode's
    Add {
        /// Which
        #[arg(required = true, value_name = "AUDIO")]
        audio: Vec<PathBuf>,
        /// Before what is there already, right after what is heard now
        #[arg(long)]
        next: bool,
    },
    /// Take episodes away, by their places
    Rm {
        /// As they are listed
        #[arg(required = true, value_name = "N")]
        places: Vec<usize>,
    },
    /// Put an episode in another place
    Move {
        /// Which, by its place
        #[arg(value_name = "N")]
        from: usize,
        /// Where
        #[arg(value_name = "PLACE")]
        to: usize,
    },
    /// Take all of them away
    Clear,
}
