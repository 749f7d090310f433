#!/bin/sh
# Transcribes the same file with whisper.cpp itself and with aloud, in turn, with the same model, threads and beam,
# and prints the ratios of wall time (aim: at most 0.9) and of peak memory.
#
#   scripts/bench-peers.sh [AUDIO [MODEL [THREADS [BEAM [ROUNDS]]]]]
#
# The peer is the program named by WHISPER_CLI, or else the PyPI package pywhispercpp, which is put into a
# virtual environment under target/ (whisper.cpp with its own defaults but for what is named above).
set -eu
cd "$(dirname "$0")/.."
audio=${1:-audio/open-models.en.mp3}
model=${2:-models/ggml-micro.bin}
threads=${3:-2}
beam=${4:-1}
rounds=${5:-3}
cargo build --release --locked --quiet
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -n "${WHISPER_CLI:-}" ]; then
  python=python3
else
  python=target/peers/bin/python
  if [ ! -x "$python" ]; then
    python3 -m venv target/peers
    target/peers/bin/pip install --quiet pywhispercpp
  fi
fi
# Both get the same 16 kHz samples; decoding has a bench of its own.
ffmpeg -nostdin -v error -y -i "$audio" -ac 1 -ar 16000 -c:a pcm_s16le "$work/a.wav"

exec "$python" - "$work" "$model" "$threads" "$beam" "$rounds" <<'PY'
import os, resource, subprocess, sys, time

work, model, threads, beam, rounds = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
wav = f"{work}/a.wav"

PEER = """
import sys
from pywhispercpp.model import Model
wav, model, threads, beam, dtw = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] == "dtw"
import _pywhispercpp as pw
context = dict(dtw_token_timestamps=True, dtw_aheads_preset=pw.whisper_alignment_heads_preset.WHISPER_AHEADS_N_TOP_MOST, dtw_n_top=1,
               flash_attn=False) if dtw else None
extra = {"params_sampling_strategy": 1} if beam > 1 else {}
m = Model(model, n_threads=threads, language="en", print_progress=False, print_realtime=False, redirect_whispercpp_logs_to=None,
          no_context=True, n_max_text_ctx=0, token_timestamps=True, context_params=context, **extra,
          **({"beam_search": {"beam_size": beam, "patience": -1.0}} if beam > 1 else {"greedy": {"best_of": 1}}))
print(" ".join(s.text for s in m.transcribe(wav)))
"""

def peer(word_times):
    cli = os.environ.get("WHISPER_CLI")
    if cli:
        # Heads of the peer are those of a published model, named by WHISPER_DTW.
        dtw = ["-dtw", os.environ.get("WHISPER_DTW", "base"), "-nfa"] if word_times == "dtw" else []
        return [cli, "-m", model, "-f", wav, "-t", str(threads), "-bs", str(beam), "-bo", "1", "-l", "en", "-mc", "0", "-np", *dtw]
    return [sys.executable, "-c", PEER, wav, model, str(threads), str(beam), word_times]

def aloud(n):
    return ["target/release/aloud", "transcribe", wav, "--model", model, "-l", "en", "--beam", str(beam), "--threads", str(threads),
            "--quiet", "--cache", f"{work}/cache{n}"]

def run(command):
    """Wall seconds, and the peak memory in MB of the process and its children together at their largest."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0
    while child.poll() is None:
        peak = max(peak, sum(rss(pid) for pid in family(child.pid)))
        time.sleep(0.02)
    if child.returncode:
        print(f"failed with {child.returncode}: {command[0]} ...", file=sys.stderr)
        return None
    return time.monotonic() - start, peak / 1024

def family(pid):
    try:
        children = open(f"/proc/{pid}/task/{pid}/children").read().split()
    except OSError:
        children = []
    return [pid] + [p for c in children for p in family(int(c))]

def rss(pid):
    try:
        # Proportional, so that pages which parent and child share count once.
        return next(int(l.split()[1]) for l in open(f"/proc/{pid}/smaps_rollup") if l.startswith("Pss:"))
    except (OSError, StopIteration, ProcessLookupError):
        return 0

# whisper.cpp guesses word times from text lengths unless told to warp the attention, as aloud does; both are measured.
plain, warped, own = "whisper.cpp, guessed word times", "whisper.cpp, warped word times", "aloud, warped word times"
best = {}
for n in range(rounds):
    for name, command in ((plain, peer("plain")), (warped, peer("dtw")), (own, aloud(n))):
        ran = run(command)
        if ran:
            before = best.get(name, (1e9, 0))
            best[name] = (min(before[0], ran[0]), max(before[1], ran[1]))
for name, (seconds, peak) in best.items():
    ratio = f"   aloud is {best[own][0] / seconds:.2f} of its time, {best[own][1] / peak:.2f} of its memory" if name != own and own in best else ""
    print(f"{name:<34}{seconds:8.2f} s {peak:6.0f} MB{ratio}")
PY
