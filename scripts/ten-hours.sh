#!/bin/sh
# Transcribes a generated ten-hour file with the very small model and prints the peak memory of all processes
# together (aim: the model and at most 300 MB). Takes half an hour on two cores; HOURS=1 is enough to see that
# memory does not grow.
set -eu
cd "$(dirname "$0")/.."
hours=${HOURS:-10}
cargo build --release --locked --quiet
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ffmpeg -nostdin -v error -stream_loop 64 -i audio/open-models.en.mp3 -map 0:a -c copy -t "$((hours * 3600))" "$work/long.mp3"
target/release/aloud transcribe "$work/long.mp3" --model micro -l en --beam 1 --cache "$work/cache" --quiet -o "$work/long.json" &
pid=$!
peak=0
while kill -0 "$pid" 2>/dev/null; do
  sum=0
  # Proportional, so that pages which parent and child share count once.
  for p in $pid $(cat /proc/$pid/task/*/children 2>/dev/null); do
    pss=$(sed -n 's/^Pss: *\([0-9]*\) kB/\1/p' "/proc/$p/smaps_rollup" 2>/dev/null || true)
    sum=$((sum + ${pss:-0}))
  done
  [ "$sum" -le "$peak" ] || peak=$sum
  sleep 1
done
wait "$pid"
echo "$hours hours: at most $((peak / 1024)) MB, of which the model is $(($(wc -c < models/ggml-micro.bin) / 1048576)) MB"
