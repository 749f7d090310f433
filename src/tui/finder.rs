//! Finding phrases off the thread that draws. Only the latest order counts: what was typed before
//! it is not looked for any more.

use super::text::{Hit, Searchable};
use crate::search::{Options, Query};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// A phrase to look for, and where.
#[derive(Clone, Debug)]
pub struct Order {
    /// Later orders have higher numbers.
    pub serial: u64,
    /// As it was typed.
    pub phrase: String,
    /// How it is taken.
    pub options: Options,
    /// Where to look.
    pub text: Arc<Searchable>,
}

impl PartialEq for Order {
    fn eq(&self, other: &Self) -> bool {
        (self.serial, &self.phrase, self.options) == (other.serial, &other.phrase, other.options)
    }
}

/// Where the phrase of an order stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// That of the order.
    pub serial: u64,
    /// In the order of the text.
    pub hits: Vec<Hit>,
}

impl Order {
    /// Does it. What cannot be looked for is nowhere.
    pub fn find(&self) -> Found {
        let hits = Query::new(&self.phrase, self.options)
            .map(|query| self.text.find(&query))
            .unwrap_or_default();
        Found { serial: self.serial, hits }
    }
}

/// A thread that finds what was ordered last.
#[derive(Debug, Default)]
pub struct Finder {
    desk: Arc<Desk>,
    /// Where its answers come from, once it has something to do.
    answers: Option<Receiver<Found>>,
    /// The order whose answer is awaited.
    awaited: Option<u64>,
    /// An answer that is there already.
    found: Option<Found>,
}

/// Where orders are laid down.
#[derive(Debug, Default)]
struct Desk {
    next: Mutex<(Option<Order>, bool)>,
    changed: Condvar,
}

impl Finder {
    /// Looks for this from now on, and for nothing else.
    pub fn ask(&mut self, order: Order) {
        if self.answers.is_none() {
            self.answers = start(&self.desk);
        }
        self.awaited = Some(order.serial);
        if self.answers.is_some() {
            self.desk.next.lock().unwrap_or_else(PoisonError::into_inner).0 = Some(order);
            self.desk.changed.notify_one();
        } else {
            // The system gives no thread for it.
            self.found = Some(order.find());
        }
    }

    /// Whether an answer is awaited.
    pub fn is_busy(&self) -> bool {
        self.awaited.is_some()
    }

    /// The answer to the latest order, if it comes within `patience`.
    pub fn found(&mut self, patience: Duration) -> Option<Found> {
        let awaited = self.awaited?;
        let found = match (self.found.take(), &self.answers) {
            (Some(found), _) => Some(found),
            // Answers to earlier orders are passed over.
            (None, Some(answers)) => loop {
                match answers.recv_timeout(patience) {
                    Ok(found) if found.serial < awaited => {}
                    Ok(found) => break Some(found),
                    Err(RecvTimeoutError::Timeout) => return None,
                    Err(RecvTimeoutError::Disconnected) => break None,
                }
            },
            (None, None) => None,
        };
        if found.is_none() {
            // It gave up over an order that it had taken from the desk; what lies there gets
            // another thread.
            self.answers = None;
            let left = self.desk.next.lock().unwrap_or_else(PoisonError::into_inner).0.take();
            if let Some(order) = left {
                self.ask(order);
                return None;
            }
        }
        self.awaited = None;
        Some(found.unwrap_or(Found { serial: awaited, hits: Vec::new() }))
    }
}

impl Drop for Finder {
    fn drop(&mut self) {
        self.desk.next.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
        self.desk.changed.notify_one();
    }
}

fn start(desk: &Arc<Desk>) -> Option<Receiver<Found>> {
    let (sender, answers) = channel();
    let desk = Arc::clone(desk);
    let thread = thread::Builder::new().name("find".into()).spawn(move || work(&desk, &sender));
    thread
        .inspect_err(|error| log::warn!("phrases are looked for by the thread that draws: {error}"))
        .ok()?;
    Some(answers)
}

fn work(desk: &Desk, answers: &Sender<Found>) {
    loop {
        let order = {
            let mut next = desk.next.lock().unwrap_or_else(PoisonError::into_inner);
            loop {
                if next.1 {
                    return;
                }
                if let Some(order) = next.0.take() {
                    break order;
                }
                next = desk.changed.wait(next).unwrap_or_else(PoisonError::into_inner);
            }
        };
        if answers.send(order.find()).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::text::Text;
    use crate::view::sample;

    /// Longer than any machine needs.
    const LONG: Duration = Duration::from_secs(60);

    fn order(serial: u64) -> Order {
        let text = Text::new(sample::english(), None, &[], None, (80, 60)).searchable();
        Order { serial, phrase: "open".to_owned(), options: Options::default(), text }
    }

    /// One whose thread has not come to do anything, and what the thread has.
    fn idle() -> (Finder, Arc<Desk>, Sender<Found>) {
        let (sender, answers) = channel();
        let finder =
            Finder { desk: Arc::default(), answers: Some(answers), awaited: None, found: None };
        let desk = Arc::clone(&finder.desk);
        (finder, desk, sender)
    }

    #[test]
    fn of_thousands_only_the_latest_is_looked_for() {
        let (mut finder, desk, sender) = idle();
        assert!(!finder.is_busy() && finder.found(Duration::ZERO).is_none());
        (1..=3000).for_each(|serial| finder.ask(order(serial)));
        let thread = thread::spawn(move || work(&desk, &sender));
        let found = finder.found(LONG).expect("an answer");
        assert!(found.serial == 3000 && !found.hits.is_empty(), "{found:?}");
        assert!(!finder.is_busy());
        let answers = finder.answers.take().expect("a thread");
        drop(finder);
        thread.join().expect("it ends when nobody asks any more");
        assert_eq!(answers.try_iter().count(), 0, "others were looked for too");
    }

    #[test]
    fn an_answer_to_what_was_typed_before_is_passed_over() {
        let (mut finder, _, sender) = idle();
        let answer = |serial| Found { serial, hits: Vec::new() };
        finder.ask(order(1));
        finder.ask(order(2));
        sender.send(answer(1)).expect("somebody listens");
        assert!(finder.found(Duration::ZERO).is_none() && finder.is_busy());
        sender.send(answer(2)).expect("somebody listens");
        assert_eq!(finder.found(LONG), Some(answer(2)));
    }

    #[test]
    fn a_thread_that_gave_up_is_replaced() {
        // Over the order that is awaited: it is nowhere.
        let (mut finder, desk, sender) = idle();
        finder.ask(order(1));
        desk.next.lock().expect("whole").0 = None;
        drop(sender);
        assert_eq!(finder.found(LONG), Some(Found { serial: 1, hits: Vec::new() }));
        // Over an earlier one: the next thread does it.
        let (mut finder, _, sender) = idle();
        finder.ask(order(2));
        drop(sender);
        assert!(finder.found(LONG).is_none() && finder.is_busy());
        let found = finder.found(LONG).expect("an answer");
        assert!(found.serial == 2 && !found.hits.is_empty(), "{found:?}");
    }
}
