#!/bin/sh
# Makes every recording in this folder from one synthetic signal of our own.
#
# Needs python3 (standard library), ffmpeg, lame, sox, opusenc. The results are committed: run this only
# to change them, and look at what changed. Nothing here is taken from any other recording.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ff() { ffmpeg -hide_banner -loglevel error -y -fflags +bitexact "$@"; }

# The signal: 35 × 1024 samples at 24 kHz (1.493 s) of a voice-like sound: a gliding pitch with four
# formants in five syllables, a sweep from 300 to 3000 Hz under it, a little silence, and a click at 0.1 s.
python3 - "$work/source.wav" <<'PY'
import math, struct, sys, wave
rate, n = 24000, 35 * 1024
phase, sweep, out = 0.0, 0.0, []
for i in range(n):
    t = i / rate
    pitch = 120 + 40 * math.sin(2 * math.pi * 1.3 * t)
    phase += 2 * math.pi * pitch / rate
    sweep += 2 * math.pi * (300 + 2700 * i / n) / rate
    syllable = max(0.0, math.sin(2 * math.pi * 3.4 * t)) ** 0.7 * min(1.0, t * 20, (n - i) / 600)
    voice = 0.0
    for k in range(1, 26):
        f = k * pitch
        gain = sum(g / (1 + ((f - c) / w) ** 2) for c, w, g in ((500 + 250 * math.sin(7 * t), 90, 1), (1500, 130, .5), (2500, 160, .25)))
        voice += gain * math.sin(k * phase)
    x = 0.16 * syllable * voice + 0.08 * math.sin(sweep) * min(1.0, t * 20, (n - i) / 600)
    if i == 2400:
        x += 0.5
    out.append(max(-1.0, min(1.0, x)))
with wave.open(sys.argv[1], 'wb') as w:
    w.setnchannels(1); w.setsampwidth(2); w.setframerate(rate)
    w.writeframes(b''.join(struct.pack('<h', round(x * 32767)) for x in out))
PY
src=$work/source.wav
ff -i "$src" -map_metadata -1 -metadata title='A synthetic voice' -metadata artist=aloud -metadata album='Fixtures' -compression_level 12 source.flac

# MPEG audio.
sox "$src" -r 44100 -c 2 "$work/44k.wav"
lame --quiet -b 64 -q 0 -m j -t "$work/44k.wav" mp3-cbr.mp3
sox "$src" -r 44100 "$work/44k-mono.wav"
lame --quiet -b 64 -q 0 --resample 44.1 "$work/44k-mono.wav" mp3-44k.mp3
lame --quiet -b 64 -q 0 --tt 'Gapless voice' --ta aloud --tl Fixtures --add-id3v2 "$src" mp3-lame.mp3
lame --quiet -V 5 -q 0 "$src" mp3-vbr-xing.mp3
lame --quiet -V 5 -q 0 -t "$src" mp3-vbr.mp3
lame --quiet -V 5 -q 0 -p "$src" mp3-vbr-crc.mp3
ff -i "$src" -c:a mp2 -b:a 64k mpeg.mp2

# AAC, ALAC and what else MP4 holds.
cat > "$work/chapters.txt" <<'META'
;FFMETADATA1
title=A synthetic voice
artist=aloud
album=Fixtures
[CHAPTER]
TIMEBASE=1/1000
START=0
END=700
title=First
[CHAPTER]
TIMEBASE=1/1000
START=700
END=1493
title=Second
META
ff -i "$src" -i "$work/chapters.txt" -map_metadata 1 -c:a aac -b:a 48k aac.m4a
ff -i "$src" -c:a aac -b:a 48k aac.aac
ff -i "$src" -c:a aac -b:a 48k -movflags frag_keyframe+empty_moov+default_base_moof -frag_duration 500000 aac-fragmented.mp4
ff -i "$src" -t 0.5 -af 'pan=5.1|c0=0*c0|c1=0*c0|c2=c0|c3=0*c0|c4=0*c0|c5=0*c0' -c:a aac -b:a 64k aac-surround.m4a
ff -i "$src" -t 0.5 -c:a alac alac.m4a
ff -f lavfi -i testsrc=size=32x32:rate=5:duration=1.4 -i "$src" -map 0:v -map 1:a -c:v mpeg4 -b:v 8k -c:a aac -b:a 48k video.mp4
ff -i "$src" -c:a ac3 -b:a 64k ac3.mp4
# Not made here: he-aac*.m4a and he-aac.aac, since no ffmpeg of a distribution has an encoder for HE-AAC. They are the same signal at
# 44.1 kHz, encoded once with libfdk-aac (the crate fdk-aac-sys 0.5.0): he-aac.m4a v1, one channel, 32 kbit/s, told by its header (object 5),
# edit list at the encoder's delay of 5058; he-aac-hidden.m4a v1, two channels (the second half as loud), 40 kbit/s, a header that says plain
# AAC, and a clock of 22050 ticks; he-aac-v2.m4a the same two channels at 24 kbit/s, told by the marks 0x2b7 and 0x548, delay 7106; he-aac.aac
# like the first, as ADTS, and without its last packet.

# Ogg, Matroska, WebM.
ff -i "$src" -metadata title='A synthetic voice' -metadata artist=aloud -metadata album=Fixtures \
  -metadata CHAPTER000=00:00:00.000 -metadata CHAPTER000NAME=First -metadata CHAPTER001=00:00:00.700 -metadata CHAPTER001NAME=Second \
  -c:a libvorbis -q:a 3 vorbis.ogg
opusenc --quiet --bitrate 64 --title 'A synthetic voice' --artist aloud "$src" opus.opus
ff -i "$src" -c:a libopus -b:a 64k opus.webm
ff -i "$src" -c:a libvorbis -q:a 3 vorbis.webm
ff -i "$src" -c:a aac -b:a 48k aac.mkv
ff -f lavfi -i testsrc=size=32x32:rate=5:duration=1.4 -i "$src" -map 0:v -map 1:a -c:v mpeg4 -b:v 8k -c:a flac -t 0.6 video.mkv
ff -i "$src" -t 0.5 -c:a flac flac.ogg

# PCM: the first quarter of a second.
sox "$src" "$work/short.wav" trim 0 6000s
short=$work/short.wav
sox -D "$short" -b 8 -e unsigned-integer wav-8.wav
ff -i "$short" -c:a pcm_s16le wav-16.wav
sox "$short" -t wavpcm -b 24 -e signed-integer wav-24.wav
sox "$short" -t wavpcm -b 32 -e signed-integer wav-32.wav
ff -i "$short" -c:a pcm_f32le wav-float.wav
sox "$short" -b 24 -e signed-integer wav-extensible.wav
ff -i "$short" -c:a pcm_alaw wav-alaw.wav
ff -i "$short" -c:a adpcm_ima_wav wav-adpcm.wav
sox "$short" -b 16 aiff.aiff
ff -i "$short" -c:a pcm_s16be caf.caf
ff -i "$src" -t 0.5 -c:a alac alac.caf
