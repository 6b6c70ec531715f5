"""Which engine runs tasks: the one that the machine's settings name."""

from __future__ import annotations

from ..engine.machine import Machine
from ..engine.memory import MemoryWatch
from ..engine.ports import Engine
from ..engine.process import ProcessEngine
from ..engine.spawn import Spawner


def make(machine: Machine) -> Engine:
    """A container engine where the settings have one, else processes."""
    if machine.containers is None:
        return ProcessEngine(machine, Spawner(), MemoryWatch())
    from .engine import ContainerEngine  # its client costs a moment to import

    return ContainerEngine(machine, machine.containers)
