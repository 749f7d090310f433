//! What does this event do? Synchronous, without any effect of its own: it changes the state and
//! says what is to be done in the world.

use super::app::{App, List, Mode, Prompt};
use super::choices;
use super::event::{Effect, Event, Mouse, MouseKind, Notice};
use super::input::Input;
use super::keys::{Action, Key};
use super::progress::Progress;
use super::run::Wants;
use super::{contents, jumps, lists, mouse, moves, queue, tick, typing, writing};
use crate::media::Request;
use crate::reading::Reading;
use crate::time::Timestamp;
use crate::view::{self, Beside, Unit};
use std::time::Duration;

/// Takes `event` in. What is to be done comes in the order in which it is to be done.
pub fn update(app: &mut App, event: Event) -> Vec<Effect> {
    // Of time and of a mouse that only passes by, nothing has to be seen.
    if !matches!(event, Event::Tick { .. } | Event::Mouse(Mouse { kind: MouseKind::Move, .. })) {
        app.is_stale = true;
    }
    // Whoever presses something has seen what is there.
    if matches!(
        event,
        Event::Key(_) | Event::Paste(_) | Event::Mouse(Mouse { kind: MouseKind::Press, .. })
    ) {
        app.messages.see();
    }
    // Whose hand is on the keys points at nothing.
    if matches!(event, Event::Key(_)) {
        app.pointed = None;
    }
    let mut effects = happened(app, event);
    if app.is_whole && matches!(app.mode, Mode::Reading) && !app.is_over {
        app.wants = Some(Wants::Whole);
        effects.extend(quit(app));
    }
    effects.extend(app.order.take().map(Effect::Search));
    effects
}

fn happened(app: &mut App, event: Event) -> Vec<Effect> {
    match event {
        Event::Key(key) => pressed(app, key),
        Event::Paste(text) => typing::paste(app, &text),
        Event::Mouse(mouse) => mouse::used(app, mouse),
        Event::Tick { position, now } => tick::tick(app, position, now),
        Event::Resize(width, height) => resize(app, (width, height)),
        Event::Reading(reading) => replace(app, *reading),
        Event::Translation(sentences) => translate(app, &sentences),
        Event::Progress(progress) => progressed(app, progress),
        Event::Energy(energy) => quietly(|| app.energy = energy),
        Event::Length(length) => {
            app.length = length;
            vec![Effect::Measured(length)]
        }
        Event::Found(found) => typing::found(app, found),
        Event::Queue(queue) => quietly(|| queue::replace(app, queue)),
        Event::Whole => quietly(|| app.is_whole = true),
        Event::Over(queue) => queue::over(app, queue),
        Event::Notice(notice) => told(app, notice),
        Event::Media(request) => wished(app, request),
        Event::Suspend => suspend(app),
        Event::Resume | Event::Repaint => Vec::new(),
        Event::Quit => quit(app),
    }
}

fn quietly(change: impl FnOnce()) -> Vec<Effect> {
    change();
    Vec::new()
}

fn pressed(app: &mut App, key: Key) -> Vec<Effect> {
    match app.mode {
        Mode::Prompt(..) => typing::pressed(app, key),
        Mode::List(..) => lists::pressed(app, key),
        Mode::Reading => app.keys.action(key).map_or_else(Vec::new, |action| act(app, action)),
    }
}

/// Does what a media key is for, whatever is open on the screen.
fn wished(app: &mut App, request: Request) -> Vec<Effect> {
    let at = app.position.at;
    match request {
        Request::Toggle => moves::toggle(app),
        Request::Play if !app.position.is_playing => moves::toggle(app),
        Request::Pause if app.position.is_playing => moves::toggle(app),
        Request::Play | Request::Pause => Vec::new(),
        // A title alone is no chapter.
        Request::Step(steps) if app.text.contents.len() < 2 => {
            moves::step(app, Unit::Sentence, steps)
        }
        Request::Step(steps) => contents::step(app, steps),
        Request::By(ms) if ms < 0 => moves::seek(app, at.minus(ms.unsigned_abs())),
        Request::By(ms) => moves::seek(app, at.plus(ms.unsigned_abs())),
        Request::To(to) => jumps::jump(app, to),
        Request::Rate(wanted) => rate(app, wanted),
        Request::Volume(wanted) => volume(app, wanted),
        Request::Quit => quit(app),
    }
}

/// Does what a key is bound to.
pub(super) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Toggle => moves::toggle(app),
        Action::Step(_) | Action::Leap(_) => {
            app.keys.seconds(action).map_or_else(Vec::new, |by| moves::seconds(app, by))
        }
        Action::Sentence(steps) => moves::step(app, Unit::Sentence, steps),
        Action::Paragraph(steps) => moves::step(app, Unit::Paragraph, steps),
        Action::Chapter(steps) => contents::step(app, steps),
        Action::Contents => quietly(|| contents::list(app)),
        Action::Word(steps) => moves::step(app, Unit::Word, steps),
        Action::Repeat => moves::repeat(app),
        Action::Loop => moves::next_loop(app),
        Action::Tenth(tenth) => {
            jumps::jump(app, Timestamp::from_millis(app.length.millis() / 10 * u64::from(tenth)))
        }
        Action::PlayHere => moves::play_here(app),
        Action::Back => jumps::go(app, true),
        Action::Forward => jumps::go(app, false),
        Action::Faster(steps) => {
            rate(app, ((app.position.rate * 10.0).round() + steps as f32) / 10.0)
        }
        Action::NormalRate => rate(app, 1.0),
        Action::Louder(steps) => volume(app, app.position.volume + steps as f32 * 0.05),
        Action::Mute => mute(app),
        Action::SkipSilence => skip_silence(app),
        Action::Sleep => quietly(|| sleep(app)),
        Action::Hit(steps) => typing::next_hit(app, steps),
        Action::Copy => copy(app),
        Action::Clip => writing::clip(app),
        Action::GoTo => quietly(|| app.mode = Mode::Prompt(Prompt::GoTo, Input::default())),
        Action::Search => {
            quietly(|| app.mode = Mode::Prompt(Prompt::Search, Input::new(typing::MOST_SEARCHED)))
        }
        Action::Bookmark => quietly(|| typing::ask_for_note(app)),
        Action::Bookmarks => quietly(|| lists::open(app, List::Bookmarks)),
        Action::Export => quietly(|| lists::open(app, List::Export)),
        Action::Messages => quietly(|| lists::open(app, List::Messages)),
        Action::Help => quietly(|| lists::open(app, List::Help)),
        Action::Rows(rows) => quietly(|| moves::rows(app, i64::from(rows))),
        Action::HalfScreens(screens) => {
            quietly(|| moves::rows(app, i64::from(screens) * (app.rows() / 2) as i64))
        }
        Action::Screens(screens) => quietly(|| moves::screens(app, i64::from(screens))),
        Action::Top => quietly(|| moves::to_row(app, 0)),
        Action::Bottom => quietly(|| moves::to_row(app, usize::MAX)),
        Action::Follow => quietly(|| follow(app)),
        Action::View => quietly(|| next_view(app)),
        Action::Theme => quietly(|| next_theme(app)),
        Action::Dictation => quietly(|| dictation(app)),
        Action::Queue => quietly(|| lists::open(app, List::Queue)),
        Action::Queued(steps) => queue::step(app, steps > 0),
        Action::Shelf => {
            app.wants = Some(Wants::Shelf);
            quit(app)
        }
        Action::Suspend => suspend(app),
        Action::Quit => quit(app),
    }
}

/// Whoever is stopped may never be brought back: where that was is kept first.
fn suspend(app: &mut App) -> Vec<Effect> {
    let mut effects = choices::remember(app);
    effects.push(Effect::Suspend);
    effects
}

pub(super) fn quit(app: &mut App) -> Vec<Effect> {
    app.is_over = true;
    let mut effects = choices::remember(app);
    effects.push(Effect::Quit);
    effects
}

/// Back to what is spoken; once there, away with the hits.
fn follow(app: &mut App) {
    if app.cursor.is_none() {
        typing::forget_hits(app);
    }
    moves::follow(app);
}

fn rate(app: &mut App, rate: f32) -> Vec<Effect> {
    app.position.rate = rate.clamp(0.5, 3.0);
    app.choices.rate = Some(app.position.rate);
    app.say(format!("rate {}×", view::rate(app.position.rate)));
    vec![Effect::Rate(app.position.rate)]
}

fn volume(app: &mut App, volume: f32) -> Vec<Effect> {
    app.position.volume = ((volume * 20.0).round() / 20.0).clamp(0.0, 1.5);
    app.choices.volume = Some(app.position.volume);
    let mut effects = vec![Effect::Volume(app.position.volume)];
    if app.position.is_muted {
        effects.extend(mute(app));
    }
    effects
}

fn mute(app: &mut App) -> Vec<Effect> {
    app.position.is_muted = !app.position.is_muted;
    vec![Effect::Mute(app.position.is_muted)]
}

/// Long pauses are made short, or are left as they are.
fn skip_silence(app: &mut App) -> Vec<Effect> {
    app.skips_silence = !app.skips_silence;
    app.choices.skips_silence = Some(app.skips_silence);
    app.say(if app.skips_silence {
        "long pauses are made short"
    } else {
        "pauses are as long as they are"
    });
    vec![Effect::SkipSilence(app.skips_silence)]
}

/// The next of the times after which to pause, or none.
fn sleep(app: &mut App) {
    const MINUTES: [u64; 3] = [15, 30, 60];
    let left = app.sleep.map(|until| until.saturating_sub(app.now).as_secs().div_ceil(60));
    let next = match left {
        None => Some(MINUTES[0]),
        Some(left) => MINUTES.into_iter().find(|minutes| *minutes > left),
    };
    app.sleep = next.map(|minutes| app.now + Duration::from_secs(minutes * 60));
    app.say(
        next.map_or("sleep timer off".to_owned(), |minutes| format!("pauses in {minutes} minutes")),
    );
}

fn copy(app: &mut App) -> Vec<Effect> {
    let Some((passage, span)) = moves::current(app) else { return writing::nothing_said(app) };
    let text = app
        .text
        .passage(passage)
        .map_or("", |(text, _)| text)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    vec![Effect::Copy(format!("[{}] {text}", span.start()))]
}

fn next_view(app: &mut App) {
    if !app.has_article {
        app.say("there is only the transcript; give an article to compare with");
        return;
    }
    if app.text.view == super::View::Article
        && app.text.reading().transcript.words().next().is_none()
    {
        app.say("nothing was recognised so far: there is only the article");
        return;
    }
    let (view, at) = (app.next_view(), app.position.at);
    app.wished_view = None;
    app.choices.view = Some(view);
    show(app, view);
    app.say(match view {
        super::View::Article => "the article",
        super::View::Transcript => "the transcript: what was heard",
        super::View::Both => "the article, and what was heard",
    });
    app.dictation = app.dictation.map(|heard| heard.max(at));
}

fn show(app: &mut App, view: super::View) {
    app.text.show(view, app.progress.as_ref());
    app.cursor = None;
    app.top = app.wanted_top();
    app.mark_bookmarks();
    typing::search_again(app);
}

/// The view of last time, as soon as there is something to show in it.
pub(super) fn show_wished(app: &mut App) {
    let has_both = app.has_article && app.text.reading().transcript.words().next().is_some();
    // Who reads elsewhere or types is left alone.
    let is_free = app.cursor.is_none() && app.mode == Mode::Reading;
    if let Some(view) = app.wished_view.take_if(|_| has_both && is_free) {
        show(app, view);
    }
}

fn next_theme(app: &mut App) {
    app.theme = app.theme.next();
    app.choices.theme = Some(app.theme.name);
    app.say(format!("theme: {}", app.theme.name));
}

fn dictation(app: &mut App) {
    app.dictation = if app.dictation.is_some() { None } else { Some(app.position.at) };
    app.say(if app.dictation.is_some() {
        "dictation: text is hidden until it is heard"
    } else {
        "dictation off"
    });
}

fn resize(app: &mut App, size: (u16, u16)) -> Vec<Effect> {
    if size.0 != app.text.page.width {
        moves::anchored(app, |app| app.text.lay_out(size.0));
    }
    app.size = size;
    app.top = app.wanted_top();
    Vec::new()
}

fn replace(app: &mut App, reading: Reading) -> Vec<Effect> {
    let progress = app.progress.clone();
    moves::anchored(app, |app| app.text.replace(reading, progress.as_ref()));
    typing::search_again(app);
    show_wished(app);
    Vec::new()
}

fn translate(app: &mut App, sentences: &[Option<String>]) -> Vec<Effect> {
    let (beside, progress) =
        (Beside::translation(sentences.iter().map(Option::as_deref)), app.progress.clone());
    moves::anchored(app, |app| app.text.translate(beside, progress.as_ref()));
    Vec::new()
}

fn progressed(app: &mut App, progress: Progress) -> Vec<Effect> {
    if app.length == Timestamp::ZERO {
        app.length = progress.length;
    }
    app.progress = Some(progress).filter(|progress| progress.share() < 1.0);
    app.text.judge(app.progress.as_ref());
    Vec::new()
}

fn told(app: &mut App, notice: Notice) -> Vec<Effect> {
    match notice {
        Notice::Note(text) => app.tell(text),
        Notice::Answer(text) => app.say(text),
        Notice::Trouble(text) => {
            app.note_trouble(&text);
            app.trouble = Some(text);
        }
        Notice::Misfit(text) => {
            app.is_misfit = true;
            app.tell(text);
        }
        Notice::Belongs => app.is_checked = true,
        Notice::Clear => app.trouble = None,
    }
    Vec::new()
}
