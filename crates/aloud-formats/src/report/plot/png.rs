//! A drawing as PNG: painted pixel by pixel, at twice the size so that it stays sharp on dense
//! screens.

use super::{Anchor, Colour, HEIGHT, Shape, WIDTH, font};
use std::io;

/// Pixels for each unit of the drawing.
const SCALE: f32 = 2.0;

/// The whole file.
pub(super) fn write(shapes: &[Shape]) -> io::Result<Vec<u8>> {
    let mut canvas = Canvas::new((WIDTH * SCALE) as usize, (HEIGHT * SCALE) as usize);
    shapes.iter().for_each(|shape| canvas.paint(shape));
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, canvas.width as u32, canvas.height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(io::Error::other)?;
    writer.write_image_data(&canvas.pixels).map_err(io::Error::other)?;
    writer.finish().map_err(io::Error::other)?;
    Ok(bytes)
}

struct Canvas {
    width: usize,
    height: usize,
    /// Three bytes for each pixel, row by row.
    pixels: Vec<u8>,
}

impl Canvas {
    fn new(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![0xFF; width * height * 3] }
    }

    fn paint(&mut self, shape: &Shape) {
        match shape {
            Shape::Rect { x, y, width, height, fill } => {
                self.rect(
                    (x * SCALE, y * SCALE),
                    ((x + width) * SCALE, (y + height) * SCALE),
                    *fill,
                );
            }
            Shape::Line { from, to, width, colour } => {
                self.line(
                    (from.0 * SCALE, from.1 * SCALE),
                    (to.0 * SCALE, to.1 * SCALE),
                    width * SCALE,
                    *colour,
                );
            }
            Shape::Text { x, y, anchor, size, colour, text } => {
                self.text((x * SCALE, y * SCALE), *anchor, size * SCALE, *colour, text);
            }
        }
    }

    /// Lays `colour` over a pixel, which it covers by `share`.
    fn blend(&mut self, x: usize, y: usize, colour: Colour, share: f32) {
        let at = (y * self.width + x) * 3;
        let share = share.clamp(0.0, 1.0);
        for (old, new) in self.pixels[at..at + 3].iter_mut().zip([colour.0, colour.1, colour.2]) {
            *old = (f32::from(*old) * (1.0 - share) + f32::from(new) * share).round() as u8;
        }
    }

    /// The pixels between two places, within the canvas.
    fn area(
        &self,
        from: (f32, f32),
        to: (f32, f32),
    ) -> impl Iterator<Item = (usize, usize)> + use<> {
        let within = |at: f32, most: usize| (at.max(0.0) as usize).min(most);
        let (left, right) = (within(from.0.floor(), self.width), within(to.0.ceil(), self.width));
        let (top, bottom) = (within(from.1.floor(), self.height), within(to.1.ceil(), self.height));
        (top..bottom).flat_map(move |y| (left..right).map(move |x| (x, y)))
    }

    fn rect(&mut self, from: (f32, f32), to: (f32, f32), fill: Colour) {
        let covered = |at: usize, from: f32, to: f32| {
            (to.min(at as f32 + 1.0) - from.max(at as f32)).clamp(0.0, 1.0)
        };
        for (x, y) in self.area(from, to) {
            self.blend(x, y, fill, covered(x, from.0, to.0) * covered(y, from.1, to.1));
        }
    }

    /// With round ends.
    fn line(&mut self, from: (f32, f32), to: (f32, f32), width: f32, colour: Colour) {
        let half = width / 2.0 + 1.0;
        let low = (from.0.min(to.0) - half, from.1.min(to.1) - half);
        let high = (from.0.max(to.0) + half, from.1.max(to.1) + half);
        for (x, y) in self.area(low, high) {
            let distance = distance((x as f32 + 0.5, y as f32 + 0.5), from, to);
            self.blend(x, y, colour, width / 2.0 + 0.5 - distance);
        }
    }

    /// In letters of so many pixels for each dot as come nearest to `size`.
    fn text(&mut self, (x, y): (f32, f32), anchor: Anchor, size: f32, colour: Colour, text: &str) {
        let dot = (size / font::LINE as f32).round().max(1.0);
        let width = text.chars().count() as f32 * font::ADVANCE as f32 * dot;
        let left = match anchor {
            Anchor::Start => x,
            Anchor::Middle => x - width / 2.0,
            Anchor::End => x - width,
        };
        // The base line stands at `y`; letters hang over it by what descends.
        let top = y - font::BASE as f32 * dot;
        for (n, c) in text.chars().enumerate() {
            let left = left + (n * font::ADVANCE) as f32 * dot;
            for (column, row) in font::dots(c) {
                let (x, y) =
                    ((left + column as f32 * dot).round(), (top + row as f32 * dot).round());
                self.rect((x, y), (x + dot, y + dot), colour);
            }
        }
    }
}

/// How far `point` is from the line between two others.
fn distance(point: (f32, f32), from: (f32, f32), to: (f32, f32)) -> f32 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 {
        (((point.0 - from.0) * dx + (point.1 - from.1) * dy) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (point.0 - from.0 - along * dx).hypot(point.1 - from.1 - along * dy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::plot::{INK, PAPER, rect, text};

    /// The share of dark pixels in a part of the canvas.
    fn dark(canvas: &Canvas, from: (f32, f32), to: (f32, f32)) -> f32 {
        let pixels: Vec<_> = canvas.area(from, to).collect();
        let is_dark = |&&(x, y): &&(usize, usize)| canvas.pixels[(y * canvas.width + x) * 3] < 128;
        pixels.iter().filter(is_dark).count() as f32 / pixels.len() as f32
    }

    #[test]
    fn shapes_cover_what_they_say() {
        let mut canvas = Canvas::new(200, 100);
        canvas.paint(&rect((0.0, 0.0), (100.0, 50.0), PAPER));
        canvas.paint(&rect((10.0, 10.0), (20.0, 15.0), INK));
        canvas.paint(&Shape::Line {
            from: (30.0, 40.0),
            to: (80.0, 40.0),
            width: 2.0,
            colour: INK,
        });
        canvas.paint(&text(50.0, 12.0, Anchor::Start, 9.0, INK, "99"));
        // Never outside, never a panic.
        canvas.paint(&Shape::Line {
            from: (-50.0, -9.0),
            to: (900.0, -8.0),
            width: 2.0,
            colour: INK,
        });
        canvas.paint(&text(95.0, 200.0, Anchor::End, 9.0, INK, "開\u{0}放"));
        for (from, to, low, high) in [
            ((20.0, 20.0), (40.0, 30.0), 1.0, 1.0),
            ((41.0, 20.0), (99.0, 30.0), 0.0, 0.0),
            ((62.0, 79.0), (158.0, 81.0), 1.0, 1.0),
            ((62.0, 84.0), (158.0, 99.0), 0.0, 0.0),
            ((100.0, 8.0), (124.0, 26.0), 0.15, 0.6),
        ] {
            let got = dark(&canvas, from, to);
            assert!((low..=high).contains(&got), "{from:?}: {got}");
        }
    }
}
