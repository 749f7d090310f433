//! A fresh folder for each test, and the program bound to it with a clean environment.

pub mod book;
#[cfg(unix)]
pub mod matroska;
#[cfg(feature = "download")]
pub mod opensearch;
#[cfg(feature = "download")]
pub mod quickwit;
pub mod shelf;
#[cfg(feature = "download")]
pub mod site;
#[cfg(feature = "download")]
pub mod standin;
#[cfg(unix)]
pub mod terminal;
pub mod truth;

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The root of the source tree.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Says that the test that asks does nothing here, and why. Past what the harness holds back of a
/// test that passes: `scripts/tests.sh` gathers these lines, and CI fails for one that it does not
/// expect.
pub fn skip(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let _ = writeln!(std::io::stderr(), "\nskipped: {test}: {}", why.replace('\n', " "));
}

/// The processes that the process `id` has started, by whichever of its threads.
#[cfg(all(feature = "whisper", target_os = "linux"))]
pub fn children(id: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
    let lists =
        threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| {
            list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<u32>>()
        })
        .collect()
}

/// A Whisper model that people use: what `ALOUD_TEST_MODEL` names, or the one in its usual place.
/// `None` where there is none.
#[cfg(feature = "whisper")]
pub fn real_model() -> Option<String> {
    let named = std::env::var_os("ALOUD_TEST_MODEL").map(PathBuf::from);
    let usual = || {
        Some(
            PathBuf::from(std::env::var_os("HOME")?).join(".cache/aloud-real-models/ggml-base.bin"),
        )
    };
    let found = named.or_else(usual).filter(|path| path.is_file());
    if found.is_none() {
        skip("no Whisper model is at hand; `ALOUD_TEST_MODEL` names one");
    }
    found.map(|path| path.display().to_string())
}

/// A folder of its own for one test, with a home inside.
pub struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    /// An empty one.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("home")).unwrap();
        Self { folder }
    }

    /// One with both demo episodes on it: recordings, articles, and transcripts without a mistake.
    pub fn with_episodes() -> Self {
        let desk = Self::new();
        for (from, to) in [
            ("audio/open-models.en.mp3", "en.mp3"),
            ("audio/old-radio.zh.mp3", "radio.mp3"),
            ("transcripts/open-models.en.txt", "en.txt"),
            ("transcripts/open-models.zh-Hant.txt", "zh.txt"),
            ("transcripts/old-radio.zh-Hant.txt", "radio.txt"),
            ("transcripts/open-models.en.transcript.json", "en.json"),
            ("transcripts/old-radio.zh.transcript.json", "radio.json"),
        ] {
            fs::copy(root().join(from), desk.path().join(to)).unwrap();
        }
        desk
    }

    /// The folder the program runs in.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Puts a file there and gives its path.
    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// What a file there holds.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// The program with arguments, to run in this folder: no variables but these.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aloud"));
        command
            .args(arguments)
            .current_dir(self.path())
            .stdin(Stdio::null())
            .env_clear()
            .envs(self.variables());
        command
    }

    /// The variables that the program gets.
    pub fn variables(&self) -> [(&'static str, OsString); 5] {
        let path = std::env::var_os("PATH").unwrap_or_default();
        // What recognition gives must not depend on whether somebody could sharpen it here.
        let method = ("ALOUD_METHOD", "whisper".into());
        // Nobody's desktop shows what tests play.
        let bus = ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus".into());
        [
            ("HOME", self.path().join("home").into()),
            ("PATH", path),
            ("LC_ALL", "C.UTF-8".into()),
            method,
            bus,
        ]
    }

    /// Runs the program to its end.
    pub fn aloud(&self, arguments: &[&str]) -> Ran {
        Ran::of(arguments, self.command(arguments).output().unwrap())
    }
}

/// What a run of the program came to.
pub struct Ran {
    what: String,
    output: Output,
}

impl Ran {
    /// Of a command that was run otherwise.
    pub fn of(arguments: &[&str], output: Output) -> Self {
        Self { what: arguments.join(" "), output }
    }

    /// Demands an exit code; a failure shows both streams.
    #[track_caller]
    pub fn code(self, want: i32) -> Self {
        let got = self.output.status.code();
        assert_eq!(
            got,
            Some(want),
            "aloud {}\n--- out ---\n{}\n--- err ---\n{}",
            self.what,
            self.out(),
            self.err()
        );
        self
    }

    /// Demands that standard error holds `text`.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.err().contains(text), "aloud {}: no {text:?} in\n{}", self.what, self.err());
        self
    }

    /// Demands that standard error ends with an error that tells `why` and, on the next line, a way
    /// out that tells `hint`.
    #[track_caller]
    pub fn fails(self, why: &str, hint: &str) -> Self {
        let err = self.err();
        let at = err.rfind("error: ").unwrap_or_else(|| panic!("aloud {}: {err}", self.what));
        let (said, helps) = err[at..].split_once("\nhint: ").unwrap_or((&err[at..], ""));
        assert!(said.contains(why), "aloud {}: no {why:?} in\n{err}", self.what);
        assert!(helps.contains(hint), "aloud {}: no hint {hint:?} in\n{err}", self.what);
        self
    }

    /// Standard output.
    pub fn out(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    /// Standard error.
    pub fn err(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }
}

/// A WAV file of 16-bit mono sound at 16 kHz.
pub fn wav(samples: &[f32]) -> Vec<u8> {
    let n = u32::try_from(samples.len() * 2).unwrap();
    let mut bytes = Vec::with_capacity(samples.len() * 2 + 44);
    bytes.extend_from_slice(b"RIFF");
    bytes.extend_from_slice(&(36 + n).to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend_from_slice(&16_000u32.to_le_bytes());
    bytes.extend_from_slice(&32_000u32.to_le_bytes());
    bytes.extend_from_slice(b"\x02\0\x10\0data");
    bytes.extend_from_slice(&n.to_le_bytes());
    bytes.extend(samples.iter().flat_map(|s| ((s * 32_767.0) as i16).to_le_bytes()));
    bytes
}

/// The sound of the English demo from one second to another, 16 kHz mono.
pub fn demo_sound(from: f64, to: f64) -> Vec<f32> {
    let mut decoder = aloud::decode::open(&root().join("audio/open-models.en.mp3")).unwrap();
    let (from, to) = ((from * 16_000.0) as usize, (to * 16_000.0) as usize);
    let mut samples = Vec::new();
    while let Some(block) = decoder.next_block().unwrap() {
        samples.extend_from_slice(block);
        if samples.len() >= to {
            break;
        }
    }
    samples[from..to.min(samples.len())].to_vec()
}
