"""Runs the tools (uv, npm, cdk): output to a log, line by line to whoever listens, the reason up front on failure."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from local.machine.errors import CommandFailed, Unsupported

TELLING = ("error", "failed", "❌", "exception", "cannot", "refused", "not found")
SHOWN = 12
ALWAYS_SHOWN = 3


class Commands(Protocol):
    def run(
        self,
        what: str,
        argv: Sequence[str],
        environment: Mapping[str, str],
        cwd: Path,
        log: Path,
        on_line: Callable[[str], None] = ...,
    ) -> None:
        """Run a tool to its end. Raises CommandFailed when it ends with an error, Unsupported when there is none."""
        ...


class RealCommands:
    def run(
        self,
        what: str,
        argv: Sequence[str],
        environment: Mapping[str, str],
        cwd: Path,
        log: Path,
        on_line: Callable[[str], None] = lambda _: None,
    ) -> None:
        lines: list[str] = []
        try:
            process = subprocess.Popen(
                argv,
                env=dict(environment),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        except FileNotFoundError as error:
            raise Unsupported(f"{what}: {argv[0]} is not on this machine") from error
        with log.open("w", encoding="utf-8") as file, process:
            assert process.stdout is not None
            for line in process.stdout:
                file.write(line)
                file.flush()
                lines.append(line.rstrip())
                on_line(line.rstrip())
        if process.returncode != 0:
            raise CommandFailed(what, telling_lines(lines), log)


def telling_lines(lines: Sequence[str], shown: int = SHOWN) -> list[str]:
    """The lines that look like a reason, and the last few, in their order and at most `shown`."""
    full = [line for line in lines if line.strip()]
    last = len(full) - ALWAYS_SHOWN
    chosen = [line for number, line in enumerate(full) if number >= last or is_telling(line)]
    return list(dict.fromkeys(chosen))[-shown:]


def is_telling(line: str) -> bool:
    return any(word in line.lower() for word in TELLING)
