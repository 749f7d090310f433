//! The loop: take in what happened, draw what changed, sleep until something can change.

use super::app::{App, Setup};
use super::effect::{World, take};
use super::event::Event;
use super::playback::{Display, Keeper, Playback};
use super::terminal::Terminal;
use crate::time::Timestamp;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

/// The shortest time between two pictures.
const FRAME: Duration = Duration::from_millis(33);

/// Shows the reading screen in the terminal until the listener quits; answers where that was. `inputs` is the
/// receiving end of `sender`, to which whoever recognises or plays may send events too.
///
/// Fails when the terminal cannot be used or goes away; it is put back as it was in any case.
pub fn listen(
    setup: Setup,
    playback: &mut dyn Playback,
    keeper: &mut dyn Keeper,
    sender: &Sender<Event>,
    inputs: &Receiver<Event>,
) -> io::Result<Timestamp> {
    let mut terminal = Terminal::enter()?;
    let mut app = App::new(setup, terminal.size()?);
    terminal.watch(sender);
    run(&mut app, &mut World { playback, keeper, display: &mut terminal }, inputs)?;
    Ok(app.position().at)
}

/// Runs until the listener quits, or nobody is left to send anything.
pub fn run(app: &mut App, world: &mut World<'_>, inputs: &Receiver<Event>) -> io::Result<()> {
    let start = Instant::now();
    let mut drawn: Option<Instant> = None;
    while !app.is_over() {
        for notice in world.playback.events() {
            take(app, Event::Notice(notice), world)?;
        }
        take(app, Event::Tick { position: world.playback.position(), now: start.elapsed() }, world)?;
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
        match inputs.recv_timeout(wait) {
            Ok(event) => take_all(app, event, world, inputs)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => take(app, Event::Quit, world)?,
        }
    }
    Ok(())
}

/// Takes in `event` and all that waits behind it.
fn take_all(app: &mut App, event: Event, world: &mut World<'_>, inputs: &Receiver<Event>) -> io::Result<()> {
    for event in std::iter::once(event).chain(inputs.try_iter()) {
        match event {
            Event::Resume => world.display.resume()?,
            Event::Repaint => world.display.repaint(),
            _ => {}
        }
        take(app, event, world)?;
        if app.is_over() {
            break;
        }
    }
    Ok(())
}
