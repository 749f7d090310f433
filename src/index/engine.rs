//! The index itself: tantivy's files, who may write them, and when they are thrown away.
//!
//! One writer at a time, by a lock of our own that also covers building anew; readers take no lock
//! and see the last state that was whole. Nothing that tantivy says or does with damaged files ends
//! the program: see [`Engine::open`].

use super::fingerprint::{self, Fingerprint};
use super::page::Page;
use super::source::{Card, Layer, Source};
use super::terms;
use crate::decode::guarded;
use crate::episode::EpisodeId;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use tantivy::schema::{
    BytesOptions, FAST, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing,
    TextOptions, Value,
};
use tantivy::{Index, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, Term};

/// The folder in the store's. Another format is another folder, so that two versions of the program
/// do not build in turns.
const FOLDER: &str = "index-1";
/// What a writer may take before it writes a segment, in bytes.
const MEMORY: usize = 64 << 20;
/// The value of `layer` for the one document that says what an episode is.
pub(super) const CARD: u64 = 0;

/// The fields of a document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    /// The recording's hash.
    pub episode: Field,
    /// [`terms::Terms::words`].
    pub words: Field,
    /// [`terms::Terms::sounds`].
    pub sounds: Field,
    /// [`terms::Terms::runs`].
    pub runs: Field,
    /// [`CARD`], or a text's [`layer_number`].
    pub layer: Field,
    /// [`Card::day`].
    pub day: Field,
    /// A card's [`Leaf`], or the hash and the packed page.
    pub content: Field,
}

/// What the card of an episode holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Leaf {
    pub episode: String,
    /// Tells the records it was made from.
    pub print: String,
    pub card: Card,
}

/// The number of a text's layer in the index.
pub(super) fn layer_number(layer: Layer) -> u64 {
    match layer {
        Layer::Written => 1,
        Layer::Said => 2,
    }
}

fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let listed = |tokenizer| {
        let how = TextFieldIndexing::default()
            .set_tokenizer(tokenizer)
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false);
        TextOptions::default().set_indexing_options(how)
    };
    let number = NumericOptions::default().set_indexed() | FAST;
    let fields = Fields {
        episode: schema.add_text_field("episode", listed("raw")),
        words: schema.add_text_field("words", listed("whitespace")),
        sounds: schema.add_text_field("sounds", listed("whitespace")),
        runs: schema.add_text_field("runs", listed("whitespace")),
        layer: schema.add_u64_field("layer", number.clone()),
        day: schema.add_u64_field("day", number),
        content: schema.add_bytes_field("content", BytesOptions::default().set_stored()),
    };
    (schema.build(), fields)
}

/// Why there is no index to ask.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// There is none, or it is damaged, or of another version: it has to be built.
    #[error("there is no usable index")]
    Unusable,
    /// The disk or the folder says no.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// tantivy says no.
    #[error("{0}")]
    Engine(#[from] tantivy::TantivyError),
}

/// An index that can be asked.
pub(super) struct Engine {
    pub searcher: Searcher,
    pub fields: Fields,
    /// The store's time up to which it knows everything: see [`Fingerprint`].
    pub seen: Option<u64>,
    dir: PathBuf,
}

impl Engine {
    /// The index of the store in `store_dir` as the last writer left it.
    ///
    /// # Errors
    /// [`Trouble::Unusable`] for none, a damaged one, or one that a writer is at work on for the
    /// first time.
    pub fn open(store_dir: &Path) -> Result<Self, Trouble> {
        let dir = store_dir.join(FOLDER);
        if !are_plain(&dir) {
            return Err(Trouble::Unusable);
        }
        // A writer may leave a new fingerprint meanwhile: then the second look finds all in order.
        for _ in 0..2 {
            if let Some(fingerprint) =
                Fingerprint::read(&dir).filter(|fingerprint| fingerprint.holds(&dir))
            {
                let index = caught(|| Index::open_in_dir(&dir))?;
                return Self::read(&index, dir, fingerprint.seen);
            }
        }
        Err(Trouble::Unusable)
    }

    fn read(index: &Index, dir: PathBuf, seen: Option<u64>) -> Result<Self, Trouble> {
        let (schema, fields) = schema();
        if index.schema() != schema {
            return Err(Trouble::Unusable);
        }
        let reader =
            caught(|| index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into())?;
        Ok(Self { searcher: reader.searcher(), fields, seen, dir })
    }

    /// What every card says.
    pub fn leaves(&self) -> Result<Vec<Leaf>, Trouble> {
        let number = Term::from_field_u64(self.fields.layer, CARD);
        let query = tantivy::query::TermQuery::new(number, IndexRecordOption::Basic);
        caught(|| {
            let found = self.searcher.search(&query, &tantivy::collector::DocSetCollector)?;
            let contents = found
                .into_iter()
                .map(|address| self.content(address))
                .collect::<tantivy::Result<Vec<_>>>()?;
            Ok(contents.iter().filter_map(|bytes| serde_json::from_slice(bytes).ok()).collect())
        })
    }

    /// The card of `episode`.
    pub fn leaf(&self, episode: EpisodeId) -> Option<Leaf> {
        let term = |field, text: &str| -> Box<dyn tantivy::query::Query> {
            Box::new(tantivy::query::TermQuery::new(
                Term::from_field_text(field, text),
                IndexRecordOption::Basic,
            ))
        };
        let number = tantivy::query::TermQuery::new(
            Term::from_field_u64(self.fields.layer, CARD),
            IndexRecordOption::Basic,
        );
        let query = tantivy::query::BooleanQuery::intersection(vec![
            term(self.fields.episode, &episode.to_string()),
            Box::new(number),
        ]);
        let found =
            caught(|| self.searcher.search(&query, &tantivy::collector::DocSetCollector)).ok()?;
        let address = found.into_iter().next()?;
        serde_json::from_slice(&caught(|| self.content(address)).ok()?).ok()
    }

    /// What a document holds.
    pub fn content(&self, address: tantivy::DocAddress) -> tantivy::Result<Vec<u8>> {
        let document: TantivyDocument = self.searcher.doc(address)?;
        Ok(document
            .get_first(self.fields.content)
            .and_then(|value| value.as_bytes().map(<[u8]>::to_vec))
            .unwrap_or_default())
    }

    /// Throws the index away: it was found damaged. The next writer builds it anew.
    pub fn condemn(&self) {
        let _ = Fingerprint::lift(&self.dir);
    }
}

/// The right to write, and the writer.
pub(super) struct Builder {
    writer: IndexWriter,
    fields: Fields,
    dir: PathBuf,
    /// Keeps others out until it is dropped.
    _lock: File,
    /// What the index held when the lock was taken; `None` for a new one.
    pub before: Option<Engine>,
}

impl Builder {
    /// Takes the lock and opens the index, or begins a new one in place of what is there; `None`
    /// while another process writes.
    ///
    /// # Errors
    /// Where nothing can be written.
    pub fn begin(store_dir: &Path) -> Result<Option<Self>, Trouble> {
        let dir = store_dir.join(FOLDER);
        if fs::metadata(&dir).is_ok_and(|about| !about.is_dir() && !about.is_file()) {
            fs::remove_file(&dir)?;
        }
        fs::create_dir_all(&dir)?;
        let path = dir.join("writer.lock");
        // Opening a named pipe would wait for ever.
        if fs::symlink_metadata(&path).is_ok_and(|about| !about.is_file()) {
            remove(&path)?;
        }
        let lock = File::options().create(true).truncate(false).write(true).open(path)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let before = Engine::open(store_dir).ok();
        let index = match &before {
            Some(engine) => engine.searcher.index().clone(),
            None => fresh(&dir)?,
        };
        let (_, fields) = schema();
        let writer = caught(|| index.writer_with_num_threads(1, MEMORY))?;
        Ok(Some(Self { writer, fields, dir, _lock: lock, before }))
    }

    /// Puts `source` in place of what was known of `episode`; without one, forgets it.
    ///
    /// # Errors
    /// Where the disk is full or the writer's thread gave up.
    pub fn replace(
        &mut self,
        episode: EpisodeId,
        print: &str,
        source: Option<&Source>,
    ) -> Result<(), Trouble> {
        let name = episode.to_string();
        self.writer.delete_term(Term::from_field_text(self.fields.episode, &name));
        let Some(source) = source else { return Ok(()) };
        let day = source.card.day();
        for (layer, text) in &source.texts {
            for page in text.cut() {
                let document = self.page(&name, *layer, day, episode, &page);
                caught(|| self.writer.add_document(document))?;
            }
        }
        let leaf =
            Leaf { episode: name.clone(), print: print.to_owned(), card: source.card.clone() };
        let mut document = TantivyDocument::new();
        document.add_text(self.fields.episode, &name);
        document.add_u64(self.fields.layer, CARD);
        document.add_u64(self.fields.day, day);
        // Numbers and texts always have a JSON form.
        document.add_bytes(self.fields.content, &serde_json::to_vec(&leaf).unwrap_or_default());
        caught(|| self.writer.add_document(document))?;
        Ok(())
    }

    fn page(
        &self,
        name: &str,
        layer: Layer,
        day: u64,
        episode: EpisodeId,
        page: &Page,
    ) -> TantivyDocument {
        let terms = terms::of_text(&page.to_text());
        let mut content = episode.0.to_vec();
        page.pack(&mut content);
        let mut document = TantivyDocument::new();
        document.add_text(self.fields.episode, name);
        document.add_u64(self.fields.layer, layer_number(layer));
        document.add_u64(self.fields.day, day);
        document.add_text(self.fields.words, terms.words);
        document.add_text(self.fields.sounds, terms.sounds);
        document.add_text(self.fields.runs, terms.runs);
        document.add_bytes(self.fields.content, &content);
        document
    }

    /// Makes everything visible, waits until the files are in order, and takes their fingerprint.
    /// `seen` as in [`Fingerprint`].
    ///
    /// # Errors
    /// Where it cannot be written; then the index is as it was, or unsealed and built anew by the
    /// next one.
    pub fn finish(self, seen: Option<u64>) -> Result<Engine, Trouble> {
        let Self { mut writer, dir, _lock, .. } = self;
        Fingerprint::lift(&dir)?;
        let index = writer.index().clone();
        caught(|| writer.commit())?;
        caught(|| writer.wait_merging_threads())?;
        Fingerprint::of(&dir, seen)?.put(&dir)?;
        Engine::read(&index, dir, seen)
    }

    /// As it was, but with a new time up to which everything is known.
    pub fn touch(self, seen: Option<u64>) -> Result<Engine, Trouble> {
        let Self { dir, before, _lock, writer, .. } = self;
        drop(writer);
        let mut engine = before.ok_or(Trouble::Unusable)?;
        if engine.seen != seen {
            Fingerprint::of(&dir, seen)?.put(&dir)?;
            engine.seen = seen;
        }
        Ok(engine)
    }
}

/// Whether there is nothing in `dir` but files, of lengths that can be read at once where they are:
/// no pipe, device or folder is the library's.
fn are_plain(dir: &Path) -> bool {
    /// Seals and lists of files are some kilobytes.
    const MOST: u64 = 16 << 20;
    let is_plain = |entry: fs::DirEntry| {
        let is_list = entry.path().extension().is_some_and(|ending| ending == "json");
        match fs::symlink_metadata(entry.path()) {
            Ok(about) => about.is_file() && (!is_list || about.len() <= MOST),
            // A writer has finished with it meanwhile.
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        }
    };
    fs::read_dir(dir).is_ok_and(|mut entries| entries.all(|entry| entry.is_ok_and(is_plain)))
}

fn remove(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    }
}

/// An empty index in `dir`, in place of whatever is there.
fn fresh(dir: &Path) -> Result<Index, Trouble> {
    Fingerprint::lift(dir)?;
    for entry in fs::read_dir(dir)?.flatten() {
        if entry.file_name() != "writer.lock" {
            remove(&entry.path())?;
        }
    }
    let (schema, _) = schema();
    caught(|| Index::create_in_dir(dir, schema))
}

/// What tantivy answers. A panic of its own, over files that are not what was written, is one more
/// error.
pub(super) fn caught<T>(work: impl FnOnce() -> tantivy::Result<T>) -> Result<T, Trouble> {
    guarded(work).ok_or(Trouble::Unusable)?.map_err(Trouble::Engine)
}

/// The store's time for [`Builder::finish`].
pub(super) fn seen(store: &crate::store::Store) -> Option<u64> {
    fingerprint::settled(store.modified())
}
