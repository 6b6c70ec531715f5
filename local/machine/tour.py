"""The tour of `make demo`: what a user would type, with the answers checked against what is known to be true.

A stop is an example that has a `tour.json` beside its `serving.yaml`:

    {"title": "…", "application": "digits", "data": {…inputs…}, "expect": {"label": 3}}

Only the `dewpoint` command is used; nothing here reaches into the platform.
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

TOLERANCE = 1e-6
SHOWN = 100


class Stop(msgspec.Struct, frozen=True):
    """`expect` names outputs and their true values; outputs it does not name are not looked at."""

    title: str
    application: str
    data: dict[str, Any]
    expect: dict[str, Any]
    manifest: str = "serving.yaml"


class Cli(Protocol):
    def run(self, arguments: Sequence[str]) -> str:
        """The standard output of `dewpoint <arguments>`. Raises MachineError with its words when it fails."""
        ...


class DewpointCommand:
    """The real command, in the context that `make up` made current; its progress goes to the terminal."""

    def __init__(self, settings: Settings) -> None:
        self._program = settings.python.with_name("dewpoint")
        self._root = settings.root
        self._environment = {**cleaned(settings.inherited), "DEWPOINT_CONFIG": str(settings.cli_config)}

    def run(self, arguments: Sequence[str]) -> str:
        argv = [str(self._program), *arguments]
        done = subprocess.run(
            argv, cwd=self._root, env=self._environment, stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode != 0:
            raise MachineError(
                f"`dewpoint {shlex.join(arguments)[:SHOWN]}` ended with {done.returncode}\n{done.stdout}"
            )
        return done.stdout


def tour(settings: Settings, console: Console, cli: Cli | None = None) -> bool:
    """Visit every stop; answers whether every prediction was right. Raises MachineError when there are no stops."""
    stops = find_stops(settings.root / "examples")
    if not stops:
        raise MachineError("there is no example with a tour.json to show")
    command = cli or DewpointCommand(settings)
    results = [visit(folder.relative_to(settings.root), stop, command, console) for folder, stop in stops]
    right = sum(results)
    console.print(f"\n{right} of {len(results)} predictions are right")
    return right == len(results)


def find_stops(examples: Path) -> list[tuple[Path, Stop]]:
    """Raises MachineError for a tour.json that is not one."""
    stops = []
    for path in sorted(examples.glob("*/tour.json")):
        try:
            stops.append((path.parent, msgspec.json.decode(path.read_bytes(), type=Stop)))
        except msgspec.DecodeError as error:
            raise MachineError(f"{path}: {error}") from error
    return stops


def visit(folder: Path, stop: Stop, cli: Cli, console: Console) -> bool:
    console.print(f"\n[bold]{stop.title}[/bold]")
    show(console, "apply", "-f", f"{folder}/{stop.manifest}")
    began = time.monotonic()
    cli.run(["apply", "-f", f"{folder}/{stop.manifest}"])
    console.print(f"  applied in {time.monotonic() - began:.0f} s")
    question = json.dumps(stop.data)
    show(console, "predict", stop.application, "--data", question)
    answer = json.loads(cli.run(["predict", stop.application, "--data", question, "-o", "json"]))
    return compare(stop.expect, answer, console)


def compare(expect: Mapping[str, Any], answer: Any, console: Console) -> bool:
    """Print every expected output beside the received one; answers whether all agree."""
    agree = True
    for name, truth in expect.items():
        received = answer.get(name) if isinstance(answer, dict) else None
        right = agrees(truth, received)
        verdict = "[green]correct[/green]" if right else f"[red]wrong, the truth is {truth!r}[/red]"
        console.print(f"  {name} = {json.dumps(received)[:SHOWN]}  {verdict}")
        agree &= right
    return agree


def agrees(truth: Any, received: Any) -> bool:
    """Equal, element by element; real numbers to a relative 1e-6."""
    if isinstance(truth, list) and isinstance(received, list):
        return len(truth) == len(received) and all(map(agrees, truth, received))
    if isinstance(truth, float) and isinstance(received, int | float):
        return math.isclose(truth, received, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(truth == received)


def show(console: Console, *arguments: str) -> None:
    text = shlex.join(["dewpoint", *arguments])
    console.print(f"  $ {text if len(text) <= SHOWN else text[: SHOWN - 1] + '…'}", markup=False)
