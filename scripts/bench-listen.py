#!/usr/bin/env python3
"""Measures `aloud listen` in a real terminal: start to the first frame and to the first sound, the share of a core while
it plays, the time a jump takes to be heard, and memory with ten hours of MP3; and the shelf with ten thousand episodes and a
feed of five thousand entries.

    scripts/bench-listen.py [HOURS]

Needs a release build and ffmpeg. Sound is measured under the program named by WITH_SOUND_CARD (default
../shared/tools/with-sound-card), which runs a command with a sound server; without it a clock plays in silence.
"""
import fcntl
import hashlib
import http.server
import json
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ALOUD = f"{ROOT}/target/release/aloud"
CARD = os.environ.get("WITH_SOUND_CARD", f"{ROOT}/../shared/tools/with-sound-card")
DEMO = ["audio/open-models.en.mp3", "transcripts/open-models.en.txt", "--transcript", "transcripts/open-models.en.transcript.json"]
TITLE = "The Machine in the Closet".encode()


class Session:
    """`aloud listen` in a terminal of 100 by 30 cells."""

    def __init__(self, home, arguments):
        self.start = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            os.environ.update(HOME=home, TERM="xterm-256color", LC_ALL="C.UTF-8")
            os.execv(ALOUD, [ALOUD, "listen", *arguments])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.shown = b""

    def read(self, seconds, until=None):
        """The seconds from the start to `until`, or None."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([self.fd], [], [], 0.002)[0]:
                try:
                    self.shown += os.read(self.fd, 65536)
                except OSError:
                    return None
                if until and until in self.shown:
                    return time.monotonic() - self.start
        return None

    def cpu(self):
        """Seconds of CPU so far, children included."""
        fields = open(f"/proc/{self.pid}/stat").read().rsplit(")", 1)[1].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    def peak(self):
        line = next(line for line in open(f"/proc/{self.pid}/status") if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def quit(self):
        os.write(self.fd, b"q")
        self.read(1)
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def first_frame(home):
    times = []
    for _ in range(7):
        session = Session(home, [*DEMO, "--no-audio", "--from-start"])
        times.append(session.read(10, TITLE))
        session.read(0.3)
        session.quit()
    return statistics.median(times[1:])


def cpu_share(home):
    session = Session(home, [*DEMO, "--no-audio", "--from-start"])
    session.read(8)
    before = session.cpu()
    session.read(20)
    share = (session.cpu() - before) / 20
    session.quit()
    return share


def probe(home, audio, steps):
    """What the player says is heard: milliseconds since its start and of the recording, for each line."""
    script = f"{home}/steps"
    with open(script, "w") as file:
        file.write("".join(f"{step}\n" for step in steps))
    command = [ALOUD, "player-probe", script, audio]
    if os.access(CARD, os.X_OK):
        command = [CARD, f"{home}/heard.wav", *command]
    else:
        command.append("--no-audio")
    out = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return [json.loads(line) for line in out.splitlines()]


def first_sound(home, audio):
    lines = probe(home, audio, ["0 play", "1500 quit"])
    start = lines[0]["wall"]
    return next(line["wall"] - start for line in lines if line.get("position", 0) > 0)


def jump(home, audio, to):
    lines = probe(home, audio, ["0 play", f"4000 seek {to}", "6000 quit"])
    asked = next(line["wall"] for line in lines if str(line.get("did", "")).startswith("seek"))
    return next(line["wall"] - asked for line in lines if line["wall"] > asked and line.get("position", 0) > to)


def fill(home, n_episodes, n_entries):
    """Puts so many episodes on the shelf of `home`, and follows a show with so many entries, from a server that ends then."""
    env = {**os.environ, "HOME": home, "LC_ALL": "C.UTF-8"}

    def aloud(*arguments, **more):
        return subprocess.run([ALOUD, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=True, **more).stdout

    # The shorter one: a minute for ten thousand of it.
    radio = ["audio/old-radio.zh.mp3", "transcripts/old-radio.zh-Hant.txt"]
    aloud("align", *radio, "--method", "whisper", "--transcript", "transcripts/old-radio.zh.transcript.json")
    lines = [json.loads(line) for line in aloud("library", "export").splitlines()]
    known = next(line for line in lines if line.get("stage") == "text")
    episodes = [{**known, "episode": hashlib.sha256(str(n).encode()).hexdigest(), "title": f"Number {n} of rivers"} for n in range(n_episodes)]
    with open(f"{home}/library.jsonl", "w") as file:
        file.writelines(json.dumps(line) + "\n" for line in [lines[0], *episodes])
    aloud("library", "import", f"{home}/library.jsonl")
    item = "<item><title>Entry {0} of roads</title><guid>{0}</guid><enclosure url='{0}.mp3' type='audio/mpeg'/></item>"
    feed = "<rss><channel><title>Roads</title>" + "".join(item.format(n) for n in range(n_entries)) + "</channel></rss>"

    class Feed(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(feed.encode())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Feed) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        aloud("feed", "add", f"http://127.0.0.1:{server.server_port}/feed.xml")
        server.shutdown()


def shelf(home, n):
    """Seconds to the first frame and until all `n` are known, for the first letter of a search and for a further one, and megabytes."""
    session = Session(home, [])
    # Where the first frame ends (synchronised output).
    first, known = session.read(10, b"[?2026l"), session.read(60, f"all {n}".encode())
    session.read(1)

    def typed(key):
        session.shown = b""
        begin = time.monotonic()
        os.write(session.fd, key)
        session.read(10, b"[?2026l")
        took = time.monotonic() - begin
        session.read(0.3)
        return took

    typed(b"\x14\x14")
    letters = [typed(key) for key in (b"r", b"i", b"v")]
    peak = session.peak()
    os.write(session.fd, b"\x03")
    session.quit()
    return first, known, letters[0], max(letters[1:]), peak


def main():
    hours = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        card = "a real sound server" if os.access(CARD, os.X_OK) else "the silent clock"
        print(f"first frame         {first_frame(home) * 1000:7.0f} ms   (aim 100)")
        print(f"first sound         {first_sound(home, DEMO[0]) * 1000:7.0f} ms   (aim 200; {card}, from the player's start)")
        print(f"while playing       {cpu_share(home) * 100:7.1f} %    of a core (aim 5)")
        long = f"{home}/long.mp3"
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-stream_loop", str(hours * 7), "-i", f"{ROOT}/{DEMO[0]}", "-map", "0:a",
                        "-c", "copy", "-t", str(hours * 3600), long], check=True)
        print(f"jump in {hours:2} h of MP3  {jump(home, long, hours * 3_000_000) * 1000:7.0f} ms   (aim 50; heard, index made)")
        session = Session(home, [long, "--no-audio"])
        session.read(15)
        print(f"memory, {hours:2} h of MP3  {session.peak():7.0f} MB   (aim 150)")
        session.quit()
        fill(home, 10_000, 5_000)
        first, known, letter, further, peak = shelf(home, 15_001)
        print(f"shelf, first frame  {first * 1000:7.0f} ms   (aim 100; 10,000 episodes and 5,000 entries of a show)")
        print(f"shelf, all known    {known * 1000:7.0f} ms")
        print(f"shelf, a search     {letter * 1000:7.0f} ms   for its first letter, {further * 1000:.0f} ms for a further one")
        print(f"shelf, memory       {peak:7.0f} MB")


main()
