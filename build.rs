//! Embeds the very small model (compressed), the demo episode and the commit, and builds without them: a
//! packaged copy may lack the data, and may lie outside any repository.

use lzma_rust2::{XzOptions, XzWriter};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::{env, fs};

fn main() -> io::Result<()> {
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    println!("cargo::rerun-if-changed=build.rs");
    embed("models/ggml-micro.bin", &Path::new(&out).join("micro.xz"))?;
    carry("audio/open-models.en.mp3", &Path::new(&out).join("demo.mp3"))?;
    carry("transcripts/open-models.en.txt", &Path::new(&out).join("demo.txt"))?;
    println!("cargo::rustc-env=ALOUD_COMMIT={}", commit().unwrap_or_default());
    Ok(())
}

/// Puts `source` where the program includes it from, as it is: compressed sound does not compress, and the article
/// is short. A missing source becomes an empty file.
fn carry(source: &str, place: &Path) -> io::Result<()> {
    println!("cargo::rerun-if-changed={source}");
    fs::write(place, fs::read(source).unwrap_or_default())
}

/// Compresses `source` into `packed`; a missing source becomes an empty file.
fn embed(source: &str, packed: &Path) -> io::Result<()> {
    println!("cargo::rerun-if-changed={source}");
    // A file that comes back keeps its old time; its folder gets a new one.
    if let Some(folder) = Path::new(source).parent() {
        println!("cargo::rerun-if-changed={}", folder.display());
    }
    let stamp_path = packed.with_extension("stamp");
    let Ok(bytes) = fs::read(source) else {
        fs::write(&stamp_path, [])?;
        return fs::write(packed, []);
    };
    // This script runs again with every commit; the bytes seldom change.
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let stamp = format!("{:016x}", hasher.finish());
    if packed.exists() && fs::read_to_string(&stamp_path).is_ok_and(|old| old == stamp) {
        return Ok(());
    }
    let mut writer = XzWriter::new(Vec::new(), XzOptions::with_preset(6))?;
    writer.write_all(&bytes)?;
    fs::write(packed, writer.finish()?)?;
    fs::write(stamp_path, stamp)
}

/// The commit this is built from: of the repository whose top folder this is, or else the one that
/// `cargo package` wrote down.
fn commit() -> Option<String> {
    let here = env::var("CARGO_MANIFEST_DIR").ok()?;
    let git = |args: &[&str]| {
        let output = Command::new("git").args(args).current_dir(&here).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
    };
    // A copy unpacked inside somebody else's repository must not take that one's commit.
    let top = git(&["rev-parse", "--show-toplevel"]).filter(|top| fs::canonicalize(top).ok() == fs::canonicalize(&here).ok());
    if top.is_none() {
        let packaged = fs::read_to_string(Path::new(&here).join(".cargo_vcs_info.json")).ok()?;
        let sha1 = packaged.split("\"sha1\"").nth(1)?.split('"').nth(1)?;
        return Some(sha1.chars().take(12).collect());
    }
    // HEAD moves with a checkout, its log with every commit.
    for file in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", file]).filter(|path| Path::new(&here).join(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}
