#!/bin/sh
# Makes what is handed out: dist/aloud-VERSION-TARGET.tar.gz with the stripped program, man pages, completions, licences, and a checksum.
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
target=$(rustc -vV | sed -n 's/^host: //p')
name="aloud-$version-$target"
folder="dist/$name"
rm -rf "$folder"
mkdir -p "$folder/man" "$folder/completions"

# whisper.cpp asks the compiler for the instructions of the processor that builds it. What is handed out keeps to those that every x86-64
# processor with AVX2 has (from 2013 on), which are those that its tiled matrices are made for; apart from other builds, since
# cargo does not notice when such variables change.
GGML_NATIVE=OFF GGML_BMI2=OFF cargo build --release --locked --target-dir target/dist
cp target/dist/release/aloud "$folder/"
strip "$folder/aloud"
# Products with rounded weights find out what the processor has when they run. For one without AVX2 a second program, which
# `aloud` starts as its recogniser, goes without.
if [ "$(uname -m)" = x86_64 ]; then
  GGML_NATIVE=OFF GGML_AVX=OFF GGML_AVX2=OFF GGML_BMI2=OFF GGML_FMA=OFF GGML_F16C=OFF \
    cargo build --release --locked --no-default-features --features whisper --target-dir target/dist-any
  cp target/dist-any/release/aloud "$folder/aloud-without-avx2"
  strip "$folder/aloud-without-avx2"
fi
cp README.md CHANGELOG.md LICENSE LICENSE-APACHE LICENSE-MIT "$folder/"
"$folder/aloud" man --dir "$folder/man"
for shell in bash zsh fish powershell elvish; do
  "$folder/aloud" completions "$shell" > "$folder/completions/aloud.$shell"
done
# The licence of every crate inside, as each names it, and its text.
cargo metadata --format-version 1 --locked --filter-platform "$target" | python3 scripts/licences.py > "$folder/LICENCES.txt"

tar -C dist -czf "dist/$name.tar.gz" "$name"
(cd dist && sha256sum "$name.tar.gz" > "$name.tar.gz.sha256" && cat "$name.tar.gz.sha256")
