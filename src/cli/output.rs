//! Where results go: standard output, or a file that appears whole or not at all.

use super::exit::Exit;
use super::report::{Failure, Outcome};
use crate::export::{Format, UnknownFormat};
use crate::printable;
use crate::reason::{Hinted, Reason};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use unicode_width::UnicodeWidthStr;

/// Writes to standard output. A reader that has gone away is a quiet success.
///
/// # Errors
/// When standard output cannot be written for another reason, such as a full disk.
pub fn to_stdout(bytes: &[u8]) -> Outcome {
    is_taken(bytes).map(|_| Exit::Done)
}

/// Writes to standard output; whether anybody still reads there.
fn is_taken(bytes: &[u8]) -> Result<bool, Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(e) => Err(Failure::new(Exit::Failed, format!("cannot write to standard output: {e}"))),
    }
}

/// Whether `path` names standard output, as `-` does everywhere.
pub fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Writes words for people to standard output: as [`to_stdout`], with nothing in them that a
/// terminal would obey.
///
/// # Errors
/// As [`to_stdout`].
pub fn say(words: &str) -> Outcome {
    to_stdout(printable::text(words).as_bytes())
}

/// Writes words for people to standard output, where more is to follow; whether anybody still reads
/// there.
///
/// # Errors
/// As [`to_stdout`].
pub fn is_read(words: &str) -> Result<bool, Failure> {
    is_taken(printable::text(words).as_bytes())
}

/// Writes `path` beside its place and renames it there; `-` is standard output.
///
/// # Errors
/// When `path` exists and `force` is not given (exit code 2), or when it cannot be written.
pub fn to_file(path: &Path, bytes: &[u8], force: bool) -> Outcome {
    if is_stdout(path) {
        return to_stdout(bytes);
    }
    check(path, force)?;
    // A device or a pipe is written to, not replaced.
    if fs::metadata(path).is_ok_and(|m| !m.is_file()) {
        let failed = |e: io::Error| {
            Failure::new(Exit::Failed, format!("cannot write `{}`: {e}", path.display()))
        };
        return fs::write(path, bytes).map(|()| Exit::Done).map_err(failed);
    }
    to_file_by(path, force, |file| file.write_all(bytes))
}

/// The same for what `write` writes, which may go back in it; into files only.
///
/// # Errors
/// As [`to_file`], and when `path` is a device or a pipe.
pub fn to_file_by(
    path: &Path,
    force: bool,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Outcome {
    check(path, force)?;
    let failed = |e: io::Error| {
        Failure::new(Exit::Failed, format!("cannot write `{}`: {e}", path.display()))
    };
    if fs::metadata(path).is_ok_and(|m| !m.is_file()) {
        return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "it is no file")));
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".aloud-")
        .tempfile_in(folder)
        .map_err(|e| failed(without_path(&e)))?;
    write(file.as_file_mut()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    #[cfg(unix)]
    {
        // A temporary file is private; a result is as readable as any other file.
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path).map_or(0o644, |m| m.permissions().mode());
        file.as_file().set_permissions(fs::Permissions::from_mode(mode)).map_err(failed)?;
    }
    file.persist(path).map_err(|e| failed(e.error))?;
    Ok(Exit::Done)
}

/// The reason alone: `tempfile` puts the name of its own file behind it, which tells nobody
/// anything.
fn without_path(error: &io::Error) -> io::Error {
    let text = error.to_string();
    io::Error::new(error.kind(), text.split(" at path ").next().unwrap_or(&text).to_owned())
}

/// Whether `path` may be written, so that one learns of it before the work and not after.
///
/// # Errors
/// With exit code 2 when it exists and `force` is not given; when its folder is missing.
pub fn check(path: &Path, force: bool) -> Result<(), Failure> {
    if is_stdout(path) {
        return Ok(());
    }
    if path.is_dir() {
        return Err(Failure::new(Exit::Usage, format!("`{}` is a folder", path.display()))
            .hint("name a file in it"));
    }
    if path.is_file() && !force {
        return Err(Failure::new(Exit::Usage, format!("`{}` exists", path.display()))
            .hint("give `--force` to write over it"));
    }
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
            Err(Failure::new(Exit::Usage, format!("there is no folder `{}`", folder.display())))
        }
        _ => Ok(()),
    }
}

/// The format in `among` that the name of `path` asks for; `None` for a name without an extension,
/// a folder or a device.
///
/// # Errors
/// With exit code 2 for an extension that is none of them.
pub fn format(path: &Path, among: &[Format]) -> Result<Option<Format>, Failure> {
    let Some(extension) = path.extension().filter(|_| !path.is_dir() && !path.starts_with("/dev"))
    else {
        return Ok(None);
    };
    let unknown = |e: UnknownFormat| {
        let hint = e.hint().map(|use_these| format!("{use_these}, or name it with `--format`"));
        let why = Reason { why: format!("`{}`: {e}", path.display()), hint };
        Failure::new(Exit::Usage, why)
    };
    Format::named(&extension.to_string_lossy(), among).map(Some).map_err(unknown)
}

/// Refuses to write over what is being read, `--force` or not.
///
/// # Errors
/// With exit code 2 when `path` is one of `inputs`.
pub fn spare<'a>(
    path: Option<&Path>,
    inputs: impl IntoIterator<Item = &'a Path>,
) -> Result<(), Failure> {
    let Some(own) = path
        .filter(|path| !is_stdout(path))
        .and_then(|path| fs::canonicalize(path).ok())
        .filter(|path| path.is_file())
    else {
        return Ok(());
    };
    match inputs.into_iter().find(|input| fs::canonicalize(input).is_ok_and(|input| input == own)) {
        Some(input) => {
            let why = format!("`{}` is being read and will not be written over", input.display());
            Err(Failure::new(Exit::Usage, why).hint("name another file"))
        }
        None => Ok(()),
    }
}

/// Whether there is something at `path`, asked before anything else so that a slip costs no time.
///
/// # Errors
/// With exit code 3 when there is nothing.
pub fn input(path: &Path) -> Result<(), Failure> {
    // A file of that name would be opened as any other.
    if is_stdout(path) && !path.exists() {
        let why = "a recording cannot come from standard input, since it is read more than once";
        return Err(Failure::new(Exit::Input, why).hint("save it to a file and name that"));
    }
    fs::metadata(path)
        .map(|_| ())
        .map_err(|e| Failure::new(Exit::Input, format!("cannot open `{}`: {e}", path.display())))
}

/// The same, where a pattern of names is as good as one.
///
/// # Errors
/// As [`input`].
pub fn input_or_pattern(path: &Path) -> Result<(), Failure> {
    if super::inputs::is_pattern(path) { Ok(()) } else { input(path) }
}

/// A line for each row; the last column is as wide as it is, those before it stand under each
/// other, numbers to the right.
pub fn table<const N: usize>(rows: Vec<[String; N]>, are_numbers: &[bool]) -> String {
    let rows: Vec<[String; N]> =
        rows.into_iter().map(|row| row.map(|cell| printable::line(&cell).into_owned())).collect();
    let widths: Vec<usize> = (0..N)
        .map(|column| rows.iter().map(|row| row[column].width()).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let space = " ".repeat(widths[column] - cell.width());
            match are_numbers.get(column) {
                Some(true) => line.push_str(&format!("{space}{cell}  ")),
                Some(false) if widths[column] > 0 => line.push_str(&format!("{cell}{space}  ")),
                Some(false) => {}
                None => line.push_str(cell),
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_appear_whole_and_are_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.srt");
        to_file(&path, b"one", false).unwrap();
        assert_eq!(to_file(&path, b"two", false).unwrap_err().exit, Exit::Usage);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        to_file(&path, b"two", true).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_dash_is_standard_output() {
        for (name, want) in [("-", true), ("./-", false), ("--", false), ("a-", false)] {
            assert_eq!(is_stdout(Path::new(name)), want, "{name}");
        }
        assert!(
            check(Path::new("-"), false).is_ok()
                && format(Path::new("-"), &Format::SUBTITLES).is_ok_and(|format| format.is_none())
        );
    }

    #[test]
    fn what_is_read_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let (audio, other) = (folder.path().join("a.mp3"), folder.path().join("a.srt"));
        fs::write(&audio, b"sound").unwrap();
        let same = folder.path().join("./a.mp3");
        assert_eq!(spare(Some(&same), [audio.as_path()]).unwrap_err().exit, Exit::Usage);
        assert!(
            spare(Some(&other), [audio.as_path()]).is_ok()
                && spare(None, [audio.as_path()]).is_ok()
        );
    }

    #[test]
    fn impossible_places_are_named() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check(folder.path(), true).unwrap_err().why.why.contains("is a folder"));
        assert!(
            check(&folder.path().join("no/such"), true)
                .unwrap_err()
                .why
                .why
                .contains("there is no folder")
        );
        assert!(check(Path::new("plain.srt"), false).is_ok());
    }
}
