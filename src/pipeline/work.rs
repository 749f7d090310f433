//! A run in progress: windows are handed out, heard, voted on, tried again and written down, in
//! whatever order answers come.
//!
//! Each finished window is in the journal before the next thing happens. This file never knows
//! files, nor who watches.

use super::feed::{Feed, Piece};
use super::lost::Lost;
use super::spoken::Spoken;
use super::window::{Text, Then, Window};
use super::{Error, Event, JOINED_MS, Settings, reached, read, to_bytes};
use crate::episode::Episode;
use crate::store::Journal;
use crate::time::{Span, Timestamp};
use crate::transcribe;
use crate::transcribe::hallucination::Known;
use crate::transcribe::language::{self, Vote};
use crate::transcribe::protocol::{Hearing, How, Load};
use crate::transcribe::supervise::{Answer, Ask, Patience, Supervisor, Waits};
use crate::transcript::{AudioRef, Gap, GapReason, Transcript};
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// The journal's entry that holds the language; windows are numbered by their start, far below.
const LANGUAGE_ENTRY: u64 = u64::MAX;
/// This bit in the number of a journal's entry says that its times are rough: it is used only where
/// the window cannot be recognised properly this time either.
const ROUGH_ENTRY: u64 = 1 << 63;
/// So many windows say which language they are in, where the first of them do not agree.
const VOTERS: usize = 5;
/// The language that a window is guessed to be in while nothing is known. A wrong guess costs the
/// time of a second look, nothing else.
const GUESS: &str = "en";
/// A model that loads for so long is worth a word.
const SLOW_LOAD: Duration = Duration::from_secs(3);
/// And an answer that is waited for so long.
const SLOW_ANSWER: Duration = Duration::from_secs(10);
/// How long to wait for an answer before looking at the clock and the user again.
const TICK: Duration = Duration::from_millis(50);

/// A run in progress.
pub(super) struct Work<'a> {
    settings: &'a Settings,
    supervisor: Supervisor,
    /// Whether the recording is short, as [`is_short`](super::feed::is_short) has it.
    is_short: bool,
    pub journal: Journal,
    /// What earlier runs finished, by the window's start.
    kept: BTreeMap<u64, Transcript>,
    /// What earlier runs could only finish with rough times.
    kept_rough: BTreeMap<u64, Transcript>,
    /// Whether anything has rough times.
    pub has_rough: bool,
    language: Option<Spoken>,
    /// What was thrown away.
    pub lost: Lost,
    /// What was last told of a long wait.
    told: Option<(String, u64)>,
    /// Windows that wait for the language; the first few are asked.
    voters: Vec<Window>,
    /// What those sound like, by the window's start, so that the order of answers does not matter.
    votes: BTreeMap<u64, Vote>,
    /// What was heard in them, each in the language that it sounds like.
    heard: BTreeMap<u64, Hearing>,
    open: BTreeMap<u64, Window>,
    finished: BTreeMap<u64, Transcript>,
    gaps: Vec<Gap>,
    /// What is wrong with the recording.
    pub damage: Option<String>,
    /// Windows in the order in which they were handed out that were not reported yet.
    unreported: Vec<Span>,
    /// What is done, in order of time and apart.
    done: Vec<Span>,
    ended: Option<Timestamp>,
}

impl<'a> Work<'a> {
    /// Before the first window; `is_short` where the recording is short, as
    /// [`is_short`](super::feed::is_short) has it.
    pub fn new(
        settings: &'a Settings,
        child: fn() -> Command,
        journal: Journal,
        is_short: bool,
    ) -> Self {
        let load = Load {
            model: Some(settings.recogniser.path.clone()),
            detector: None,
            heads: settings.recogniser.heads.clone(),
            jobs: settings.jobs,
            threads: settings.threads,
            gpu: settings.gpu && transcribe::has_gpu(),
            may_round: settings.may_round,
            flash: settings.recogniser.heads.is_none(),
        };
        let mut kept: BTreeMap<u64, Transcript> = journal
            .entries()
            .filter(|(id, _)| *id != LANGUAGE_ENTRY)
            .filter_map(|(id, bytes)| Some((id, read(bytes)?)))
            .collect();
        let kept_rough = kept
            .split_off(&ROUGH_ENTRY)
            .into_iter()
            .map(|(id, text)| (id ^ ROUGH_ENTRY, text))
            .collect();
        let found = || {
            journal
                .entries()
                .find(|(id, _)| *id == LANGUAGE_ENTRY)
                .and_then(|(_, bytes)| Spoken::read(bytes))
        };
        let only = settings
            .recogniser
            .only_language
            .map(|code| Spoken { code: code.to_owned(), known: Known::Only });
        let told =
            settings.language.map(|code| Spoken { code: code.to_owned(), known: Known::Told });
        let language = only.or(told).or_else(found);
        let patience = Patience::for_model(
            fs::metadata(&settings.recogniser.path).map_or(0, |about| about.len()),
        );
        Self {
            is_short,
            settings,
            supervisor: Supervisor::new(child, load, patience),
            journal,
            kept,
            kept_rough,
            has_rough: false,
            language,
            lost: Lost::default(),
            told: None,
            voters: Vec::new(),
            votes: BTreeMap::new(),
            heard: BTreeMap::new(),
            open: BTreeMap::new(),
            finished: BTreeMap::new(),
            gaps: Vec::new(),
            damage: None,
            unreported: Vec::new(),
            done: Vec::new(),
            ended: None,
        }
    }

    pub fn run(
        &mut self,
        feed: &Feed,
        watch: &mut dyn FnMut(Event),
        cancelled: &dyn Fn() -> bool,
    ) -> Result<(), Error> {
        while self.ended.is_none() || self.supervisor.pending() > 0 {
            if cancelled() {
                return Err(Error::Cancelled { reached: reached(&self.done) });
            }
            // Windows that wait for the language are no more than those that are asked for it.
            if self.ended.is_none()
                && self.voters.len() <= VOTERS
                && self.supervisor.pending() <= self.settings.jobs
            {
                // With nothing to recognise there is nothing else to wait for than sound.
                let patience = if self.supervisor.pending() == 0 { TICK } else { Duration::ZERO };
                if let Some(piece) = feed.next(patience) {
                    self.take(piece, watch)?;
                    self.report(watch);
                    continue;
                }
            }
            let answer = self.supervisor.next(TICK)?;
            while let Some(note) = self.supervisor.note() {
                watch(Event::Note(note));
            }
            match answer {
                Some((id, answer)) => {
                    self.told = None;
                    self.hear(id, answer, watch);
                    self.report(watch);
                }
                None => self.tell_wait(watch),
            }
        }
        Ok(())
    }

    /// Says what is waited for, once a second, when it takes long.
    fn tell_wait(&mut self, watch: &mut dyn FnMut(Event)) {
        let Some((what, since, until)) =
            self.supervisor.waits().and_then(|waits| self.describe(&waits))
        else {
            return;
        };
        let now = (what, since.as_secs());
        if self.told.as_ref() != Some(&now) {
            watch(Event::Slow { what: &now.0, since, until });
            self.told = Some(now);
        }
    }

    fn describe(&self, waits: &Waits) -> Option<(String, Duration, Duration)> {
        match *waits {
            Waits::Load { since, until } => {
                (since >= SLOW_LOAD).then(|| ("the model is being loaded".to_owned(), since, until))
            }
            Waits::Answer { id, since, until } => {
                // A machine may be slow at everything; what counts is how far it is from being
                // given up.
                let is_slow = since >= SLOW_ANSWER && since >= until / 4;
                let span = self
                    .open
                    .get(&id)
                    .map(Window::span)
                    .or_else(|| self.voters.iter().find(|w| w.id() == id).map(Window::span))?;
                is_slow.then(|| {
                    (format!("{} to {} takes long", span.start(), span.end()), since, until)
                })
            }
        }
    }

    /// Takes the next thing that decoding brings.
    fn take(&mut self, piece: Piece, watch: &mut dyn FnMut(Event)) -> Result<(), Error> {
        match piece {
            Piece::Gap(gap) => {
                self.is_done(gap.span);
                self.gaps.push(gap);
            }
            Piece::Passed(span) => self.is_done(span),
            Piece::Note(note) => watch(Event::Note(note)),
            Piece::Damage(what) => {
                watch(Event::Note(what.clone()));
                self.damage = Some(what);
            }
            Piece::Window(window) => {
                self.unreported.push(window.span());
                if let Some(done) = self.kept.remove(&window.id()) {
                    self.finished.insert(window.id(), done);
                } else if let Some(spoken) = self.language.clone() {
                    self.recognise(*window, &spoken);
                } else {
                    if self.voters.len() < VOTERS {
                        let how = How { is_guess: true, ..self.how(GUESS, &window) };
                        self.supervisor.submit(
                            window.id(),
                            Ask::Recognise(how),
                            Arc::clone(&window.samples),
                        );
                    }
                    self.voters.push(*window);
                }
            }
            Piece::End(length, losses) => {
                self.gaps.extend(losses);
                self.ended = Some(length);
                self.elect(watch);
            }
            Piece::Failed(error) => return Err(error.into()),
            Piece::Stopped => return Err(Error::Stopped),
        }
        Ok(())
    }

    /// How windows are recognised first.
    fn how(&self, language: &str, window: &Window) -> How {
        let (beam, prompt) = (self.settings.beam, self.settings.prompt.clone());
        let (is_guess, is_whole) = (false, self.is_short);
        How {
            language: language.to_owned(),
            beam,
            temperature: 0.0,
            prompt,
            is_guess,
            is_whole,
            spoken_ms: window.spoken_ms(),
        }
    }

    fn recognise(&mut self, mut window: Window, spoken: &Spoken) {
        let how = window.begin(self.how(&spoken.code, &window), spoken.known);
        self.ask(window, Ask::Recognise(how));
    }

    fn ask(&mut self, window: Window, ask: Ask) {
        let (id, samples) = (window.id(), Arc::clone(&window.samples));
        if self.kept_rough.contains_key(&id) {
            self.supervisor.submit_exact(id, ask, samples);
        } else {
            self.supervisor.submit(id, ask, samples);
        }
        self.open.insert(id, window);
    }

    fn hear(&mut self, id: u64, answer: Answer, watch: &mut dyn FnMut(Event)) {
        if let Some(voter) = self.voters.iter().find(|w| w.id() == id) {
            // Whatever became of it otherwise is tried again once the language is known.
            let found = match answer {
                Answer::Heard(heard) => {
                    let found = heard.languages.clone();
                    self.heard.insert(id, heard);
                    found
                }
                Answer::Rough(heard) => heard.languages,
                _ => Vec::new(),
            };
            self.votes.insert(id, (voter.span().millis() as f64 / 1000.0, found));
            self.elect(watch);
            return;
        }
        let Some(mut window) = self.open.remove(&id) else { return };
        let Some(spoken) = self.language.clone() else { return };
        match answer {
            Answer::Heard(heard) => self.take_heard(window, heard, &spoken),
            Answer::Rough(heard) if heard.language != window.language() => {
                self.recognise(window, &spoken);
            }
            Answer::Rough(heard) => self.keep_rough(&mut window, heard, watch),
            Answer::Lost(why) => self.lose(&window, &why, watch),
            Answer::Speech(_) => {}
        }
    }

    fn take_heard(&mut self, mut window: Window, heard: Hearing, spoken: &Spoken) {
        if heard.language != window.language() {
            // It was heard in the language that it sounds like before that of the recording was
            // known.
            return self.recognise(window, spoken);
        }
        match window.hear(heard, self.settings.recogniser.heads.as_ref()) {
            Then::Ask(ask) => self.ask(window, ask),
            Then::Done(text) => {
                self.journal.append(window.id(), &to_bytes(&text.transcript));
                self.finish(&window, text);
            }
        }
    }

    fn finish(&mut self, window: &Window, text: Text) {
        log::debug!("window at {} ms finished", window.id());
        self.lost.note(window.span(), &text);
        self.finished.insert(window.id(), text.transcript);
    }

    /// Keeps what could only be recognised with rough times apart from what is as it should be.
    fn keep_rough(&mut self, window: &mut Window, heard: Hearing, watch: &mut dyn FnMut(Event)) {
        let text = window.hear_rough(heard);
        self.journal.append(window.id() | ROUGH_ENTRY, &to_bytes(&text.transcript));
        self.tell_rough(window.span(), watch);
        self.finish(window, text);
    }

    fn tell_rough(&mut self, span: Span, watch: &mut dyn FnMut(Event)) {
        self.has_rough = true;
        let (start, end) = (span.start(), span.end());
        watch(Event::Note(format!(
            "{start} to {end}: the recogniser failed until it was left to guess when words are said; their times are rough, and the \
             next run tries again"
        )));
    }

    /// A window that cannot be recognised: what an earlier run made of it, or a gap. The next run
    /// tries it again.
    fn lose(&mut self, window: &Window, why: &str, watch: &mut dyn FnMut(Event)) {
        let span = window.span();
        let transcript = if let Some(rough) = self.kept_rough.remove(&window.id()) {
            self.tell_rough(span, watch);
            rough
        } else {
            watch(Event::Note(format!(
                "{} to {} could not be recognised and is left as a gap: {why}",
                span.start(),
                span.end()
            )));
            Transcript {
                gaps: vec![Gap { span, reason: GapReason::Failed }],
                ..Transcript::default()
            }
        };
        self.finish(window, Text { transcript, sounds_like: None });
    }

    /// Settles the language once the first voters agree, or all have spoken, and goes on with all
    /// that waited for it.
    fn elect(&mut self, watch: &mut dyn FnMut(Event)) {
        if self.voters.is_empty() {
            return;
        }
        // The first ones in order of time, as far as each has answered: who answers first is
        // chance.
        let asked = &self.voters[..VOTERS.min(self.voters.len())];
        let votes: Vec<Vote> =
            asked.iter().map_while(|window| self.votes.get(&window.id()).cloned()).collect();
        let is_all = votes.len() == VOTERS || (self.ended.is_some() && votes.len() == asked.len());
        let agreed =
            language::agreed(&votes).or_else(|| is_all.then(|| language::weigh(&votes)).flatten());
        let Some((code, share)) = agreed.or_else(|| is_all.then(|| (GUESS.to_owned(), 0.0))) else {
            return;
        };
        watch(Event::Language(&code, share));
        let spoken = Spoken { code, known: Known::Heard(share) };
        self.journal.append(LANGUAGE_ENTRY, &spoken.to_bytes());
        self.language = Some(spoken.clone());
        for (at, mut window) in std::mem::take(&mut self.voters).into_iter().enumerate() {
            let id = window.id();
            if let Some(heard) = self.heard.remove(&id) {
                window.begin(self.how(&spoken.code, &window), spoken.known);
                self.take_heard(window, heard, &spoken);
            } else if at < VOTERS && !self.votes.contains_key(&id) {
                // Its answer is on its way.
                window.begin(self.how(&spoken.code, &window), spoken.known);
                self.open.insert(id, window);
            } else {
                self.recognise(window, &spoken);
            }
        }
    }

    /// Reports what is finished as far as nothing that was begun before is missing.
    fn report(&mut self, watch: &mut dyn FnMut(Event)) {
        let ready = self
            .unreported
            .iter()
            .take_while(|span| self.finished.contains_key(&span.start().millis()))
            .count();
        for span in self.unreported.drain(..ready).collect::<Vec<_>>() {
            if let Some(done) = self.finished.get(&span.start().millis()) {
                watch(Event::Text(&done.segments));
            }
            self.is_done(span);
        }
        watch(Event::Done(&self.done));
    }

    /// Notes that `span` is done, joined with its neighbours.
    fn is_done(&mut self, span: Span) {
        let from = self.done.partition_point(|done| done.end().plus(JOINED_MS) < span.start());
        let to =
            self.done.partition_point(|done| done.start() <= span.end().plus(JOINED_MS)).max(from);
        let joined = self.done[from..to].iter().fold(span, |all, one| {
            Span::new(all.start().min(one.start()), all.end().max(one.end()))
        });
        self.done.splice(from..to, [joined]);
    }

    pub fn transcript(&self, episode: &Episode, settings: &Settings) -> Transcript {
        let mut gaps = self.gaps.clone();
        gaps.extend(self.finished.values().flat_map(|t| t.gaps.iter().cloned()));
        gaps.sort_by_key(|gap| (gap.span, gap.reason as u8));
        Transcript {
            audio: AudioRef {
                file: episode.file.clone(),
                id: Some(episode.id),
                duration: self.ended,
            },
            model: Some(settings.recogniser.model.clone()),
            language: self.language.as_ref().map(|spoken| spoken.code.clone()),
            segments: self.finished.values().flat_map(|t| t.segments.iter().cloned()).collect(),
            gaps,
            speakers: Vec::new(),
        }
    }
}
