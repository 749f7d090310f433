"""Times aloud beside its peers; run by bench-peers.sh, which says how."""

import os
import resource
import subprocess
import sys
import tempfile
import time
import unicodedata

audio, model, threads, beam, rounds = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
language, text = os.environ.get("LANGUAGE", "en"), os.environ.get("TEXT")
work = tempfile.mkdtemp(prefix="peers-")
# All get the same 16 kHz samples; decoding has a bench of its own.
wav = f"{work}/a.wav"
subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", audio, "-ac", "1", "-ar", "16000", "-c:a", "pcm_s16le", wav], check=True)

WHISPER_CPP = """
import sys
from pywhispercpp.model import Model
import _pywhispercpp as pw
wav, model, threads, beam, language, dtw = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5], sys.argv[6] == "dtw"
context = dict(dtw_token_timestamps=True, dtw_aheads_preset=pw.whisper_alignment_heads_preset.WHISPER_AHEADS_N_TOP_MOST, dtw_n_top=1,
               flash_attn=False) if dtw else None
extra = {"params_sampling_strategy": 1, "beam_search": {"beam_size": beam, "patience": -1.0}} if beam > 1 else {"greedy": {"best_of": 1}}
m = Model(model, n_threads=threads, language=language, print_progress=False, print_realtime=False, redirect_whispercpp_logs_to=None,
          no_context=True, n_max_text_ctx=0, token_timestamps=True, context_params=context, **extra)
print(" ".join(s.text for s in m.transcribe(wav)))
"""

FASTER_WHISPER = """
import sys
from faster_whisper import WhisperModel
wav, model, threads, beam, language, kind = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5], sys.argv[6]
words = sys.argv[7] == "words"
m = WhisperModel(model, device="cpu", compute_type=kind, cpu_threads=threads)
segments, _ = m.transcribe(wav, language=language, beam_size=beam, condition_on_previous_text=False, word_timestamps=words)
print("".join(s.text for s in segments))
"""


def has(module):
    return subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True).returncode == 0


def peers():
    """The name and command of each peer that is there; says which is not."""
    cli, same = os.environ.get("WHISPER_CLI"), [wav, model, str(threads), str(beam), language]
    for name, mode in (("whisper.cpp, guessed word times", "plain"), ("whisper.cpp, warped word times", "dtw")):
        if cli:
            # Heads of the peer are those of a published model.
            dtw = ["-dtw", os.environ.get("WHISPER_DTW", "base"), "-nfa"] if mode == "dtw" else []
            yield name, [cli, "-m", model, "-f", wav, "-t", str(threads), "-bs", str(beam), "-bo", "1", "-l", language, "-mc", "0", "-np",
                         "-nt", *dtw]
        elif has("pywhispercpp"):
            yield name, [sys.executable, "-c", WHISPER_CPP, *same, mode]
        else:
            print(f"absent: {name}", file=sys.stderr)
    folder = os.environ.get("CT2_MODEL")
    # Word times cost them a pass of their own. We always give them: what compares is the line that has them, too.
    for kind, times in (("int8", "none"), ("int8", "words"), ("float32", "none")):
        name = f"faster-whisper, {kind}" + (", word times" if times == "words" else "")
        if folder and has("faster_whisper"):
            yield name, [sys.executable, "-c", FASTER_WHISPER, wav, folder, str(threads), str(beam), language, kind, times]
        else:
            print(f"absent: {name}" + ("" if folder else " (CT2_MODEL names no weights)"), file=sys.stderr)


def aloud(n):
    return ["target/release/aloud", "transcribe", wav, "--model", model, "-l", language, "--beam", str(beam), "--threads", str(threads),
            "--quiet", "--cache", f"{work}/cache{n}"]


def run(command):
    """Wall and processor seconds, the peak memory in MB of the process and its children together, and what was written."""
    start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(f"{work}/out", "wb") as out:
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        peak = 0
        while child.poll() is None:
            peak = max(peak, sum(rss(pid) for pid in family(child.pid)))
            time.sleep(0.02)
    if child.returncode:
        print(f"failed with {child.returncode}: {command[0]} ...", file=sys.stderr)
        return None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with open(f"{work}/out", encoding="utf8", errors="replace") as out:
        return time.monotonic() - start, busy, peak / 1024, out.read()


def family(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as children:
            return [pid] + [p for c in children.read().split() for p in family(int(c))]
    except OSError:
        return [pid]


def rss(pid):
    try:
        # Proportional, so that pages which parent and child share count once.
        with open(f"/proc/{pid}/smaps_rollup") as rollup:
            return next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0


def units(said):
    """Words, or characters where words are not written apart; letters and digits alone."""
    fold = unicodedata.normalize("NFKC", said).casefold()
    if language in ("zh", "ja", "ko", "yue"):
        return [c for c in fold if c.isalnum()]
    return [word for word in ("".join(c for c in word if c.isalnum()) for word in fold.split()) if word]


def errors(said):
    """The edit distance between what was said and what was written of it, and how much was said."""
    with open(text, encoding="utf8") as file:
        truth, heard = units(file.read()), units(said)
    row = list(range(len(heard) + 1))
    for i, want in enumerate(truth, 1):
        last, row[0] = row[0], i
        for j, got in enumerate(heard, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (want != got))
    return row[-1], len(truth)


own, best, written = "aloud, word times of its own", {}, {}
others = list(peers())
for n in range(rounds):
    for name, command in (*others, (own, aloud(n))):
        ran = run(command)
        if ran:
            before = best.get(name, (1e9, 1e9, 0))
            best[name] = (min(before[0], ran[0]), min(before[1], ran[1]), max(before[2], ran[2]))
            written[name] = ran[3]
print(f"{'':<34}{'wall':>8}  {'processor':>9}  {'memory':>9}" + ("   errors" if text else ""))
for name, (seconds, busy, peak) in best.items():
    line = f"{name:<34}{seconds:7.1f} s {busy:8.1f} s {peak:7.0f} MB"
    if text:
        wrong, of = errors(written[name])
        line += f"  {wrong} of {of} ({100 * wrong / max(1, of):.1f} %)"
    print(line)
