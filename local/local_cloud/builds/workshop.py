"""What builds need of this machine and of the emulator."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..engine.emulator import Emulator
from ..engine.machine import Machine
from ..engine.spawn import Spawner


@dataclass(frozen=True)
class Workshop:
    """Made once, when the emulator starts.

    Attributes:
        toolbox: folder of the programs a build finds first.
        scratch: folder that holds builds while they run.
    """

    machine: Machine
    emulator: Emulator
    spawner: Spawner
    toolbox: Path
    scratch: Path
