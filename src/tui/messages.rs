//! What the screen tells in words: what matters stays until a key is pressed, what only answers a
//! key goes with the next one or by itself, and all of it can be read again.

use super::app::App;
use std::time::Duration;

/// How long an answer to a key is shown.
const SHOWN: Duration = Duration::from_secs(4);
/// So many messages wait on the screen; older ones can be read again like all others.
const WAITING: usize = 4;
/// So many messages are kept to be read again.
const KEPT: usize = 100;

/// What was told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Messages {
    /// What matters and nobody has seen yet.
    unread: Vec<String>,
    /// The last answer, and until when it is shown.
    answer: Option<(String, Duration)>,
    /// Everything that mattered, in order, each with the time since the start of the program.
    past: Vec<(Duration, String)>,
}

impl Messages {
    /// What is on the screen now, a line each; `None` where nothing is.
    pub(super) fn shown(&self) -> Option<String> {
        let answer = self.answer.iter().map(|(text, _)| text);
        let lines: Vec<&str> = self.unread.iter().chain(answer).map(String::as_str).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// Whether something that matters waits to be seen.
    pub(super) fn has_unread(&self) -> bool {
        !self.unread.is_empty()
    }

    /// Everything that mattered so far.
    pub(super) fn past(&self) -> &[(Duration, String)] {
        &self.past
    }

    /// When something goes by itself.
    pub(super) fn until(&self) -> Option<Duration> {
        self.answer.as_ref().map(|(_, until)| *until)
    }

    /// Lets go by what has been shown long enough.
    pub(super) fn pass(&mut self, now: Duration) {
        self.answer.take_if(|(_, until)| *until <= now);
    }

    /// What was shown has been seen, and the last answer is about something that is over.
    pub(super) fn see(&mut self) {
        self.unread.clear();
        self.answer = None;
    }

    fn keep(&mut self, text: String, now: Duration) {
        if self.past.len() == KEPT {
            self.past.remove(0);
        }
        self.past.push((now, text));
    }
}

impl App {
    /// Answers a key: shown for a while.
    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.messages.answer = Some((text.into(), self.now + SHOWN));
        self.is_stale = true;
    }

    /// Tells something that matters: it stays until a key is pressed.
    pub(super) fn tell(&mut self, text: impl Into<String>) {
        let text = text.into();
        self.messages.keep(text.clone(), self.now);
        let unread = &mut self.messages.unread;
        if !unread.contains(&text) {
            unread.push(text);
        }
        unread.drain(..unread.len().saturating_sub(WAITING));
        self.is_stale = true;
    }

    /// Notes what is shown elsewhere for as long as it lasts, so that it can be read again.
    pub(super) fn note_trouble(&mut self, text: &str) {
        if self.trouble.as_deref() != Some(text) {
            self.messages.keep(text.to_owned(), self.now);
        }
    }
}
