//! A drawing as SVG 1.1: small, valid XML, readable without any other file.

use super::{Anchor, Colour, HEIGHT, Shape, WIDTH};
use std::fmt::{self, Display};

/// The whole file.
pub(super) fn write(shapes: &[Shape]) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         font-family=\"system-ui, 'Noto Sans', 'Noto Sans CJK TC', sans-serif\" stroke-linecap=\"round\">\n"
    );
    for shape in shapes {
        out.push_str(&element(shape));
        out.push('\n');
    }
    out.push_str("</svg>\n");
    out
}

fn element(shape: &Shape) -> String {
    match shape {
        Shape::Rect { x, y, width, height, fill } => {
            format!(
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\"/>",
                Tenths(*x),
                Tenths(*y),
                Tenths(*width),
                Tenths(*height)
            )
        }
        Shape::Line { from, to, width, colour } => format!(
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"{colour}\" stroke-width=\"{}\"/>",
            Tenths(from.0),
            Tenths(from.1),
            Tenths(to.0),
            Tenths(to.1),
            Tenths(*width)
        ),
        Shape::Text { x, y, anchor, size, colour, text } => {
            let anchor = match anchor {
                Anchor::Start => "",
                Anchor::Middle => " text-anchor=\"middle\"",
                Anchor::End => " text-anchor=\"end\"",
            };
            let (x, y, size) = (Tenths(*x), Tenths(*y), Tenths(*size));
            format!(
                "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{colour}\"{anchor}>{}</text>",
                escape(text)
            )
        }
    }
}

/// A length with one decimal at most.
struct Tenths(f32);

impl Display for Tenths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", (f64::from(self.0) * 10.0).round() / 10.0)
    }
}

impl Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

/// Text as XML: markup escaped, and without what no XML may hold.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if crate::printable::is_harmful(c) || matches!(c, '\u{FFFE}' | '\u{FFFF}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::plot::{INK, rect, text};

    #[test]
    fn small_and_valid() {
        let shapes = [
            rect((0.0, 0.0), (10.04, 5.0), Colour(255, 0, 10)),
            Shape::Line { from: (1.0, 2.25), to: (3.0, 4.0), width: 2.5, colour: INK },
            text(1.0, 2.0, Anchor::End, 13.0, INK, "R&D <b>\"50 %\"</b>\u{0}\u{ffff} 開放"),
        ];
        insta::assert_snapshot!(write(&shapes), @r##"
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 640" width="960" height="640" font-family="system-ui, 'Noto Sans', 'Noto Sans CJK TC', sans-serif" stroke-linecap="round">
    <rect x="0" y="0" width="10" height="5" fill="#ff000a"/>
    <line x1="1" y1="2.3" x2="3" y2="4" stroke="#24292f" stroke-width="2.5"/>
    <text x="1" y="2" font-size="13" fill="#24292f" text-anchor="end">R&amp;D &lt;b&gt;&quot;50 %&quot;&lt;/b&gt; 開放</text>
    </svg>
    "##);
    }
}
