//! Embeds the demo episode and the commit, and builds without them: a packaged copy may lack the data, and may lie
//! outside any repository.

use std::io;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

fn main() -> io::Result<()> {
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    println!("cargo::rerun-if-changed=build.rs");
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
    let top = git(&["rev-parse", "--show-toplevel"])
        .filter(|top| fs::canonicalize(top).ok() == fs::canonicalize(&here).ok());
    if top.is_none() {
        let packaged = fs::read_to_string(Path::new(&here).join(".cargo_vcs_info.json")).ok()?;
        let sha1 = packaged.split("\"sha1\"").nth(1)?.split('"').nth(1)?;
        return Some(sha1.chars().take(12).collect());
    }
    // HEAD moves with a checkout, its log with every commit.
    for file in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", file])
            .filter(|path| Path::new(&here).join(path).exists())
        {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}
