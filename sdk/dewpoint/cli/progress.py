"""Progress on standard error: a live line in a terminal, plain lines elsewhere, no log lines when quiet."""

import time
from types import TracebackType
from typing import Protocol, Self

from rich.filesize import decimal
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from dewpoint.cli.output import BAD, GOOD, Output, printable
from dewpoint.waiting import Watcher

REPEAT = 30.0  # seconds after which a plain line says that one still waits


class ShownWatcher(Watcher, Protocol):
    """A watcher that is shown while it is entered."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def watch(output: Output, *, quiet: bool) -> ShownWatcher:
    """The watcher that suits the place standard error goes to."""
    return LiveWatcher(output, quiet=quiet) if output.err.is_terminal else LineWatcher(output, quiet=quiet)


class LiveWatcher:
    """For terminals: a bar while bytes move, a spinner while one waits, log lines above."""

    def __init__(self, output: Output, *, quiet: bool) -> None:
        self._quiet = quiet
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[note]}", markup=False, style="dim"),
            TimeElapsedColumn(),
            console=output.err,
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def packed(self, files: int, size: int) -> None:
        self._update("upload", f"uploading {files} files", decimal(size), total=size)

    def uploaded(self, sent: int, size: int) -> None:
        if sent == size:
            self._progress.remove_task(self._tasks.pop("upload"))
        else:
            self._update("upload", "uploading", f"{decimal(sent)} of {decimal(size)}", total=size, completed=sent)

    def state(self, what: str, status: str, message: str) -> None:
        settled = status in GOOD | BAD
        note = printable(message).replace("\n", " ")
        self._update(what, f"{what} {status}", note, total=1 if settled else None, completed=int(settled))

    def log(self, line: str) -> None:
        if not self._quiet:
            self._progress.console.print(Text(f"  {printable(line)}", "dim"), soft_wrap=True)

    def _update(self, key: str, description: str, note: str, total: int | None, completed: int = 0) -> None:
        if key not in self._tasks:
            self._tasks[key] = self._progress.add_task(description, total=total, note=note)
        self._progress.update(self._tasks[key], description=description, total=total, completed=completed, note=note)


class LineWatcher:
    """For files and pipes: a line when something changes, and now and then when nothing does."""

    def __init__(self, output: Output, *, quiet: bool) -> None:
        self._output = output
        self._quiet = quiet
        self._last: tuple[str, str, str] | None = None
        self._told = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to take down."""

    def packed(self, files: int, size: int) -> None:
        self._output.note(f"uploading {files} files, {decimal(size)}")

    def uploaded(self, sent: int, size: int) -> None:
        if sent == size:
            self._output.note(f"uploaded {decimal(size)}")

    def state(self, what: str, status: str, message: str) -> None:
        now = time.monotonic()
        if (what, status, message) != self._last or now - self._told > REPEAT:
            self._output.note(": ".join(filter(None, (f"{what} {status}", message))))
            self._last, self._told = (what, status, message), now

    def log(self, line: str) -> None:
        if not self._quiet:
            self._output.note(f"  {line}")
