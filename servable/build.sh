#!/bin/bash
# build.sh: the image of one model version, from image/model/, by the variables of buildspec.yml.
# With PACKAGE_INDEX, the text of a pip.conf, the steps of a Dockerfile may mount the secret pip.conf; it is in no layer.
set -euo pipefail

export DOCKER_BUILDKIT=1
secret=()
if [ -n "${PACKAGE_INDEX:-}" ]; then secret=(--secret id=pip.conf,env=PACKAGE_INDEX); fi

if [ -n "${RUNTIME_IMAGE:-}" ]; then
  docker build --file Dockerfile --build-arg RUNTIME="$RUNTIME_IMAGE" --build-arg INFERRED_BY="$INFERRED_BY" \
    --build-arg INSTALL_COMMAND="$INSTALL_COMMAND" "${secret[@]}" --tag "$IMAGE_URI" image
else
  # an image of its author's own: the payload is the context, with the contract in it
  own=image/model/files
  cp image/model/contract.json "$own/contract.json"
  # all that can be written once it runs: the volume belongs to whom /tmp belongs in the image
  printf '\nVOLUME /tmp\n' >> "$own/Dockerfile"
  docker build --file "$own/Dockerfile" --build-arg MODEL_NAME="$MODEL_NAME" --build-arg MODEL_VERSION="$MODEL_VERSION" \
    "${secret[@]}" --tag "$IMAGE_URI" "$own"
fi
