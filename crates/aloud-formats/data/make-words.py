#!/usr/bin/env python3
"""Makes `words.zlib` from jieba's `dict.txt`: make-words.py DICT.TXT [MIN_COUNT].

A line is a word and how often it was counted. Words that were counted less than MIN_COUNT (4) times are half of the list
and nearly all names; of those longer than 8 characters none is an ordinary word. `words-own.txt` is added with a count of 50.
"""
import pathlib
import sys
import zlib

here = pathlib.Path(__file__).parent
least = int(sys.argv[2]) if len(sys.argv) > 2 else 4
counts = {}
for line in open(sys.argv[1], encoding="utf-8"):
    word, count, *_ = line.split()
    if int(count) >= least and len(word) <= 8:
        counts[word] = int(count)
for word in (here / "words-own.txt").read_text(encoding="utf-8").split():
    counts[word] = max(counts.get(word, 0), 50)
text = "".join(f"{word} {count}\n" for word, count in sorted(counts.items()))
(here / "words.zlib").write_bytes(zlib.compress(text.encode(), 9))
print(len(counts), "words,", len(text.encode()), "bytes,", (here / "words.zlib").stat().st_size, "compressed")
