#!/bin/bash
# reason.sh LOG: say again, last, why `docker build` failed; its own last lines only repeat the instruction.
# The builders print a step's line bare, or after "#7 " and a time.
sed -nE 's/^(#[0-9]+ )?([0-9.]+ )?(build failed: .*)$/\3/p' "$1" | tail -n 1
