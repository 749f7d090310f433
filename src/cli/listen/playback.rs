//! The player as the screen wants it.

use crate::decode::SeekIndex;
use crate::media::{MediaKeys, Now};
use crate::pipeline::Playhead;
use crate::player::{self, Event, Player};
use crate::time::Timestamp;
use crate::tui::{Notice, Playback, Position};
use std::sync::Arc;

/// A player, and what is done with an index that it made.
pub struct Sound<'a> {
    pub player: Player,
    pub keep_index: &'a dyn Fn(&Arc<SeekIndex>),
    /// Is told where the listener is, each time the screen asks.
    pub playhead: Playhead,
    /// Is told how it plays.
    pub media: Option<MediaKeys>,
}

impl Playback for Sound<'_> {
    fn play(&mut self) {
        self.player.play();
    }
    fn pause(&mut self) {
        self.player.pause();
    }
    fn seek(&mut self, to: Timestamp) {
        self.playhead.move_to(to);
        self.player.seek(to);
    }
    fn set_rate(&mut self, rate: f32) {
        self.player.set_rate(rate);
    }
    fn set_volume(&mut self, volume: f32) {
        self.player.set_volume(volume);
    }
    fn set_muted(&mut self, is_muted: bool) {
        self.player.set_muted(is_muted);
    }
    fn set_skip_silence(&mut self, skips: bool) {
        self.player.set_skip_silence(skips);
    }
    fn position(&self) -> Position {
        let now = self.player.position();
        self.playhead.move_to(now.at);
        if let Some(media) = &self.media {
            let volume = if now.is_muted { 0.0 } else { now.volume };
            media.tell(Now {
                at: now.at,
                is_playing: now.is_playing,
                is_ended: now.is_ended,
                rate: now.rate,
                volume,
            });
        }
        position(now)
    }
    fn events(&mut self) -> Vec<Notice> {
        let keep = |event: &Event| {
            if let Event::Indexed(index) = event {
                (self.keep_index)(index);
            }
        };
        self.player.events().into_iter().inspect(keep).filter_map(notice).collect()
    }
}

/// What a listener is told of what happened to a player.
pub fn notice(event: Event) -> Option<Notice> {
    match event {
        Event::Silent { reason } => Some(Notice::Trouble(format!("no sound: {reason}"))),
        Event::Sounding { .. } => Some(Notice::Clear),
        Event::Failed { reason } => Some(Notice::Trouble(reason)),
        Event::Ended | Event::Indexed(_) => None,
    }
}

/// Where a player is, as the screen takes it.
pub fn position(now: player::Position) -> Position {
    Position {
        at: now.at,
        is_playing: now.is_playing,
        is_ended: now.is_ended,
        rate: now.rate,
        volume: now.volume,
        is_muted: now.is_muted,
    }
}
