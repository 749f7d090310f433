#!/bin/sh
# Runs `cargo test` with the arguments given and says at the end what was skipped, by test and reason. In CI it fails where a
# reason is none of those in scripts/may-skip.txt.
set -u
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The pipe's first status, in a shell that has no pipefail; on a line of its own, wherever the output breaks off.
{ cargo test "$@" 2>&1 || printf '\ntests.sh: failed\n'; } | tee "$log"
skipped=$(grep '^skipped: ' "$log" | sed 's/^skipped: //' | sort -u)
if [ -n "$skipped" ]; then
  printf '\n%s tests were skipped:\n%s\n' "$(printf '%s\n' "$skipped" | wc -l | tr -d ' ')" "$skipped"
else
  printf '\nno test was skipped\n'
fi
if grep -q '^tests.sh: failed$' "$log"; then
  [ -z "${PROPTEST_RNG_SEED:-}" ] || printf 'property tests were drawn with PROPTEST_RNG_SEED=%s\n' "$PROPTEST_RNG_SEED" >&2
  exit 1
fi
[ -n "${CI:-}" ] && [ -n "$skipped" ] || exit 0
unexpected=$(printf '%s\n' "$skipped" | grep -v -F -f scripts/may-skip.txt || true)
if [ -n "$unexpected" ]; then
  printf 'not expected to be skipped in CI (scripts/may-skip.txt):\n%s\n' "$unexpected" >&2
  exit 1
fi
