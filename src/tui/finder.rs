//! Finding phrases off the thread that draws. Only the latest order counts: what was typed before it is not looked for any more.

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
        let hits = Query::new(&self.phrase, self.options).map(|query| self.text.find(&query)).unwrap_or_default();
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
            // It gave up over an order that it had taken from the desk; what lies there gets another thread.
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
    thread.inspect_err(|error| log::warn!("phrases are looked for by the thread that draws: {error}")).ok()?;
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
