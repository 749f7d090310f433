#!/usr/bin/env python3
"""Makes docs/listen.svg, the moving picture in the README, from the real screen.

    scripts/picture.py [OUT]

Plays the demo episode in a terminal of tmux, takes its screen at a few moments, and draws each as text in an SVG
that shows them one after the other. Needs tmux, a release build and nothing else; run it again when the screen changes.
"""
import html
import os
import re
import subprocess
import sys
import tempfile
import time
import unicodedata

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COLUMNS, ROWS = 108, 25
CELL, LINE, SIZE = 8.4, 18, 14
SECONDS = 2.2
# The seconds to wait and the keys to type before each picture.
SCENES = [(6, []), (1.6, []), (1.6, []), (0.4, ["/", "northfield"]), (1.2, ["Enter"]), (1.5, ["v"]), (1.5, ["v", "t"])]
ARGUMENTS = ["--at", "0:15", "--no-audio", "--transcript", "transcripts/open-models.en.transcript.json",
             "--bilingual", "transcripts/open-models.zh-Hant.txt"]


def tmux(*arguments):
    return subprocess.run(["tmux", "-L", "aloud-picture", *arguments], check=True, capture_output=True, text=True).stdout


def scenes():
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        program = " ".join([f"{ROOT}/target/release/aloud", "listen", "audio/open-models.en.mp3", "transcripts/open-models.en.txt", *ARGUMENTS])
        tmux("-f", "/dev/null", "new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), "-c", ROOT,
             f"env HOME={home} COLORTERM=truecolor LC_ALL=C.UTF-8 {program}")
        tmux("set-option", "-g", "status", "off")
        tmux("set-option", "-sa", "terminal-overrides", ",*:Tc")
        try:
            for wait, keys in SCENES:
                for key in keys:
                    tmux("send-keys", key)
                    time.sleep(0.2)
                time.sleep(wait)
                yield tmux("capture-pane", "-p", "-e", "-N")
            tmux("send-keys", "q")
            time.sleep(0.5)
        finally:
            subprocess.run(["tmux", "-L", "aloud-picture", "kill-server"], check=False, capture_output=True)


BASIC = ["#000000", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5",
         "#666666", "#f14c4c", "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#ffffff"]


def indexed(n):
    if n < 16:
        return BASIC[n]
    if n >= 232:
        return "#" + f"{8 + 10 * (n - 232):02x}" * 3
    steps = [0, 95, 135, 175, 215, 255]
    n -= 16
    return "#" + "".join(f"{steps[i]:02x}" for i in (n // 36, n // 6 % 6, n % 6))


class Pen:
    def __init__(self):
        self.reset()

    def reset(self):
        self.fore, self.back, self.marks = None, None, frozenset()

    def take(self, codes):
        codes = [int(code or 0) for code in codes.replace(":", ";").split(";")]
        while codes:
            code = codes.pop(0)
            if code == 0:
                self.reset()
            elif code in (1, 2, 3, 4, 7):
                self.marks |= {code}
            elif code == 22:
                self.marks -= {1, 2}
            elif code in (23, 24, 27):
                self.marks -= {code - 20}
            elif code in (38, 48, 58):
                kind = codes.pop(0)
                colour = indexed(codes.pop(0)) if kind == 5 else "#" + "".join(f"{codes.pop(0):02x}" for _ in range(3))
                if code == 38:
                    self.fore = colour
                elif code == 48:
                    self.back = colour
            elif 30 <= code <= 37 or 90 <= code <= 97:
                self.fore = BASIC[code - 30 if code < 90 else code - 82]
            elif 40 <= code <= 47 or 100 <= code <= 107:
                self.back = BASIC[code - 40 if code < 100 else code - 92]
            elif code == 39:
                self.fore = None
            elif code == 49:
                self.back = None

    def style(self):
        fore, back = self.fore or "#d0d0d0", self.back or "#1c1c1c"
        return (back, fore, self.marks) if 7 in self.marks else (fore, back, self.marks)


def width(character):
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def runs(row, pen):
    """The pieces of a row that look alike: column, cells, text, style. The pen goes on from row to row."""
    column, piece = 0, None
    for part in re.split(r"(\x1b\[[0-9;:]*m)", row):
        if part.startswith("\x1b["):
            pen.take(part[2:-1])
            continue
        for character in part:
            # Wide characters stand alone, so that each is on its cell whatever font draws it.
            if piece and piece[3] == pen.style() and width(character) == 1 and not piece[4]:
                piece[1] += 1
                piece[2] += character
            else:
                if piece:
                    yield piece
                piece = [column, width(character), character, pen.style(), width(character) == 2]
            column += width(character)
    if piece:
        yield piece


def draw(screen):
    out, pen = [], Pen()
    for y, row in enumerate(screen.rstrip("\n").split("\n")):
        for column, cells, text, (fore, back, marks), _ in runs(row, pen):
            x, top = column * CELL, y * LINE
            if back != "#1c1c1c":
                out.append(f'<rect shape-rendering="crispEdges" x="{x:.1f}" y="{top}" width="{cells * CELL + 0.3:.1f}" height="{LINE + 0.3}" fill="{back}"/>')
            if text.strip():
                looks = (' font-weight="bold"' if 1 in marks else "") + (' font-style="italic"' if 3 in marks else "")
                looks += (' text-decoration="underline"' if 4 in marks else "") + (' opacity=".6"' if 2 in marks else "")
                fixed = f' textLength="{cells * CELL:.1f}" lengthAdjust="spacingAndGlyphs"'
                out.append(f'<text x="{x:.1f}" y="{top + 14}" fill="{fore}"{looks}{fixed}>{html.escape(text)}</text>')
    return "".join(out)


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else f"{ROOT}/docs/listen.svg"
    frames = [draw(screen) for screen in scenes()]
    total = SECONDS * len(frames)
    share = 100 / len(frames)
    wide, high = COLUMNS * CELL + 24, ROWS * LINE + 24
    style = [f"text{{font:{SIZE}px 'DejaVu Sans Mono','Noto Sans Mono CJK TC',Menlo,Consolas,monospace;white-space:pre}}"]
    style += [f"g.f{{opacity:0;animation:f {total:.1f}s step-end infinite}}", f"@keyframes f{{0%{{opacity:1}}{share:.3f}%{{opacity:0}}}}"]
    groups = [f'<g class="f" style="animation-delay:{SECONDS * i:.1f}s">{frame}</g>' for i, frame in enumerate(frames)]
    os.makedirs(os.path.dirname(os.path.abspath(out)), exist_ok=True)
    with open(out, "w", encoding="utf-8") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 -12 {wide:.0f} {high:.0f}" xml:space="preserve">'
                   f"<style>{''.join(style)}</style>"
                   f'<rect x="-12" y="-12" width="100%" height="100%" rx="8" fill="#1c1c1c"/>{"".join(groups)}</svg>\n')


main()
