//! Doing what was decided: the one place where the screen touches the world.

use super::app::App;
use super::event::{Effect, Event, Notice};
use super::finder::Finder;
use super::playback::{Display, Playback, Storage};
use super::update::update;
use std::io;

/// Those who act for the screen.
pub struct World<'a> {
    /// Plays the recording.
    pub playback: &'a mut dyn Playback,
    /// Keeps what the listener wants kept.
    pub storage: &'a mut dyn Storage,
    /// Shows the screen.
    pub display: &'a mut dyn Display,
    /// Looks for phrases.
    pub finder: Finder,
}

/// Takes `event` in and does what comes of it. Fails only where the display does.
pub fn take(app: &mut App, event: Event, world: &mut World<'_>) -> io::Result<()> {
    for effect in update(app, event) {
        if let Some(answer) = perform(effect, world)? {
            drop(update(app, answer));
        }
    }
    Ok(())
}

/// Does one thing; answers what came of it.
fn perform(effect: Effect, world: &mut World<'_>) -> io::Result<Option<Event>> {
    let mut told = Ok(String::new());
    match effect {
        Effect::Play => world.playback.play(),
        Effect::Pause | Effect::Quit => world.playback.pause(),
        Effect::Seek(to) => world.playback.seek(to),
        Effect::Rate(rate) => world.playback.set_rate(rate),
        Effect::Volume(volume) => world.playback.set_volume(volume),
        Effect::Mute(is_muted) => world.playback.set_muted(is_muted),
        Effect::SkipSilence(skips) => world.playback.set_skip_silence(skips),
        Effect::Search(order) => world.finder.ask(order),
        Effect::Copy(text) => {
            return Ok(Some(Event::Notice(Notice::Answer(world.display.copy(&text)?))));
        }
        Effect::Suspend => {
            let was_playing = world.playback.position().is_playing;
            world.playback.pause();
            world.display.suspend()?;
            if was_playing {
                world.playback.play();
            }
        }
        Effect::GoOn => return Ok(Some(Event::Over(world.storage.queue()))),
        Effect::Arrange(change) => match world.storage.arrange(change) {
            Ok(queue) => return Ok(Some(Event::Queue(queue))),
            Err(why) => told = Err(why),
        },
        Effect::Clip(span) => told = world.storage.clip(span),
        Effect::Export(format) => told = world.storage.export(format),
        Effect::ExportBookmarks(page) => told = world.storage.markdown(&page),
        Effect::Keep(bookmarks) => told = world.storage.bookmarks(&bookmarks),
        Effect::Remember(at) => told = world.storage.remember(at),
        Effect::Measured(length) => world.storage.measured(length),
        Effect::Choose(choices) => told = world.storage.choose(&choices),
    }
    let (Ok(told) | Err(told)) = told;
    Ok((!told.is_empty()).then_some(Event::Notice(Notice::Note(told))))
}
