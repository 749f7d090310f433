//! What servers differ in: where they are asked what, how they are fed, and how they answer.
//!
//! Each of them is one file beside this one, and a line in [`ALL`]. Which one answers is known by
//! what it says of itself, never by its address. Never knows how anything is sent. Pure.

use super::opensearch::OpenSearch;
use super::quickwit::Quickwit;
use super::wire::{self, Document, Mark, Taken};
use crate::episode::EpisodeId;
use crate::reason::Reason;
use serde_json::Value;
use std::collections::HashSet;

/// All servers that are known, in the order in which an address is tried.
pub const ALL: [&dyn Dialect; 2] = [&Quickwit, &OpenSearch];

/// The one that is called `name`.
pub fn named(name: &str) -> Option<&'static dyn Dialect> {
    ALL.into_iter().find(|dialect| dialect.name() == name)
}

/// What one kind of server wants and says. Paths are below its address, without a slash in front;
/// where there is something to say it is posted, else the path is only read.
pub trait Dialect: Sync {
    /// What it is called, in small letters.
    fn name(&self) -> &'static str;

    /// The path where it says what it is.
    fn about(&self) -> &'static str;

    /// Whether it is this one that says `body` there; why not, for people, where it is too old.
    /// `None` where it is another one.
    fn known(&self, body: &[u8]) -> Option<Result<(), String>>;

    /// Whether it takes `index` for the name of an index.
    fn is_name(&self, index: &str) -> bool {
        wire::is_name(index)
    }

    /// What it makes the index `index` by.
    fn schema(&self, index: &str) -> String;

    /// The path where it describes an index.
    fn described(&self, index: &str) -> String;

    /// What tells an index from another one of its name, by its description.
    ///
    /// # Errors
    /// That the answer is none, or that the index was not made by [`Self::schema`], for people.
    fn identity(&self, body: &[u8]) -> Result<String, Reason>;

    /// The path where it takes documents, and answers once they can be found.
    fn feed(&self, index: &str) -> String;

    /// Whether documents that it is sent again are the same ones, so that who does not know what
    /// became of them sends them again.
    fn is_repeatable(&self) -> bool;

    /// Appends a document as it wants to be sent it.
    fn line(&self, document: &Document, lines: &mut Vec<u8>);

    /// Its answer to `n` documents.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    fn taken(&self, body: &[u8], n: usize) -> Result<Taken, String>;

    /// The path where it is asked for pages; `is_partial` where it may leave parts of the index out
    /// that give no answer.
    fn search(&self, index: &str, is_partial: bool) -> String;

    /// Whether it says of a part of the index that gives no answer something else than when it has
    /// no time.
    fn tells_loss_apart(&self) -> bool;

    /// The order of pages: the newest first, and each with a place of its own.
    fn order(&self) -> Value;

    /// The path where it takes what it is to forget.
    fn forgets(&self, index: &str) -> String;

    /// The order to forget pushes of episodes. Nothing that was pushed otherwise matches it,
    /// whenever the server comes to it.
    fn forgetting(&self, pushes: &[(EpisodeId, Mark)]) -> Value;

    /// The path where it lists what it is still to forget; `None` where it has forgotten when it
    /// answers.
    fn pending(&self, index: &str) -> Option<String>;

    /// The pushes in that list, whose documents are gone or will be.
    fn doomed(&self, body: &[u8]) -> HashSet<Mark>;
}

/// Why a server of the version `text` is too old, for people: whether its first two numbers are
/// less than `oldest`. What is no number is not judged.
pub(super) fn too_old(name: &str, text: &str, oldest: (u64, u64)) -> Option<String> {
    let text = text.trim_start_matches('v');
    let mut numbers = text.split(['.', '-']).map(str::parse::<u64>);
    let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else { return None };
    let why = || {
        format!(
            "it is {name} {text}, which is too old; {}.{} or newer is needed",
            oldest.0, oldest.1
        )
    };
    ((major, minor) < oldest).then(why)
}
