//! What could not be read, collected while reading goes on.

use crate::time::Timestamp;
use std::fmt;

/// Something in a transcript that was left out or mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line in the file, from 1, where the format has lines.
    pub line: Option<usize>,
    /// What was wrong and what was done.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

/// More problems than this are counted only.
const MOST: usize = 100;

/// Times beyond this are taken for mistakes: 1,000 hours, in seconds.
pub(super) const LATEST_SECS: f64 = 3_600_000.0;

/// The problems met so far.
#[derive(Debug, Default)]
pub(super) struct Notes {
    problems: Vec<Problem>,
    n_more: usize,
}

/// A place in a file to name in a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    /// A cue whose times stand on this line.
    Line(usize),
    /// A segment, counted from 1.
    Segment(usize),
}

impl Place {
    fn line(self) -> Option<usize> {
        match self {
            Place::Line(line) => Some(line),
            Place::Segment(_) => None,
        }
    }
}

impl Notes {
    /// Adds a problem of the whole file.
    pub(super) fn of_file(&mut self, what: impl Into<String>) {
        self.push(Problem { line: None, what: what.into() });
    }

    /// Says in which encoding from before Unicode a file was read, where that had to be guessed.
    pub(super) fn guess(&mut self, encoding: Option<&str>) {
        if let Some(encoding) = encoding {
            self.of_file(format!(
                "it is no UTF-8 and does not say what it is; it was read as {encoding}"
            ));
        }
    }

    /// Adds a problem of one cue or segment, which `what` tells as of "it".
    pub(super) fn at(&mut self, place: Place, what: &str) {
        let what = match place {
            Place::Line(_) => what.to_owned(),
            Place::Segment(n) => format!("segment {n}: {what}"),
        };
        self.push(Problem { line: place.line(), what });
    }

    fn push(&mut self, problem: Problem) {
        if self.problems.len() < MOST {
            self.problems.push(problem);
        } else {
            self.n_more += 1;
        }
    }

    /// The instant of `seconds`; a negative one becomes the start, an absurd one is not believed.
    pub(super) fn instant(&mut self, seconds: f64, place: Place) -> Option<Timestamp> {
        if seconds.is_nan() || seconds > LATEST_SECS {
            self.at(place, "a time beyond 1,000 hours was not believed");
            return None;
        }
        if seconds < 0.0 {
            self.at(place, "a negative time was taken as the start");
        }
        Some(Timestamp::from_secs(seconds))
    }

    /// All of them, in the order found, with a last one that counts those left out.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems;
        if self.n_more > 0 {
            problems.push(Problem { line: None, what: format!("{} more problems", self.n_more) });
        }
        problems
    }
}
