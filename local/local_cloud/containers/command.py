"""`docker`, for builds and for the CDK: the real client, with three differences.

ECR's names are those of the registry on loopback; `login` to ECR asks nobody; what is pushed is registered in the
emulator's ECR, which knows images by manifest. And a build gets the machine's network and its way to the package index.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from ..engine.errors import EngineError, PushRefused
from ..engine.machine import ContainerSettings, Machine
from ..engine.registry import MEDIA_TYPE, Registry
from .names import is_ecr, on_loopback, split
from .package_index import build_words

# of the options before the command only these take a value
VALUED = {"--config", "-c", "--context", "-H", "--host", "-l", "--log-level"}


def main(words: Sequence[str], machine: Machine, settings: ContainerSettings) -> int:
    """Runs one docker command; returns its exit code."""
    at = _command_at(words)
    command, rest = (words[at], words[at + 1 :]) if at < len(words) else ("", ())
    if command == "login" and any(is_ecr(word) for word in rest):
        if "--password-stdin" in rest:
            sys.stdin.read()
        print("Login Succeeded")
        return 0
    translated = [on_loopback(word, settings.registry) for word in words]
    with tempfile.TemporaryDirectory(prefix="docker-") as folder:
        if command == "build":
            more = ["--network=host", *build_words(machine.network, Path(folder))]
            translated[at + 1 : at + 1] = more
        code = run(translated, settings).returncode
    if command == "push" and code == 0 and is_ecr(rest[-1]):
        return _register(rest[-1], settings)
    return code


def run(words: Sequence[str], settings: ContainerSettings, capture: bool = False) -> subprocess.CompletedProcess[str]:
    """The real client."""
    environment = {**os.environ, **settings.variables, "DOCKER_BUILDKIT": "1", "BUILDKIT_PROGRESS": "plain"}
    return subprocess.run(
        [settings.docker, *words], env=environment, stdout=subprocess.PIPE if capture else None, text=True, check=False
    )


def _command_at(words: Sequence[str]) -> int:
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in VALUED else 1
    return at


def _register(reference: str, settings: ContainerSettings) -> int:
    repository, tag = split(reference)
    try:
        digest, manifest = _pushed(on_loopback(repository, settings.registry), tag, settings)
        Registry().put_manifest(repository, tag, manifest, digest)
    except EngineError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    return 0


def _pushed(repository: str, tag: str, settings: ContainerSettings) -> tuple[str, str]:
    """Digest and manifest, as the registry has them."""
    name = repository.removeprefix(f"{settings.registry}/")
    request = urllib.request.Request(
        f"http://{settings.registry}/v2/{name}/manifests/{tag}", headers={"Accept": MEDIA_TYPE}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as answer:
            text = answer.read().decode()
            digest = str(answer.headers["Docker-Content-Digest"])
    except OSError as error:
        raise PushRefused(f"{repository}:{tag} is not on the registry after its push: {error}") from error
    if json.loads(text).get("mediaType") != MEDIA_TYPE:
        raise PushRefused(f"{repository}:{tag} was pushed in a form that ECR does not know: {text[:200]}")
    return digest, text
