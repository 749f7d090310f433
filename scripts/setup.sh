#!/bin/sh
# Installs the system packages that a build needs and this machine lacks (Debian, Ubuntu and their kin).
# Says which, and asks nothing; elsewhere it says what is needed and goes on. `setup.sh tests` adds what only tests want.
set -eu

# cmake and a C++ compiler build whisper.cpp and libopus, libclang reads their headers,
# the ALSA headers are for the sound card, git is asked for the commit.
# espeak-ng is no part of the program, which does without; with it tests and the demo tie text to sound by its speech.
# The dictionary tells how kanji are read, so that espeak-ng can speak them.
packages="cmake g++ make pkg-config libclang-dev libasound2-dev git espeak-ng mecab-ipadic-utf8"
# What only tests want: libfaketime lets one of them set the clock, dbus brings a session bus for media keys, tmux has a
# buffer that is copied into, and nodejs runs the script of the page.
[ "${1:-}" = tests ] && packages="$packages libfaketime dbus tmux nodejs"

if ! command -v cargo >/dev/null 2>&1; then
  echo "setup: there is no Rust toolchain: install one from https://rustup.rs and run this again" >&2
  exit 1
fi

if ! command -v apt-get >/dev/null 2>&1; then
  echo "setup: no apt-get here; a build needs: cmake, a C++ compiler, libclang, pkg-config, ALSA headers" >&2
  exit 0
fi

missing=
for package in $packages; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "setup: installing$missing" >&2
run=
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "setup: this needs root: apt-get install$missing" >&2
    exit 1
  fi
  # In CI nobody is there to type a password.
  run="sudo"
  [ -z "${CI:-}" ] || run="sudo -n"
fi
export DEBIAN_FRONTEND=noninteractive
$run apt-get update -qq
# shellcheck disable=SC2086
$run apt-get install -y -qq --no-install-recommends $missing >/dev/null
