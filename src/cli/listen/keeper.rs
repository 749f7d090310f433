//! What a listener leaves behind: where they stopped, bookmarks, clips and files.

use crate::cli::output;
use crate::decode::{SeekIndex, Source};
use crate::episode::{Episode, EpisodeId};
use crate::export::{self, Format, Options};
use crate::reading::Reading;
use crate::store::{About, Key, Outcome, Store};
use crate::time::{Span, Timestamp};
use crate::tui::{Bookmark, Keeper};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What the store remembers of listening to an episode.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Listened {
    /// Where the listener stopped, in milliseconds.
    pub at: u64,
    /// Place in milliseconds, note, and the sentence spoken there.
    pub bookmarks: Vec<(u64, String, String)>,
}

/// Keeps everything of one episode.
pub struct Shelf<'a> {
    pub store: &'a Store,
    pub episode: &'a Episode,
    pub audio: &'a Path,
    /// The best reading so far.
    pub reading: Arc<Mutex<Reading>>,
    pub listened: Listened,
}

/// What the store has of `id` from earlier.
pub fn listened(store: &Store, id: EpisodeId) -> Listened {
    store.get(&Key::new("listened", id)).and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// The seek index that was made of `id` earlier.
pub fn index(store: &Store, id: EpisodeId) -> Option<Arc<SeekIndex>> {
    store.get(&Key::new("seek-index", id)).and_then(|bytes| SeekIndex::from_bytes(&bytes)).map(Arc::new)
}

/// Keeps a seek index for next time. Without it the next run makes it again.
pub fn keep_index(store: &Store, episode: &Episode, index: &SeekIndex) {
    let _ = store.put(&Key::new("seek-index", episode.id), &About::new(episode, None), &index.to_bytes());
}

impl Shelf<'_> {
    fn keep(&self) -> Result<String, String> {
        // Numbers and texts always have a JSON form.
        let bytes = serde_json::to_vec(&self.listened).unwrap_or_default();
        match self.store.put(&Key::new("listened", self.episode.id), &About::new(self.episode, None), &bytes) {
            Outcome::Failed(why) => Err(why),
            Outcome::Kept | Outcome::Forgotten => Ok(String::new()),
        }
    }

    /// A name in the current folder that is free: `talk.srt`, `talk-2.srt`.
    fn free(&self, ending: &str) -> PathBuf {
        let stem = self.audio.file_stem().unwrap_or(self.audio.as_os_str()).to_string_lossy();
        let named = |n: u32| PathBuf::from(if n == 1 { format!("{stem}{ending}") } else { format!("{stem}-{n}{ending}") });
        (1..=9999).map(named).find(|path| !path.exists()).unwrap_or_else(|| named(10_000))
    }

    fn write(&self, ending: &str, bytes: &[u8]) -> Result<String, String> {
        let path = self.free(ending);
        output::to_file(&path, bytes, false).map_err(|failure| failure.why)?;
        Ok(format!("written: {}", path.display()))
    }
}

impl Keeper for Shelf<'_> {
    fn bookmarks(&mut self, bookmarks: &[Bookmark]) -> Result<String, String> {
        self.listened.bookmarks = bookmarks.iter().map(|b| (b.at.millis(), b.note.clone(), b.text.clone())).collect();
        self.keep()
    }

    fn remember(&mut self, at: Timestamp) -> Result<String, String> {
        self.listened.at = at.millis();
        self.keep()
    }

    fn clip(&mut self, span: Span) -> Result<String, String> {
        let bytes = clip(self.audio, span)?;
        let at = span.start();
        self.write(&format!("-{}m{:02}s.wav", at.millis() / 60_000, at.millis() / 1000 % 60), &bytes)
    }

    fn export(&mut self, format: Format) -> Result<String, String> {
        let reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let here = fs::canonicalize(self.audio).ok().map(|path| path.to_string_lossy().into_owned());
        let sound = here.map_or(export::Sound::None, export::Sound::File);
        let mut bytes = Vec::new();
        export::write(format, &reading, &Options { sound, ..Options::default() }, &mut bytes).map_err(|e| e.to_string())?;
        drop(reading);
        self.write(&format!(".{}", format.name()), &bytes)
    }

    fn markdown(&mut self, page: &str) -> Result<String, String> {
        self.write("-bookmarks.md", page.as_bytes())
    }
}

/// A stretch of a recording as a WAV file, 16 bit, with the recording's own rate and channels.
fn clip(audio: &Path, span: Span) -> Result<Vec<u8>, String> {
    let mut source = Source::open(audio).map_err(|e| e.to_string())?;
    let rate = source.rate();
    let (from, to) = (span.start().to_frames(rate), span.end().to_frames(rate));
    source.seek(from).map_err(|e| e.to_string())?;
    let (mut samples, mut channels) = (Vec::new(), 1);
    while samples.len() < (to - from) as usize * channels {
        let Some(frames) = source.next_frames().map_err(|e| e.to_string())? else { break };
        channels = frames.channels.max(1);
        samples.extend(frames.samples.iter().map(|s| (s.clamp(-1.0, 1.0) * f32::from(i16::MAX)).round() as i16));
    }
    samples.truncate((to - from) as usize * channels);
    Ok(wav(&samples, rate, channels))
}

/// RIFF WAVE, PCM (Microsoft, Multimedia Programming Interface 1.0).
fn wav(samples: &[i16], rate: u32, channels: usize) -> Vec<u8> {
    let (n, block) = (samples.len() as u32 * 2, channels as u32 * 2);
    let mut bytes = Vec::with_capacity(44 + n as usize);
    for part in [&b"RIFF"[..], &(36 + n).to_le_bytes(), b"WAVEfmt ", &16u32.to_le_bytes(), &1u16.to_le_bytes()] {
        bytes.extend_from_slice(part);
    }
    bytes.extend_from_slice(&(channels as u16).to_le_bytes());
    for number in [rate, rate * block] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    for number in [block as u16, 16] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(b"data");
    bytes.extend_from_slice(&n.to_le_bytes());
    bytes.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_is_the_stretch_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let ramp: Vec<i16> = (0..16_000).map(|i| (i % 4000) as i16).collect();
        fs::write(&path, wav(&ramp, 8_000, 2)).unwrap();
        let bytes = clip(&path, Span::from_millis(250, 500)).unwrap();
        assert_eq!(bytes.len(), 44 + 2000 * 2 * 2);
        let sample = |i: usize| i16::from_le_bytes([bytes[44 + 2 * i], bytes[45 + 2 * i]]);
        assert!((0..4000).all(|i| (sample(i) - (i % 4000) as i16).abs() <= 1));
    }

    #[test]
    fn what_was_left_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path());
        let episode = Episode { file: "a.mp3".into(), id: EpisodeId([7; 32]), tags: <_>::default() };
        let listened_to = Listened::default();
        let mut shelf =
            Shelf { store: &store, episode: &episode, audio: Path::new("a.mp3"), reading: <_>::default(), listened: listened_to };
        let bookmark = Bookmark { at: Timestamp::from_millis(5), note: "n".into(), text: "t".into() };
        assert_eq!(shelf.bookmarks(&[bookmark]), Ok(String::new()));
        assert_eq!(shelf.remember(Timestamp::from_millis(1234)), Ok(String::new()));
        let found = listened(&store, episode.id);
        assert_eq!((found.at, found.bookmarks), (1234, vec![(5, "n".to_owned(), "t".to_owned())]));
        assert_eq!(listened(&store, EpisodeId([8; 32])), Listened::default());
    }
}
