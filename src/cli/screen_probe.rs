//! `aloud screen-probe`: the reading screen with a clock instead of sound, for looking at it and
//! for tests in a pseudo-terminal.

use super::args::ScreenProbeArgs;
use super::exit::Exit;
use super::report::Failure;
use crate::align::{SentenceTiming, Status, Timing, Unwritten};
use crate::article::{Article, Block, BlockKind, Sentence, WrittenWord};
use crate::export::Format;
use crate::import;
use crate::reading::Reading;
use crate::time::{Span, Timestamp};
use crate::tui::{
    self, Bookmark, Change, Choices, Event, Notice, Playback, Position, Progress, Queued, Setup,
    Storage,
};
use crate::view::Theme;
use serde::Deserialize;
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

/// Shows what `args` say until the user quits.
pub fn run(args: &ScreenProbeArgs) -> Result<Exit, Failure> {
    let (reading, has_article) = read(&args.file)?;
    let length = reading
        .transcript
        .audio
        .duration
        .or(reading.transcript.segments.last().map(|s| s.span.end()))
        .unwrap_or_default();
    let is_no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let setup = Setup {
        title: reading.article.title.clone().unwrap_or_else(|| args.file.display().to_string()),
        reading,
        has_article,
        is_checked: true,
        length,
        theme: Theme::choose(args.theme.as_deref(), is_no_color),
        ..Setup::default()
    };
    let mut clock = Clock::new(length, args);
    let (sender, inputs) = channel();
    pretend(sender.clone(), length, args.unfinished)?;
    tui::listen(setup, &mut clock, &mut Nobody, &sender, &inputs)?;
    Ok(Exit::Done)
}

/// Sends a made-up loudness, and a recognition that goes on, on a thread.
fn pretend(sender: Sender<Event>, length: Timestamp, is_unfinished: bool) -> std::io::Result<()> {
    let swell = |i: u32| f64::from(i * i % 97) / 97.0 * (0.6 + 0.4 * (f64::from(i) / 9.0).sin());
    let _ = sender.send(Event::Energy((0..600).map(|i| (swell(i) * 255.0) as u8).collect()));
    if is_unfinished {
        thread::Builder::new().spawn(move || {
            for step in 1..=100 {
                let reached = Timestamp::from_millis(length.millis() / 100 * step);
                if sender.send(Event::Progress(Progress::up_to(reached, length, 12.0))).is_err() {
                    break;
                }
                thread::sleep(Duration::from_millis(500));
            }
        })?;
    }
    Ok(())
}

/// A playback without sound.
struct Clock {
    position: Position,
    since: Instant,
    start: Instant,
    length: Timestamp,
    panic_after: Option<f64>,
}

impl Clock {
    fn new(length: Timestamp, args: &ScreenProbeArgs) -> Self {
        let position =
            Position { at: Timestamp::from_secs(args.at), is_playing: true, ..Position::default() };
        Self {
            position,
            since: Instant::now(),
            start: Instant::now(),
            length,
            panic_after: args.panic_after,
        }
    }

    fn settle(&mut self) {
        self.position = self.position();
        self.since = Instant::now();
    }
}

impl Playback for Clock {
    fn play(&mut self) {
        self.settle();
        self.position.is_playing = true;
    }
    fn pause(&mut self) {
        self.settle();
        self.position.is_playing = false;
    }
    fn seek(&mut self, to: Timestamp) {
        self.settle();
        self.position.at = to;
    }
    fn set_rate(&mut self, rate: f32) {
        self.settle();
        self.position.rate = rate;
    }
    fn set_volume(&mut self, volume: f32) {
        self.position.volume = volume;
    }
    fn set_muted(&mut self, is_muted: bool) {
        self.position.is_muted = is_muted;
    }
    fn set_skip_silence(&mut self, _: bool) {}
    fn position(&self) -> Position {
        let passed = if self.position.is_playing {
            self.since.elapsed().as_secs_f64() * f64::from(self.position.rate)
        } else {
            0.0
        };
        let at = Timestamp::from_secs(self.position.at.secs() + passed).min(self.length);
        let is_ended = at == self.length;
        Position {
            at,
            is_ended,
            is_playing: self.position.is_playing && !is_ended,
            ..self.position
        }
    }
    fn events(&mut self) -> Vec<Notice> {
        let is_time =
            self.panic_after.is_some_and(|after| self.start.elapsed().as_secs_f64() >= after);
        assert!(!is_time, "a panic that was asked for");
        Vec::new()
    }
}

/// Keeps nothing, and says so.
struct Nobody;

impl Storage for Nobody {
    fn bookmarks(&mut self, _: &[Bookmark]) -> Result<String, String> {
        Ok(String::new())
    }
    fn remember(&mut self, _: Timestamp) -> Result<String, String> {
        Ok(String::new())
    }
    fn choose(&mut self, _: &Choices) -> Result<String, String> {
        Ok(String::new())
    }
    fn arrange(&mut self, _: Change) -> Result<Vec<Queued>, String> {
        Err("a probe has no queue".to_owned())
    }
    fn queue(&mut self) -> Vec<Queued> {
        Vec::new()
    }
    fn clip(&mut self, span: Span) -> Result<String, String> {
        // As a decoder does over a damaged recording.
        let _: Option<()> = crate::decode::guarded(|| panic!("a panic that is caught"));
        Err(format!("a probe writes nothing ({} – {})", span.start(), span.end()))
    }
    fn export(&mut self, format: Format) -> Result<String, String> {
        Err(format!("a probe writes nothing ({})", format.name()))
    }
    fn markdown(&mut self, _: &str) -> Result<String, String> {
        Err("a probe writes nothing".to_owned())
    }
}

/// A reading, and whether it has an article.
fn read(path: &Path) -> Result<(Reading, bool), Failure> {
    let unreadable = |path: &Path, e: &io::Error| {
        Failure::new(Exit::Input, format!("cannot read `{}`: {e}", path.display()))
    };
    let bytes = fs::read(path).map_err(|e| unreadable(path, &e))?;
    if let Ok(truth) = serde_json::from_slice::<Truth>(&bytes) {
        let article = path.with_file_name(&truth.article);
        let text = fs::read_to_string(&article).map_err(|e| unreadable(&article, &e))?;
        return Ok((truth.reading(&text), true));
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let (transcript, _) =
        import::read(&bytes, name.as_deref()).map_err(|e| Failure::new(Exit::Input, e))?;
    Ok((Reading::of_transcript(transcript), false))
}

#[derive(Deserialize)]
struct Truth {
    audio: Audio,
    article: String,
    words: Vec<Said>,
    sentences: Vec<Said>,
    unwritten: Vec<Said>,
}

#[derive(Deserialize)]
struct Audio {
    duration: f64,
}

#[derive(Deserialize)]
struct Said {
    text: String,
    #[serde(default)]
    start: f64,
    #[serde(default)]
    end: f64,
    bytes: Option<[usize; 2]>,
    status: Option<String>,
}

impl Said {
    fn span(&self) -> Span {
        Span::new(Timestamp::from_secs(self.start), Timestamp::from_secs(self.end))
    }
}

impl Truth {
    /// The article with the times of the truth; a block whose text does not end like a sentence is
    /// a heading.
    fn reading(&self, text: &str) -> Reading {
        let mut reading = Reading::default();
        reading.transcript.audio.duration = Some(Timestamp::from_secs(self.audio.duration));
        reading.article.text = text.trim_end().to_owned();
        let (article, alignment) = (&mut reading.article, &mut reading.alignment);
        let mut spoken = self.words.iter().filter_map(|word| Some((word.bytes?, word))).peekable();
        for sentence in &self.sentences {
            let Some([start, end]) = sentence.bytes else { continue };
            let first = article.words.len();
            while let Some((bytes, word)) = spoken.next_if(|(bytes, _)| bytes[0] < end) {
                match article.words.last_mut().filter(|last| last.bytes.start == bytes[0]) {
                    Some(_) => extend(alignment.words.last_mut(), word.span()),
                    None => {
                        article.words.push(WrittenWord { bytes: bytes[0]..bytes[1] });
                        alignment.words.push(Timing {
                            span: Some(word.span()),
                            confidence: 1.0,
                            spoken: 0..0,
                        });
                    }
                }
            }
            let is_spoken = sentence.status.as_deref() != Some("unspoken");
            article.sentences.push(Sentence {
                bytes: start..end,
                words: first..article.words.len(),
                skip: None,
            });
            let status = if is_spoken { Status::Spoken } else { Status::Unspoken };
            alignment.sentences.push(SentenceTiming {
                status,
                span: is_spoken.then(|| sentence.span()),
                confidence: 1.0,
            });
        }
        alignment.unwritten = self
            .unwritten
            .iter()
            .map(|u| Unwritten { span: u.span(), text: u.text.clone(), spoken: 0..0 })
            .collect();
        article.blocks = blocks(article);
        article.title =
            article.blocks.first().map(|block| article.text[block.bytes.clone()].to_owned());
        reading
    }
}

fn extend(timing: Option<&mut Timing>, by: Span) {
    if let Some(span) = timing.and_then(|timing| timing.span.as_mut()) {
        *span = Span::new(span.start(), by.end());
    }
}

fn blocks(article: &Article) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for (index, sentence) in article.sentences.iter().enumerate() {
        let is_new = blocks.last().is_none_or(|block| {
            article.text[block.bytes.end..sentence.bytes.start].contains("\n\n")
        });
        if is_new {
            blocks.push(Block {
                kind: BlockKind::Paragraph,
                bytes: sentence.bytes.clone(),
                sentences: index..index,
            });
        }
        if let Some(block) = blocks.last_mut() {
            block.bytes.end = sentence.bytes.end;
            block.sentences.end = index + 1;
        }
    }
    for (index, block) in blocks.iter_mut().enumerate() {
        let is_sentence = article.text[block.bytes.clone()]
            .ends_with(['.', '。', '！', '？', '」', '”', ')', '!', '?']);
        if !is_sentence && article.sentences[block.sentences.start].words.len() > 1 {
            block.kind = if index == 0 { BlockKind::Title } else { BlockKind::Heading };
        } else if index == 0 {
            block.kind = BlockKind::Title;
        }
    }
    blocks
}
