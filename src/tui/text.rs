//! The text on the screen: which view of the reading, laid out, and its timeline.

use super::progress::Progress;
use crate::align::Method;
use crate::episode::Chapter;
use crate::reading::Reading;
use crate::search::{self, Query, Side};
use crate::time::{Span, Timestamp};
use crate::transcript::split;
use crate::view::marks::Standing;
use crate::view::{Beside, Page, Passage, Place, Source, Texts, Timeline};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Which text is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// What was written, with its translation where there is one.
    #[default]
    Article,
    /// What was said.
    Transcript,
    /// What was written beside what was said in its place.
    Both,
}

/// A place where a phrase stands on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// When it is spoken; `None` where it is not.
    pub span: Option<Span>,
    /// The bytes of the article that it takes; none where it stands in an insert.
    pub bytes: Range<usize>,
    /// The insert that it stands in.
    pub insert: Option<usize>,
    /// Whether it is only like the phrase.
    pub is_near: bool,
}

/// The texts of a page, to be searched on any thread.
#[derive(Debug)]
pub struct Searchable {
    shown: Arc<Reading>,
    view: View,
    /// The text in another language that stands beside it.
    translation: Option<Beside>,
    /// Made when they are first searched.
    prepared: OnceLock<Prepared>,
}

#[derive(Debug)]
struct Prepared {
    shown: search::Text,
    /// What was said, where the page shows something else.
    said: Option<search::Text>,
    translation: Option<search::Text>,
}

impl Searchable {
    fn new(shown: &Arc<Reading>, view: View, beside: Option<&Beside>) -> Arc<Self> {
        let translation = beside.filter(|beside| !beside.is_heard).cloned();
        Arc::new(Self { shown: Arc::clone(shown), view, translation, prepared: OnceLock::new() })
    }

    /// Where `query` stands on the page, in its order: in the text, in what was said but is not
    /// written, and in the text beside it, where the sentence there is found by that alone.
    pub fn find(&self, query: &Query) -> Vec<Hit> {
        let prepared = self.prepared.get_or_init(|| {
            let has_more =
                self.view != View::Transcript && !self.shown.alignment.unwritten.is_empty();
            let said = has_more.then(|| search::Text::said(&self.shown.transcript));
            let translation = self.translation.as_ref().map(searched);
            Prepared { shown: search::Text::written(&self.shown), said, translation }
        });
        let found = search::find(&prepared.shown, query);
        let said = prepared.said.as_ref().map(|said| search::find(said, query)).unwrap_or_default();
        let inserts = search::spoken(&self.shown, found.clone(), said)
            .into_iter()
            .filter(|(side, _)| *side == Side::Said);
        let mut hits: Vec<Hit> =
            inserts.filter_map(|(_, hit)| self.in_insert(hit.span?, hit.is_near())).collect();
        let written = |hit: search::Hit| {
            let (bytes, is_near) = (bytes_of(&self.shown, &hit.words), hit.is_near());
            Hit { span: hit.span, bytes, insert: None, is_near }
        };
        hits.extend(found.into_iter().map(written));
        if let Some(text) = &prepared.translation {
            let mut known: BTreeSet<usize> = hits.iter().map(|hit| hit.bytes.start).collect();
            let found = search::find(text, query);
            for hit in found.into_iter().filter_map(|hit| self.beside(text, &hit)) {
                if known.range(hit.bytes.clone()).next().is_none() {
                    known.insert(hit.bytes.start);
                    hits.push(hit);
                }
            }
        }
        hits.sort_by_key(|hit| (hit.bytes.start, hit.span));
        hits
    }

    /// The sentence beside which a hit in the other language stands.
    fn beside(&self, text: &search::Text, hit: &search::Hit) -> Option<Hit> {
        let at = text.bytes(&hit.words).start;
        let index = self.translation.as_ref()?.sentences.partition_point(|piece| piece.end <= at);
        let bytes = self.shown.article.sentences.get(index)?.bytes.clone();
        let span = self.shown.alignment.sentences.get(index).and_then(|timing| timing.span);
        Some(Hit { span, bytes, insert: None, is_near: hit.is_near() })
    }

    /// What is heard at `span` as a place in the insert there.
    fn in_insert(&self, span: Span, is_near: bool) -> Option<Hit> {
        let insert = self
            .shown
            .alignment
            .unwritten
            .iter()
            .position(|unwritten| unwritten.span.end() > span.start())?;
        let words = self.shown.article.words.iter().zip(&self.shown.alignment.words);
        let next = words
            .filter(|(_, timing)| timing.span.is_some_and(|other| other.start() >= span.start()))
            .map(|(word, _)| word);
        let at = next.map(|word| word.bytes.start).next().unwrap_or(self.shown.article.text.len());
        Some(Hit { span: Some(span), bytes: at..at, insert: Some(insert), is_near })
    }
}

/// A text beside another, as it is searched. When it is heard is known of its sentences, by what
/// they stand beside.
fn searched(beside: &Beside) -> search::Text {
    let pieces = || beside.sentences.iter().filter(|piece| !piece.is_empty());
    let words = pieces().flat_map(|piece| {
        let text = &beside.text[piece.clone()];
        split::words(text)
            .into_iter()
            .map(move |word| split::core(text, word))
            .map(|word| piece.start + word.start..piece.start + word.end)
    });
    search::Text::new(beside.text.as_str(), words, [], pieces().cloned())
}

/// The bytes of the article that `words` take.
fn bytes_of(reading: &Reading, words: &Range<usize>) -> Range<usize> {
    let words = reading.article.words.get(words.clone()).unwrap_or_default();
    words.first().map_or(0, |word| word.bytes.start)..words.last().map_or(0, |word| word.bytes.end)
}

/// A reading as it is shown.
#[derive(Clone, Debug)]
pub struct Text {
    /// Which view of it.
    pub view: View,
    /// What is shown: the reading itself, or its transcript as one.
    pub shown: Arc<Reading>,
    /// What stands beside it.
    pub beside: Option<Beside>,
    /// Their layout.
    pub page: Page,
    /// What is spoken when.
    pub timeline: Timeline,
    /// What holds at any time.
    pub standing: Standing,
    /// The chapters and headings.
    pub contents: Vec<Chapter>,
    /// All that is known.
    reading: Arc<Reading>,
    /// The other language, by sentence of the article.
    translation: Option<Beside>,
    /// The recording's own.
    chapters: Vec<Chapter>,
    searchable: Arc<Searchable>,
    /// The widest column of it, in cells.
    column: u16,
}

impl Text {
    /// The article of `reading` at a screen `width` cells wide, in columns of at most `column`.
    pub fn new(
        reading: Reading,
        translation: Option<Beside>,
        chapters: &[Chapter],
        progress: Option<&Progress>,
        (width, column): (u16, u16),
    ) -> Self {
        let reading = Arc::new(reading);
        let page = Page::new(Texts { reading: &Reading::default(), beside: None }, width);
        let searchable = Searchable::new(&reading, View::default(), None);
        let mut text = Self {
            view: View::default(),
            shown: Arc::clone(&reading),
            beside: None,
            page,
            timeline: Timeline::default(),
            standing: Standing::default(),
            contents: Vec::new(),
            reading,
            translation,
            chapters: chapters.to_vec(),
            searchable,
            column,
        };
        text.show(View::Article, progress);
        text
    }

    /// The texts that the page is made of.
    pub fn texts(&self) -> Texts<'_> {
        Texts { reading: &self.shown, beside: self.beside.as_ref() }
    }

    /// The reading that all views are of.
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// Shows another view.
    pub fn show(&mut self, view: View, progress: Option<&Progress>) {
        self.view = view;
        self.shown = match view {
            View::Transcript => Arc::new(Reading::of_transcript(self.reading.transcript.clone())),
            View::Article | View::Both => Arc::clone(&self.reading),
        };
        self.beside = match view {
            View::Article => self.translation.clone(),
            View::Transcript => None,
            View::Both => Some(Beside::heard(&self.reading)),
        };
        self.searchable = Searchable::new(&self.shown, view, self.beside.as_ref());
        self.timeline = Timeline::new(&self.shown);
        self.contents = self.reading.contents(&self.chapters);
        self.judge(progress);
        self.lay_out(self.page.width);
    }

    /// What can be searched of it.
    pub fn searchable(&self) -> Arc<Searchable> {
        Arc::clone(&self.searchable)
    }

    /// The row of a hit.
    pub fn row_of_hit(&self, hit: &Hit) -> usize {
        hit.insert
            .and_then(|insert| self.page.row_of_insert(insert))
            .unwrap_or_else(|| self.page.row_of(hit.bytes.start))
    }

    /// Takes a better reading. Beside another text nothing stands until it is told.
    pub fn replace(&mut self, reading: Reading, progress: Option<&Progress>) {
        if self.reading.article.text != reading.article.text {
            self.translation = None;
        }
        self.reading = Arc::new(reading);
        self.show(self.view, progress);
    }

    /// Takes the text in another language.
    pub fn translate(&mut self, translation: Beside, progress: Option<&Progress>) {
        self.translation = Some(translation);
        self.show(self.view, progress);
    }

    /// Marks anew what is a guess, unread or doubtful.
    pub fn judge(&mut self, progress: Option<&Progress>) {
        let (shown, method) = (&self.shown, self.shown.alignment.method);
        let (is_guess, is_whole) = (
            method == Method::Estimate,
            matches!(method, Method::Synth | Method::Together | Method::Given),
        );
        self.standing = Standing::new(shown, |sentence| {
            let start = shown.alignment.sentences[sentence].span.map(Span::start);
            let is_known = |at: Timestamp| progress.is_none_or(|progress| progress.covers(at));
            self.view != View::Transcript
                && (is_guess || (!is_whole && start.is_some_and(|at| !is_known(at))))
        });
    }

    /// Lays it out for another width.
    pub fn lay_out(&mut self, width: u16) {
        self.page = Page::within(self.texts(), width, self.column);
    }

    /// What is spoken at `at`.
    pub fn place(&self, at: Timestamp) -> Place {
        self.timeline.place(&self.shown, at)
    }

    /// The row of what is spoken at `place`.
    pub fn row_of(&self, place: Place) -> usize {
        match (place.word, place.passage) {
            (Some(word), _) => self.row_of_word(word),
            (None, Some(Passage::Sentence(index))) => self
                .shown
                .article
                .sentences
                .get(index)
                .map_or(0, |sentence| self.page.row_of(sentence.bytes.start)),
            (None, Some(Passage::Insert(index))) => self.page.row_of_insert(index).unwrap_or(0),
            (None, None) => 0,
        }
    }

    /// The row of a written word.
    pub fn row_of_word(&self, word: usize) -> usize {
        self.shown.article.words.get(word).map_or(0, |word| self.page.row_of(word.bytes.start))
    }

    /// The bytes of the article that `words` take.
    pub fn bytes_of(&self, words: &Range<usize>) -> Range<usize> {
        bytes_of(&self.shown, words)
    }

    /// When what stands at `byte` of `source` is spoken; of the article the word there or the next
    /// one.
    pub fn time_at(&self, source: Source, byte: usize) -> Option<Timestamp> {
        let sentence_start =
            |index: usize| Some(self.shown.alignment.sentences.get(index)?.span?.start());
        match source {
            Source::Written => {
                let word = self.shown.article.words.partition_point(|word| word.bytes.end <= byte);
                Timeline::time_of_word(&self.shown, word)
            }
            Source::Beside => sentence_start(
                self.beside.as_ref()?.sentences.partition_point(|piece| piece.end <= byte),
            ),
            Source::Insert(index) => self.timeline.span_of(Passage::Insert(index)).map(Span::start),
        }
    }

    /// When the first thing on row `row`, or on one below it, is spoken.
    pub fn time_of_row(&self, row: usize) -> Option<Timestamp> {
        let runs = self.page.rows.get(row..)?.iter().flat_map(|row| row.runs.iter().flatten());
        runs.filter_map(|run| self.time_at(run.source, run.bytes.start)).next()
    }

    /// What is said in `passage`, and when.
    pub fn passage(&self, passage: Passage) -> Option<(&str, Span)> {
        let text = match passage {
            Passage::Sentence(index) => self
                .shown
                .article
                .sentences
                .get(index)
                .map(|s| &self.shown.article.text[s.bytes.clone()])?,
            Passage::Insert(index) => {
                self.shown.alignment.unwritten.get(index).map(|u| u.text.trim())?
            }
        };
        Some((text, self.timeline.span_of(passage)?))
    }
}
