//! The player's threads: one decodes, one keeps the sound card; and what is said between them.

use super::callback::Form;
use super::clock::Clock;
use super::feed::Feed;
use super::shared::{NO_END, Shared};
use crate::decode::{DecodeError, SeekIndex, Source};
use crate::reason::Reason;
use rtrb::Producer;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

/// How long the decoding thread rests when enough is ready, while playing and else.
const REST: Duration = Duration::from_millis(20);
const LONG_REST: Duration = Duration::from_millis(150);

/// Something a listener may want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Time goes on without sound, because of this; the sound card is tried again every few
    /// seconds.
    Silent {
        /// In words for people.
        reason: String,
    },
    /// Sound goes to this device from now on.
    Sounding {
        /// Its name.
        device: String,
    },
    /// The end was heard. The player is paused there.
    Ended,
    /// The recording could not be read any further.
    Failed {
        /// In words for people.
        reason: String,
    },
    /// The recording has been counted through; keep this for the next time, see `Options::index`.
    Indexed(Arc<SeekIndex>),
}

/// What the decoding thread is told.
pub(super) enum Command {
    Seek {
        seconds: f64,
        number: u64,
    },
    Speed(f64),
    Shorten(bool),
    Index(Arc<SeekIndex>),
    /// Goes on with this, which is the same recording and may have more of it.
    Source(Box<Source>),
    /// Goes on into this ring. Answers when there is sound in it.
    Attach {
        ring: Producer<f32>,
        form: Form,
        epoch: u64,
        sender: Option<Sender<()>>,
    },
    Quit,
}

/// The decoding thread.
pub(super) struct Engine {
    pub(super) feed: Feed,
    pub(super) shared: Arc<Shared>,
    pub(super) clock: Clock,
    pub(super) inbox: Receiver<Command>,
    pub(super) events: Sender<Event>,
    /// Whether the end has been told since the last seek.
    pub(super) has_ended: bool,
}

impl Engine {
    /// Decodes until told to quit.
    pub(super) fn run(mut self) {
        loop {
            let result = match self.next_command() {
                Some(Command::Quit) => return,
                Some(command) => self.obey(command),
                None => self.feed.work(),
            };
            self.report(result);
            self.watch_for_the_end();
        }
    }

    /// The next command; `None` if there is decoding to do first. Rests when there is neither.
    fn next_command(&mut self) -> Option<Command> {
        if let Ok(command) = self.inbox.try_recv() {
            return Some(command);
        }
        if self.feed.has_work() {
            return None;
        }
        let rest = if self.shared.wants_play.load(Ordering::Relaxed) { REST } else { LONG_REST };
        match self.inbox.recv_timeout(rest) {
            Ok(command) => Some(command),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Command::Quit),
        }
    }

    fn obey(&mut self, command: Command) -> Result<(), DecodeError> {
        match command {
            Command::Seek { seconds, number } => {
                self.has_ended = false;
                self.feed.seek(seconds, number)
            }
            Command::Speed(speed) => self.feed.set_speed(speed),
            Command::Shorten(yes) => self.feed.set_shortens(yes),
            Command::Index(index) => {
                self.feed.set_index(index);
                Ok(())
            }
            Command::Source(source) => {
                self.has_ended = false;
                self.feed.replace(*source)
            }
            Command::Attach { ring, form, epoch, sender } => {
                let result = self.feed.attach(ring, form, epoch, self.clock.now_ns());
                if let Some(sender) = sender {
                    // Who asked may have lost patience.
                    let _ = sender.send(());
                }
                result
            }
            Command::Quit => Ok(()),
        }
    }

    fn report(&self, result: Result<(), DecodeError>) {
        if let Err(error) = result {
            let _ = self.events.send(Event::Failed { reason: Reason::from(error).one_line() });
        }
    }

    fn watch_for_the_end(&mut self) {
        let end = self.shared.end.load(Ordering::Acquire);
        let is_over = end != NO_END
            && self.feed.is_over()
            && self.shared.frame_at(self.clock.now_ns()) >= end as f64;
        if is_over && !self.has_ended && self.shared.wants_play.load(Ordering::Relaxed) {
            self.has_ended = true;
            self.shared.wants_play.store(false, Ordering::Relaxed);
            let _ = self.events.send(Event::Ended);
        }
    }
}

/// Counts a recording through, on a thread of its own, and hands out the index.
pub(super) fn count(
    path: &Path,
    quits: &AtomicBool,
    feed: &Sender<Command>,
    events: &Sender<Event>,
) {
    match SeekIndex::build(path, &|| !quits.load(Ordering::Relaxed)) {
        Ok(Some(index)) => {
            let index = Arc::new(index);
            let _ = feed.send(Command::Index(Arc::clone(&index)));
            let _ = events.send(Event::Indexed(index));
        }
        Ok(None) => {}
        Err(error) => log::info!("no seek index: {error}"),
    }
}
