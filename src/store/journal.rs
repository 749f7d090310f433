//! A job that is killed goes on where it was: its finished windows, one line each.
//!
//! ```text
//! aloud-journal/1
//! {"stage":"transcript",…}                      (as in a record; for showing only)
//! <32 hexadecimal digits> <window> <payload>    (a line per finished window)
//! ```
//!
//! The digits are a BLAKE3 hash, keyed with the job's key, of window number and payload: a line
//! that passes is a line that this job wrote, wherever it stands. Line ends inside a payload are
//! spelled `\n`, so after any damage the next line is readable again. This part never knows what a
//! window's payload means.

use super::files;
use super::{About, Key, Lease, Outcome, Store, record};
use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const FORMAT: &str = "aloud-journal/1";

/// The finished windows of a job that this process alone works on.
#[derive(Debug)]
pub struct Journal {
    lease: Lease,
    about: About,
    path: Option<PathBuf>,
    /// `None` when nothing (more) is written down.
    file: Option<File>,
    entries: BTreeMap<u64, Vec<u8>>,
    problem: Option<String>,
}

impl Journal {
    /// Opens or begins the journal of a job; never fails, at worst nothing is written down.
    pub(super) fn open(lease: Lease, about: About) -> Self {
        let mut journal =
            Self { lease, about, path: None, file: None, entries: BTreeMap::new(), problem: None };
        let Some(dir) = journal.store().places(journal.key()).next() else { return journal };
        let path = files::path(dir, journal.key(), files::JOURNAL);
        if let Err(error) = journal.resume(&path) {
            journal.go_quiet(&path, &error);
        }
        journal.path = Some(path);
        journal.look_elsewhere();
        journal
    }

    /// The windows that were finished when the journal was opened, by number.
    pub fn entries(&self) -> impl Iterator<Item = (u64, &[u8])> {
        self.entries.iter().map(|(window, payload)| (*window, payload.as_slice()))
    }

    /// Writes down that `window` is finished; after it returns, not even a power cut loses it. A
    /// window that is written twice keeps its first payload.
    ///
    /// Where that fails the journal goes quiet (see [`Self::problem`]) and the job goes on.
    pub fn append(&mut self, window: u64, payload: &[u8]) {
        let line = line(&self.key().hash(), window, payload);
        let Some(file) = &mut self.file else { return };
        if let Err(error) = file.write_all(&line).and_then(|()| file.sync_data()) {
            let path = self.path.clone().unwrap_or_default();
            self.go_quiet(&path, &error);
        }
    }

    /// Why windows are no longer written down; `None` as long as they are, and for a store that
    /// remembers nothing anyway.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Ends the job: keeps its result and, once that is safe, removes the journal. Where the result
    /// could not be kept the journal stays, and the next run finds every window done.
    pub fn finish(mut self, payload: &[u8]) -> Outcome {
        let outcome = self.store().put(self.key(), &self.about, payload);
        // Closed first: not every system removes an open file.
        self.file = None;
        if let (Outcome::Kept, Some(path)) = (&outcome, &self.path) {
            let _ = fs::remove_file(path);
        }
        outcome
    }

    fn store(&self) -> &Store {
        &self.lease.store
    }

    fn key(&self) -> &Key {
        &self.lease.key
    }

    /// Reads what is there, cuts off a torn end, and makes the file ready for more.
    fn resume(&mut self, path: &Path) -> io::Result<()> {
        if let Err(damage) = files::is_plausible(path) {
            files::set_aside(path, damage);
        }
        let Some(dir) = self.store().writable_dir(self.key()) else {
            // Nothing can be added, but what is there still saves work.
            if matches!(files::is_plausible(path), Ok(true)) {
                self.entries = fs::read(path)
                    .map(|bytes| read(&self.key().hash(), &bytes).entries)
                    .unwrap_or_default();
            }
            return Ok(());
        };
        let dir = dir.to_owned();
        fs::create_dir_all(&dir)?;
        let mut file = File::options().append(true).read(true).create(true).open(path)?;
        let found = read(&self.key().hash(), &fs::read(path)?);
        if found.n_damaged > 0 {
            log::warn!(
                "{} damaged lines in `{}`; those windows will be made again",
                found.n_damaged,
                path.display()
            );
        }
        if file.metadata()?.len() != found.n_bytes {
            file.set_len(found.n_bytes)?;
        }
        if found.n_bytes == 0 {
            let head =
                [format!("{FORMAT}\n").into_bytes(), record::head(self.key(), &self.about, 0)]
                    .concat();
            file.write_all(&head)?;
            file.sync_all()?;
            files::sync_dir(&dir);
        }
        (self.file, self.entries) = (Some(file), found.entries);
        Ok(())
    }

    /// Takes the windows of journals that could not be brought over.
    fn look_elsewhere(&mut self) {
        let seal = self.key().hash();
        let paths: Vec<PathBuf> = self
            .store()
            .places(self.key())
            .skip(1)
            .map(|dir| files::path(dir, self.key(), files::JOURNAL))
            .collect();
        for path in paths.iter().filter(|path| matches!(files::is_plausible(path), Ok(true))) {
            for (window, payload) in
                fs::read(path).map(|bytes| read(&seal, &bytes).entries).unwrap_or_default()
            {
                self.entries.entry(window).or_insert(payload);
            }
        }
    }

    fn go_quiet(&mut self, path: &Path, error: &io::Error) {
        let problem =
            format!("finished windows are not kept: cannot write `{}`: {error}", path.display());
        log::warn!("{problem}");
        (self.file, self.problem) = (None, Some(problem));
    }
}

/// What a journal's bytes hold.
#[derive(Debug, Default)]
struct Found {
    entries: BTreeMap<u64, Vec<u8>>,
    /// Length without a torn last line; zero where no entry is worth keeping.
    n_bytes: u64,
    /// Lines that are neither heading nor intact.
    n_damaged: usize,
}

fn read(seal: &[u8; 32], bytes: &[u8]) -> Found {
    let mut found = Found::default();
    for (n, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        // Without its end a line was never acknowledged.
        let Some(line) = line.strip_suffix(b"\n") else { break };
        found.n_bytes += line.len() as u64 + 1;
        match parse_line(seal, line) {
            Some((window, payload)) => drop(found.entries.entry(window).or_insert(payload)),
            // The heading proves nothing and is not needed: every line carries its own proof.
            None if n < 2 => {}
            None => found.n_damaged += 1,
        }
    }
    if found.entries.is_empty() {
        found.n_bytes = 0;
    }
    found
}

/// The lines of both of a job's journals: of windows that are in both, the first one's count.
pub(super) fn joined(first: &[u8], second: &[u8]) -> Vec<u8> {
    let whole =
        |bytes: &[u8]| bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let (first, second) = (&first[..whole(first)], &second[..whole(second)]);
    // Its heading would count as damage here.
    let known: HashSet<&[u8]> = first.split_inclusive(|byte| *byte == b'\n').collect();
    let windows = second
        .split_inclusive(|byte| *byte == b'\n')
        .skip(2)
        .filter(|line| !known.contains(line))
        .flatten();
    if first.is_empty() { second.to_vec() } else { first.iter().chain(windows).copied().collect() }
}

/// The digits before a window's line.
fn check(seal: &[u8; 32], window: u64, payload: &[u8]) -> String {
    let hash = blake3::Hasher::new_keyed(seal)
        .update(FORMAT.as_bytes())
        .update(&window.to_le_bytes())
        .update(payload)
        .finalize();
    hash.to_hex()[..32].to_owned()
}

fn line(seal: &[u8; 32], window: u64, payload: &[u8]) -> Vec<u8> {
    let mut line = format!("{} {window} ", check(seal, window, payload)).into_bytes();
    for byte in payload {
        match byte {
            b'\n' => line.extend(br"\n"),
            b'\\' => line.extend(br"\\"),
            byte => line.push(*byte),
        }
    }
    line.push(b'\n');
    line
}

fn parse_line(seal: &[u8; 32], line: &[u8]) -> Option<(u64, Vec<u8>)> {
    let mut fields = line.splitn(3, |byte| *byte == b' ');
    let (digits, window, spelled) = (fields.next()?, fields.next()?, fields.next()?);
    let window = std::str::from_utf8(window).ok()?.parse().ok()?;
    let mut payload = Vec::with_capacity(spelled.len());
    let mut bytes = spelled.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => payload.push(if bytes.next()? == &b'n' { b'\n' } else { b'\\' }),
            byte => payload.push(*byte),
        }
    }
    (digits == check(seal, window, &payload).as_bytes()).then_some((window, payload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SEAL: [u8; 32] = [9; 32];

    fn sample() -> (BTreeMap<u64, Vec<u8>>, Vec<u8>) {
        let payloads: [&[u8]; 4] = [b"{\"text\":\"one\"}", b"", b"two\n\\n three \\", b"\0\xff 4"];
        let entries: BTreeMap<u64, Vec<u8>> =
            (0..).map(|n| n * 28_000).zip(payloads.map(<[u8]>::to_vec)).collect();
        let mut bytes = b"aloud-journal/1\n{}\n".to_vec();
        for (window, payload) in &entries {
            bytes.extend(line(&SEAL, *window, payload));
        }
        (entries, bytes)
    }

    /// What is found in `bytes` was written; `at_most` says how many entries the damage may have
    /// cost.
    fn check_found(bytes: &[u8], at_most: usize) {
        let (written, _) = sample();
        let found = read(&SEAL, bytes).entries;
        assert!(
            found.iter().all(|(window, payload)| written.get(window) == Some(payload)),
            "{found:?}"
        );
        assert!(written.len() - found.len() <= at_most, "{found:?}");
    }

    #[test]
    fn a_kill_at_any_byte_costs_the_unfinished_line_only() {
        let (_, bytes) = sample();
        for len in 0..=bytes.len() {
            let n_lines = bytes[..len].iter().filter(|byte| **byte == b'\n').count();
            check_found(&bytes[..len], 4 - n_lines.saturating_sub(2));
            let again =
                [&bytes[..read(&SEAL, &bytes[..len]).n_bytes as usize], &line(&SEAL, 0, b"later")]
                    .concat();
            assert!(read(&SEAL, &again).entries.contains_key(&0));
        }
    }

    #[test]
    fn a_changed_byte_costs_two_lines_at_most() {
        let (_, bytes) = sample();
        for at in 0..bytes.len() {
            for change in 1..=255u8 {
                let mut bad = bytes.clone();
                bad[at] ^= change;
                check_found(&bad, 2);
            }
        }
    }

    #[test]
    fn the_first_of_two_wins() {
        let bytes = [line(&SEAL, 5, b"first"), line(&SEAL, 5, b"second")].concat();
        assert_eq!(read(&SEAL, &bytes).entries[&5], b"first");
        assert!(read(&[1; 32], &bytes).entries.is_empty(), "another job's lines");
    }

    #[test]
    fn two_journals_become_one() {
        let (written, bytes) = sample();
        let head = bytes
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n')
            .nth(1)
            .map(|(at, _)| at + 1)
            .unwrap();
        for cut in 0..=bytes.len() {
            let rest = [
                &bytes[..head],
                &bytes[bytes[..cut]
                    .iter()
                    .rposition(|byte| *byte == b'\n')
                    .map_or(0, |at| at + 1)
                    .max(head)..],
            ]
            .concat();
            for both in [joined(&bytes[..cut], &rest), joined(&rest, &bytes[..cut])] {
                let found = read(&SEAL, &both);
                assert_eq!((found.entries, found.n_damaged), (written.clone(), 0), "cut at {cut}");
            }
        }
        // Done again after a kill, it grows no longer.
        assert_eq!(joined(&joined(&bytes, &bytes), &bytes), bytes);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(entries: BTreeMap<u64, Vec<u8>>) {
            let bytes: Vec<u8> = entries.iter().flat_map(|(window, payload)| line(&SEAL, *window, payload)).collect();
            let found = read(&SEAL, &bytes);
            prop_assert_eq!((found.entries, found.n_damaged), (entries, 0));
        }

        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            prop_assert!(read(&SEAL, &bytes).entries.is_empty());
        }
    }
}
