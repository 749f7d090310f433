"""Reads a column's script: what is written, what is spoken for it, and which bytes belong together.

The markup is explained in ../README.md. Nothing here knows about sound.
"""
import re

SEPARATOR = {"en": " ", "zh": ""}
WORD = {
    "en": re.compile(r"\{(?P<written>[^|{}]+)\|(?P<spoken>[^{}]+)\}|(?P<plain>[A-Za-z]+(?:’[A-Za-z]+)*)"),
    "zh": re.compile(r"\{(?P<written>[^|{}]+)\|(?P<spoken>[^{}]+)\}|(?P<plain>[\u4e00-\u9fff])"),
}
HAN = re.compile(r"[\u4e00-\u9fff]")


class Word:
    """One spoken word. `bytes` is the written word it reads, `shown` how a transcript prints it."""

    def __init__(self, text, shown, bytes_, before):
        self.text, self.shown, self.bytes, self.before = text, shown, bytes_, before
        self.after = ""
        self.start = self.end = None


class Sentence:
    def __init__(self, kind, read, mark):
        self.kind, self.read, self.mark = kind, read, mark
        self.written, self.bytes, self.words, self.pinyin = "", None, [], None
        self.paragraph = 0


class Column:
    """article: the text; sentences: in order, spoken extras (introduction, advertisement) included."""

    def __init__(self, path, language, spoken=True):
        self.spoken = spoken             # False: a text only, nothing in it is narrated
        self.language, self.article, self.sentences = language, "", []
        self.skipped_after = []          # marks "-": a sentence of the other language left out here
        self._read(path)

    def written_sentences(self):
        return [s for s in self.sentences if s.bytes]

    def spoken_sentences(self):
        return [s for s in self.sentences if s.words]

    def _read(self, path):
        block, first, paragraph = None, False, 0
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith("#"):
                continue
            if not line.strip():
                block = None
            elif line.startswith("@"):
                block = line[1:].split()
                first, paragraph = True, paragraph + 1
            elif line.startswith("~"):
                self.sentences[-1].pinyin = line[1:].split()
            elif block is None:
                raise ValueError(f"{path.name}:{number}: text outside a block")
            elif line == "-":
                self.sentences.append(Sentence("left-out", False, "-"))
            else:
                mark = re.match(r"(&|2=)?", line).group(0)
                self._sentence(line[len(mark):], mark, block, first, paragraph)
                first = False
        self.article += "\n"

    def _sentence(self, line, mark, block, first, paragraph):
        kind = block[1] if block[0] == "say" else block[0]
        s = Sentence(kind, self.spoken and "unread" not in block, mark)
        s.paragraph = paragraph
        inside = block[0] != "say"
        if inside and self.article:
            glued = first and "glued" in block
            self.article += "" if glued else "\n\n" if first else SEPARATOR[self.language]
        base = len(self.article.encode("utf-8"))
        pattern, written, words, gap, at = WORD[self.language], "", [], "", 0
        for m in pattern.finditer(line):
            between = line[at:m.start()]
            if s.read and re.search(r"[0-9A-Za-z{}]", between):
                raise ValueError(f"say how this is spoken: {between!r} in {line!r}")
            written, gap, at = written + between, gap + between, m.end()
            token = m["written"] or m["plain"]
            start = base + len(written.encode("utf-8"))
            if s.read:
                for text, part in self._spoken(m, token):
                    a = start + len(token[: token.index(part)].encode("utf-8"))
                    span = [a, a + len(part.encode("utf-8"))] if inside else None
                    plain = text.lower().replace("’", "'")
                    shown = part if part.lower() == text.lower() else text
                    if words:
                        words[-1].after = gap
                    words.append(Word(plain, shown, span, gap if not words else ""))
                    gap = "" if self.language == "zh" and HAN.search(text) else " "
                gap = ""
            written += token
        written += line[at:]
        if words:
            words[-1].after = gap + line[at:]
        s.written, s.words = written, words
        if inside:
            s.bytes = [base, base + len(written.encode("utf-8"))]
            self.article += written
        self.sentences.append(s)

    def _spoken(self, m, token):
        if m["plain"]:
            return [(token, token)]
        pairs = []
        for item in m["spoken"].split():
            text, _, part = item.partition("=")
            units = list(text) if self.language == "zh" and HAN.search(text) else [text]
            for unit in units:
                found = part or (unit if self.language == "zh" and unit in token else token)
                pairs.append((unit, found))
        return pairs

    def said(self, sentence):
        """The sentence as a perfect transcript prints it: spoken words, written punctuation."""
        text = sentence.words[0].before
        for w in sentence.words:
            text += w.shown + w.after
        return text.strip()


def pairs(a, b):
    """Sentence numbers of `a` and `b` that say the same, by the marks in `b`'s script."""
    rows, i, j = [], 0, 0
    for s in b.sentences:
        if s.mark == "&":
            rows[-1][1].append(j); j += 1
        elif s.mark == "-":
            rows.append(([i], [])); i += 1
        else:
            many = 2 if s.mark == "2=" else 1
            rows.append((list(range(i, i + many)), [j])); i += many; j += 1
    if i != len(a.written_sentences()) or j != len(b.written_sentences()):
        raise ValueError(f"the translation does not come out even: {i} of {len(a.written_sentences())}, {j}")
    return rows
