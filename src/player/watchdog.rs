//! Who plays: a sound card, or the clock while there is none.
//!
//! One thread keeps the stream. Opening a card can take long, so another thread does it and hands
//! over the result; as long as that takes, or when it fails, or when the card is lost later, time
//! goes on silently and the card is tried again every few seconds.

use super::callback::{Form, Outlet};
use super::clock::{Clock, Trouble};
use super::engine::{Command, Event};
use super::hush::Hush;
use super::shared::Shared;
use super::silent::Silent;
use super::{device, feed};
use crate::refusal;
use rtrb::{Producer, RingBuffer};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long a card may take to open before time goes on without it.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How often a card is tried again.
const RETRY: Duration = Duration::from_secs(3);
/// How soon after a loss: what was unplugged is often replaced by something else at once.
const SOON: Duration = Duration::from_millis(400);
/// How often the silent clock ticks.
const TICK: Duration = Duration::from_millis(10);
/// A card that has not called for so long is lost. Sound servers that have slept can take two
/// seconds.
const STALLED: Duration = Duration::from_secs(4);
/// How often it is looked whether it has.
const LOOK: Duration = Duration::from_millis(500);
/// More stumbles than so many between two looks are a fall.
const TOO_MANY: u32 = 40;
/// How long the last sound may take to fade and be heard.
const FAREWELL: Duration = Duration::from_millis(250);
/// How long a stream may take to close.
const CLOSING: Duration = Duration::from_millis(500);

/// What the watchdog is told.
pub(super) enum Note {
    /// A card is open, or why not.
    Opened(Result<Ready, String>),
    /// The card that has this epoch is lost.
    Lost(u64, String),
    /// The player ends.
    Quit,
}

/// An open card and the ring to it.
pub(super) struct Ready {
    opened: device::Opened,
    ring: Producer<f32>,
    form: Form,
    epoch: u64,
    stumbles: Arc<AtomicU32>,
}

#[derive(Clone)]
struct Teller {
    watchdog: Sender<Note>,
    epoch: u64,
    stumbles: Arc<AtomicU32>,
}

impl Trouble for Teller {
    fn lost(&self, why: String) {
        // Nobody listens any more only when the player has ended.
        let _ = self.watchdog.send(Note::Lost(self.epoch, why));
    }

    fn stumbled(&self, why: &dyn Fn() -> String) {
        // cpal tries a call that fails over and over, as fast as it can.
        if self.stumbles.fetch_add(1, Ordering::Relaxed) == TOO_MANY {
            self.lost(why());
        }
    }
}

/// What the watchdog has to know.
pub(super) struct Watchdog {
    pub(super) shared: Arc<Shared>,
    pub(super) clock: Clock,
    pub(super) n_channels: usize,
    /// The recording's rate: that of the silent device.
    pub(super) rate: u32,
    pub(super) device: Option<String>,
    /// `None` for silence.
    pub(super) hush: Option<Option<Arc<Hush>>>,
    pub(super) feed: Sender<Command>,
    pub(super) events: Sender<Event>,
    pub(super) inbox: Receiver<Note>,
    pub(super) outbox: Sender<Note>,
    pub(super) epoch: u64,
}

/// Who plays now.
enum Now {
    /// Nobody yet: a card is being opened, until then.
    Nobody(Instant),
    Silent(Box<Silent>),
    /// A card; when it was last seen to call, and how often it had then.
    Card(Ready, Instant, u64),
}

impl Watchdog {
    /// Keeps sound going until told to quit.
    pub(super) fn keep(mut self) {
        let mut now = match self.hush {
            None => self.go_silent(),
            Some(_) => {
                self.try_card();
                Now::Nobody(Instant::now() + PATIENCE)
            }
        };
        let (mut is_opening, mut next_try) = (self.hush.is_some(), Instant::now() + RETRY);
        loop {
            let wait = match &now {
                Now::Nobody(until) => until.saturating_duration_since(Instant::now()),
                Now::Silent(_) => TICK,
                Now::Card(..) => LOOK,
            };
            match self.inbox.recv_timeout(wait) {
                Ok(Note::Quit) | Err(RecvTimeoutError::Disconnected) => return self.end(now),
                Ok(Note::Opened(result)) => {
                    is_opening = false;
                    now = match result.map(|ready| self.take(ready)) {
                        Ok(Ok(card)) => card,
                        // Its epoch has begun already: the silent one has to be made anew.
                        Ok(Err(why)) => self.fall_silent(Now::Nobody(Instant::now()), why),
                        Err(why) => self.fall_silent(now, why),
                    };
                }
                Ok(Note::Lost(epoch, why)) => {
                    if matches!(&now, Now::Card(ready, ..) if ready.epoch == epoch) {
                        now = self.fall_silent(now, format!("the sound card was lost: {why}"));
                        next_try = Instant::now() + SOON;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    now = match now {
                        Now::Nobody(_) => {
                            self.fall_silent(now, "the sound card does not answer".to_owned())
                        }
                        Now::Silent(mut silent) => {
                            silent.run_to(self.clock.now_ns());
                            Now::Silent(silent)
                        }
                        Now::Card(ready, seen, calls) => self.look(ready, seen, calls),
                    };
                }
            }
            if matches!(now, Now::Silent(_))
                && self.hush.is_some()
                && !is_opening
                && Instant::now() >= next_try
            {
                (is_opening, next_try) = (true, Instant::now() + RETRY);
                self.try_card();
            }
        }
    }

    /// Opens the card on a thread of its own.
    fn try_card(&mut self) {
        self.epoch += 1;
        let stumbles = Arc::new(AtomicU32::new(0));
        let teller = Teller {
            watchdog: self.outbox.clone(),
            epoch: self.epoch,
            stumbles: Arc::clone(&stumbles),
        };
        let (shared, clock, n_channels, epoch) =
            (Arc::clone(&self.shared), self.clock, self.n_channels, self.epoch);
        let (name, hush, outbox) = (self.device.clone(), self.hush.clone(), self.outbox.clone());
        let work = move || {
            let mut made = None;
            let opened = device::open(name.as_deref(), clock, &teller, |rate| {
                let form = form(rate, n_channels)?;
                let (ring, outlet) = line(form, &shared, epoch);
                made = Some((ring, form));
                Ok(outlet)
            });
            let ready = opened.and_then(|opened| {
                let (ring, form) = made.ok_or("the sound card tells no rate")?;
                Ok(Ready { opened, ring, form, epoch, stumbles })
            });
            // When nobody waits any more, the card is closed again here, still hushed.
            let _ = outbox.send(Note::Opened(ready));
            drop(hush);
        };
        if let Err(error) = thread::Builder::new().name("open-sound".into()).spawn(work) {
            let _ = self.outbox.send(Note::Opened(Err(refusal::no_thread(&error))));
        }
    }

    /// Lets an open card play.
    fn take(&mut self, ready: Ready) -> Result<Now, String> {
        let (sender, is_fed) = channel();
        let Ready { opened, ring, form, epoch, stumbles } = ready;
        let _ = self.feed.send(Command::Attach { ring, form, epoch, sender: Some(sender) });
        // The first sound should be there when the card begins to call.
        let _ = is_fed.recv_timeout(PATIENCE);
        opened.start()?;
        let _ = self.events.send(Event::Sounding { device: opened.name.clone() });
        let (ring, _) = RingBuffer::new(0);
        Ok(Now::Card(Ready { opened, ring, form, epoch, stumbles }, Instant::now(), self.calls()))
    }

    /// Goes on by the clock, and says why if that is news.
    fn fall_silent(&mut self, now: Now, why: String) -> Now {
        if matches!(now, Now::Silent(_)) {
            log::debug!("still silent: {why}");
            return now;
        }
        log::info!("silent: {why}");
        let _ = self.events.send(Event::Silent { reason: why });
        let silent = self.go_silent();
        close(now);
        silent
    }

    fn go_silent(&mut self) -> Now {
        self.epoch += 1;
        let form = Form { rate: self.rate, n_channels: self.n_channels };
        let (ring, outlet) = line(form, &self.shared, self.epoch);
        let _ = self.feed.send(Command::Attach { ring, form, epoch: self.epoch, sender: None });
        Now::Silent(Box::new(Silent::new(outlet, self.clock.now_ns())))
    }

    /// Whether the card still calls.
    fn look(&mut self, ready: Ready, seen: Instant, calls: u64) -> Now {
        let calls_now = self.calls();
        ready.stumbles.store(0, Ordering::Relaxed);
        if calls_now == calls && seen.elapsed() >= STALLED {
            let why = "the sound card was lost: it takes no sound".to_owned();
            return self.fall_silent(Now::Card(ready, seen, calls), why);
        }
        Now::Card(ready, if calls_now == calls { seen } else { Instant::now() }, calls_now)
    }

    fn calls(&self) -> u64 {
        self.shared.calls.load(Ordering::Relaxed)
    }

    /// Lets the sound fade out and be heard, then closes.
    fn end(self, now: Now) {
        if matches!(now, Now::Card(..)) {
            let until = Instant::now() + FAREWELL;
            self.shared.wants_play.store(false, Ordering::Relaxed);
            let is_heard = || {
                self.shared.is_faded.load(Ordering::Relaxed)
                    && self.shared.last_heard_ns() <= self.clock.now_ns()
            };
            while !is_heard() && Instant::now() < until {
                thread::sleep(Duration::from_millis(2));
            }
        }
        close(now);
    }
}

/// Closes a card, which can take long when its server hangs; then it is left behind.
fn close(now: Now) {
    let Now::Card(ready, ..) = now else { return };
    let (sender, is_closed) = channel();
    let closing = move || {
        drop(ready);
        let _ = sender.send(());
    };
    if thread::Builder::new().name("close-sound".into()).spawn(closing).is_ok() {
        let _ = is_closed.recv_timeout(CLOSING);
    }
}

fn form(rate: u32, n_channels: usize) -> Result<Form, String> {
    match (crate::pcm::MIN_RATE..=crate::pcm::MAX_RATE).contains(&rate) {
        true => Ok(Form { rate, n_channels }),
        false => Err(format!("the sound card wants {rate} Hz, which aloud cannot give")),
    }
}

fn line(form: Form, shared: &Arc<Shared>, epoch: u64) -> (Producer<f32>, Outlet) {
    let (ring, consumer) = RingBuffer::new(form.frames(feed::RING) as usize * form.n_channels);
    (ring, Outlet::new(consumer, form, Arc::clone(shared), epoch))
}
