//! Arguments of `aloud config`.

use clap::{Args, Subcommand};

/// List the settings with their values, or edit them.
#[derive(Args, Debug)]
pub struct ConfigArgs {
    /// What to do; without it, list them.
    #[command(subcommand)]
    pub command: Option<ConfigCommand>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// What can be done with the settings.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Open the file in VISUAL or EDITOR, and say what of it cannot be used
    Edit,
    /// Print where the file is
    Path,
    /// Forget what was chosen with keys: rates, volume, theme, view, pauses
    Forget,
}
