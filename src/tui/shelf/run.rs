//! The shelf's loop: take in what happened and what was found out, draw what changed.

use super::{Effect, End, News, Setup, Shelf, Supplier};
use crate::tui::event::Event;
use crate::tui::playback::Display;
use crate::tui::terminal::Terminal;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// How often it is asked what was found out, while there is something to find out.
const LOOK: Duration = Duration::from_millis(25);
/// Else nothing happens but what the listener does.
const REST: Duration = Duration::from_secs(3600);

/// Shows the shelf until an episode is chosen; `None` for a listener who leaves without one. What
/// `news` brings is shown as it comes, and `supplier` does what the listener asks for.
///
/// Fails when the terminal cannot be used or goes away; it is put back as it was in any case.
pub fn choose(setup: Setup, news: &Receiver<News>, supplier: &dyn Supplier) -> io::Result<End> {
    let mut terminal = Terminal::enter()?;
    let mut shelf = Shelf::new(setup, terminal.size()?);
    let (sender, inputs) = channel();
    terminal.watch(&sender)?;
    loop {
        while let Some(effect) = news.try_iter().find_map(|news| shelf.learn(news)) {
            act(effect, &mut shelf, &mut terminal, supplier)?;
        }
        if let Some(end) = shelf.end.take() {
            return Ok(end);
        }
        if shelf.take_stale() {
            terminal.show(shelf.area(), |buffer| shelf.draw(buffer))?;
        }
        let wait = if shelf.is_waiting() { LOOK } else { REST };
        let first = match inputs.recv_timeout(wait) {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => Event::Quit,
        };
        for event in std::iter::once(first).chain(inputs.try_iter()) {
            match event {
                Event::Resume => terminal.resume()?,
                Event::Repaint => terminal.repaint(),
                _ => {}
            }
            if let Some(effect) = shelf.take(event) {
                act(effect, &mut shelf, &mut terminal, supplier)?;
            }
            if shelf.end.is_some() {
                break;
            }
        }
    }
}

fn act(
    effect: Effect,
    shelf: &mut Shelf,
    terminal: &mut Terminal,
    supplier: &dyn Supplier,
) -> io::Result<()> {
    match effect {
        Effect::Suspend => terminal.suspend()?,
        Effect::Queue(item) => shelf.tell(supplier.queue(&item)),
        Effect::Fetch(item) => supplier.fetch(&item),
        Effect::Update => supplier.update(),
        Effect::Cancel => supplier.cancel(),
    }
    Ok(())
}
