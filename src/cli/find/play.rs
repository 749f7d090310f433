//! From places to sound: the player at the first one, or all of them one after another.

use super::lines::{Look, line};
use super::places::Place;
use crate::cli::args::{FindArgs, ListenArgs, PlayArgs};
use crate::cli::exit::Exit;
use crate::cli::report::{Failure, Outcome};
use crate::cli::{Context, listen, manner, output};
use crate::player::{Event, Options, Player};
use crate::search;
use crate::time::{Span, Timestamp};
use std::path::Path;
use std::time::Duration;

/// What is played before and after each place, in milliseconds.
const AROUND_MS: u64 = 1_000;
/// How often the player is asked where it is.
const TICK: Duration = Duration::from_millis(20);

/// Opens the player at `place`, with the phrase searched for.
pub fn screen(
    args: &FindArgs,
    place: &Place<'_>,
    options: search::Options,
    context: &Context,
) -> Outcome {
    let listen = ListenArgs {
        audio: Some(place.audio.to_owned()),
        which: place.which.clone(),
        article: args.article.clone(),
        chapter: args.chapter.clone(),
        play: PlayArgs {
            device: args.device.clone(),
            no_audio: args.no_audio,
            ..PlayArgs::default()
        },
        recognise: args.recognise.clone(),
        method: args.method.clone(),
        ..ListenArgs::default()
    };
    let search = (args.phrase.clone(), options);
    listen::from_hit(
        &listen,
        listen::Found { at: place.span.start(), search, reading: place.reading.clone() },
        context,
    )
}

/// Plays each place with a second around it, and prints its line as it begins. Those that run into
/// each other are played in one.
pub fn all(args: &FindArgs, places: &[Place<'_>], context: &Context) -> Outcome {
    let device = manner::device(args.device.clone(), context)?;
    for episode in places.chunk_by(|a, b| a.audio == b.audio) {
        let heard = episode[0].heard;
        let start = episode[0].span.start().minus(AROUND_MS);
        let options = Options {
            device: device.clone(),
            no_audio: args.no_audio,
            start,
            ..Options::default()
        };
        let mut player = Player::open(heard, options)?;
        for (span, places) in stretches(episode) {
            player.seek(span.start());
            player.play();
            for place in places {
                if !until(&mut player, place.span.start(), heard, context)? {
                    break;
                }
                output::to_stdout(line(place, Look::of_stdout()).as_bytes())?;
            }
            until(&mut player, span.end(), heard, context)?;
            player.pause();
        }
    }
    Ok(Exit::Done)
}

/// Places with what is played around them, joined where that overlaps.
fn stretches<'a, 'b>(places: &'b [Place<'a>]) -> Vec<(Span, &'b [Place<'a>])> {
    let around = |place: &Place<'_>| {
        Span::new(place.span.start().minus(AROUND_MS), place.span.end().plus(AROUND_MS))
    };
    let mut found: Vec<(Span, &[Place<'_>])> = Vec::new();
    for (index, place) in places.iter().enumerate() {
        let span = around(place);
        match found.last_mut() {
            Some((last, with)) if span.start() <= last.end() => {
                *last = Span::new(last.start(), last.end().max(span.end()));
                *with = &places[index - with.len()..=index];
            }
            _ => found.push((span, &places[index..=index])),
        }
    }
    found
}

/// Waits until `at` is heard; whether there is more to come.
fn until(
    player: &mut Player,
    at: Timestamp,
    audio: &Path,
    context: &Context,
) -> Result<bool, Failure> {
    loop {
        if context.is_cancelled() {
            return Err(Failure::new(Exit::Cancelled, "cancelled"));
        }
        for event in player.events() {
            match event {
                Event::Silent { reason } => context.voice.note(format!("no sound: {reason}")),
                Event::Failed { reason } => {
                    return Err(Failure::new(
                        Exit::Failed,
                        format!("`{}` cannot be played on: {reason}", audio.display()),
                    ));
                }
                Event::Sounding { .. } | Event::Ended | Event::Indexed(_) => {}
            }
        }
        let now = player.position();
        if now.at >= at {
            return Ok(true);
        }
        if now.is_ended {
            return Ok(false);
        }
        std::thread::sleep(TICK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::SoundArgs;
    use crate::search::{Hit, Match, Passage};

    #[test]
    fn neighbours_are_played_in_one() {
        let reading = <_>::default();
        let place = |from, to| {
            let span = Span::from_millis(from, to);
            let hit = Hit { words: 0..1, span: Some(span), kind: Match::Exact, score: 1.0 };
            Place {
                audio: Path::new("a"),
                heard: Path::new("a"),
                which: SoundArgs::default(),
                reading: &reading,
                hit,
                span,
                passage: Passage::default(),
            }
        };
        let places = [place(500, 900), place(2_000, 2_500), place(9_000, 9_100)];
        let found = stretches(&places);
        let shape: Vec<_> = found
            .iter()
            .map(|(span, with)| (span.start().millis(), span.end().millis(), with.len()))
            .collect();
        assert_eq!(shape, [(0, 3_500, 2), (8_000, 10_100, 1)]);
    }
}
