//! A DAISY book where it lies: a folder, the file in it that the book begins with, or a ZIP archive.

use super::exit::Exit;
use super::parts::{Book, Sounds};
use super::report::Failure;
use crate::book::{self, BookError};
use crate::documents;
use std::borrow::Cow;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Files of a book, and folders in each other; what is more is no book.
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
            let names = files(path, 0);
            let entry = book::daisy_entry(names.iter().map(String::as_str))?.to_owned();
            let is_one = is_entry(&path.join(&entry));
            return found(Kind::Folder { folder: path.to_owned(), entry }).filter(|_| is_one);
        }
        if path.extension().is_some_and(|own| own.eq_ignore_ascii_case("zip")) && path.is_file() {
            return found(Kind::Zip);
        }
        let entry = path.file_name()?.to_str()?.to_owned();
        let is_one = book::daisy_entry(std::iter::once(entry.as_str())).is_some() && is_entry(path);
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
            Failure::new(Exit::Input, format!("cannot use `{}`: {e}", self.path.display()))
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
                let epub = book::of_daisy(entry, &files(folder, DEEPEST), read).map_err(failed)?;
                Ok(Book { epub: Cow::Owned(epub), sounds: Sounds::Beside(folder.clone()) })
            }
            Kind::Zip => {
                let bytes = fs::read(&self.path).map_err(|e| {
                    let why = format!("cannot read `{}`: {e}", self.path.display());
                    Failure::new(Exit::Input, why)
                })?;
                match book::of_daisy_zip(&bytes).map_err(failed)? {
                    Some(epub) => {
                        Ok(Book { epub: Cow::Owned(epub), sounds: Sounds::Packed(bytes) })
                    }
                    None if documents::is_book(&bytes) => {
                        Ok(Book { epub: Cow::Owned(bytes), sounds: Sounds::Inside })
                    }
                    None => {
                        let why = "there is no DAISY book in it; unpack it, and name what is";
                        let why = format!("cannot use `{}`: {why}", self.path.display());
                        Err(Failure::new(Exit::Input, why))
                    }
                }
            }
        }
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

/// The files in `folder` and down to `deepest` folders in it, as paths with `/`. Links are left
/// out: they may lead anywhere.
fn files(folder: &Path, deepest: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(folder.to_owned(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (Ok(kind), Ok(name)) = (entry.file_type(), entry.file_name().into_string()) else {
                continue;
            };
            let path = format!("{prefix}{name}");
            if kind.is_file() {
                found.push(path);
            } else if kind.is_dir() && depth < deepest {
                open.push((entry.path(), format!("{path}/"), depth + 1));
            }
            if found.len() >= MOST_FILES {
                return found;
            }
        }
    }
    found
}
