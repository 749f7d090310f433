//! The loop with somebody who only pretends to play, to keep and to show.

use super::*;
use crate::export::Format;
use crate::time::Span;
use crate::tui::{
    Bookmark, Change, Choices, Display, Finder, Notice, Playback, Queued, Storage, World, run,
};
use std::io;
use std::sync::mpsc::channel;

#[derive(Default)]
struct Player {
    position: Position,
    notices: Vec<Notice>,
    done: Vec<String>,
}

impl Playback for Player {
    fn play(&mut self) {
        self.position.is_playing = true;
        self.done.push("play".into());
    }
    fn pause(&mut self) {
        self.position.is_playing = false;
        self.done.push("pause".into());
    }
    fn seek(&mut self, to: Timestamp) {
        self.position.at = to;
        self.done.push(format!("seek {}", to.millis()));
    }
    fn set_rate(&mut self, rate: f32) {
        self.position.rate = rate;
    }
    fn set_volume(&mut self, volume: f32) {
        self.position.volume = volume;
    }
    fn set_muted(&mut self, is_muted: bool) {
        self.position.is_muted = is_muted;
    }
    fn set_skip_silence(&mut self, skips: bool) {
        self.done.push(format!("skip silence {skips}"));
    }
    fn position(&self) -> Position {
        self.position
    }
    fn events(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }
}

#[derive(Default)]
struct Desk {
    done: Vec<String>,
}

impl Storage for Desk {
    fn bookmarks(&mut self, bookmarks: &[Bookmark]) -> Result<String, String> {
        self.done.push(format!("{} bookmarks", bookmarks.len()));
        Ok(String::new())
    }
    fn remember(&mut self, at: Timestamp) -> Result<String, String> {
        self.done.push(format!("at {at}"));
        Ok(String::new())
    }
    fn choose(&mut self, choices: &Choices) -> Result<String, String> {
        self.done.push(format!("rate {:?}", choices.rate));
        Ok(String::new())
    }
    fn arrange(&mut self, change: Change) -> Result<Vec<Queued>, String> {
        self.done.push(format!("{change:?}"));
        Ok(vec![Queued { number: 7, title: "as it is now".into(), ..Queued::default() }])
    }
    fn queue(&mut self) -> Vec<Queued> {
        Vec::new()
    }
    fn clip(&mut self, _: Span) -> Result<String, String> {
        Err("the disk is full".into())
    }
    fn export(&mut self, format: Format) -> Result<String, String> {
        Ok(format!("wrote episode.{}", format.name()))
    }
    fn markdown(&mut self, _: &str) -> Result<String, String> {
        Ok(String::new())
    }
}

#[derive(Default)]
struct Screen {
    pictures: Vec<String>,
    copied: Vec<String>,
    is_broken: bool,
    done: Vec<&'static str>,
}

impl Display for Screen {
    fn size(&self) -> io::Result<(u16, u16)> {
        Ok((80, 24))
    }
    fn draw(&mut self, app: &App) -> io::Result<()> {
        if self.is_broken {
            return Err(io::Error::other("gone"));
        }
        self.pictures.push(picture(app));
        Ok(())
    }
    fn repaint(&mut self) {
        self.done.push("repaint");
    }
    fn resume(&mut self) -> io::Result<()> {
        self.done.push("resume");
        Ok(())
    }
    fn copy(&mut self, text: &str) -> io::Result<String> {
        self.copied.push(text.into());
        Ok("copied".into())
    }
    fn suspend(&mut self) -> io::Result<()> {
        self.done.push("suspend");
        Ok(())
    }
}

/// Runs until the keys that quit.
fn session(keys: &str, screen: &mut Screen) -> (Player, Desk, App, io::Result<()>) {
    let (sender, inputs) = channel();
    for name in keys.split(' ') {
        let event = match name {
            "RESUME" => Event::Resume,
            "REPAINT" => Event::Repaint,
            name => Event::Key(name.parse().expect("a key")),
        };
        sender.send(event).expect("somebody listens");
    }
    drop(sender);
    let (mut player, mut desk, mut app) = (Player::default(), Desk::default(), english(0));
    player.notices.push(Notice::Note("hello".into()));
    let result = run(
        &mut app,
        &mut World {
            playback: &mut player,
            storage: &mut desk,
            display: screen,
            finder: Finder::default(),
        },
        &inputs,
    );
    (player, desk, app, result)
}

#[test]
fn a_session() {
    let mut screen = Screen::default();
    let (player, desk, app, result) =
        session("space ] y b enter > REPAINT ctrl-z RESUME c q", &mut screen);
    assert!(result.is_ok() && app.is_over());
    // It played before the stop, and plays again after it.
    assert_eq!(player.done, ["play", "seek 2900", "pause", "play", "pause"]);
    assert_eq!(desk.done, ["at 0:00", "1 bookmarks", "at 0:02", "rate Some(1.1)", "at 0:02"]);
    assert_eq!(screen.copied, ["[0:02] The Machine in the Closet"]);
    assert_eq!(screen.done, ["repaint", "suspend", "resume"]);
    assert!(screen.pictures[0].contains("hello"));
    assert_eq!(app.messages.past().last().map(|(_, told)| told.as_str()), Some("the disk is full"));
}

#[test]
fn it_ends_when_nobody_is_left_and_when_the_screen_is_gone() {
    let (_, desk, app, result) = session("]", &mut Screen::default());
    assert!(result.is_ok() && app.is_over());
    assert_eq!(desk.done, ["at 0:00", "at 0:02"]);
    let (.., result) = session("]", &mut Screen { is_broken: true, ..Screen::default() });
    assert_eq!(result.map_err(|e| e.to_string()), Err("gone".into()));
}
