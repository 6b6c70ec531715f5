"""`make down`: stop every process and container of this local cloud and nothing else."""

import shutil

from local.machine.processes import Process
from local.machine.progress import Progress
from local.machine.settings import Settings
from local.machine.state import State
from local.machine.toolchain import Toolchain
from local.machine.up import machine_for

PATIENCE = 30.0


def down(settings: Settings, progress: Progress, purge: bool) -> list[Process]:
    """Stop everything; with `purge`, forget the state, images, logs and outdated tools. Answers the stopped processes.

    Raises Busy while another command is at work in the same folder, MachineError when a process would not stop.
    """
    state = State(settings.state)
    with state.lock(PATIENCE, progress.note):
        with progress.step("stopping the local cloud"):
            machine = machine_for(settings, state)
            # the emulator first: it would start another container for one that is gone
            stopped = machine.processes.stop() + machine.containers.stop()
            state.save()
        if purge:
            state.purge()
            for folder in Toolchain(settings).outdated(settings.tools):
                shutil.rmtree(folder, ignore_errors=True)
    return stopped
