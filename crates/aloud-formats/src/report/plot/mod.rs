//! The alignment as a picture: where in the text, against when in the sound.
//!
//! A reading without faults is a straight way down from left to right; text that is not read lies
//! in a band across, speech that is not written in a band from top to bottom. One drawing of a few
//! shapes is written as SVG or painted as PNG. This room never knows files.

mod font;
mod png;
mod svg;

use super::{FAIR, SURE, duration, title};
use crate::align::length::syllables;
use crate::align::{Method, Status};
use crate::reading::Reading;
use crate::time::{Span, Timestamp};
use std::io;
use std::path::Path;

/// A format for pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Picture {
    /// Scalable, with text that can be searched.
    Svg,
    /// Pixels; letters outside ASCII cannot be drawn, and a title of such is replaced by the file's
    /// name.
    Png,
}

impl Picture {
    /// The format that a file's extension names, in any case.
    pub fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?;
        [("svg", Picture::Svg), ("png", Picture::Png)]
            .into_iter()
            .find(|(name, _)| extension.eq_ignore_ascii_case(name))
            .map(|(_, it)| it)
    }
}

/// A picture of `reading` as a file's bytes. The same reading gives the same bytes. Fails only
/// where the PNG encoder does, which no reading is known to make it.
pub fn plot(reading: &Reading, picture: Picture) -> io::Result<Vec<u8>> {
    match picture {
        Picture::Svg => Ok(svg::write(&draw(reading, |_| true)).into_bytes()),
        Picture::Png => png::write(&draw(reading, font::has)),
    }
}

/// Size of a drawing, and the part in which the way is drawn.
const WIDTH: f32 = 960.0;
const HEIGHT: f32 = 640.0;
const LEFT: f32 = 64.0;
const RIGHT: f32 = 936.0;
const TOP: f32 = 96.0;
const BOTTOM: f32 = 588.0;

/// Red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Colour(u8, u8, u8);

const PAPER: Colour = Colour(0xFF, 0xFE, 0xFB);
const INK: Colour = Colour(0x24, 0x29, 0x2F);
const SOFT: Colour = Colour(0x6A, 0x72, 0x7C);
const GRID: Colour = Colour(0xE6, 0xE6, 0xE0);
const UNWRITTEN: Colour = Colour(0xD6, 0xE4, 0xF5);
const UNREAD: Colour = Colour(0xF5, 0xE6, 0xC8);
/// Told apart by those who do not tell red from green: by lightness too.
const WAY_SURE: Colour = Colour(0x0B, 0x6E, 0x4F);
const WAY_FAIR: Colour = Colour(0xD9, 0x8E, 0x04);
const WAY_UNSURE: Colour = Colour(0xC8, 0x2A, 0x1E);

/// A shape; later ones lie over earlier ones.
#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Rect { x: f32, y: f32, width: f32, height: f32, fill: Colour },
    Line { from: (f32, f32), to: (f32, f32), width: f32, colour: Colour },
    Text { x: f32, y: f32, anchor: Anchor, size: f32, colour: Colour, text: String },
}

/// Which part of a text stands at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Anchor {
    Start,
    Middle,
    End,
}

/// Where time and text lie on the paper.
struct Scale {
    length: Timestamp,
    /// How much text lies before each sentence, and in all.
    before: Vec<f64>,
}

impl Scale {
    fn of(reading: &Reading) -> Self {
        let mut sum = 0.0;
        let mut before = vec![0.0];
        for i in 0..reading.article.sentences.len() {
            sum += syllables(reading.article.sentence(i));
            before.push(sum);
        }
        Self { length: duration(reading), before }
    }

    fn x(&self, at: Timestamp) -> f32 {
        let share = at.millis() as f64 / self.length.millis().max(1) as f64;
        LEFT + (RIGHT - LEFT) * share.min(1.0) as f32
    }

    /// The top of sentence `i`.
    fn y(&self, i: usize) -> f32 {
        let all = self.before.last().copied().unwrap_or(0.0).max(1e-9);
        TOP + (BOTTOM - TOP) * (self.before[i] / all) as f32
    }
}

/// All shapes; `can_draw` says which letters may be used.
fn draw(reading: &Reading, can_draw: impl Fn(char) -> bool) -> Vec<Shape> {
    let scale = Scale::of(reading);
    let mut shapes = vec![rect((0.0, 0.0), (WIDTH, HEIGHT), PAPER)];
    shapes.extend(bands(reading, &scale));
    shapes.extend(axes(&scale));
    shapes.extend(way(reading, &scale));
    shapes.extend(words(reading, can_draw));
    shapes.extend(legend());
    shapes
}

fn rect((left, top): (f32, f32), (right, bottom): (f32, f32), fill: Colour) -> Shape {
    Shape::Rect { x: left, y: top, width: right - left, height: bottom - top, fill }
}

fn text(
    x: f32,
    y: f32,
    anchor: Anchor,
    size: f32,
    colour: Colour,
    text: impl Into<String>,
) -> Shape {
    Shape::Text { x, y, anchor, size, colour, text: text.into() }
}

/// What is not read, across; what is not written, from top to bottom.
fn bands(reading: &Reading, scale: &Scale) -> Vec<Shape> {
    let mut shapes = Vec::new();
    let timings = reading.alignment.sentences.iter().take(reading.article.sentences.len());
    for (i, _) in timings.enumerate().filter(|(_, timing)| timing.status == Status::Unspoken) {
        shapes.push(rect((LEFT, scale.y(i)), (RIGHT, scale.y(i + 1)), UNREAD));
    }
    for unwritten in &reading.alignment.unwritten {
        shapes.push(rect(
            (scale.x(unwritten.span.start()), TOP),
            (scale.x(unwritten.span.end()), BOTTOM),
            UNWRITTEN,
        ));
    }
    shapes
}

fn axes(scale: &Scale) -> Vec<Shape> {
    let mut shapes = Vec::new();
    let step = step(scale.length);
    for at in (0..=scale.length.millis() / step).map(|n| Timestamp::from_millis(n * step)) {
        let x = scale.x(at);
        shapes.push(Shape::Line { from: (x, TOP), to: (x, BOTTOM), width: 1.0, colour: GRID });
        shapes.push(text(x, BOTTOM + 20.0, Anchor::Middle, 13.0, SOFT, at.to_string()));
    }
    for percent in [0_u8, 25, 50, 75, 100] {
        let y = TOP + (BOTTOM - TOP) * f32::from(percent) / 100.0;
        shapes.push(Shape::Line { from: (LEFT, y), to: (RIGHT, y), width: 1.0, colour: GRID });
        shapes.push(text(LEFT - 8.0, y + 4.5, Anchor::End, 13.0, SOFT, format!("{percent} %")));
    }
    shapes.push(text(RIGHT, BOTTOM + 42.0, Anchor::End, 13.0, SOFT, "time"));
    shapes.push(text(LEFT - 8.0, TOP - 14.0, Anchor::End, 13.0, SOFT, "text"));
    shapes
}

/// Milliseconds between marks of time: at most a dozen marks, at times people count in.
fn step(length: Timestamp) -> u64 {
    const STEPS_S: [u64; 12] = [5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18_000];
    let seconds = STEPS_S.into_iter().find(|step| length.millis() / 1000 / step <= 12);
    seconds.unwrap_or_else(|| (length.millis() / 12_000).max(1)) * 1000
}

/// Each sentence from where it begins to where it ends.
fn way(reading: &Reading, scale: &Scale) -> Vec<Shape> {
    let timings =
        reading.alignment.sentences.iter().take(reading.article.sentences.len()).enumerate();
    let mut shapes: Vec<Shape> = timings
        .filter_map(|(i, timing)| {
            let span: Span = timing.span?;
            let (colour, width) = match timing.confidence {
                confidence if confidence >= SURE => (WAY_SURE, 2.5),
                confidence if confidence >= FAIR => (WAY_FAIR, 3.0),
                _ => (WAY_UNSURE, 3.5),
            };
            let (from, to) =
                ((scale.x(span.start()), scale.y(i)), (scale.x(span.end()), scale.y(i + 1)));
            Some(Shape::Line { from, to, width, colour })
        })
        .collect();
    // What is unsure is never hidden by a sure neighbour.
    shapes.sort_by_key(|shape| matches!(shape, Shape::Line { colour, .. } if *colour != WAY_SURE));
    shapes
}

/// Title, and what was measured.
fn words(reading: &Reading, can_draw: impl Fn(char) -> bool) -> Vec<Shape> {
    let drawn = |text: &str| text.chars().filter(|&c| can_draw(c)).collect::<String>();
    let fits = |text: &str| {
        drawn(text).chars().filter(|c| c.is_alphanumeric()).count() * 2
            > text.chars().filter(|c| c.is_alphanumeric()).count()
    };
    let file = reading.transcript.audio.file.as_str();
    let name = [title(reading), file]
        .into_iter()
        .find(|name| !name.is_empty() && fits(name))
        .unwrap_or("aloud align");
    let method = match reading.alignment.method {
        Method::Words => "word by word",
        Method::Sentences => "sentence by sentence",
        Method::Synth => "by synthesised speech",
        Method::Together => "word by word, and by synthesised speech",
        Method::Estimate => "estimated by length",
        Method::Given => "by the text's own times",
    };
    let read = format!(
        "{} of the text is read, tied {method}",
        super::percent(reading.alignment.coverage)
    );
    vec![
        text(LEFT, 38.0, Anchor::Start, 20.0, INK, super::cells::fit(&drawn(name), 60)),
        text(LEFT, 62.0, Anchor::Start, 14.0, SOFT, read),
    ]
}

/// What colours mean, at the bottom.
fn legend() -> Vec<Shape> {
    let mut shapes = Vec::new();
    let mut x = LEFT;
    let y = HEIGHT - 15.0;
    let entries = [
        (WAY_SURE, 4.0, "sure"),
        (WAY_FAIR, 4.0, "fair"),
        (WAY_UNSURE, 4.0, "unsure"),
        (UNWRITTEN, 12.0, "said, not written"),
        (UNREAD, 12.0, "written, not read"),
    ];
    for (colour, height, name) in entries {
        shapes.push(rect((x, y - 4.5 - height / 2.0), (x + 22.0, y - 4.5 + height / 2.0), colour));
        shapes.push(text(x + 28.0, y, Anchor::Start, 13.0, SOFT, name));
        x += 28.0 + 8.0 * name.len() as f32 + 24.0;
    }
    shapes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_time() {
        for (seconds, step_s) in [
            (0, 5),
            (60, 5),
            (130, 30),
            (561, 60),
            (3600, 300),
            (36_000, 3600),
            (1_000_000, 83_333),
        ] {
            assert_eq!(step(Timestamp::from_millis(seconds * 1000)), step_s * 1000, "{seconds}");
        }
    }

    #[test]
    fn formats() {
        for (path, want) in [
            ("a.svg", Some(Picture::Svg)),
            ("b.PNG", Some(Picture::Png)),
            ("c.jpg", None),
            ("svg", None),
        ] {
            assert_eq!(Picture::of_path(Path::new(path)), want, "{path}");
        }
    }
}
