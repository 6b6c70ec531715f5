"""The programs a build finds first on its path, as small scripts in a folder made when the emulator starts."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from ..engine.machine import Machine


def make(machine: Machine, scratch: Path) -> Path:
    """A folder with `aws`, `docker` and `python3` below another; returns its path."""
    folder = scratch / "toolbox"
    folder.mkdir(exist_ok=True)
    here = shlex.quote(sys.executable)
    programs = {
        # -P: the build's own folder must not shadow a module of the program
        "docker": f"{here} -P -m local_cloud.docker_command",
        "aws": f"{here} -P -m awscli",
        "python3": shlex.quote(machine.python),
        "python": shlex.quote(machine.python),
    }
    for name, command in programs.items():
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        script.chmod(0o755)
    return folder
