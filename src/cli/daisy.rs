//! A DAISY book where it lies: a folder, the file in it that the book begins with, or a ZIP archive.

use super::exit::Exit;
use super::parts::{Book, Sounds};
use super::report::Failure;
use crate::book::{self, BookError};
use crate::documents;
use crate::reason::Reason;
use std::borrow::Cow;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Files and folders of a book, and folders in each other. What has more is no book; deeper ones
/// are not looked at.
const MOST_FILES: usize = 50_000;
const DEEPEST: usize = 8;

/// A book that is there.
pub struct Daisy {
    path: PathBuf,
    kind: Kind,
}

enum Kind {
    /// A folder, and the name in it of what the book begins with.
    Folder {
        folder: PathBuf,
        entry: String,
    },
    Zip,
}

impl Daisy {
    /// The book at `path`, as far as names and a package tell; of an archive only its name is
    /// looked at.
    pub fn at(path: &Path) -> Option<Self> {
        let found = |kind| Some(Self { path: path.to_owned(), kind });
        if path.is_dir() {
            let names = files(path, 0)?;
            let mut entries = book::daisy_entries(names.iter().map(String::as_str)).into_iter();
            let entry = entries.find(|entry| is_entry(&path.join(entry)))?.to_owned();
            return found(Kind::Folder { folder: path.to_owned(), entry });
        }
        if path.extension().is_some_and(|own| own.eq_ignore_ascii_case("zip")) && path.is_file() {
            return found(Kind::Zip);
        }
        let entry = path.file_name()?.to_str()?.to_owned();
        let may_be = !book::daisy_entries(std::iter::once(entry.as_str())).is_empty();
        let is_one = may_be && is_entry(path);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).to_owned();
        found(Kind::Folder { folder, entry }).filter(|_| is_one)
    }

    /// The book; an archive may hold an EPUB, too.
    ///
    /// # Errors
    /// With exit code 3 when it cannot be read, is damaged or encrypted, or when there is none.
    pub fn load(&self) -> Result<Book<'static>, Failure> {
        let failed = |e: BookError| {
            let thing = format!("cannot use `{}`", self.path.display());
            Failure::new(Exit::Input, Reason::from(e).of(thing))
        };
        match &self.kind {
            Kind::Folder { folder, entry } => {
                let read = &mut |name: &str| {
                    let mut bytes = Vec::new();
                    File::open(folder.join(name))
                        .and_then(|file| file.take(book::MOST_TEXT + 1).read_to_end(&mut bytes))
                        .map(|_| bytes)
                        .map_err(|e| e.to_string())
                };
                let Some(names) = files(folder, DEEPEST) else {
                    let why = format!(
                        "cannot use `{}`: beside it are more than {MOST_FILES} files",
                        self.path.display()
                    );
                    return Err(Failure::new(Exit::Input, why)
                        .hint("put the book into a folder of its own"));
                };
                let epub = book::of_daisy(entry, &names, read).map_err(failed)?;
                Ok(Book { epub: Cow::Owned(epub), sounds: Sounds::Beside(folder.clone()) })
            }
            Kind::Zip => {
                let bytes = self.bytes()?;
                match book::of_daisy_zip(&bytes).map_err(failed)? {
                    Some(epub) => {
                        Ok(Book { epub: Cow::Owned(epub), sounds: Sounds::Packed(bytes) })
                    }
                    None if documents::is_book(&bytes) => {
                        Ok(Book { epub: Cow::Owned(bytes), sounds: Sounds::Inside })
                    }
                    None => {
                        let path = self.path.display();
                        let why = format!("cannot use `{path}`: there is no DAISY book in it");
                        Err(Failure::new(Exit::Input, why).hint("unpack it, and name what is"))
                    }
                }
            }
        }
    }

    /// Where its sounds are, without making the book.
    ///
    /// # Errors
    /// With exit code 3 when it cannot be read.
    pub fn sounds(&self) -> Result<Sounds, Failure> {
        match &self.kind {
            Kind::Folder { folder, .. } => Ok(Sounds::Beside(folder.clone())),
            // Those of an EPUB are found in the same bytes.
            Kind::Zip => self.bytes().map(Sounds::Packed),
        }
    }

    /// Whether the EPUB in `bytes` was made from it, and is not what lies there.
    pub fn is_source_of(&self, bytes: &[u8]) -> bool {
        match self.kind {
            Kind::Folder { .. } => true,
            Kind::Zip => self.bytes().map_or(true, |own| own != bytes),
        }
    }

    /// The bytes of an archive.
    fn bytes(&self) -> Result<Vec<u8>, Failure> {
        fs::read(&self.path).map_err(|e| {
            Failure::new(Exit::Input, format!("cannot read `{}`: {e}", self.path.display()))
        })
    }
}

/// Whether a book begins with the file at `path`, whose name says so: packages are of EPUB too.
fn is_entry(path: &Path) -> bool {
    if !path.is_file() {
        return false;
    }
    if !path.extension().is_some_and(|own| own.eq_ignore_ascii_case("opf")) {
        return true;
    }
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(1 << 16).read_to_end(&mut head));
    read.is_ok() && book::is_daisy_package(&head)
}

/// The files in `folder` and down to `deepest` folders in it, as paths with `/`; `None` where there
/// are more than a book has. Links are left out: they may lead anywhere.
fn files(folder: &Path, deepest: usize) -> Option<Vec<String>> {
    let (mut found, mut n) = (Vec::new(), 0);
    let mut open = vec![(folder.to_owned(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            n += 1;
            if n > MOST_FILES {
                return None;
            }
            let (Ok(kind), Ok(name)) = (entry.file_type(), entry.file_name().into_string()) else {
                continue;
            };
            let path = format!("{prefix}{name}");
            if kind.is_file() {
                found.push(path);
            } else if kind.is_dir() && depth < deepest {
                open.push((entry.path(), format!("{path}/"), depth + 1));
            }
        }
    }
    Some(found)
}
