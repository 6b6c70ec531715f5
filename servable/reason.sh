#!/bin/bash
# reason.sh LOG: say again, last, why `docker build` failed; its own last lines only repeat the instruction.
# That is a line of ours, and where the step was its author's (a Dockerfile, an install command) the last words before
# it. The builders print a step's line bare, or after "#7 " and a time.
set -uo pipefail

told="$(sed -nE 's/^(#[0-9]+ )?([0-9.]+ )?(build failed: .*)$/\3/p' "$1" | tail -n 1)"
step="$(sed -nE 's/^(#[0-9]+) ERROR: .*$/\1/p' "$1" | tail -n 1)"
if [ -z "$told$step" ]; then exit 0; fi
said="$(sed -nE "s/^${step:-none} [0-9.]+ (.*[^[:space:]].*)\$/\1/p" "$1" | grep -v '^build failed: ' | tail -n 3)"
case "$told" in
  "") told="build failed: $(sed -nE "s/^$step ERROR: (.*)\$/\1/p" "$1" | tail -n 1)" ;;
  "build failed: install command "*) ;;
  *) said="" ;;
esac
if [ -n "$said" ]; then echo "$said"; fi
echo "$told"
