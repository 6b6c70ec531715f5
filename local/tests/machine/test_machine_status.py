"""What `make status` calls a process, and that it shows those that run."""

import io
import os
import sys
import time
import uuid
from pathlib import Path

import pytest
from rich.console import Console

from local.machine.processes import Process, Processes
from local.machine.settings import Settings
from local.machine.state import State
from local.machine.status import addresses, role, status


@pytest.mark.parametrize(
    ("argv", "environment", "called"),
    [
        (("python", "-m", "local_cloud"), {}, "emulator"),
        (("python", "-m", "local.edge", "--listen", "x"), {}, "edge"),
        (("python", "-m", "awslambdaric"), {"AWS_LAMBDA_FUNCTION_NAME": "gateway"}, "function gateway"),
        (("sh",), {"CODEBUILD_BUILD_ID": "build:1"}, "build build:1"),
        (("python", "-m", "servable"), {"APP_HOST": "127.3.0.1"}, "task"),
        (("node", "cdk"), {}, "tool"),
    ],
)
def test_a_process_is_called_what_it_does(argv: tuple[str, ...], environment: dict[str, str], called: str) -> None:
    assert role(Process(1, 1, argv, environment, 0)) == called


def test_running_processes_and_addresses_are_shown_without_the_key(settings: Settings, state: State) -> None:
    screen = io.StringIO()
    console = Console(file=screen, width=200)
    state.record.cloud = str(uuid.uuid4())
    state.save()
    assert not status(settings, console)
    (state.folder / "outputs.json").write_text('{"edge": "http://127.0.0.1:1", "api_key": "secret"}')
    processes = Processes(state.record.cloud)
    argv = [sys.executable, "-c", "import time; time.sleep(30)", "local_cloud"]
    child = processes.start(argv, os.environ, Path("/"), state.log("x"))
    try:
        deadline = time.monotonic() + 5
        while not processes.living():
            assert time.monotonic() < deadline
        assert status(settings, console)
    finally:
        processes.stop(grace=0)
    assert f"{child.pid}" in screen.getvalue()
    assert "emulator" in screen.getvalue()
    assert "http://127.0.0.1:1" in screen.getvalue()
    assert "secret" not in screen.getvalue()
    assert addresses(Path("/nowhere")) == {}
