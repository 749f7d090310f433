//! The reading screen from outside: events in, effects and pictures out.

mod events;
mod queue;
mod screens;
mod world;

use super::app::{App, Setup};
use super::event::{Effect, Event, Position};
use super::keys::{Code, Key};
use super::update::update;
use crate::reading::Reading;
use crate::time::Timestamp;
use crate::view::{Theme, sample, symbol_width};
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::Style;
use std::time::Duration;

/// A screen of `reading`, which has an article, playing at `ms`.
fn app(reading: Reading, size: (u16, u16), ms: u64) -> App {
    let length = reading.transcript.audio.duration.unwrap_or_default();
    let mut app = App::new(
        Setup {
            title: "An episode".into(),
            reading,
            has_article: true,
            is_checked: true,
            length,
            ..Setup::default()
        },
        size,
    );
    at(&mut app, ms);
    app
}

/// Lets `app` come to rest at `ms`.
fn at(app: &mut App, ms: u64) -> Vec<Effect> {
    let mut effects = tick(app, ms);
    for _ in 0..200 {
        effects.extend(tick(app, ms));
    }
    effects
}

/// A moment later, playing at `ms`.
fn tick(app: &mut App, ms: u64) -> Vec<Effect> {
    let position = Position { at: Timestamp::from_millis(ms), is_playing: true, ..app.position() };
    let now = app.now + Duration::from_millis(1);
    settled(app, Event::Tick { position, now })
}

/// Presses keys, given by their names; `'abc` types three characters.
fn press(app: &mut App, keys: &str) -> Vec<Effect> {
    let names = keys.split(' ').filter(|name| !name.is_empty());
    let keys = names.flat_map(|name| match name.strip_prefix('\'') {
        Some(text) if !text.is_empty() => text.chars().map(|c| Key::from(Code::Char(c))).collect(),
        _ => vec![name.parse().expect("a key")],
    });
    keys.collect::<Vec<_>>().into_iter().flat_map(|key| settled(app, Event::Key(key))).collect()
}

/// Takes `event` in, and what is found of it, or comes after it.
fn settled(app: &mut App, event: Event) -> Vec<Effect> {
    let mut effects = update(app, event);
    if let Some(at) = effects.iter().position(|effect| *effect == Effect::GoOn) {
        effects.remove(at);
        let queue = app.queue.clone();
        effects.extend(update(app, Event::Over(queue)));
    }
    while let Some(at) = effects.iter().position(|effect| matches!(effect, Effect::Search(_))) {
        let Effect::Search(order) = effects.remove(at) else { continue };
        effects.extend(update(app, Event::Found(order.find())));
    }
    effects
}

/// The screen as text.
fn picture(app: &App) -> String {
    let mut buffer = Buffer::empty(Rect::new(0, 0, app.size.0, app.size.1));
    app.draw(&mut buffer);
    rows(&buffer).join("\n")
}

/// The rows of a buffer; wide characters cover the cell after them.
pub(in crate::tui) fn rows(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width);
    let row = |cells: &[ratatui_core::buffer::Cell]| {
        let (mut text, mut x) = (String::new(), 0);
        while let Some(cell) = cells.get(x) {
            text += cell.symbol();
            x += usize::from(symbol_width(cell.symbol()).max(1));
        }
        assert_eq!(x, width, "a character stands across the edge: {text}");
        text.trim_end().to_owned()
    };
    buffer.content.chunks(width).map(row).collect()
}

/// The screen as text, and under each row what its cells look like: `S` sentence, `W` word, `h`
/// heard, `u` unread, `T` title or heading, `+` insert, `b` beside, `?` hit, `!` hit here, `d`
/// doubtful, `x` differs, `l` looped, `B` bookmark, `.` faint, `a` accent, `p` plain, `c` chosen,
/// `*` anything else, nothing where it is as the page.
fn styled(app: &App) -> String {
    let mut buffer = Buffer::empty(Rect::new(0, 0, app.size.0, app.size.1));
    app.draw(&mut buffer);
    let width = usize::from(buffer.area.width);
    let theme = app.theme;
    let looks = [
        ('S', theme.sentence),
        ('W', theme.sentence.patch(theme.word)),
        ('h', theme.heard),
        ('u', theme.heard.patch(theme.unread)),
        ('T', theme.title),
        ('+', theme.insert),
        ('b', theme.beside),
        ('?', theme.hit),
        ('!', theme.hit.patch(theme.hit_here)),
        ('d', theme.doubtful),
        ('d', theme.heard.patch(theme.doubtful)),
        ('x', theme.differs),
        ('l', theme.looped),
        ('l', theme.sentence.patch(theme.looped)),
        ('B', theme.bookmark),
        ('.', theme.faint),
        ('p', theme.plain),
        ('a', theme.accent),
        ('c', theme.chosen),
    ];
    let letter = |cell: &ratatui_core::buffer::Cell| {
        let is = |style: Style| {
            let mut like = ratatui_core::buffer::Cell::default();
            like.set_style(theme.page.patch(style));
            let is_seen = cell.symbol() != " " || style.bg.is_some();
            is_seen && like.style() == cell.style()
        };
        let is_page = is(Style::new())
            || (cell.symbol() == " " && cell.bg == theme.page.bg.unwrap_or_default());
        if is_page {
            ' '
        } else {
            looks.iter().find(|(_, look)| is(*look)).map_or('*', |(letter, _)| *letter)
        }
    };
    let mut text = String::new();
    for (row, cells) in rows(&buffer).iter().zip(buffer.content.chunks(width)) {
        let letters: String = cells.iter().map(letter).collect();
        text += row;
        text.push('\n');
        if !letters.trim().is_empty() {
            text += &format!("{}\n", letters.trim_end());
        }
    }
    text
}

/// A theme in which everything looks different.
fn with_theme(mut app: App, name: &str) -> App {
    app.theme = Theme::named(name).expect("a theme");
    app
}

fn english(ms: u64) -> App {
    app(sample::english(), (80, 24), ms)
}
