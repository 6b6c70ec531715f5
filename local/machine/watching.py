"""The last stop of `make demo`: a served model is watched. Its training data go up, calls like them come, then calls
that have drifted; what the checks found is counted and explained.

A stop is an example that has a `watch.json` beside its `serving.yaml`; `drift` is what is added to some inputs:

    {"title": "…", "application": "blobs", "training_data": "training_data.csv", "inputs": ["x1", "x2"], "calls": 60,
     "drift": {"x1": 20}}
"""

import csv
import json
import shlex
import time
import uuid
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import httpx
import msgspec
from rich.console import Console

from local.machine.errors import MachineError
from local.machine.settings import Settings
from local.machine.tour import Cli

PATIENCE = 120.0  # seconds until what was predicted stands in the log
PAUSE = 1.0
TIMEOUT = 30.0
PAGE = 1000  # rows

Document = Mapping[str, Any]


class WatchStop(msgspec.Struct, frozen=True):
    folder: Path
    title: str
    application: str
    training_data: str
    inputs: list[str]
    calls: int
    drift: dict[str, float]


class Monitoring(Protocol):
    """The platform as a caller and as an operator sees it."""

    def ask(self, application: str, inputs: Mapping[str, float], request_id: str) -> None: ...

    def log(self, version_id: int) -> Sequence[Document]:
        """The newest rows of a version's request log."""
        ...


class HttpMonitoring:
    def __init__(self, edge: str, key: str) -> None:
        self._edge = edge
        self._key = {"x-api-key": key}

    def ask(self, application: str, inputs: Mapping[str, float], request_id: str) -> None:
        """Raises httpx.HTTPError."""
        with self._client() as http:
            path, headers = f"/gateway/application/{application}", {"x-request-id": request_id}
            http.post(path, json=inputs, headers=headers).raise_for_status()

    def log(self, version_id: int) -> Sequence[Document]:
        """Raises httpx.HTTPError."""
        with self._client() as http:
            answer = http.get(f"/monitoring/checks/all/{version_id}", params={"limit": PAGE}).raise_for_status()
        rows: Sequence[Document] = answer.json()
        return rows

    def _client(self) -> httpx.Client:
        return httpx.Client(base_url=self._edge, headers=self._key, timeout=TIMEOUT, trust_env=False)


class Watching:
    def __init__(self, root: Path, console: Console, cli: Cli, monitoring: Monitoring) -> None:
        self._root = root
        self._console = console
        self._cli = cli
        self._monitoring = monitoring

    def visit(self, stop: WatchStop) -> bool:
        """Whether the checks let the usual calls pass and struck the drifted ones, in the fields that drifted."""
        self._console.print(f"\n[bold]{stop.title}[/bold]")
        data = f"{stop.folder}/{stop.training_data}"
        self._console.print(f"  $ {shlex.join(['dewpoint', 'profile', 'push', stop.application, data])}", markup=False)
        self._cli.run(["profile", "push", stop.application, data])
        version = int(json.loads(self._cli.run(["model", "show", stop.application, "-o", "json"]))["id"])
        rows = read_inputs(self._root / data, stop.inputs, stop.calls)
        usual = self._failed(version, stop.application, "like the training data", rows)
        moved = [{name: value + stop.drift.get(name, 0) for name, value in row.items()} for row in rows]
        told = ", ".join(f"{name} {amount:+g}" for name, amount in stop.drift.items())
        drifted = self._failed(version, stop.application, f"that have drifted ({told})", moved)
        return not usual and set(stop.drift) <= set(drifted)

    def _failed(
        self, version: int, application: str, what: str, rows: Sequence[Mapping[str, float]]
    ) -> dict[str, list[Document]]:
        """Asks with `rows`; the failed checks, by field."""
        run = uuid.uuid4().hex
        for at, row in enumerate(rows):
            self._monitoring.ask(application, row, f"{run}-{at}")
        found = failures(self._recorded(version, run, len(rows)))
        self._console.print(f"  {len(rows)} calls {what}: {'checks failed' if found else 'every check passed'}")
        for field, checks in found.items():
            first = checks[0]
            said = f"{first['value']:.4g} is not {first['description']}, as all training data are"
            times = f"failed {len(checks)} of {len(rows)} times"
            self._console.print(f"    [red]{field}[/red] {times}: {said}", soft_wrap=True)
        return found

    def _recorded(self, version: int, run: str, count: int) -> list[Document]:
        """The rows of `run`, once they are all in the log. Raises MachineError when they do not come."""
        deadline = time.monotonic() + PATIENCE
        while True:
            rows = [row for row in self._monitoring.log(version) if row["_hs_request_id"].startswith(run)]
            if len(rows) == count:
                return rows
            if time.monotonic() > deadline:
                raise MachineError(f"{len(rows)} of {count} predictions stand in the log after {PATIENCE:.0f} s")
            time.sleep(PAUSE)


def failures(rows: Sequence[Document]) -> dict[str, list[Document]]:
    """The failed checks of rows, by field."""
    found: dict[str, list[Document]] = {}
    for row in rows:
        for field, checks in row["_hs_raw_checks"].items():
            found.setdefault(field, []).extend(check for check in checks if check["verdict"] == "failed")
    return {field: checks for field, checks in found.items() if checks}


def read_inputs(data: Path, names: Sequence[str], count: int) -> list[dict[str, float]]:
    """The columns `names` of the first `count` rows. Raises MachineError when there are none."""
    with data.open(newline="") as file:
        rows = list(islice(csv.DictReader(file), count))
    if not rows or not set(names) <= set(rows[0]):
        raise MachineError(f"{data} has no rows with {', '.join(names)}")
    return [{name: float(row[name]) for name in names} for row in rows]


def find_watch_stops(root: Path) -> list[WatchStop]:
    """Raises MachineError for a stop that is not what it should be."""
    stops = []
    for path in sorted(root.glob("examples/*/watch.json")):
        try:
            document = json.loads(path.read_text()) | {"folder": path.parent.relative_to(root)}
            stops.append(msgspec.convert(document, WatchStop, strict=False))
        except (OSError, ValueError) as error:
            raise MachineError(f"{path}: {error}") from error
    return stops


def watch(settings: Settings, console: Console, cli: Cli, monitoring: Monitoring) -> bool:
    """Visit every stop; answers whether the checks saw what they should, and nothing else."""
    watching = Watching(settings.root, console, cli, monitoring)
    right = [watching.visit(stop) for stop in find_watch_stops(settings.root)]
    return all(right)
