//! The text in time with the sound, for pipes and for those who cannot use a screen.

use super::playback::Sound;
use crate::align::Status;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::{Failure, Outcome, Voice, plain};
use crate::reading::Reading;
use crate::time::{Span, Timestamp};
use crate::tui::{Event, Notice, Playback};
use std::collections::HashSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How long a pipe waits for better times than the first guess before it begins.
const WORTH_WAITING: Duration = Duration::from_secs(3);

/// Prints each sentence when it is spoken, for pipes and for those who cannot use a screen.
pub fn follow(
    mut reading: Reading,
    sound: &mut Sound<'_>,
    inputs: &Receiver<Event>,
    world: &World<'_>,
) -> Outcome {
    let mut begun = world.is_paused.then_some(());
    let start = Instant::now();
    let mut printed = HashSet::new();
    while !(world.over)() {
        match inputs.recv_timeout(Duration::from_millis(40)) {
            Ok(Event::Reading(better)) => {
                reading = *better;
                if begun.is_none() {
                    sound.play();
                    begun = Some(());
                }
            }
            // Whoever reads a pipe cannot see that the words beside the sound are of something
            // else.
            Ok(Event::Notice(Notice::Misfit(why))) if !world.is_insisted => {
                let way = "`--anyway` lets them go together, `--no-article` plays without a text";
                return Err(Failure::new(Exit::Nothing, why).hint(way));
            }
            Ok(Event::Notice(
                Notice::Note(text) | Notice::Trouble(text) | Notice::Misfit(text),
            )) => world.voice.note(text),
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            // Nobody will know more, but the sound goes on.
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(Duration::from_millis(40)),
        }
        if begun.is_none() && start.elapsed() >= WORTH_WAITING {
            sound.play();
            begun = Some(());
        }
        for notice in sound.events() {
            if let Notice::Note(text) | Notice::Trouble(text) | Notice::Misfit(text) = notice {
                world.voice.note(text);
            }
        }
        let now = sound.position();
        if begun.is_none() {
            continue;
        }
        for (_, line) in
            due(&reading, world.from, now.at).into_iter().filter(|(id, _)| printed.insert(*id))
        {
            if !output::is_read(&line)? {
                return Ok(Exit::Done);
            }
        }
        if now.is_ended {
            return Ok(Exit::Done);
        }
    }
    Ok(Exit::Cancelled)
}

/// What a pipe has to know besides the text and the sound.
pub struct World<'a> {
    pub from: Timestamp,
    pub is_paused: bool,
    pub is_insisted: bool,
    pub voice: Voice,
    pub over: &'a dyn Fn() -> bool,
}

/// A sentence by its number, or something unwritten by its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Line {
    Written(usize),
    Unwritten(Timestamp),
}

/// What is spoken after `from` and has begun by `to`, as lines in order of time; what is not
/// written after a plus sign.
fn due(reading: &Reading, from: Timestamp, to: Timestamp) -> Vec<(Line, String)> {
    let has_begun = |span: Span| span.end() > from && span.start() <= to;
    let line = |at: Timestamp, mark: &str, text: &str| {
        format!(
            "{at:>7}  {mark}{}\n",
            plain(&text.split_whitespace().collect::<Vec<_>>().join(" "))
        )
    };
    let written = reading.alignment.sentences.iter().enumerate().filter_map(|(index, timing)| {
        let span =
            timing.span.filter(|span| timing.status != Status::Unspoken && has_begun(*span))?;
        Some((
            span.start(),
            Line::Written(index),
            line(span.start(), "", reading.article.sentence(index)),
        ))
    });
    let unwritten =
        reading.alignment.unwritten.iter().filter(|u| !u.text.is_empty() && has_begun(u.span));
    let unwritten = unwritten.map(|u| {
        (u.span.start(), Line::Unwritten(u.span.start()), line(u.span.start(), "+ ", &u.text))
    });
    let mut lines: Vec<(Timestamp, Line, String)> = written.chain(unwritten).collect();
    lines.sort_by_key(|(at, _, _)| *at);
    lines.into_iter().map(|(_, id, line)| (id, line)).collect()
}
