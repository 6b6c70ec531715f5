"""The register of processes, against real ones."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.machine.processes import MARKER, Child, Process, Processes

WAIT = "import time; time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
)
PARENT = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {WAIT!r}], start_new_session=True)
time.sleep(60)
"""

Start = Callable[..., Child]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def clouds() -> Iterator[list[Processes]]:
    made = [Processes(str(uuid.uuid4())) for _ in range(2)]
    yield made
    for cloud in made:
        cloud.stop(grace=0)


def start(cloud: Processes, code: str, log: Path, **extra: str) -> Child:
    return cloud.start([sys.executable, "-c", code], {**os.environ, **extra}, Path("/"), log)


def until(condition: Callable[[], bool], limit: float = 10.0) -> None:
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def pids(processes: list[Process]) -> set[int]:
    return {process.pid for process in processes}


def test_down_stops_exactly_the_processes_of_its_cloud(clouds: list[Processes], log: Path) -> None:
    mine, other = clouds
    ours = [start(mine, WAIT, log), start(mine, PARENT, log)]
    theirs = start(other, WAIT, log)
    unmarked = subprocess.Popen([sys.executable, "-c", WAIT])
    try:
        until(lambda: len(mine.living()) == 3)  # the parent's child is in a session of its own and counts all the same
        stopped = mine.stop()
        assert pids(stopped) > {child.pid for child in ours}
        assert len(stopped) == 3
        assert mine.living() == []
        assert pids(other.living()) == {theirs.pid}
        assert unmarked.poll() is None
    finally:
        unmarked.kill()
        unmarked.wait()


def test_a_process_that_ignores_the_polite_signal_is_killed(clouds: list[Processes], log: Path) -> None:
    child = start(clouds[0], STUBBORN, log)
    until(lambda: "ready" in log.read_text())
    began = time.monotonic()
    clouds[0].stop(grace=0.5)
    assert 0.4 < time.monotonic() - began < 5
    until(lambda: child.exit_code == -signal.SIGKILL)


def test_a_polite_process_is_not_killed(clouds: list[Processes], log: Path) -> None:
    child = start(clouds[0], WAIT, log)
    until(lambda: len(clouds[0].living()) == 1)
    clouds[0].stop()
    until(lambda: child.exit_code == -signal.SIGTERM)


def test_only_chosen_processes_stop(clouds: list[Processes], log: Path) -> None:
    first, second = (start(clouds[0], WAIT, log) for _ in range(2))
    until(lambda: len(clouds[0].living()) == 2)
    clouds[0].stop(lambda process: process.pid == first.pid)
    assert pids(clouds[0].living()) == {second.pid}


def test_an_instance_is_a_pid_and_a_birth(clouds: list[Processes], log: Path) -> None:
    child = start(clouds[0], WAIT, log)
    until(lambda: clouds[0].find(f"{child.pid}-{child.began}") is not None)
    assert clouds[0].find(f"{child.pid}-{child.began + 1}") is None
    assert clouds[1].find(f"{child.pid}-{child.began}") is None


def test_the_dead_are_not_living_even_before_they_are_waited_for(clouds: list[Processes], log: Path) -> None:
    child = start(clouds[0], WAIT, log)
    os.kill(child.pid, signal.SIGKILL)
    until(lambda: not clouds[0].living())
    assert clouds[0].find(f"{child.pid}-{child.began}") is None


def test_a_command_inside_the_cloud_does_not_stop_itself(tmp_path: Path) -> None:
    cloud = str(uuid.uuid4())
    code = f"from local.machine.processes import Processes; print(Processes({cloud!r}).stop())"
    environment = {**os.environ, MARKER: cloud}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=20, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
