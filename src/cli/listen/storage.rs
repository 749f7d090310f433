//! What a listener leaves behind: where they stopped, bookmarks, clips and files.

use super::errands::Errands;
use crate::cli::chosen;
use crate::cli::clip::{Kind, clip};
use crate::cli::listened::{LISTENED, Listened, listened};
use crate::cli::output;
use crate::cli::queue;
use crate::cli::second::Second;
use crate::cli::since::now;
use crate::cli::stages::SEEK_INDEX;
use crate::decode::SeekIndex;
use crate::episode::{Chapter, Episode, EpisodeId};
use crate::export::{self, Format, Options};
use crate::reading::Reading;
use crate::store::{About, Key, Outcome, Store};
use crate::time::{Span, Timestamp};
use crate::tui::{Bookmark, Change, Choices, Queued, Storage};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Longer clips are made by `aloud find --clip`, where somebody waits for them.
const LONGEST_CLIP_MS: u64 = 30 * 60_000;

/// A seek index that may come later.
pub type SharedIndex = Arc<Mutex<Option<Arc<SeekIndex>>>>;

/// Keeps everything of one episode.
pub struct EpisodeStorage<'a> {
    pub store: &'a Store,
    pub episode: &'a Episode,
    pub audio: &'a Path,
    /// The recording's chapters.
    pub chapters: Vec<Chapter>,
    /// The best reading so far.
    pub reading: Arc<Mutex<Reading>>,
    /// The text in another language, which is shown and written beside it.
    pub second: Option<Arc<Second>>,
    /// What was known of it when it was opened.
    pub listened: Listened,
    /// The bookmarks as the screen has them.
    pub told: Vec<Bookmark>,
    /// The recording's, once there is one.
    pub index: SharedIndex,
    /// What is being written.
    pub errands: Errands,
    /// Whether nobody listens any more.
    pub is_over: Arc<AtomicBool>,
}

/// The seek index that was made of `id` earlier.
pub fn index(store: &Store, id: EpisodeId) -> Option<Arc<SeekIndex>> {
    store
        .get(&Key::new(SEEK_INDEX, id))
        .and_then(|bytes| SeekIndex::from_bytes(&bytes))
        .map(Arc::new)
}

/// Keeps a seek index for next time. Without it the next run makes it again.
pub fn keep_index(store: &Store, episode: &Episode, index: &SeekIndex) {
    let _ =
        store.put(&Key::new(SEEK_INDEX, episode.id), &About::new(episode, None), &index.to_bytes());
}

impl EpisodeStorage<'_> {
    /// Changes the record as it is now: somebody else may listen to the same recording.
    fn keep(&self, change: impl FnOnce(&mut Listened)) -> Result<String, String> {
        let key = Key::new(LISTENED, self.episode.id);
        // It is held for as long as a small file takes to be written.
        let _lease = self.store.work_on(&key, &mut || {}, &|| false);
        let stored = listened(self.store, self.episode.id);
        let mut record =
            Listened { at: stored.at, bookmarks: stored.bookmarks, ..self.listened.clone() };
        change(&mut record);
        // Numbers and texts always have a JSON form.
        let bytes = serde_json::to_vec(&record).unwrap_or_default();
        match self.store.put(&key, &About::new(self.episode, None), &bytes) {
            Outcome::Failed(why) => Err(why),
            Outcome::Kept | Outcome::Forgotten => Ok(String::new()),
        }
    }

    /// Has a file written, beside whatever is done meanwhile.
    fn write(
        &mut self,
        what: &str,
        ending: String,
        bytes: impl FnOnce() -> Result<Vec<u8>, String> + Send + 'static,
    ) -> Result<String, String> {
        let audio = self.audio.to_owned();
        self.errands.send(what, Box::new(move || write(&audio, &ending, &bytes()?)))
    }
}

/// A name in the current folder that is free: `talk.srt`, `talk-2.srt`.
fn free(audio: &Path, ending: &str) -> PathBuf {
    let stem = audio.file_stem().unwrap_or(audio.as_os_str()).to_string_lossy();
    let named = |n: u32| {
        PathBuf::from(if n == 1 {
            format!("{stem}{ending}")
        } else {
            format!("{stem}-{n}{ending}")
        })
    };
    (1..=9999).map(named).find(|path| !path.exists()).unwrap_or_else(|| named(10_000))
}

fn write(audio: &Path, ending: &str, bytes: &[u8]) -> Result<String, String> {
    let path = free(audio, ending);
    output::to_file(&path, bytes, false).map_err(|failure| failure.why.one_line())?;
    Ok(format!("written: {}", path.display()))
}

impl Storage for EpisodeStorage<'_> {
    fn bookmarks(&mut self, bookmarks: &[Bookmark]) -> Result<String, String> {
        let kept = self.keep(|listened| listened.mark(&self.told, bookmarks, now()))?;
        // What could not be kept is tried again with the next.
        self.told = bookmarks.to_vec();
        Ok(kept)
    }

    fn arrange(&mut self, change: Change) -> Result<Vec<Queued>, String> {
        queue::arrange(change, self.store).map_err(|why| why.one_line())
    }

    fn queue(&mut self) -> Vec<Queued> {
        queue::shown(self.store)
    }

    fn remember(&mut self, at: Timestamp) -> Result<String, String> {
        self.keep(|listened| listened.at = at.millis())
    }

    fn measured(&mut self, length: Timestamp) {
        self.listened.length = Some(length.millis());
    }

    fn choose(&mut self, choices: &Choices) -> Result<String, String> {
        let kept = chosen::keep(self.store, choices, self.listened.show.as_deref());
        kept.map(|()| String::new()).map_err(|why| why.one_line())
    }

    fn clip(&mut self, span: Span) -> Result<String, String> {
        if span.millis() > LONGEST_CLIP_MS {
            let most = Timestamp::from_millis(LONGEST_CLIP_MS);
            return Err(format!(
                "this is longer than {most}, which is too long for a clip; `aloud find --clip` makes longer ones"
            ));
        }
        let index = self.index.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (audio, is_over, at) = (self.audio.to_owned(), Arc::clone(&self.is_over), span.start());
        let ending = format!("-{}m{:02}s.wav", at.millis() / 60_000, at.millis() / 1000 % 60);
        let go_on = move || !is_over.load(Ordering::Relaxed);
        self.write(&format!("the clip at {at}"), ending, move || {
            clip(&audio, span, Kind::Wav, index, &go_on).map_err(|why| why.one_line())
        })
    }

    fn export(&mut self, format: Format) -> Result<String, String> {
        let (reading, audio, chapters) =
            (Arc::clone(&self.reading), self.audio.to_owned(), self.chapters.clone());
        let second = self.second.clone();
        self.write(&format!("`{}`", format.name()), format!(".{}", format.name()), move || {
            let reading = reading.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let here = fs::canonicalize(audio).ok().map(|path| path.to_string_lossy().into_owned());
            let sound = here.map_or(export::Sound::None, export::Sound::File);
            let mut bytes = Vec::new();
            let options = Options { sound, chapters, ..Options::default() };
            let options = match &second {
                Some(second) => second.added_to(options, &reading.article),
                None => options,
            };
            export::write(format, &reading, &options, &mut bytes).map_err(|e| e.to_string())?;
            if bytes.is_empty() {
                return Err("there is nothing to write yet: no word has its time".to_owned());
            }
            Ok(bytes)
        })
    }

    fn markdown(&mut self, page: &str) -> Result<String, String> {
        let page = page.as_bytes().to_vec();
        self.write("the page of bookmarks", "-bookmarks.md".to_owned(), move || Ok(page))
    }

    fn done(&mut self) -> Vec<Result<String, String>> {
        self.errands.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::listened::Mark;

    #[test]
    fn what_was_left_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path());
        let episode =
            Episode { file: "a.mp3".into(), id: EpisodeId([7; 32]), tags: <_>::default() };
        let listened_to = Listened::default();
        let mut storage = EpisodeStorage {
            store: &store,
            episode: &episode,
            audio: Path::new("a.mp3"),
            chapters: Vec::new(),
            reading: <_>::default(),
            second: None,
            listened: listened_to,
            told: Vec::new(),
            index: <_>::default(),
            errands: <_>::default(),
            is_over: <_>::default(),
        };
        assert!(
            storage
                .clip(Span::from_millis(0, LONGEST_CLIP_MS + 1))
                .is_err_and(|why| why.contains("30:00"))
        );
        let bookmark = Bookmark {
            at: Timestamp::from_millis(5),
            note: "n".into(),
            text: "t".into(),
            ..Bookmark::default()
        };
        assert_eq!(storage.bookmarks(std::slice::from_ref(&bookmark)), Ok(String::new()));
        // What another player of the same recording notes meanwhile is not lost, and what it
        // removes does not come back.
        let theirs = Mark { at: 9, note: "theirs".into(), ..Mark::default() };
        let mut meanwhile = listened(&store, episode.id);
        meanwhile.bookmarks.push(theirs.clone());
        let put = |listened: &Listened| {
            store.put(
                &Key::new(LISTENED, episode.id),
                &About::default(),
                &serde_json::to_vec(listened).unwrap(),
            )
        };
        assert_eq!(put(&meanwhile), Outcome::Kept);
        let third = Bookmark { at: Timestamp::from_millis(7), ..Bookmark::default() };
        assert_eq!(storage.bookmarks(&[bookmark.clone(), third]), Ok(String::new()));
        assert_eq!(storage.bookmarks(std::slice::from_ref(&bookmark)), Ok(String::new()));
        assert_eq!(listened(&store, episode.id).bookmarks[1..], [theirs]);
        // What cannot be kept is kept with the next.
        let at = |ms| Bookmark { at: Timestamp::from_millis(ms), ..Bookmark::default() };
        let away = folder.path().with_extension("away");
        fs::rename(folder.path(), &away).unwrap();
        fs::write(folder.path(), "no folder").unwrap();
        assert!(storage.bookmarks(&[bookmark.clone(), at(20)]).is_err());
        fs::remove_file(folder.path()).unwrap();
        fs::rename(&away, folder.path()).unwrap();
        assert_eq!(storage.bookmarks(&[bookmark.clone(), at(20), at(21)]), Ok(String::new()));
        let kept: Vec<u64> =
            listened(&store, episode.id).bookmarks.iter().map(|mark| mark.at).collect();
        assert_eq!(kept, [5, 9, 20, 21]);
        assert_eq!(storage.remember(Timestamp::from_millis(1234)), Ok(String::new()));
        let found = listened(&store, episode.id);
        let mark = &found.bookmarks[0];
        assert_eq!(
            (found.at, mark.at, mark.note.as_str(), mark.text.as_str()),
            (1234, 5, "n", "t")
        );
        assert!(mark.made.is_some_and(|made| made > 1_700_000_000));
        assert_eq!(listened(&store, EpisodeId([8; 32])), Listened::default());
    }
}
