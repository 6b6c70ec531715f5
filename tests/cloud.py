"""A local cloud for tests: brought up by the real command, used through the real addresses, stopped without a trace."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ("penguins", "digits", "blobs")
STATE = Path(os.environ.get("DEWPOINT_STATE", "local/.state/test"))


@dataclass(frozen=True)
class Finished:
    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Cloud:
    """`edge` and `grpc` as a user has them; `client` for what only an operator looks at."""

    state: Path
    edge: str
    grpc: str
    api_key: str
    outputs: dict[str, Any]

    def http(self, key: str | None = None) -> httpx.Client:
        """A client of the edge with `key`, the admin's when None; no key when empty."""
        headers = {"x-api-key": self.api_key if key is None else key}
        return httpx.Client(base_url=self.edge, headers=headers if headers["x-api-key"] else {}, timeout=60)

    def cli(self, *arguments: str, stdin: str | None = None) -> Finished:
        """Runs the `dewpoint` command as a user does."""
        command = [str(Path(sys.executable).with_name("dewpoint")), *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment(), input=stdin, capture_output=True, text=True, timeout=600
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def environment(self) -> dict[str, str]:
        return os.environ | environment(self.state)

    def client(self, service: str) -> Any:
        """A boto3 client of the emulated AWS."""
        return boto3.client(
            service,
            endpoint_url=self.outputs["emulator"],
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    @contextmanager
    def fault(self, **rule: Any) -> Iterator[Callable[[], int]]:
        """AWS refuses or dawdles as `rule` says (local/local_cloud/faults); what is given counts the calls it met."""
        address = f"{self.outputs['emulator']}/_dewpoint/faults"
        assert httpx.put(address, json=rule).status_code == 200
        try:
            yield lambda: sum(each["hits"] for each in httpx.get(address).json())
        finally:
            assert httpx.delete(address).status_code == 204

    def processes(self, *words: str) -> list[int]:
        """Processes that carry this cloud's mark and whose command line holds all `words`."""
        mark = f"DEWPOINT_CLOUD={json.loads((self.state / 'machine.json').read_text())['cloud']}".encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                marked = mark in process.joinpath("environ").read_bytes().split(b"\0")
                command = process.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if marked and all(word in command for word in words):
                found.append(int(process.name))
        return found


@dataclass(frozen=True)
class Served:
    """A cloud on which every example is served."""

    cloud: Cloud


def environment(state: Path) -> dict[str, str]:
    return {"DEWPOINT_STATE": str(state), "DEWPOINT_CONFIG": str(state / "contexts.json"), "NO_COLOR": "1"}


def machine(command: str, state: Path) -> subprocess.CompletedProcess[str]:
    """Runs `make up`, `make down` … for this state folder."""
    return subprocess.run(
        [sys.executable, "-m", "local.machine", command],
        cwd=ROOT,
        env=os.environ | environment(state),
        capture_output=True,
        text=True,
        timeout=1200,
    )


def bring_up(state: Path = STATE) -> Cloud:
    """`make up`; raises with its output when it fails."""
    done = machine("up", ROOT / state)
    if done.returncode:
        raise RuntimeError(f"make up failed:\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}")
    outputs = json.loads((ROOT / state / "outputs.json").read_text())
    return Cloud(ROOT / state, outputs["edge"], outputs["grpc"], outputs["api_key"], outputs)


def wait_until(what: str, condition: Callable[[], Any], timeout: float = 60, every: float = 0.3) -> Any:
    """The first truthy value of `condition`. Raises AssertionError naming `what` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(every)
    return value
