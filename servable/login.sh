#!/bin/bash
# login.sh IMAGE...: log docker in to the ECR registries of the images; other registries are public or already known.
set -euo pipefail

for image in "$@"; do
  host="${image%%/*}"
  case "$host" in
    *.dkr.ecr.*) aws ecr get-login-password | docker login --username AWS --password-stdin "$host" ;;
  esac
done
