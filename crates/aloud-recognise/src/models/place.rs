//! Where models are on this machine, and which file `--model` means.

use super::catalogue::{self, AlignmentHeads, CATALOGUE, Entry};
use super::header::{self, ModelInfo};
use super::{Fault, ModelError, micro, verify};
use etcetera::BaseStrategy;
use std::env;
use std::io;
use std::path::{Path, PathBuf};

/// The folders that hold models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// Searched in this order; the first is the one that `pull` writes into.
    pub folders: Vec<PathBuf>,
    /// Where `micro` is unpacked.
    pub cache: PathBuf,
}

impl Places {
    /// The folder `own` (or else `$ALOUD_MODELS`), then `aloud/models` in the user's data folder
    /// (`$XDG_DATA_HOME`); `micro` goes into the user's cache folder.
    ///
    /// # Errors
    /// [`ModelError::NoHome`] when none of these is known.
    pub fn of_user(own: Option<PathBuf>) -> Result<Self, ModelError> {
        let own = own
            .or_else(|| env::var_os("ALOUD_MODELS").map(PathBuf::from))
            .filter(|path| !path.as_os_str().is_empty());
        let user = etcetera::choose_base_strategy().ok();
        let data = user.as_ref().map(|user| user.data_dir().join("aloud").join("models"));
        let cache = user.map(|user| user.cache_dir().join("aloud").join("models"));
        let mut folders: Vec<PathBuf> = own.into_iter().collect();
        folders.extend(data.filter(|data| !folders.contains(data)));
        let first = folders.first().cloned().ok_or(ModelError::NoHome)?;
        Ok(Self { folders, cache: cache.unwrap_or(first) })
    }

    /// The folder that `pull` writes into.
    pub fn home(&self) -> &Path {
        // `of_user` puts at least one there; a caller who names none means the current folder.
        self.folders.first().map_or(Path::new("."), PathBuf::as_path)
    }

    /// Where a model of the catalogue lies, if it does. `micro` lies inside this program instead.
    pub fn find(&self, entry: &Entry) -> Option<PathBuf> {
        self.folders.iter().map(|folder| folder.join(entry.file_name())).find(|path| path.is_file())
    }

    /// The Silero speech detector, where somebody put one beside the models under the name that
    /// whisper.cpp's own script gives it (`ggml-silero-v6.2.0.bin`); the newest by its name.
    pub fn detector(&self) -> Option<PathBuf> {
        let is_one = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            name.starts_with("ggml-silero-") && name.ends_with(".bin") && path.is_file()
        };
        let in_folder = |folder: &PathBuf| {
            std::fs::read_dir(folder)
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.path())
                .filter(is_one)
                .max()
        };
        self.folders.iter().find_map(in_folder)
    }

    /// The same, with an error that says how to get it.
    ///
    /// # Errors
    /// [`ModelError::NotInstalled`].
    pub fn locate_file(&self, entry: &Entry) -> Result<PathBuf, ModelError> {
        self.find(entry).ok_or_else(|| ModelError::not_installed(entry))
    }

    /// Every model of the catalogue that lies here, with its path.
    pub fn installed(&self) -> impl Iterator<Item = (&'static Entry, PathBuf)> {
        CATALOGUE
            .iter()
            .filter(|entry| !entry.is_embedded())
            .filter_map(|entry| Some((entry, self.find(entry)?)))
    }
}

/// A model that was found and looked through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Its file.
    pub path: PathBuf,
    /// Its catalogue name, or its file's name.
    pub name: String,
    /// The model of the catalogue that it is; `None` for any other.
    pub entry: Option<&'static Entry>,
    /// What its file says.
    pub info: ModelInfo,
    /// The attention heads for word times.
    pub heads: AlignmentHeads,
}

impl Located {
    fn new(path: PathBuf, entry: Option<&'static Entry>, info: ModelInfo) -> Self {
        let file = || path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let name = entry.map_or_else(file, |entry| entry.name.to_owned());
        let heads =
            entry.map_or_else(|| AlignmentHeads::of_shape(&info.hparams), Entry::alignment_heads);
        Self { path, name, entry, info, heads }
    }

    /// Its SHA-1: the catalogue's, or else that of its bytes, which have to be read for it.
    ///
    /// # Errors
    /// [`ModelError::Unreadable`].
    pub fn sha1(&self) -> Result<String, ModelError> {
        match self.entry {
            Some(entry) => Ok(entry.sha1.to_owned()),
            None => sha1_of(&self.path),
        }
    }
}

/// A folder of the user's own that does not outlast the session, or else one for everybody.
fn passing() -> PathBuf {
    std::env::var_os("XDG_RUNTIME_DIR").map_or_else(std::env::temp_dir, PathBuf::from).join("aloud")
}

/// Finds the model that `wanted` means: a name of the catalogue, or a path. A file that would crash
/// whisper.cpp, or has no weights, is refused here.
///
/// # Errors
/// [`ModelError`], whose message says what to do.
pub fn locate(places: &Places, wanted: &str) -> Result<Located, ModelError> {
    match catalogue::find(wanted) {
        Some(entry) if entry.is_embedded() => {
            let path = micro::unpack(&places.cache).or_else(|error| match error {
                // A folder that takes nothing stops nobody: it is unpacked elsewhere, to be found
                // there until the next start of the machine.
                ModelError::Unwritable { .. } => micro::unpack(&passing()).map_err(|_| error),
                _ => Err(error),
            })?;
            let info = usable(&path)?;
            Ok(Located::new(path, Some(entry), info))
        }
        Some(entry) => {
            let path = places.locate_file(entry)?;
            let info = usable(&path)?;
            // `pull` verified it. Another length means that someone put another model here, whose
            // attention heads the catalogue must not guess: whisper.cpp ends the process on heads
            // that the network does not have.
            if info.bytes == entry.bytes {
                return Ok(Located::new(path, Some(entry), info));
            }
            log::warn!("`{}` is not the catalogue's `{}`", path.display(), entry.name);
            Ok(Located::new(path, None, info))
        }
        None => locate_path(wanted),
    }
}

fn locate_path(wanted: &str) -> Result<Located, ModelError> {
    let path = PathBuf::from(wanted);
    if !path.exists() {
        let is_meant_as_path = path.components().count() > 1
            || path.extension().is_some_and(|extension| extension == "bin");
        if !is_meant_as_path
            || catalogue::suggest(wanted).is_some() && path.components().count() == 1
        {
            return Err(ModelError::UnknownName { name: wanted.to_owned() });
        }
        return Err(ModelError::Unreadable { path, source: io::ErrorKind::NotFound.into() });
    }
    let info = usable(&path)?;
    // Only a file as long as one of the catalogue's can be it: no other is worth reading whole.
    let may_be_known = CATALOGUE.iter().any(|entry| entry.bytes == info.bytes);
    let entry = if may_be_known { catalogue::find_sha1(&sha1_of(&path)?) } else { None };
    Ok(Located::new(path, entry, info))
}

fn usable(path: &Path) -> Result<ModelInfo, ModelError> {
    let info = header::check(path)?;
    if info.has_weights { Ok(info) } else { Err(ModelError::unusable(path, Fault::NoWeights)) }
}

fn sha1_of(path: &Path) -> Result<String, ModelError> {
    match verify::sums(path, false, &mut |_, _| true) {
        Ok(sums) => Ok(sums.sha1),
        Err(source) => Err(ModelError::Unreadable { path: path.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::sample;
    use crate::models::tensors::Weights;
    use crate::reason::Reason;
    use std::fs;

    /// Those of a network of one layer.
    const UPPER_HALF: AlignmentHeads = AlignmentHeads::UpperHalf { n_layer: 1, n_head: 2 };

    fn places(dir: &Path) -> Places {
        let places =
            Places { folders: vec![dir.join("own"), dir.join("data")], cache: dir.join("cache") };
        places.folders.iter().for_each(|folder| fs::create_dir_all(folder).unwrap());
        places
    }

    #[test]
    fn names_are_looked_up_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let places = places(dir.path());
        let error = Reason::from(locate(&places, "base").unwrap_err()).one_line();
        assert!(error.contains("aloud models pull base") && error.contains("148 MB"), "{error}");
        for folder in ["data", "own"] {
            let path = dir.path().join(folder).join("ggml-base.bin");
            fs::write(&path, sample::model(Weights::Q4_0)).unwrap();
            assert_eq!(
                places.installed().collect::<Vec<_>>(),
                [(catalogue::find("base").unwrap(), path.clone())]
            );
            // Named like `base`, but another model: usable, without base's attention heads.
            let found = locate(&places, "base").unwrap();
            assert_eq!((found.path, found.entry, found.heads), (path, None, UPPER_HALF));
            assert_eq!(found.name, "ggml-base.bin");
        }
    }

    #[test]
    fn paths() {
        let dir = tempfile::tempdir().unwrap();
        let places = places(dir.path());
        let write = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            fs::write(&path, bytes).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let model = sample::model(Weights::Q8_0);
        let own = locate(&places, &write("my-model", &model)).unwrap();
        assert_eq!((own.name.as_str(), own.entry, own.heads), ("my-model", None, UPPER_HALF));
        assert_eq!(own.sha1().unwrap().len(), 40);
        for (wanted, says) in [
            (write("cut.bin", &model[..model.len() / 2]), "cut short"),
            (write("empty.bin", b""), "empty"),
            (write("none.bin", &model[..sample::tensors_at()]), "no weights"),
            (write("ggml-small.bin", b"<html>"), "aloud models pull small"),
            (dir.path().join("missing.bin").to_str().unwrap().to_owned(), "cannot read"),
            ("bse".to_owned(), "did you mean `base`"),
            ("ggml-base.bin".to_owned(), "did you mean `base`"),
            ("gpt".to_owned(), "aloud models list"),
            ("missing-file.bin".to_owned(), "cannot read"),
            (dir.path().to_str().unwrap().to_owned(), "not a file"),
        ] {
            let error = Reason::from(locate(&places, &wanted).unwrap_err()).one_line();
            assert!(error.contains(says), "{wanted}: {error}");
        }
    }

    #[test]
    fn micro_is_known_by_name_and_by_its_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let places = places(dir.path());
        if !micro::is_embedded() {
            return sample::skip("built without `micro`");
        }
        let found = locate(&places, "micro").unwrap();
        assert_eq!((found.name.as_str(), found.heads), ("micro", AlignmentHeads::Heads(&[(0, 0)])));
        assert!(found.path.starts_with(&places.cache));
        assert_eq!(places.installed().count(), 0);
        let elsewhere = dir.path().join("renamed.bin");
        fs::copy(&found.path, &elsewhere).unwrap();
        let renamed = locate(&places, elsewhere.to_str().unwrap()).unwrap();
        assert_eq!((renamed.entry, renamed.heads), (found.entry, found.heads));
    }
}
