#!/bin/sh
# Transcribes the same file with whisper.cpp, with faster-whisper and with aloud, in turn, with the same weights, threads and
# beam, and prints wall time, processor time, peak memory and word errors of each.
#
#   scripts/bench-peers.sh [AUDIO [MODEL [THREADS [BEAM [ROUNDS]]]]]
#
#   LANGUAGE=de           what is spoken (default: en)
#   TEXT=FILE             what is said, to count word errors by (characters for Chinese, Japanese and Korean)
#   WHISPER_CLI=PROGRAM   whisper.cpp's own program; else the PyPI package pywhispercpp, in an environment under target/
#   WHISPER_DTW=PRESET    names the heads of the model for WHISPER_CLI's word times (default: base)
#   CT2_MODEL=FOLDER      the same weights as CTranslate2 reads them; without them faster-whisper is left out, with a word
set -eu
cd "$(dirname "$0")/.."
cargo build --release --locked --quiet
python=target/peers/bin/python
if [ ! -x "$python" ]; then
  python3 -m venv target/peers
fi
want() { # MODULE PACKAGE
  "$python" -c "import $1" 2>/dev/null || "$python" -m pip install --quiet "$2" || echo "absent: $2 cannot be installed here" >&2
}
[ -n "${WHISPER_CLI:-}" ] || want pywhispercpp pywhispercpp
[ -z "${CT2_MODEL:-}" ] || want faster_whisper faster-whisper
exec "$python" scripts/bench-peers.py "${1:-audio/open-models.en.mp3}" "${2:-models/ggml-micro.bin}" "${3:-2}" "${4:-1}" "${5:-3}"
