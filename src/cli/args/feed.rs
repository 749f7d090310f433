//! Arguments of `aloud feed`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Follow shows.
#[derive(Args, Clone, Debug)]
pub struct FeedArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: FeedCommand,
}

/// What can be done with feeds.
#[derive(Subcommand, Clone, Debug)]
pub enum FeedCommand {
    /// Follow shows: RSS or Atom, or a page that names its feed
    Add {
        /// Addresses
        #[arg(required = true, value_name = "URL")]
        urls: Vec<String>,
    },
    /// List the shows, or the entries of one
    #[command(visible_alias = "ls")]
    List {
        /// The show: its number in the list, its title or a part of it, or its address
        #[arg(value_name = "SHOW")]
        show: Option<String>,
        /// Only what came with the last update
        #[arg(long)]
        new: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Ask feeds for what is new; no episode is fetched
    Update {
        /// The show [default: all of them]
        #[arg(value_name = "SHOW")]
        show: Option<String>,
    },
    /// Fetch an episode with its chapters and transcript, and tie its text to it
    Get {
        /// The show
        #[arg(value_name = "SHOW")]
        show: String,
        /// Entries: their numbers as `list` shows them, or their titles or parts of them [default:
        /// the newest]
        #[arg(value_name = "N|TITLE", conflicts_with = "last")]
        items: Vec<String>,
        /// The N newest that have a recording
        #[arg(long, value_name = "N", value_parser = super::counts(1, 10_000))]
        last: Option<usize>,
        /// The recording alone, without its text, chapters and transcript
        #[arg(long)]
        sound_only: bool,
    },
    /// Follow a show no longer
    Rm {
        /// The show
        #[arg(value_name = "SHOW")]
        show: String,
        /// Remove what was fetched of it too
        #[arg(long)]
        files: bool,
    },
    /// Follow the shows of an OPML file, as other programs write it
    Import {
        /// The file
        #[arg(value_name = "FILE.opml")]
        file: PathBuf,
    },
    /// Write the shows as an OPML file
    Export {
        /// Write to FILE instead of standard output
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Write over an existing file
        #[arg(long)]
        force: bool,
    },
}
