"""RUN: one command of a build, in the layer that the build is making."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import BuildFailed
from .images import DEFAULT_PATH, ImageConfig, inside
from .machine import Machine
from .pip_front import pip_settings
from .secrets import Mount, written

FRONT = Path(__file__).parent / "front"


@dataclass(frozen=True)
class RunStep:
    """A RUN instruction with everything it depends on."""

    words: tuple[str, ...]
    text: str
    args: Mapping[str, str]
    mounts: tuple[Mount, ...] = ()


def execute(
    step: RunStep,
    layer: Path,
    config: ImageConfig,
    machine: Machine,
    say: Callable[[str], None],
    secrets: Mapping[str, bytes],
) -> None:
    """Runs the command; every line it prints is said as it comes.

    Raises:
        BuildFailed: its exit code is not 0.
        EngineError: a secret that it requires is not given.
    """
    with tempfile.TemporaryDirectory(prefix="build-") as home, tempfile.TemporaryDirectory(prefix="mounts-") as mounts:
        environ = environment(step, layer, config, machine, home)
        words = placed(step.words, written(step.mounts, secrets, Path(mounts)))
        try:
            process = subprocess.Popen(
                words,
                cwd=inside(layer / "rootfs", config.workdir),
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        except OSError as error:
            say(str(error))
            raise BuildFailed(" ".join(step.words), 127) from error
        with process:
            for line in process.stdout or ():
                say(line.rstrip("\r\n"))
        if process.returncode:
            # a command that a signal ended has, for the shell that waits for it, 128 + the signal
            code = process.returncode if process.returncode > 0 else 128 - process.returncode
            raise BuildFailed(" ".join(step.words), code)


def placed(words: tuple[str, ...], places: Mapping[str, str]) -> tuple[str, ...]:
    """The command with the targets of its mounts where they really are."""
    for target, place in places.items():
        words = tuple(word.replace(target, place) for word in words)
    return words


def environment(step: RunStep, layer: Path, config: ImageConfig, machine: Machine, home: str) -> dict[str, str]:
    """What the command sees: the image, the build arguments, the way to the package indexes; no credentials."""
    venv = layer / "venv"
    path = [str(FRONT), f"{venv}/bin", config.env.get("PATH", DEFAULT_PATH)]
    environ = {**machine.network, **step.args, **config.env, **machine.marks}
    environ |= {"HOME": home, "TMPDIR": home, "VIRTUAL_ENV": str(venv), "PATH": ":".join(path)}
    environ.setdefault("LANG", "C.UTF-8")
    environ["PYTHONUNBUFFERED"] = "1"
    if machine.uv:
        environ["DEWPOINT_UV"] = machine.uv
        environ["LOCAL_CLOUD_PIP_SETTINGS"] = pip_settings(dict(machine.network))
    return environ
