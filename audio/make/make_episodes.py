#!/usr/bin/env python3
"""Makes the demo episodes: audio/*.mp3 and transcripts/* from the scripts beside this file.

    python3 make_episodes.py            everything, into ../ and ../../transcripts/
    python3 make_episodes.py --check    reads what lies there and checks it, makes nothing

Needs numpy and blake3 from PyPI; libflite1, libespeak-ng1 and ffmpeg from Debian. See ../README.md.
"""
import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import blake3
import numpy as np

from column import Column, pairs
from word_timed_speech import espeak, flite

HERE = Path(__file__).resolve().parent
AUDIO, TEXTS = HERE.parent, HERE.parent.parent / "transcripts"
FLOOR = 10 ** (-66 / 20)            # RMS of the noise under everything, of full scale
LOUDNESS = 10 ** (-21 / 20)         # RMS of speech


# ---------------------------------------------------------------- speech of one sentence
class Speech:
    """Samples (float, full scale 1.0) and the time of every word from their start."""

    def __init__(self, samples, times):
        self.samples, self.times = samples, times


def faded(x, rate, seconds=0.004):
    n = min(len(x) // 2, int(seconds * rate))
    ramp = np.linspace(0.0, 1.0, n, endpoint=False)
    x[:n] *= ramp
    x[len(x) - n:] *= ramp[::-1]
    return x


def levelled(x):
    loud = x[np.abs(x) > 0.01]
    x = x * (LOUDNESS / np.sqrt(np.mean(loud ** 2)))
    return x / max(1.0, np.abs(x).max() / 0.95)


def english_prompt(sentence):
    """What flite is given: the spoken words with the punctuation that makes it breathe."""
    out = []
    for k, w in enumerate(sentence.words):
        last = k == len(sentence.words) - 1
        stop = re.search(r"[?!]" if last else r"[,;:—]", w.after)
        mark = (stop.group(0) if stop else ".") if last else "," if stop else ""
        out.append(w.text + mark)
    return " ".join(out)


def speak_english(sentence, voice, stretch):
    x, rate, parts = flite(english_prompt(sentence), voice, stretch)
    assert rate == 16000
    times, at = [], 0
    for w in sentence.words:
        first, at = at, at + 1
        while at < len(parts) and parts[at]["text"].startswith("'"):
            at += 1                  # flite says "it's" in two parts
        if parts[first]["token"].lower() != w.text:
            raise ValueError(f"flite says {parts[first]['token']!r} for {w.text!r} in {sentence.written!r}")
        times.append([parts[first]["start"], parts[at - 1]["end"]])
    assert at == len(parts), sentence.written
    a = max(0, int((times[0][0] - 0.03) * rate))
    b = min(len(x), int((times[-1][1] + 0.06) * rate))
    y = faded(levelled(x[a:b].astype(np.float64) / 32768), rate)
    return breathing(y, [[s - a / rate, e - a / rate] for s, e in times], rate, random.Random(len(y)))


def breathing(x, times, rate, rng):
    """Longer pauses at commas: flite makes them 0.1 s, a reader takes more."""
    chunks, out, cut, added = [], [], 0, 0.0
    for k, (s, e) in enumerate(times):
        if k and s - times[k - 1][1] > 0.05:
            middle = int((s + times[k - 1][1]) / 2 * rate)
            more = int(rng.uniform(0.08, 0.2) * rate)
            chunks += [faded(x[cut:middle].copy(), rate), np.zeros(more)]
            cut, added = middle, added + more / rate
        out.append([s + added, e + added])
    return Speech(np.concatenate(chunks + [faded(x[cut:].copy(), rate)]), out)


MANDARIN, LATIN = "cmn-latn-pinyin", "en-us"


def speak_mandarin(sentence, speed, rng, breath=0.22):
    """Clause by clause; Latin words by the English voice; one word event per syllable."""
    chunks, times, rate = [], [], 22050
    at = 0                            # samples so far
    run, pending = [], []
    for token in sentence.pinyin + ["."]:
        if token.startswith("en:") or token in (",", ".", "?"):
            if run:
                pending.append((MANDARIN, run))
            run = []
            if token.startswith("en:"):
                pending.append((LATIN, [token[3:]]))
                continue
            for k, (voice, words) in enumerate(pending):
                x, got = espeak_piece(words, voice, speed)
                if k:
                    chunks.append(np.zeros(int(0.035 * rate))); at += len(chunks[-1])
                times += [[s + at / rate, e + at / rate] for s, e in got]
                chunks.append(x); at += len(x)
            if pending:
                chunks.append(np.zeros(int((breath + rng.uniform(-0.04, 0.06)) * rate)))
                at += len(chunks[-1])
            pending = []
        else:
            run.append(token)
    at -= len(chunks.pop())
    if len(times) != len(sentence.words):
        raise ValueError(f"{len(times)} syllables for {len(sentence.words)} characters in {sentence.written!r}")
    return Speech(np.concatenate(chunks), times)


def espeak_piece(words, voice, speed):
    text = {"deepseek": "deep-seek"}.get(words[0], words[0]) if voice == LATIN else " ".join(words)
    x, rate, got = espeak(text, voice, speed)
    assert rate == 22050
    if voice == LATIN:
        got = [dict(start=got[0]["start"], end=got[-1]["end"])]
    if len(got) != len(words):
        raise ValueError(f"espeak-ng gave {len(got)} words for {words}")
    y = x.astype(np.float64) / 32768
    loud = np.nonzero(np.abs(y) > 0.003)[0]
    a, b = max(0, loud[0] - int(0.02 * rate)), min(len(y), loud[-1] + int(0.03 * rate))
    first, last = loud[0] / rate, (loud[-1] + 1) / rate
    times = [[max(w["start"], first), min(w["end"], last)] for w in got]
    return faded(levelled(y[a:b]), rate), [[s - a / rate, e - a / rate] for s, e in times]


# ---------------------------------------------------------------- the whole episode
def wished_pauses(said, rng):
    """Seconds of pause before each spoken sentence, and at the end of the episode."""
    out = [0.6]
    for a, b in zip(said, said[1:]):
        extra = ("heading", "introduction", "advertisement")
        if a.kind != b.kind and (a.kind in extra or b.kind in extra):
            out.append(rng.uniform(1.1, 1.3))
        elif a.paragraph != b.paragraph:
            out.append(rng.uniform(0.7, 1.0))
        else:
            out.append(rng.uniform(0.27, 0.5))
    return out + [1.3]


def laid_out(column, speeches, pauses, total, rate):
    """The samples of the episode, exactly `total` long, and the words' times in it."""
    room = total - sum(len(s.samples) for s in speeches)
    scale = room / (sum(pauses) * rate)
    if not 0.85 < scale < 1.15:
        raise ValueError(f"pauses would have to be {scale:.2f} of what they should be")
    x, at = np.zeros(total), 0
    for sentence, speech, pause in zip(column.spoken_sentences(), speeches, pauses):
        at += int(round(pause * scale * rate))
        x[at:at + len(speech.samples)] += speech.samples
        for w, (s, e) in zip(sentence.words, speech.times):
            w.start, w.end = round(at / rate + s, 3), round(at / rate + e, 3)
        at += len(speech.samples)
    assert at < total
    x += np.random.Generator(np.random.PCG64(561)).normal(0.0, FLOOR, total)
    print(f"  pauses x {scale:.3f}")
    return np.clip(np.round(x * 32767), -32768, 32767).astype("<i2")


def english(column, total, rate=16000):
    said, jitter = column.spoken_sentences(), random.Random(921)
    wobble = [jitter.uniform(-0.03, 0.03) for _ in said]
    pauses = wished_pauses(said, random.Random(7))
    def at(stretch):
        return [speak_english(s, "rms", 1 + w) if s.bytes is None else
                speak_english(s, "slt", min(1.12, max(0.9, stretch * (1 + w)))) for s, w in zip(said, wobble)]
    def length(speeches):
        return sum(len(s.samples) for s in speeches) / rate + sum(pauses)
    slow, fast = length(at(1.08)), length(at(1.0))
    middle = 1.0 + 0.08 * (total / rate - fast) / (slow - fast)
    print(f"  stretch {middle:.4f}")
    speeches = at(middle)
    return laid_out(column, speeches, pauses, total, rate)


def mandarin(column, total, rate=22050):
    said = column.spoken_sentences()
    pauses = wished_pauses(said, random.Random(7))
    best = None
    for speed in range(130, 200, 3):
        rng = random.Random(5)
        speeches = [speak_mandarin(s, speed, rng) for s in said]
        off = abs(sum(len(s.samples) for s in speeches) + sum(pauses) * rate - total)
        if best is None or off < best[0]:
            best = (off, speed, speeches)
    print(f"  speed {best[1]}")
    return laid_out(column, best[2], pauses, total, rate)


# ---------------------------------------------------------------- files
def timestamp(seconds):
    return f"{int(seconds // 60)}:{int(seconds % 60):02}"


def chapters(column, duration):
    names = [(s.written, max(0.0, s.words[0].start - 0.25))
             for s in column.spoken_sentences() if s.kind == "heading"]
    names = [("Introduction" if column.language == "en" else "開場", 0.0)] + names
    return [(n, a, b) for (n, a), (_, b) in zip(names, names[1:] + [("", duration)])]


def encode(pcm, rate, kbit, path, tags, marks):
    meta = ";FFMETADATA1\n" + "".join(f"{k}={v}\n" for k, v in tags.items())
    for name, a, b in marks:
        meta += f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={a * 1000:.0f}\nEND={b * 1000:.0f}\ntitle={name}\n"
    with tempfile.TemporaryDirectory() as d:
        (Path(d) / "meta").write_text(meta, encoding="utf-8")
        subprocess.run(
            ["ffmpeg", "-v", "error", "-y", "-f", "s16le", "-ar", str(rate), "-ac", "1", "-i", "-",
             "-i", str(Path(d) / "meta"), "-map", "0:a", "-map_metadata", "1", "-map_chapters", "1",
             "-c:a", "libmp3lame", "-b:a", f"{kbit}k", "-compression_level", "0",
             "-id3v2_version", "4", "-write_id3v1", "0", str(path)],
            input=pcm.tobytes(), check=True)


def decode(path, rate):
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "-ac", "1", "-ar", str(rate), "-"],
                         capture_output=True, check=True).stdout
    return np.frombuffer(raw, "<i2")


def rows(items):
    return "[\n" + ",\n".join("    " + json.dumps(i, ensure_ascii=False) for i in items) + "\n  ]"


def extras(column):
    """Introduction and advertisement: neighbouring sentences of a kind are one piece."""
    out, last = [], None
    for s in column.spoken_sentences():
        if s.bytes is None:
            if s.kind == last:
                out[-1]["end"] = s.words[-1].end
                out[-1]["text"] += ("" if column.language == "zh" else " ") + column.said(s)
            else:
                out.append(dict(start=s.words[0].start, end=s.words[-1].end, text=column.said(s), kind=s.kind))
        last = s.kind if s.bytes is None else None
    return out


def write_truth(column, name, audio, duration, article):
    words = [dict(text=w.text, start=w.start, end=w.end, bytes=w.bytes)
             for s in column.spoken_sentences() for w in s.words]
    sentences = []
    for s in column.written_sentences():
        row = dict(text=s.written, bytes=s.bytes, status="spoken" if s.words else "unspoken")
        if s.words:
            row.update(start=s.words[0].start, end=s.words[-1].end)
        sentences.append(row)
    head = dict(file=audio.name, duration=duration)
    text = ('{\n  "format": "aloud-truth/1",\n  "audio": %s,\n  "language": "%s",\n  "article": "%s",\n'
            '  "words": %s,\n  "sentences": %s,\n  "unwritten": %s\n}\n') % (
        json.dumps(head), column.language, article, rows(words), rows(sentences), rows(extras(column)))
    (TEXTS / f"{name}.truth.json").write_text(text, encoding="utf-8")

    segments = []
    for s in column.spoken_sentences():
        segments.append(dict(start=s.words[0].start, end=s.words[-1].end, text=column.said(s),
                             words=[dict(text=w.shown, start=w.start, end=w.end, probability=1.0) for w in s.words]))
    head["blake3"] = blake3.blake3(audio.read_bytes()).hexdigest()
    text = ('{\n  "format": "aloud-transcript/1",\n  "audio": %s,\n  "model": {"name": "truth"},\n'
            '  "language": "%s",\n  "segments": %s,\n  "gaps": []\n}\n') % (
        json.dumps(head), column.language, rows(segments))
    (TEXTS / f"{name}.transcript.json").write_text(text, encoding="utf-8")


EPISODES = {
    "open-models.en": dict(language="en", seconds=561, rate=16000, kbit=32, article="open-models.en.txt", tags=dict(
        title="The Machine in the Closet", artist="Ruth Calloway", album="Plain Terms", language="eng", genre="Speech")),
    "old-radio.zh": dict(language="zh", seconds=130, rate=22050, kbit=40, article="old-radio.zh-Hant.txt", tags=dict(
        title="會聊天的舊收音機", artist="沈若川", album="慢慢聽", language="chi", genre="Speech")),
}


def make():
    TEXTS.mkdir(exist_ok=True)
    for name, e in EPISODES.items():
        print(name)
        column = Column(HERE / f"{name}.script", e["language"])
        pcm = (english if e["language"] == "en" else mandarin)(column, e["seconds"] * e["rate"], e["rate"])
        audio = AUDIO / f"{name}.mp3"
        encode(pcm, e["rate"], e["kbit"], audio, e["tags"], chapters(column, e["seconds"]))
        (TEXTS / e["article"]).write_text(column.article, encoding="utf-8")
        write_truth(column, name, audio, float(e["seconds"]), e["article"])
        same(pcm, decode(audio, e["rate"]), e["rate"])
    a = Column(HERE / "open-models.en.script", "en")
    b = Column(HERE / "open-models.zh-Hant.script", "zh", spoken=False)
    (TEXTS / "open-models.zh-Hant.txt").write_text(b.article, encoding="utf-8")
    text = ('{\n  "format": "aloud-pairs/1",\n  "written": ["open-models.en.txt", "open-models.zh-Hant.txt"],\n'
            '  "pairs": %s\n}\n') % rows([dict(en=i, zh=j) for i, j in pairs(a, b)])
    (TEXTS / "open-models.pairs.json").write_text(text, encoding="utf-8")


# ---------------------------------------------------------------- checks
def same(source, decoded, rate):
    """The decoded MP3 has the source's length, and lies on it to the sample."""
    assert len(decoded) == len(source), (len(decoded), len(source))
    n = 1 << (2 * len(source)).bit_length()
    a, b = source.astype(float), decoded.astype(float)
    r = np.fft.irfft(np.fft.rfft(b, n) * np.conj(np.fft.rfft(a, n)), n)
    lag = int(r.argmax()); lag -= n if lag > n // 2 else 0
    print(f"  decoded: {len(decoded)} samples, lag {lag} samples ({1000 * lag / rate:+.2f} ms), "
          f"correlation {r.max() / np.sqrt((a @ a) * (b @ b)):.4f}")
    assert abs(lag) <= rate // 1000


def onsets(x, rate, words, quiet=0.18):
    """How far the sound's rise lies from the start of a word that follows a pause, in ms."""
    off = []
    step = rate // 500
    level = np.sqrt(np.convolve((x / 32768.0) ** 2, np.ones(step) / step, "same"))
    for a, b in zip([dict(end=0.0)] + words, words):
        if b["start"] - a["end"] >= quiet:
            lo, hi = int((b["start"] - 0.12) * rate), int((b["start"] + 0.25) * rate)
            over = np.nonzero(level[lo:hi] > 0.004)[0]
            if len(over):
                off.append(1000 * ((lo + over[0]) / rate - b["start"]))
    return np.array(off)


def check():
    for name, e in EPISODES.items():
        truth = json.loads((TEXTS / f"{name}.truth.json").read_text(encoding="utf-8"))
        script = json.loads((TEXTS / f"{name}.transcript.json").read_text(encoding="utf-8"))
        article = (TEXTS / e["article"]).read_bytes()
        x = decode(AUDIO / f"{name}.mp3", e["rate"])
        assert len(x) == e["seconds"] * e["rate"]
        assert script["audio"]["blake3"] == blake3.blake3((AUDIO / f"{name}.mp3").read_bytes()).hexdigest()
        words, last, reach = truth["words"], 0.0, 0
        for w in words:
            assert last <= w["start"] < w["end"] <= e["seconds"], (last, w)
            last = w["end"]
            if w["bytes"]:
                part = article[slice(*w["bytes"])].decode("utf-8")
                plain = part.lower().replace("’", "'")
                assert plain == w["text"] or re.search(r"[0-9%]|^Jan\.|^Dr\.", part) or part == "trillion", (part, w)
        at = 0
        for s in truth["sentences"]:
            assert article[slice(*s["bytes"])].decode("utf-8") == s["text"] and s["bytes"][0] >= at
            at = s["bytes"][1]
            inside = [w for w in words if w["bytes"] and s["bytes"][0] <= w["bytes"][0] < s["bytes"][1]]
            assert bool(inside) == (s["status"] == "spoken")
            if inside:
                assert (inside[0]["start"], inside[-1]["end"]) == (s["start"], s["end"]) and s["start"] >= reach
                reach = s["end"]
        said = [w for s in script["segments"] for w in s["words"]]
        assert [(w["start"], w["end"]) for w in said] == [(w["start"], w["end"]) for w in words]
        off = onsets(x.astype(float), e["rate"], words)
        print(f"{name}: {len(words)} words, {len(truth['sentences'])} sentences, {len(article.decode('utf-8'))} characters, "
              f"{e['seconds']}.000 s; onset after a pause against truth: median {np.median(off):+.1f} ms, "
              f"5-95 % {np.percentile(off, 5):+.1f} to {np.percentile(off, 95):+.1f} ms ({len(off)} words)")
    table = json.loads((TEXTS / "open-models.pairs.json").read_text(encoding="utf-8"))["pairs"]
    for side, name in (("en", "open-models.en"), ("zh", "open-models.zh-Hant")):
        flat = [i for p in table for i in p[side]]
        assert flat == list(range(len(flat)))
    kinds = [f"{len(p['en'])}-{len(p['zh'])}" for p in table]
    print("pairs:", {k: kinds.count(k) for k in sorted(set(kinds))})


if __name__ == "__main__":
    if "--check" not in sys.argv[1:]:
        make()
    check()
