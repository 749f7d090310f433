//! What is kept of a recording before all of it is here.

use crate::cli::listen::storage::EpisodeStorage;
use crate::export::Format;
use crate::time::{Span, Timestamp};
use crate::tui::{Bookmark, Change, Choices, Queued, Storage};

/// Keeps what is marked by the address; what needs all of the recording has to wait.
pub struct Pending<'a>(pub EpisodeStorage<'a>);

fn not_yet<T>() -> Result<T, String> {
    Err("this can be written when the recording is loaded whole".to_owned())
}

impl Storage for Pending<'_> {
    fn bookmarks(&mut self, bookmarks: &[Bookmark]) -> Result<String, String> {
        self.0.bookmarks(bookmarks)
    }
    fn remember(&mut self, at: Timestamp) -> Result<String, String> {
        self.0.remember(at)
    }
    fn choose(&mut self, choices: &Choices) -> Result<String, String> {
        self.0.choose(choices)
    }
    fn arrange(&mut self, change: Change) -> Result<Vec<Queued>, String> {
        self.0.arrange(change)
    }
    fn queue(&mut self) -> Vec<Queued> {
        self.0.queue()
    }
    fn clip(&mut self, _: Span) -> Result<String, String> {
        not_yet()
    }
    fn export(&mut self, _: Format) -> Result<String, String> {
        not_yet()
    }
    fn markdown(&mut self, _: &str) -> Result<String, String> {
        not_yet()
    }
}
