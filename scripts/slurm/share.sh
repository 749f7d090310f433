#!/bin/sh
# One share of scripts/slurm/submit.sh, or all that is left (SHARES is `rest`): ALOUD SHARES FOLDER OUT STORE [OPTION]...
#
# A node that dies loses the window in hand: Slurm gives the share to another one, which finds the rest in the store. So does the
# share itself where its time is over.
set -u
aloud=$1 shares=$2 folder=$3 out=$4 store=$5
shift 5
if [ "$shares" != rest ]; then
  set -- --shard "$SLURM_ARRAY_TASK_ID/$shares" "$@"
fi
name=${SLURM_ARRAY_TASK_ID:-rest}
echo "share $name of $shares on ${SLURMD_NODENAME:-?}, begun again ${SLURM_RESTART_COUNT:-0} times" >&2
is_late=
"$aloud" transcribe "$folder" -o "$out/" --cache "$store" ${SLURM_CPUS_PER_TASK:+--threads "$SLURM_CPUS_PER_TASK"} "$@" &
child=$!
trap 'kill -TERM "$child" 2>/dev/null' TERM INT
trap 'is_late=1; kill -TERM "$child" 2>/dev/null' USR1
wait "$child"
code=$?
# A signal ends the waiting before the program has put away what it did.
while kill -0 "$child" 2>/dev/null; do
  wait "$child"
  code=$?
done
if [ -n "$is_late" ] && [ "$code" -eq 130 ]; then
  echo "share $name: the time is over; it goes on in another job" >&2
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$code"
