"""What a person sees while a command works: a line for every step that takes longer than two seconds.

On a terminal the line is alive (a spinner, the seconds, what is being done); elsewhere plain lines appear, each with
the seconds since the step began, so that a log shows where the time went.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol, TextIO

from rich.console import Console

Say = Callable[[str], None]

QUIET = 2.0
BEAT = 10.0


class Progress(Protocol):
    def step(self, title: str) -> contextlib.AbstractContextManager[Say]:
        """Report on one step; the function it gives tells what is being done at the moment."""
        ...

    def note(self, text: str) -> None:
        """Say something at once."""
        ...


def progress_on(stream: TextIO) -> Progress:
    console = Console(file=stream, highlight=False)
    return LiveProgress(console) if console.is_terminal else LineProgress(stream)


class LiveProgress:
    def __init__(self, console: Console, quiet: float = QUIET) -> None:
        self._console = console
        self._quiet = quiet

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[Say]:
        began = time.monotonic()
        detail = ""
        ended = threading.Event()

        with self._console.status(title) as status:

            def say(text: str) -> None:
                nonlocal detail
                detail = text

            def beat() -> None:
                while not ended.wait(0.5):
                    status.update(line(title, detail, time.monotonic() - began))

            ticker = threading.Thread(target=beat, daemon=True)
            ticker.start()
            try:
                yield say
            finally:
                ended.set()
                ticker.join()
        if (took := time.monotonic() - began) > self._quiet:
            self._console.print(f"[green]✓[/green] {title} [dim]{took:.0f} s[/dim]")

    def note(self, text: str) -> None:
        self._console.print(text)


class LineProgress:
    """Plain lines: one when a step turns out to be slow, one per `beat` seconds while it goes on, one at its end."""

    def __init__(self, stream: TextIO, quiet: float = QUIET, beat: float = BEAT) -> None:
        self._stream = stream
        self._quiet = quiet
        self._beat = beat

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[Say]:
        began = time.monotonic()
        detail = ""
        ended = threading.Event()

        def say(text: str) -> None:
            nonlocal detail
            detail = text

        def report() -> None:
            pause = self._quiet
            while not ended.wait(pause):
                self.note(line(title, detail, time.monotonic() - began))
                pause = self._beat

        ticker = threading.Thread(target=report, daemon=True)
        ticker.start()
        try:
            yield say
        finally:
            ended.set()
            ticker.join()
        if (took := time.monotonic() - began) > self._quiet:
            self.note(f"{title}: done in {took:.0f} s")

    def note(self, text: str) -> None:
        print(text, file=self._stream, flush=True)


def line(title: str, detail: str, seconds: float) -> str:
    return f"{title}{f': {detail}' if detail else ''} ({seconds:.0f} s)"
