//! The loop: take in what happened, draw what changed, sleep until something can change.

use super::app::{App, Setup};
use super::backlog::Backlog;
use super::effect::{World, take};
use super::event::{Event, Notice};
use super::finder::Finder;
use super::playback::{Display, Playback, Storage};
use super::terminal::Terminal;
use crate::time::Timestamp;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

/// The shortest time between two pictures.
const FRAME: Duration = Duration::from_millis(33);
/// What is found within this is shown at once, with no picture in between that has no hits.
const AT_ONCE: Duration = Duration::from_millis(8);

/// How the listener left the reading screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Where that was.
    pub at: Timestamp,
    /// What for, where that is not to end.
    pub wants: Option<Wants>,
}

/// What a listener leaves an episode for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// Another one, from the shelf.
    Shelf,
    /// The one of this number in the queue.
    Queued(u32),
    /// The same one, which has come whole.
    Whole,
}

/// Shows the reading screen in the terminal until the listener quits. `inputs` is the
/// receiving end of `sender`, to which whoever recognises or plays may send events too.
///
/// Fails when the terminal cannot be used or goes away; it is put back as it was in any case.
pub fn listen(
    setup: Setup,
    playback: &mut dyn Playback,
    storage: &mut dyn Storage,
    sender: &Sender<Event>,
    inputs: &Receiver<Event>,
) -> io::Result<Ended> {
    let mut terminal = Terminal::enter()?;
    let mut app = App::new(setup, terminal.size()?);
    terminal.watch(sender)?;
    run(
        &mut app,
        &mut World { playback, storage, display: &mut terminal, finder: Finder::default() },
        inputs,
    )?;
    Ok(Ended { at: app.position().at, wants: app.wants() })
}

/// Runs until the listener quits, or nobody is left to send anything.
pub fn run(app: &mut App, world: &mut World<'_>, inputs: &Receiver<Event>) -> io::Result<()> {
    let start = Instant::now();
    let mut drawn: Option<Instant> = None;
    let mut backlog = Backlog::default();
    while !app.is_over() {
        for notice in world.playback.events() {
            take(app, Event::Notice(notice), world)?;
        }
        for told in world.storage.done() {
            let (Ok(told) | Err(told)) = told;
            take(app, Event::Notice(Notice::Note(told)), world)?;
        }
        take(
            app,
            Event::Tick { position: world.playback.position(), now: start.elapsed() },
            world,
        )?;
        if let Some(found) = world.finder.found(AT_ONCE) {
            take(app, Event::Found(found), world)?;
        }
        let rest = drawn.map_or(Duration::ZERO, |drawn| FRAME.saturating_sub(drawn.elapsed()));
        let mut wait = app.next_change().max(rest);
        if app.is_stale() {
            if rest.is_zero() {
                world.display.draw(app)?;
                drawn = Some(Instant::now());
                app.set_drawn();
                wait = wait.max(FRAME);
            } else {
                wait = rest;
            }
        }
        if world.finder.is_busy() {
            wait = wait.min(FRAME);
        }
        match if backlog.is_empty() {
            inputs.recv_timeout(wait)
        } else {
            Err(RecvTimeoutError::Timeout)
        } {
            Ok(event) => backlog.push(event),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => backlog.push(Event::Quit),
        }
        take_all(app, &mut backlog, world, inputs)?;
    }
    Ok(())
}

/// Takes in what waits, until it is time for another picture.
fn take_all(
    app: &mut App,
    backlog: &mut Backlog,
    world: &mut World<'_>,
    inputs: &Receiver<Event>,
) -> io::Result<()> {
    let begin = Instant::now();
    while !app.is_over() && begin.elapsed() < FRAME {
        inputs.try_iter().for_each(|event| backlog.push(event));
        let Some(event) = backlog.pop() else { break };
        match event {
            Event::Resume => world.display.resume()?,
            Event::Repaint => world.display.repaint(),
            _ => {}
        }
        take(app, event, world)?;
    }
    Ok(())
}
