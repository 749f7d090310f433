//! Who speaks a text: espeak-ng in a process of its own, as far as the user's settings say where it
//! is.

use super::Context;
use crate::pipeline::Voice;
use crate::synth::{Speaker, Trouble};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The command that speaks in a process of its own: this same program.
fn child() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap_or_else(|_| "aloud".into()));
    command.arg("synth-child");
    command
}

/// Where the synthesiser's library lies, if somebody said so.
pub fn library(context: &Context) -> Option<String> {
    context.settings.text("espeak").map(|(file, _)| file).filter(|file| !file.is_empty())
}

/// Where the dictionary lies that kanji are read by, if somebody said so.
pub fn dictionary(context: &Context) -> Option<PathBuf> {
    context
        .settings
        .text("mecab")
        .map(|(folder, _)| PathBuf::from(folder))
        .filter(|folder| !folder.as_os_str().is_empty())
}

/// Who speaks, given what [`library`] and [`dictionary`] say.
pub fn voice<'a>(library: Option<&'a str>, dictionary: Option<&'a Path>) -> Voice<'a> {
    Voice { child, library, dictionary }
}

/// Whether espeak-ng is there: its version, or why it cannot be used.
pub fn speaker(context: &Context) -> Result<String, Trouble> {
    Speaker::start(child, "en", library(context).as_deref())
        .map(|speaker| speaker.version().to_owned())
}
