//! From the state to the picture: words for what is going on, and the parts of the screen put
//! together.

use super::app::{App, List, Loop, Mode, Prompt};
use super::keys::TABLE;
use super::moves::moment;
use super::text::View;
use super::{contents, queue};
use crate::align::Method;
use crate::episode::Chapter;
use crate::export::Format;
use crate::time::{Span, Timestamp};
use crate::view::marks::Meaning;
use crate::view::{self, Foot, Line, Popup, Reader, Screen, Transport};
use ratatui_core::buffer::Buffer;

/// So many cells the title of what comes next takes.
const NEXT: usize = 28;

/// Texts that are made for one picture.
struct Words {
    progress: String,
    status: String,
    hint: String,
    answer: String,
    message: Option<String>,
}

impl App {
    /// Draws the screen into `buffer`. Returns where the cursor belongs while something is typed.
    pub fn draw(&self, buffer: &mut Buffer) -> Option<(u16, u16)> {
        let words = Words {
            progress: self.progress_words(),
            status: self.status_words(),
            hint: self.hint(),
            answer: self.answer(),
            message: self.message(),
        };
        self.screen(&words).draw(buffer)
    }

    /// What is told at the foot. What waits to be seen does not hide what is wrong meanwhile.
    fn message(&self) -> Option<String> {
        let shown = self.messages.shown()?;
        let trouble = self.trouble.as_ref().filter(|_| self.messages.has_unread());
        Some(trouble.map_or_else(|| shown.clone(), |trouble| format!("{trouble}\n{shown}")))
    }

    fn screen<'a>(&'a self, words: &'a Words) -> Screen<'a> {
        Screen {
            theme: self.theme,
            title: &self.title,
            progress: &words.progress,
            reader: self.reader(),
            transport: self.transport(&words.status),
            foot: self.foot(words),
            popup: self.popup(),
        }
    }

    fn reader(&self) -> Reader<'_> {
        let (text, at) = (&self.text, self.position.at);
        let place = text.place(at);
        let words = &text.shown.article.words;
        let last_word =
            |at| text.timeline.last_word(&text.shown, at).and_then(|word| words.get(word));
        let heard_to = last_word(at)
            .map_or(0, |word| if place.is_sounding { word.bytes.start } else { word.bytes.end });
        let looped = match self.looped {
            Loop::Over(span) => {
                text.timeline.words_in(span).map(|(first, last)| text.bytes_of(&(first..last + 1)))
            }
            Loop::Off | Loop::From(_) => None,
        };
        Reader {
            texts: text.texts(),
            page: &text.page,
            top: self.top,
            cursor: self.cursor,
            at,
            place,
            heard_to,
            hidden_from: self
                .dictation
                .map(|heard| last_word(heard).map_or(0, |word| word.bytes.end)),
            standing: &text.standing,
            shows_differences: text.view == View::Both,
            hits: &self.search.ranges,
            near: &self.search.near,
            hit_here: self
                .search
                .here
                .and_then(|here| self.search.hits.get(here))
                .map(|hit| hit.bytes.clone()),
            bookmarks: &self.bookmark_marks.0,
            looped,
        }
    }

    fn transport<'a>(&'a self, status: &'a str) -> Transport<'a> {
        let looped = match self.looped {
            Loop::Off => None,
            Loop::From(at) => Some(Span::new(at, at)),
            Loop::Over(span) => Some(span),
        };
        Transport {
            at: self.position.at,
            length: self.length,
            is_playing: self.position.is_playing,
            is_ended: self.position.is_ended,
            rate: self.position.rate,
            volume: self.position.volume,
            is_muted: self.position.is_muted,
            energy: &self.energy,
            recognised: self.progress.as_ref().map(|progress| progress.recognised.as_slice()),
            chapters: &self.chapters,
            gaps: &self.text.reading().transcript.gaps,
            hits: &self.search.times,
            bookmarks: &self.bookmark_marks.1,
            looped,
            status,
        }
    }

    fn foot<'a>(&'a self, words: &'a Words) -> Foot<'a> {
        if let Mode::Prompt(prompt, input) = &self.mode {
            let label = match prompt {
                Prompt::Search => "search:",
                Prompt::GoTo => "go to:",
                Prompt::Note(_) | Prompt::NoteOver(_) => "note:",
            };
            let (before, after) = input.halves();
            return Foot::Prompt(view::Prompt { label, before, after, answer: &words.answer });
        }
        match (&words.message, &self.trouble) {
            (Some(message), _) => Foot::Note(message),
            (None, Some(trouble)) => Foot::Trouble(trouble),
            (None, None) => Foot::Hint(&words.hint),
        }
    }

    /// How far recognition is, and what else holds for the whole text.
    fn progress_words(&self) -> String {
        let mut words = Vec::new();
        if let Some(progress) = self.progress.as_ref().filter(|progress| progress.is_loading) {
            return format!("loading {:.0} %", (progress.share() * 100.0).floor());
        }
        match self.text.view {
            View::Article if self.has_article => {}
            View::Article | View::Transcript => words.push("transcript".to_owned()),
            View::Both => words.push("written and heard".to_owned()),
        }
        if self.dictation.is_some() {
            words.push("dictation".to_owned());
        }
        if self.is_misfit {
            words.push("! the text does not seem to belong".to_owned());
        } else if self.has_article && !self.is_checked {
            words.push("not checked yet".to_owned());
        }
        if let Some(progress) = &self.progress {
            let speed = match progress.speed {
                speed if speed < 0.05 => String::new(),
                speed if speed < 10.0 => format!(", {speed:.1}×"),
                speed => format!(", {speed:.0}×"),
            };
            words.push(format!(
                "~ listening ahead {:.0} %{speed}",
                (progress.share() * 100.0).floor()
            ));
        } else if self.text.reading().alignment.method == Method::Estimate {
            words.push("~ times are estimates".to_owned());
        }
        words.join(" · ")
    }

    /// What holds besides times, rate and volume.
    fn status_words(&self) -> String {
        if let Some(at) = self.pointed {
            let chapter = contents::here(&self.text.contents, at)
                .map_or("", |index| &self.text.contents[index].title);
            return format!("{at}  {chapter}").trim_end().to_owned();
        }
        let mut words = Vec::new();
        let is_low = self.regions().is_some_and(|regions| regions.foot == regions.line);
        words.extend(self.trouble.clone().filter(|_| is_low));
        if self.skips_silence {
            words.push("pauses short".to_owned());
        }
        if let (Some(here), n) = (self.search.here, self.search.hits.len()) {
            let near = if self.search.hits.get(here).is_some_and(|hit| hit.is_near) {
                ", near"
            } else {
                ""
            };
            words.push(format!("hit {}/{n}{near}", here + 1));
        }
        match self.looped {
            Loop::Off => {}
            Loop::From(at) => words.push(format!("loop from {at}")),
            Loop::Over(_) => words.push("loop".to_owned()),
        }
        if let Some(until) = self.sleep {
            words.push(format!("sleep {}", Timestamp::from(until.saturating_sub(self.now))));
        }
        if self.cursor.is_some() {
            words.push(format!("{} follows", self.first_key("follow")));
        }
        words.extend(
            queue::next(&self.queue).map(|next| format!("next: {}", view::clip(&next.title, NEXT))),
        );
        words.join(" · ")
    }

    /// As many of the most used keys as there is room for.
    fn hint(&self) -> String {
        let toggle = if self.position.is_playing { "pause" } else { "play" };
        let items = [
            ("toggle", toggle),
            ("help", "help"),
            ("sentence-back", "sentence back"),
            ("search", "search"),
            ("bookmark", "bookmark"),
            ("view", "view"),
            ("slower", "slower"),
            ("faster", "faster"),
            ("dictation", "dictation"),
            ("export", "export"),
            ("quit", "quit"),
        ];
        let room = self.regions().map_or(0, |regions| usize::from(regions.foot.width));
        let mut hint = String::new();
        for (name, label) in items {
            let key = self.first_key(name);
            let item = format!("{}{key} {label}", if hint.is_empty() { "" } else { "   " });
            if !key.is_empty() && view::width(&hint) + view::width(&item) <= room {
                hint += &item;
            }
        }
        hint
    }

    fn first_key(&self, name: &str) -> String {
        self.keys.shown(name).split(' ').next().unwrap_or_default().to_owned()
    }

    /// What comes of what is being typed.
    fn answer(&self) -> String {
        match &self.mode {
            Mode::Prompt(Prompt::Search, input) if !input.text().trim().is_empty() => {
                match (self.search.here, self.search.hits.len()) {
                    _ if input.is_full() => {
                        format!("{} characters at most", super::typing::MOST_SEARCHED)
                    }
                    _ if self.search.awaited.is_some() => "searching".to_owned(),
                    (_, 0) => "not found".to_owned(),
                    (here, n) => format!("{} of {n}", here.map_or(0, |here| here + 1)),
                }
            }
            Mode::Prompt(Prompt::Search, _) => "Enter plays from it, Esc leaves".to_owned(),
            Mode::Prompt(Prompt::GoTo, input) => match moment(input.text(), self.length) {
                Some(at) => at.to_string(),
                None if input.text().is_empty() => "3:20, 200 (seconds) or 50%".to_owned(),
                None => "no time".to_owned(),
            },
            Mode::Prompt(Prompt::Note(at), _) => format!("at {at}, Enter keeps it"),
            Mode::Prompt(Prompt::NoteOver(span), _) => {
                format!("{}–{}, Enter keeps it", span.start(), span.end())
            }
            Mode::Reading | Mode::List(..) => String::new(),
        }
    }

    /// The window that is open.
    pub(super) fn popup(&self) -> Option<Popup<'_>> {
        let Mode::List(list, chosen) = self.mode else { return None };
        Some(match list {
            List::Help => Popup {
                title: "Keys",
                lines: self.help_lines(),
                selected: None,
                scroll: chosen,
                footer: "j k scroll, Esc closes",
            },
            List::Bookmarks => {
                let line = |bookmark: &super::Bookmark| {
                    let note = if bookmark.note.is_empty() {
                        String::new()
                    } else {
                        format!("{} — ", bookmark.note)
                    };
                    Line { key: bookmark.when(), text: note + &bookmark.text, ..Line::default() }
                };
                let footer = "Enter goes there, d deletes, e writes Markdown";
                Popup {
                    title: "Bookmarks",
                    lines: self.bookmarks.iter().map(line).collect(),
                    selected: Some(chosen),
                    scroll: 0,
                    footer,
                }
            }
            List::Contents => {
                let line = |chapter: &Chapter| Line {
                    key: chapter.start.to_string(),
                    text: chapter.title.clone(),
                    ..Line::default()
                };
                let lines = self.text.contents.iter().map(line).collect();
                Popup {
                    title: "Chapters and headings",
                    lines,
                    selected: Some(chosen),
                    scroll: 0,
                    footer: "Enter goes there",
                }
            }
            List::Queue => {
                let line = |queued: &super::Queued| {
                    let mark = if queued.is_here { "▸ " } else { "  " };
                    let length =
                        queued.length.map_or_else(String::new, |length| length.to_string());
                    Line {
                        key: format!("{mark}{length}"),
                        text: queued.title.clone(),
                        ..Line::default()
                    }
                };
                let footer = "Enter plays, J K move, d removes";
                Popup {
                    title: "The queue",
                    lines: self.queue.iter().map(line).collect(),
                    selected: Some(chosen),
                    scroll: 0,
                    footer,
                }
            }
            List::Messages => {
                // The border, its air and the time take the rest.
                let room = usize::from(self.size.0).saturating_sub(16).max(10);
                let lines = self.messages.past().iter().flat_map(|(when, text)| {
                    let times = std::iter::once(Timestamp::from(*when).to_string())
                        .chain(std::iter::repeat(" ".to_owned()));
                    let rows: Vec<String> = view::wrap(text, room)
                        .into_iter()
                        .map(|row| text[row].to_owned())
                        .collect();
                    times.zip(rows).map(|(key, text)| Line { key, text, look: None })
                });
                Popup {
                    title: "Messages",
                    lines: lines.collect(),
                    selected: None,
                    scroll: chosen,
                    footer: "j k scroll, Esc closes",
                }
            }
            List::Export => {
                let line = |item: &ExportItem| Line {
                    key: item.name().to_owned(),
                    text: item.help().to_owned(),
                    ..Line::default()
                };
                let lines = ExportItem::all().iter().map(line).collect();
                Popup {
                    title: "Write",
                    lines,
                    selected: Some(chosen),
                    scroll: 0,
                    footer: "Enter writes it",
                }
            }
        })
    }

    fn help_lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for (heading, bindings) in TABLE {
            if !lines.is_empty() {
                lines.push(Line::default());
            }
            lines.push(Line { text: heading.to_owned(), ..Line::default() });
            for binding in bindings {
                lines.push(Line {
                    key: self.keys.shown(binding.name),
                    text: self.keys.help(binding),
                    look: None,
                });
            }
        }
        for (heading, marks) in LEGEND {
            lines.push(Line::default());
            lines.push(Line { text: (*heading).to_owned(), ..Line::default() });
            lines.extend(marks.iter().map(|(mark, text, look)| Line {
                key: (*mark).to_owned(),
                text: (*text).to_owned(),
                look: *look,
            }));
        }
        lines
    }
}

/// What every mark on the screen means: the mark or a word that looks so, what it says, and as what
/// it looks.
type Legend = [(&'static str, &'static [(&'static str, &'static str, Option<Meaning>)])];
const LEGEND: &Legend = &[
    (
        "Marks in the text",
        &[
            ("word", "is heard now", Some(Meaning::Word)),
            ("sentence", "is spoken now", Some(Meaning::Sentence)),
            ("dim", "was heard already", Some(Meaning::Heard)),
            ("dimmer ╎", "is written, but nobody reads it", Some(Meaning::Unread)),
            ("line ?", "doubtful: hardly found in the sound", Some(Meaning::Doubtful)),
            ("other", "written and heard differ", Some(Meaning::Differs)),
            ("hit", "what was searched for", Some(Meaning::Hit)),
            ("near", "sounds or is spelled like it", Some(Meaning::Near)),
            ("loop", "is repeated", Some(Meaning::Looped)),
            ("~", "times are still a guess here", None),
            ("+", "said, but not written", None),
            ("◆", "bookmark", None),
            ("▸", "your row: Enter plays from it", None),
            ("····", "hidden until it is heard (dictation)", None),
        ],
    ),
    (
        "Marks on the bar",
        &[
            ("► ‖ ■", "playing, held, at the end", None),
            ("▁▄█", "how loud it is", None),
            ("╌╌", "not recognised, so far or at all", None),
            ("▾", "what was searched for", None),
            ("◆", "bookmark", None),
            ("╷", "a chapter begins", None),
            ("[ ]", "the loop begins, and ends", None),
        ],
    ),
];

/// What can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExportItem {
    /// The episode in a format.
    As(Format),
    /// The bookmarks.
    Bookmarks,
    /// The sentence being spoken.
    Clip,
}

impl ExportItem {
    /// All of them, as they are listed.
    pub(super) fn all() -> Vec<Self> {
        Format::SUBTITLES.into_iter().map(Self::As).chain([Self::Bookmarks, Self::Clip]).collect()
    }

    fn name(self) -> &'static str {
        match self {
            Self::As(format) => format.name(),
            Self::Bookmarks => "md",
            Self::Clip => "sound",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::As(format) => format.meaning(),
            Self::Bookmarks => "bookmarks with times and notes",
            Self::Clip => "this sentence as a sound file",
        }
    }
}
