"""The tour of `make demo`: what a user would type, with the answers checked against what is known to be true.

A stop is an example that has a `tour.json` beside its `serving.yaml`, its `request.json` and its `answer.json`:

    {"title": "…", "application": "digits", "shown": ["label"]}

Models are applied with the `dewpoint` command and asked in every way users have: the command, Open Inference over HTTP,
Open Inference over gRPC. Nothing here reaches into the platform.
"""

import json
import math
import shlex
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec
from rich.console import Console

from local.machine.environment import cleaned
from local.machine.errors import MachineError
from local.machine.settings import Settings

TOLERANCE = 1e-3
SHOWN = 100
REFUSED = 1  # the exit code of `dewpoint` for what the platform refuses


class Stop(msgspec.Struct, frozen=True):
    """An example, what it is asked and what is true. `shown` names the outputs that are compared."""

    folder: Path
    title: str
    application: str
    shown: list[str]
    request: dict[str, Any]
    truth: dict[str, Any]

    @property
    def expect(self) -> dict[str, Any]:
        return {name: self.truth[name] for name in self.shown}


class Cli(Protocol):
    def run(self, arguments: Sequence[str], code: int = 0) -> str:
        """What `dewpoint <arguments>` printed as its answer. Raises MachineError when it ends with another code."""
        ...


class Protocols(Protocol):
    """The Open Inference Protocol as a client speaks it."""

    def over_http(self, application: str, request: Mapping[str, Any]) -> dict[str, Any]: ...

    def over_grpc(self, application: str, request: Mapping[str, Any]) -> dict[str, Any]: ...


class DewpointCommand:
    """The real command, in the context that `make up` made current; its progress goes to the terminal."""

    def __init__(self, settings: Settings) -> None:
        self._program = settings.python.with_name("dewpoint")
        self._root = settings.root
        self._environment = {**cleaned(settings.inherited), "DEWPOINT_CONFIG": str(settings.cli_config)}

    def run(self, arguments: Sequence[str], code: int = 0) -> str:
        argv = [str(self._program), *arguments]
        done = subprocess.run(
            argv, cwd=self._root, env=self._environment, stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode != code:
            raise MachineError(
                f"`dewpoint {shlex.join(arguments)[:SHOWN]}` ended with {done.returncode}\n{done.stdout}"
            )
        return done.stdout


class Tour:
    """Visits the stops in order and says what it does as it goes."""

    def __init__(self, console: Console, cli: Cli, protocols: Protocols) -> None:
        self._console = console
        self._cli = cli
        self._protocols = protocols

    def visit(self, stop: Stop) -> bool:
        """Serve the example and ask it in three ways; answers whether all answers were right."""
        self._console.print(f"\n[bold]{stop.title}[/bold]")
        manifest = f"{stop.folder}/serving.yaml"
        self._show("apply", "-f", manifest)
        began = time.monotonic()
        self._cli.run(["apply", "--quiet", "-f", manifest])
        self._console.print(f"  built, deployed and ready in {time.monotonic() - began:.0f} s")
        self._show("predict", stop.application, "--file", f"{stop.folder}/request.json")
        answer = self._cli.run(["predict", stop.application, "--file", f"{stop.folder}/request.json", "-o", "json"])
        answers = {
            "plain JSON": json.loads(answer),
            "Open Inference, HTTP": self._protocols.over_http(stop.application, stop.request),
            "Open Inference, gRPC": self._protocols.over_grpc(stop.application, stop.request),
        }
        verdicts = [compare(way, stop.expect, answer, self._console) for way, answer in answers.items()]
        return all(verdicts)

    def refuse(self, stop: Stop) -> None:
        """Ask with the first input left out and the last one wrong: every problem is told at once."""
        self._console.print("\n[bold]And what does not fit is refused, all of it at once[/bold]")
        wrong = dict.fromkeys(list(stop.request)[1:], "five")
        self._show("predict", stop.application, "--data", json.dumps(wrong))
        self._cli.run(["predict", stop.application, "--data", json.dumps(wrong)], REFUSED)

    def _show(self, *arguments: str) -> None:
        text = shlex.join(["dewpoint", *arguments])
        self._console.print(f"  $ {text if len(text) <= SHOWN else text[: SHOWN - 1] + '…'}", markup=False)


def tour(settings: Settings, console: Console, cli: Cli, protocols: Protocols) -> bool:
    """Visit every stop; answers whether every prediction was right. Raises MachineError when there are no stops."""
    stops = find_stops(settings.root)
    if not stops:
        raise MachineError("there is no example with a tour.json to show")
    guide = Tour(console, cli, protocols)
    results = [guide.visit(stop) for stop in stops]
    guide.refuse(stops[0])
    console.print(f"\n{sum(results)} of {len(results)} examples answered right")
    return all(results)


def find_stops(root: Path) -> list[Stop]:
    """Raises MachineError for a stop whose files are not what they should be."""
    stops = []
    for path in sorted(root.glob("examples/*/tour.json")):
        try:
            documents = {
                "request": json.loads(path.with_name("request.json").read_text()),
                "truth": json.loads(path.with_name("answer.json").read_text()),
                "folder": path.parent.relative_to(root),
            }
            stops.append(msgspec.convert(json.loads(path.read_text()) | documents, Stop, strict=False))
        except (OSError, ValueError) as error:
            raise MachineError(f"{path}: {error}") from error
    return stops


def compare(way: str, expect: Mapping[str, Any], answer: Any, console: Console) -> bool:
    """Print every expected output as it was received; answers whether all agree."""
    agree = True
    for name, truth in expect.items():
        received = answer.get(name) if isinstance(answer, dict) else None
        right = agrees(truth, received)
        verdict = "[green]correct[/green]" if right else f"[red]wrong, the truth is {truth!r}[/red]"
        console.print(f"  {way:<22}{name} = {json.dumps(received)[:SHOWN]}  {verdict}")
        agree &= right
    return agree


def agrees(truth: Any, received: Any) -> bool:
    """Equal, element by element; real numbers nearly so, since a model may be run by another machine's arithmetic."""
    if isinstance(truth, list) and isinstance(received, list):
        return len(truth) == len(received) and all(map(agrees, truth, received))
    if isinstance(truth, float) and isinstance(received, int | float):
        return math.isclose(truth, received, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(truth == received)
