//! A player of what is here of a recording, which gets more of it when that has come.

use super::ENOUGH;
use super::extent::{Extent, NEAR};
use super::fetch::{Come, Loading, State};
use super::prepare::{More, Order};
use crate::cli::listen::playback::{notice, position};
use crate::player::{Event, Player};
use crate::time::Timestamp;
use crate::tui::{self, Notice, Playback, Position};
use std::sync::mpsc::{Receiver, Sender};

/// More is handed to the player when it has less than this before it.
const AHEAD: Timestamp = Timestamp::from_millis(20_000);
/// So much has to be there behind a place to go on at: a byte is not as long as the other.
const NEEDED: Timestamp = Timestamp::from_millis(1_000);

/// A player whose recording grows. It waits for nobody: what is to be played further is made ready
/// elsewhere.
pub struct Growing<'a> {
    player: Player,
    extent: Extent,
    loading: &'a Loading,
    /// Bytes that the player has.
    got: u64,
    /// Whether the listener wants it to play.
    pub wish: bool,
    /// Where he wants to be, while the player does not have that.
    wanted: Option<Timestamp>,
    /// The place of which the listener was told that it is waited for.
    told: Option<Timestamp>,
    /// Has more made ready.
    orders: Sender<Order>,
    /// What was made ready.
    answers: Receiver<Option<More>>,
    /// Whether an answer is still to come.
    has_ordered: bool,
}

impl<'a> Growing<'a> {
    /// Of `player`, which has all that is here, held; more is ordered and answered by `world`.
    pub fn new(
        player: Player,
        extent: Extent,
        loading: &'a Loading,
        world: (Sender<Order>, Receiver<Option<More>>),
    ) -> Self {
        let (orders, answers) = world;
        Self {
            player,
            extent,
            loading,
            got: loading.come().have,
            wish: false,
            wanted: None,
            told: None,
            orders,
            answers,
            has_ordered: false,
        }
    }

    /// Has all that is here made ready. Where sound is to go on without a gap, `heard` is what is
    /// heard now.
    fn order(&mut self, have: u64, heard: Option<Timestamp>) {
        if !self.has_ordered {
            self.has_ordered = self.orders.send(Order { have, heard }).is_ok();
        }
    }

    /// Goes on with what was made ready, where that could be done.
    fn take(&mut self, more: Option<More>) -> Option<Notice> {
        self.has_ordered = false;
        let (now, has_more) = (self.player.position(), more.is_some());
        if let Some(More { source, have }) = more {
            let reached = source.length().filter(|length| {
                self.extent.is_guess && !length.is_estimate && length.at >= now.at
            });
            if let Some(reached) = reached {
                self.extent.reaches(have, reached.at);
            }
            self.player.replace(source);
            self.got = have;
        }
        match self.wanted {
            Some(to) if self.loading.come().state == State::Broken => return self.give_up(to),
            Some(to) if has_more && self.has(to) => self.go_on(to),
            None if has_more && now.is_ended => self.go_on(now.at),
            Some(_) | None => {}
        }
        None
    }

    /// Whether the player has enough to go on at `to`.
    fn has(&self, to: Timestamp) -> bool {
        to.plus(NEEDED.millis()) <= self.extent.loaded(self.got)
    }

    /// Goes on at `to`, which has come.
    fn go_on(&mut self, to: Timestamp) {
        self.wanted = None;
        self.player.seek(to);
        if self.wish {
            self.player.play();
        }
    }

    /// Goes on at `to`, or shortly before the end of what is here if that comes before: no more of
    /// it comes.
    fn give_up(&mut self, to: Timestamp) -> Option<Notice> {
        // That no more of it comes stays to be read.
        self.told = None;
        let end = self.extent.loaded(self.got);
        if to <= end {
            self.go_on(to);
            return None;
        }
        self.go_on(end.minus(ENOUGH.millis()));
        Some(Notice::Answer(format!("{to} was not loaded, and no more of it comes")))
    }

    /// Learns from what has come, and from what is heard, how long it is.
    fn learn(&mut self, come: Come, heard: Timestamp) {
        // What is heard is here.
        if heard > self.extent.loaded(self.got) {
            self.extent.reaches(self.got, heard);
        }
        if !self.extent.is_guess {
            return;
        }
        self.extent.length = self.extent.loaded(come.total.unwrap_or(come.have).max(self.got));
        let length = self.extent.length;
        if length.millis().abs_diff(come.length.millis()) >= NEAR.millis() {
            self.loading.note(|come| come.length = length);
            self.loading.show(tui::Event::Length(length));
        }
    }

    /// Looks whether there is more to play, or less than is wanted.
    fn look(&mut self) -> Option<Notice> {
        let (come, now) = (self.loading.come(), self.player.position());
        self.learn(come, now.at);
        if self.has_ordered {
            return None;
        }
        let (here, got) = (self.extent.loaded(come.have), self.extent.loaded(self.got));
        let Some(at) = self.wanted.or(now.is_ended.then_some(now.at)) else {
            let is_low = got < now.at.plus(AHEAD.millis());
            if is_low && here > got.plus(ENOUGH.millis()) {
                self.order(come.have, Some(now.at));
            }
            return self.told.take().map(|_| Notice::Clear);
        };
        // Where it ran out is the end of what the player has, whatever was thought of that.
        let enough = self.wanted.unwrap_or(got).plus(ENOUGH.millis());
        let is_coming = come.state == State::Coming;
        if come.have > self.got && (here >= enough || !is_coming) {
            self.order(come.have, None);
            return None;
        }
        if let Some(to) = self.wanted.filter(|_| come.state == State::Broken) {
            return self.give_up(to);
        }
        let is_new = is_coming && self.told.replace(at) != Some(at);
        is_new.then(|| {
            Notice::Trouble(match self.wanted {
                Some(to) => format!("{to} is not loaded yet; it goes on there when it is"),
                None => "waiting for more of the recording".to_owned(),
            })
        })
    }
}

impl Playback for Growing<'_> {
    fn play(&mut self) {
        self.wish = true;
        if self.wanted.is_none() && !self.player.position().is_ended {
            self.player.play();
        }
    }
    fn pause(&mut self) {
        // Who leaves because it is whole wants it as it was.
        if self.loading.come().state != State::Whole {
            self.wish = false;
        }
        self.player.pause();
    }
    fn seek(&mut self, to: Timestamp) {
        let (to, have) = (to.min(self.extent.length), self.loading.come().have);
        if self.has(to) {
            return self.go_on(to);
        }
        self.player.pause();
        self.wanted = Some(to);
        if to.plus(NEEDED.millis()) <= self.extent.loaded(have) {
            self.order(have, None);
        }
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
        let now = position(self.player.position());
        let is_ended =
            now.is_ended && self.wanted.is_none() && self.loading.come().state == State::Broken;
        Position {
            at: self.wanted.unwrap_or(now.at),
            is_playing: self.wish && !is_ended,
            is_ended,
            ..now
        }
    }
    fn events(&mut self) -> Vec<Notice> {
        let is_coming = self.loading.come().state == State::Coming;
        // Where it breaks off more comes in a moment. An index of a part is of no use later.
        let is_told = |event: &Event| !(is_coming && matches!(event, Event::Failed { .. }));
        let events = self.player.events().into_iter().filter(is_told);
        let mut told: Vec<Notice> = events.filter_map(notice).collect();
        let more = self.answers.try_recv().ok();
        told.extend(more.and_then(|more| self.take(more)));
        told.extend(self.look());
        told
    }
}
