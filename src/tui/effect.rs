//! Doing what was decided: the one place where the screen touches the world.

use super::app::App;
use super::event::{Effect, Event, Notice};
use super::finder::Finder;
use super::playback::{Display, Keeper, Playback};
use super::update::update;
use std::io;

/// Those who act for the screen.
pub struct World<'a> {
    /// Plays the recording.
    pub playback: &'a mut dyn Playback,
    /// Keeps what the listener wants kept.
    pub keeper: &'a mut dyn Keeper,
    /// Shows the screen.
    pub display: &'a mut dyn Display,
    /// Looks for phrases.
    pub finder: Finder,
}

/// Takes `event` in and does what comes of it. Fails only where the display does.
pub fn take(app: &mut App, event: Event, world: &mut World<'_>) -> io::Result<()> {
    for effect in update(app, event) {
        if let Effect::Arrange(change) = effect {
            let told = match world.keeper.arrange(change) {
                Ok(queue) => Event::Queue(queue),
                Err(why) => Event::Notice(Notice::Note(why)),
            };
            update(app, told);
            continue;
        }
        match perform(effect, world)? {
            Ok(note) if note.is_empty() => {}
            Ok(note) | Err(note) => drop(update(app, Event::Notice(Notice::Note(note)))),
        }
    }
    Ok(())
}

/// Does one thing; answers what is to be told of it.
fn perform(effect: Effect, world: &mut World<'_>) -> io::Result<Result<String, String>> {
    match effect {
        Effect::Play => world.playback.play(),
        Effect::Pause | Effect::Quit => world.playback.pause(),
        Effect::Seek(to) => world.playback.seek(to),
        Effect::Rate(rate) => world.playback.set_rate(rate),
        Effect::Volume(volume) => world.playback.set_volume(volume),
        Effect::Mute(is_muted) => world.playback.set_muted(is_muted),
        Effect::SkipSilence(skips) => world.playback.set_skip_silence(skips),
        Effect::Search(order) => world.finder.ask(order),
        Effect::Copy(text) => world.display.copy(&text)?,
        Effect::Suspend => {
            let was_playing = world.playback.position().is_playing;
            world.playback.pause();
            world.display.suspend()?;
            if was_playing {
                world.playback.play();
            }
        }
        // Which answers by another event.
        Effect::Arrange(_) => {}
        Effect::Clip(span) => return Ok(world.keeper.clip(span)),
        Effect::Export(format) => return Ok(world.keeper.export(format)),
        Effect::ExportBookmarks(page) => return Ok(world.keeper.markdown(&page)),
        Effect::Keep(bookmarks) => return Ok(world.keeper.bookmarks(&bookmarks)),
        Effect::Remember(at) => return Ok(world.keeper.remember(at)),
        Effect::Choose(choices) => return Ok(world.keeper.choose(&choices)),
    }
    Ok(Ok(String::new()))
}
