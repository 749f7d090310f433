//! Embeds the very small model (compressed), and builds without it: a packaged copy lacks the data.

use lzma_rust2::{XzOptions, XzWriter};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::Path;
use std::{env, fs};

fn main() -> io::Result<()> {
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    println!("cargo::rerun-if-changed=build.rs");
    embed("../../models/ggml-micro.bin", &Path::new(&out).join("micro.xz"))
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
