"""Waiting for what takes time: ask, tell, pause a little longer, ask again."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from dewpoint.entities import LogPage
from dewpoint.errors import TimedOut, Unavailable

Thing = TypeVar("Thing")

BUILD_TIMEOUT = 1800.0
START_TIMEOUT = 600.0
EMPTY_PAGES = 2  # a log may answer an empty page before more lines


class Watcher(Protocol):
    """Told what happens while one waits."""

    def packed(self, files: int, size: int) -> None: ...
    def uploaded(self, sent: int, size: int) -> None: ...
    def state(self, what: str, status: str, message: str) -> None: ...
    def log(self, line: str) -> None: ...


class Silent:
    """A watcher that says nothing."""

    def packed(self, files: int, size: int) -> None:
        """Nothing."""

    def uploaded(self, sent: int, size: int) -> None:
        """Nothing."""

    def state(self, what: str, status: str, message: str) -> None:
        """Nothing."""

    def log(self, line: str) -> None:
        """Nothing."""


SILENT = Silent()


@dataclass(frozen=True)
class Patience:
    """How long to wait in all, and between two looks, in seconds; looks grow rarer up to `longest`."""

    timeout: float
    first: float = 0.2
    growth: float = 1.4
    longest: float = 3.0
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def looks(self, what: str) -> Iterator[int]:
        """Yields at each time to look. Raises TimedOut, naming what was waited for."""
        deadline = self.clock() + self.timeout
        pause, number = self.first, 0
        while True:
            yield number
            left = deadline - self.clock()
            if left <= 0:
                raise TimedOut(f"{what}: not within {self.timeout:g} s")
            self.sleep(min(pause, left))
            pause, number = min(pause * self.growth, self.longest), number + 1


def wait(what: str, look: Callable[[], Thing], done: Callable[[Thing], bool], patience: Patience) -> Thing:
    """What `look` gives as soon as it is `done`; a platform that answers "not now" is asked again.

    Raises TimedOut, and what `look` and `done` raise.
    """
    for _ in patience.looks(what):
        try:
            seen = look()
        except Unavailable:
            continue
        if done(seen):
            return seen
    raise AssertionError("looks() ends only by raising")


def follow(what: str, read: Callable[[str | None], LogPage], patience: Patience) -> Iterator[str]:
    """The lines of a log as they come, until it ends. Raises TimedOut."""
    token: str | None = None
    for _ in patience.looks(what):
        page = read(token)
        yield from page.lines
        if page.ended:
            return
        token = page.next or token


def read_log(read: Callable[[str | None], LogPage], after: str | None = None) -> Iterator[str]:
    """The lines of a log that are there now, from a token on."""
    token, empty = after, 0
    while empty < EMPTY_PAGES:
        page = read(token)
        yield from page.lines
        if page.ended or page.next in (None, token):
            return
        token, empty = page.next, 0 if page.lines else empty + 1
