"""`FROM python:*`: played by a fresh virtual environment of this machine's Python, made once per store."""

from __future__ import annotations

import fcntl
import subprocess
from collections.abc import Callable

from . import digest, layers
from .commit import commit_layer
from .errors import EngineError
from .images import DEFAULT_PATH, Image, ImageConfig, ImageStore
from .machine import Machine

NAMES = ("python:", "docker.io/library/python:", "public.ecr.aws/docker/library/python:")


def find(reference: str, store: ImageStore, machine: Machine, say: Callable[[str], None]) -> Image | None:
    """The base image for a reference; None when it is not a Python base image."""
    if not reference.startswith(NAMES):
        return None
    version = _version(machine.python)
    say(f"{reference} is played by this machine's Python {version}")
    key = digest.of_values("base", version, machine.python)
    with store.lock_file(key).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        image = store.cached(key)
        if image is None:
            layer = layers.base(store.root / "layers", machine.python)
            image = commit_layer(store, layer, _config(version), None)
            store.remember(key, image.digest)
    return image


def _config(version: str) -> ImageConfig:
    return ImageConfig(env={"PATH": DEFAULT_PATH, "LANG": "C.UTF-8", "PYTHON_VERSION": version}, command=("python3",))


def _version(python: str) -> str:
    try:
        answer = subprocess.run([python, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise EngineError(f"DEWPOINT_PYTHON={python} cannot be run: {error}") from error
    return answer.stdout.split()[-1]
