#!/usr/bin/env python3
"""Measures `aloud listen` in a real terminal: start to the first frame and to the first sound, the share of a core while
it plays, the time a jump takes to be heard, and memory with ten hours of MP3.

    scripts/bench-listen.py [HOURS]

Needs a release build and ffmpeg. Sound is measured under the program named by WITH_SOUND_CARD (default
../shared/tools/with-sound-card), which runs a command with a sound server; without it a clock plays in silence.
"""
import fcntl
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


main()
