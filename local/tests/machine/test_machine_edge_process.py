"""Starting the edge for real: repaired after kill -9, known by its cloud, found and stopped like everything else."""

import os
import signal
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.machine.environment import Environments
from local.machine.front import StartEdge, cloud_at
from local.machine.ports import Reservations, choose
from local.machine.processes import Processes
from local.machine.settings import Settings
from local.machine.state import State
from local.machine.toolchain import Toolchain

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    made = State(tmp_path)
    made.record.cloud = str(uuid.uuid4())
    reservations = Reservations(tmp_path / "ports")
    made.record.ports = choose({}, {}, (), reservations)
    reservations.release()
    yield made
    Processes(made.record.cloud).stop(grace=2)


def test_the_edge_is_started_once_and_again_after_kill_9(state: State) -> None:
    environ = {**os.environ, "DEWPOINT_STATE": str(state.folder)}
    settings = Settings.from_environment(environ, ROOT, Path(sys.executable))
    environments = Environments(settings, state, Toolchain(settings))
    processes = Processes(state.record.cloud)
    step = StartEdge(settings, state, environments, processes, cloud_at)
    assert step.needed()
    step.run(print)
    assert not step.needed()
    assert cloud_at(f"http://127.0.0.1:{state.record.ports['edge']}") == state.record.cloud
    first = state.record.edge
    assert first is not None
    os.kill(first.pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while not step.needed():
        assert time.monotonic() < deadline
    step.run(print)
    assert not step.needed()
    assert len(processes.stop()) == 1
    assert cloud_at(f"http://127.0.0.1:{state.record.ports['edge']}") is None
