//! All that the reading screen knows, and the picture that it makes of it.

use super::bookmarks::Bookmark;
use super::choices::Choices;
use super::event::Position;
use super::finder::Order;
use super::input::Input;
use super::jumps::Jumps;
use super::keys::Keys;
use super::messages::Messages;
use super::progress::Progress;
use super::queue::Queued;
use super::run::Wants;
use super::text::{Hit, Text, View};
use super::update;
use crate::episode::Chapter;
use crate::reading::Reading;
use crate::search;
use crate::time::{Span, Timestamp};
use crate::view::{Beside, COLUMN, Regions, Theme};
use ratatui_core::layout::Rect;
use std::ops::Range;
use std::time::Duration;

/// What the screen begins with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The episode's name.
    pub title: String,
    /// What is known of it so far.
    pub reading: Reading,
    /// Whether the reading's text was written, and is not its transcript.
    pub has_article: bool,
    /// Whether that text is known to belong to the recording.
    pub is_checked: bool,
    /// The text in another language, by sentence of the article.
    pub translation: Option<Vec<Option<String>>>,
    /// The recording's chapters.
    pub chapters: Vec<Chapter>,
    /// How long the recording is.
    pub length: Timestamp,
    /// What is recognised already; `None` where nothing is left to do.
    pub progress: Option<Progress>,
    /// Places kept earlier.
    pub bookmarks: Vec<Bookmark>,
    /// A phrase that is searched for from the start.
    pub search: Option<(String, search::Options)>,
    /// How it looks.
    pub theme: &'static Theme,
    /// Which text is shown once there is one.
    pub view: View,
    /// The widest column of text, in cells.
    pub column: u16,
    /// Whether long pauses are made short.
    pub skips_silence: bool,
    /// What keys do.
    pub keys: Keys,
    /// What is heard after this.
    pub queue: Vec<Queued>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            title: String::new(),
            reading: Reading::default(),
            has_article: false,
            is_checked: false,
            translation: None,
            chapters: Vec::new(),
            length: Timestamp::ZERO,
            progress: None,
            bookmarks: Vec::new(),
            search: None,
            theme: Theme::choose(None, false),
            view: View::default(),
            column: COLUMN,
            skips_silence: false,
            keys: Keys::default(),
            queue: Vec::new(),
        }
    }
}

/// What keys go to.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Mode {
    /// The text.
    #[default]
    Reading,
    /// A line being typed.
    Prompt(Prompt, Input),
    /// A window.
    List(List, usize),
}

/// What is being asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// A phrase.
    Search,
    /// A time or a share.
    GoTo,
    /// A note for a bookmark there.
    Note(Timestamp),
    /// A note on all of this.
    NoteOver(Span),
}

/// What is in a window. The number that goes with it is the chosen line, of the help the first
/// visible one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// The keys.
    Help,
    /// The bookmarks.
    Bookmarks,
    /// The chapters and headings.
    Contents,
    /// What can be written.
    Export,
    /// What was told.
    Messages,
    /// What is heard after this.
    Queue,
}

/// A part that is repeated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Loop {
    /// None.
    #[default]
    Off,
    /// It begins here; its end is not chosen yet.
    From(Timestamp),
    /// All of this.
    Over(Span),
}

/// A phrase and where it is.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// As it was typed.
    pub phrase: String,
    /// How it is taken.
    pub options: search::Options,
    /// Where it was found, in the order of the text.
    pub hits: Vec<Hit>,
    /// The bytes of the hits.
    pub ranges: Vec<Range<usize>>,
    /// The bytes of those that are only like it.
    pub near: Vec<Range<usize>>,
    /// When the hits are spoken.
    pub times: Vec<Timestamp>,
    /// The hit last gone to.
    pub here: Option<usize>,
    /// The number of the order that looks for it, while it does, and what is done then.
    pub awaited: Option<(u64, Then)>,
    /// Whether to go to the hit once it is found.
    pub is_wanted: bool,
}

/// What is done when a phrase was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The first place from where the listener is is shown.
    Show,
    /// The hit of this number is still the one last gone to.
    Stay(Option<usize>),
}

/// The state of the reading screen. It changes by [`update`](super::update::update) alone.
#[derive(Clone, Debug)]
pub struct App {
    pub(super) title: String,
    pub(super) has_article: bool,
    pub(super) chapters: Vec<Chapter>,
    /// The moment of the bar that the mouse points at.
    pub(super) pointed: Option<Timestamp>,
    pub(super) keys: Keys,
    pub(super) theme: &'static Theme,
    pub(super) size: (u16, u16),
    /// Since the start of the program.
    pub(super) now: Duration,

    pub(super) text: Text,
    pub(super) top: usize,
    /// The row that the listener moved to by hand; `None` while the text follows the sound.
    pub(super) cursor: Option<usize>,
    /// While text is hidden until heard: up to where it was heard.
    pub(super) dictation: Option<Timestamp>,

    pub(super) position: Position,
    pub(super) length: Timestamp,
    pub(super) energy: Vec<u8>,
    pub(super) progress: Option<Progress>,
    pub(super) looped: Loop,
    pub(super) jumps: Jumps,
    /// When to pause.
    pub(super) sleep: Option<Duration>,
    /// When the place was last kept.
    pub(super) remembered: Duration,

    pub(super) search: Search,
    /// What is to be looked for, until somebody is told.
    pub(super) order: Option<Order>,
    /// How often something was looked for.
    pub(super) n_orders: u64,
    pub(super) bookmarks: Vec<Bookmark>,
    pub(super) bookmark_marks: (Vec<Range<usize>>, Vec<Timestamp>),
    /// What was chosen with keys and is not kept yet.
    pub(super) choices: Choices,
    pub(super) skips_silence: bool,
    /// The view to show as soon as there is something to show in it.
    pub(super) wished_view: Option<View>,
    pub(super) mode: Mode,
    pub(super) messages: Messages,
    pub(super) trouble: Option<String>,
    /// Whether the text is known to belong to the recording.
    pub(super) is_checked: bool,
    /// Whether the text seems to be of something else.
    pub(super) is_misfit: bool,
    pub(super) is_stale: bool,
    pub(super) is_dragging: bool,
    pub(super) is_over: bool,
    pub(super) wants: Option<Wants>,
    /// Whether the recording has come whole, and is left as soon as nothing is being typed or
    /// chosen.
    pub(super) is_whole: bool,
    pub(super) queue: Vec<Queued>,
}

impl App {
    /// The state at the start, on a screen of `size` columns and rows.
    pub fn new(setup: Setup, size: (u16, u16)) -> Self {
        let translation = setup
            .translation
            .map(|sentences| Beside::translation(sentences.iter().map(Option::as_deref)));
        let progress = setup.progress.filter(|progress| progress.share() < 1.0);
        let mut bookmarks = setup.bookmarks;
        bookmarks.sort_by_key(|bookmark| bookmark.at);
        let mut app = Self {
            title: setup.title,
            has_article: setup.has_article,
            pointed: None,
            keys: setup.keys,
            theme: setup.theme,
            size,
            now: Duration::ZERO,
            text: Text::new(
                setup.reading,
                translation,
                &setup.chapters,
                progress.as_ref(),
                (size.0, setup.column),
            ),
            top: 0,
            cursor: None,
            dictation: None,
            position: Position::default(),
            length: setup.length,
            energy: Vec::new(),
            progress,
            looped: Loop::default(),
            jumps: Jumps::default(),
            sleep: None,
            remembered: Duration::ZERO,
            search: Search::default(),
            order: None,
            n_orders: 0,
            bookmarks,
            bookmark_marks: (Vec::new(), Vec::new()),
            choices: Choices::default(),
            skips_silence: setup.skips_silence,
            wished_view: Some(setup.view).filter(|view| *view != View::default()),
            mode: Mode::default(),
            messages: Messages::default(),
            trouble: None,
            is_checked: setup.is_checked,
            is_misfit: false,
            is_stale: true,
            is_dragging: false,
            chapters: setup.chapters,
            is_over: false,
            wants: None,
            is_whole: false,
            queue: setup.queue,
        };
        update::show_wished(&mut app);
        app.mark_bookmarks();
        if let Some((phrase, options)) = setup.search {
            app.look_for(&phrase, options, Then::Stay(None));
        }
        app
    }

    /// Has `phrase` looked for. Until it is found nothing is marked.
    pub(super) fn look_for(&mut self, phrase: &str, options: search::Options, then: Then) {
        self.n_orders += 1;
        let serial = self.n_orders;
        self.order = Some(Order {
            serial,
            phrase: phrase.to_owned(),
            options,
            text: self.text.searchable(),
        });
        self.search = Search {
            phrase: phrase.to_owned(),
            options,
            awaited: Some((serial, then)),
            ..Search::default()
        };
    }

    /// Whether the screen looks different from when it was drawn last.
    pub fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// Says that it was drawn.
    pub fn set_drawn(&mut self) {
        self.is_stale = false;
    }

    /// Whether the listener has quit.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// What for, where that is not to end.
    pub fn wants(&self) -> Option<Wants> {
        self.wants
    }

    /// What was heard last.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The listener's bookmarks in order of time.
    pub fn bookmarks(&self) -> &[Bookmark] {
        &self.bookmarks
    }

    /// The whole screen.
    pub(super) fn area(&self) -> Rect {
        Rect::new(0, 0, self.size.0, self.size.1)
    }

    /// Where its parts stand; `None` while it is too small.
    pub(super) fn regions(&self) -> Option<Regions> {
        Regions::of(self.area())
    }

    /// The rows of text that are visible at once.
    pub(super) fn rows(&self) -> usize {
        self.regions().map_or(1, |regions| usize::from(regions.text.height))
    }

    /// The row that should stand at the steady height: that of the hand, or that of the voice.
    pub(super) fn focus(&self) -> usize {
        self.cursor.unwrap_or_else(|| self.text.row_of(self.text.place(self.position.at)))
    }

    /// The top row that brings it there, a third of the way down.
    pub(super) fn wanted_top(&self) -> usize {
        self.focus().saturating_sub(self.rows() / 3)
    }

    /// Finds the words of the bookmarks in the text that is shown.
    pub(super) fn mark_bookmarks(&mut self) {
        let times: Vec<Timestamp> = self.bookmarks.iter().map(|bookmark| bookmark.at).collect();
        let words =
            times.iter().filter_map(|at| self.text.timeline.last_word(&self.text.shown, *at));
        let mut ranges: Vec<Range<usize>> =
            words.map(|word| self.text.bytes_of(&(word..word + 1))).collect();
        ranges.sort_by_key(|range| range.start);
        ranges.dedup();
        self.bookmark_marks = (ranges, times);
    }

    /// How long nothing on the screen will change by itself, at most a second.
    pub fn next_change(&self) -> Duration {
        /// A frame while the text moves.
        const FRAME: Duration = Duration::from_millis(33);
        if self.top != self.wanted_top() {
            return FRAME;
        }
        let mut wait = Duration::from_secs(1);
        let at = self.position.at;
        if self.position.is_playing {
            let second = Timestamp::from_millis((at.millis() / 1000 + 1) * 1000);
            let looped = if let Loop::Over(span) = self.looped {
                Some(span.end()).filter(|end| *end > at)
            } else {
                None
            };
            let next = [Some(second), self.text.timeline.next_change(at), looped]
                .into_iter()
                .flatten()
                .min()
                .unwrap_or(second);
            // Rounded up, so that the change has come when it is looked for.
            let ms = (next.millis() - at.millis()) as f64 / f64::from(self.position.rate.max(0.1));
            wait = wait.min(Duration::from_secs_f64((ms.ceil() + 1.0) / 1000.0));
        }
        let moments = [self.messages.until(), self.sleep];
        moments
            .into_iter()
            .flatten()
            .fold(wait, |wait, until| wait.min(until.saturating_sub(self.now)))
    }

    /// Which views there are.
    pub(super) fn next_view(&self) -> View {
        match self.text.view {
            View::Article => View::Transcript,
            View::Transcript => View::Both,
            View::Both => View::Article,
        }
    }
}
