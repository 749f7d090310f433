#!/bin/sh
# Has a Slurm cluster transcribe a folder: an array of many more shares than nodes, which Slurm hands out as nodes come free, and a
# last job that does what no share could and sums up.
#
#   scripts/slurm/submit.sh FOLDER OUT [option of `aloud transcribe`]...
#
# FOLDER, OUT and the store lie on a path that all nodes share. What is there already is not done again, so the same line does what
# is new. Variables: SHARES (64), STORE (OUT/.store), ALOUD (aloud, as the nodes find it), ARRAY (options for sbatch, such as
# `--cpus-per-task=8 --time=4:00:00`).
set -eu
if [ $# -lt 2 ]; then
  echo "usage: $0 FOLDER OUT [option of \`aloud transcribe\`]..." >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
if [ ! -d "$1" ]; then
  echo "there is no folder \`$1\`" >&2
  exit 3
fi
folder=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
shift 2
shares=${SHARES:-64}
store=${STORE:-$out/.store}
mkdir -p "$out/.log"
# One word each, whatever stands in them; only ARRAY is several.
# shellcheck disable=SC2086
array=$(sbatch --parsable --job-name=aloud --array="1-$shares" --requeue --open-mode=append --signal=B:USR1@60 \
  --output="$out/.log/share-%a" ${ARRAY:-} "$here/share.sh" "${ALOUD:-aloud}" "$shares" "$folder" "$out" "$store" "$@")
# shellcheck disable=SC2086
last=$(sbatch --parsable --job-name=aloud-rest --dependency="afterany:${array%%;*}" --requeue --open-mode=append --signal=B:USR1@60 \
  --output="$out/.log/rest" ${ARRAY:-} "$here/share.sh" "${ALOUD:-aloud}" rest "$folder" "$out" "$store" "$@")
echo "array ${array%%;*} of $shares shares, then job ${last%%;*}; \`squeue --me\` shows them, \`$out/.log/rest\` sums up"
