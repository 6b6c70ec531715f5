#!/bin/bash
# signature.sh LOG: the signature that the build inferred, JSON; nothing when the contract had one (infer_signature.py).
# The builders print a step's line bare, or after "#7 " and a time.
sed -nE 's/^(#[0-9]+ )?([0-9.]+ )?inferred signature: (\{.*\})\r?$/\3/p' "$1" | tail -n 1
