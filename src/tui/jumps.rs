//! Where the listener was before each jump, to go back there and forward again.
//!
//! A jump is what may lead anywhere: a click, a hit, a bookmark, a time, a chapter. Steps lead a
//! little way, and are taken back by steps; only of jumps anything is kept here.

use super::app::App;
use super::event::Effect;
use super::moves;
use crate::time::Timestamp;

/// So many jumps can be taken back.
const MOST: usize = 100;
/// Places that are nearer to each other than this, in milliseconds, are one.
const NEAR_MS: u64 = 1_000;

/// The places to go back to, and those to go forward to; the next one of each comes last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Jumps {
    back: Vec<Timestamp>,
    forward: Vec<Timestamp>,
}

impl Jumps {
    /// Remembers that the listener jumps away from `at`. What was gone back from is over.
    fn leave(&mut self, at: Timestamp) {
        self.forward.clear();
        push(&mut self.back, at);
    }

    /// Where to go back to from `at`, and where forward.
    fn go(&mut self, at: Timestamp, is_back: bool) -> Option<Timestamp> {
        let (from, other) = if is_back {
            (&mut self.back, &mut self.forward)
        } else {
            (&mut self.forward, &mut self.back)
        };
        // Who is there already means the place before.
        while from.last().is_some_and(|place| is_near(*place, at)) {
            from.pop();
        }
        let place = from.pop()?;
        push(other, at);
        Some(place)
    }
}

fn is_near(a: Timestamp, b: Timestamp) -> bool {
    a.millis().abs_diff(b.millis()) < NEAR_MS
}

fn push(places: &mut Vec<Timestamp>, at: Timestamp) {
    if places.last().is_some_and(|last| is_near(*last, at)) {
        return;
    }
    if places.len() == MOST {
        places.remove(0);
    }
    places.push(at);
}

/// Goes to `to`, from where one can go back.
pub(super) fn jump(app: &mut App, to: Timestamp) -> Vec<Effect> {
    app.jumps.leave(app.position.at);
    moves::seek(app, to)
}

/// The same, and lets it sound there.
pub(super) fn jump_and_play(app: &mut App, to: Timestamp) -> Vec<Effect> {
    app.jumps.leave(app.position.at);
    moves::play_from(app, to)
}

/// Goes back to before the last jump, or forward to where that was taken back.
pub(super) fn go(app: &mut App, is_back: bool) -> Vec<Effect> {
    match app.jumps.go(app.position.at, is_back) {
        Some(at) => {
            app.say(format!("{} to {at}", if is_back { "back" } else { "forward" }));
            moves::seek(app, at)
        }
        None => {
            app.say(if is_back {
                "there is no jump to go back from"
            } else {
                "there is nothing to go forward to"
            });
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Jumps (a number of seconds), goes back (`<`) and forward (`>`) from 0; where that leads, one
    /// after the other.
    fn walk(steps: &str) -> String {
        let (mut jumps, mut at) = (Jumps::default(), 0u64);
        let mut walked = Vec::new();
        for step in steps.split(' ') {
            let here = Timestamp::from_millis(at * 1000);
            match step {
                "<" | ">" => match jumps.go(here, step == "<") {
                    Some(place) => at = place.millis() / 1000,
                    None => {
                        walked.push("-".to_owned());
                        continue;
                    }
                },
                // Sound goes on.
                step if step.starts_with('+') => at += step[1..].parse::<u64>().expect("seconds"),
                step => {
                    jumps.leave(here);
                    at = step.parse().expect("seconds");
                }
            }
            walked.push(at.to_string());
        }
        walked.join(" ")
    }

    #[test]
    fn there_and_back() {
        for (steps, want) in [
            ("<", "-"),
            (">", "-"),
            ("50 < > <", "50 0 50 0"),
            ("50 90 < < < > > >", "50 90 50 0 - 50 90 -"),
            ("50 +20 < >", "50 70 0 70"),
            ("50 < 30 > <", "50 0 30 - 0"),
            ("50 < +10 >", "50 0 10 50"),
            ("50 < +10 > <", "50 0 10 50 10"),
            ("50 0 50 < <", "50 0 50 0 50"),
        ] {
            assert_eq!(walk(steps), want, "{steps}");
        }
        let mut jumps = Jumps::default();
        (0..5_000).for_each(|n| jumps.leave(Timestamp::from_millis(n * 10_000)));
        assert_eq!(jumps.back.len(), MOST);
    }
}
