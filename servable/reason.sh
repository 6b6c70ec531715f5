#!/bin/bash
# reason.sh LOG: say again, last, why `docker build` failed; its own last lines only repeat the instruction.
# That is a line of ours, or else the last words of the step that failed. The builders print a step's line bare, or
# after "#7 " and a time.
set -uo pipefail

told="$(sed -nE 's/^(#[0-9]+ )?([0-9.]+ )?(build failed: .*)$/\3/p' "$1" | tail -n 1)"
step="$(sed -nE 's/^(#[0-9]+) ERROR: .*$/\1/p' "$1" | tail -n 1)"
if [ -z "$told" ] && [ -n "$step" ]; then
  sed -nE "s/^$step [0-9.]+ (.*[^[:space:]].*)\$/\1/p" "$1" | tail -n 3
  told="build failed: $(sed -nE "s/^$step ERROR: (.*)\$/\1/p" "$1" | tail -n 1)"
fi
if [ -n "$told" ]; then echo "$told"; fi
