"""Calls and wishes in memory."""

import threading
from collections.abc import Callable, Iterable
from datetime import datetime

from functions.core.messages import ServableWanted


class FakeUsageStore:
    """`noting` runs ahead of each note: a test lets it raise, or wait."""

    def __init__(self, noting: Callable[[], object] = lambda: None) -> None:
        self.calls: dict[str, datetime] = {}
        self.notes: list[tuple[str, datetime]] = []
        self.noting = noting
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.notes)

    def note(self, names: Iterable[str], at: datetime) -> None:
        self.noting()
        with self._lock:
            for name in names:
                self.notes.append((name, at))
                self.calls[name] = max(at, self.calls.get(name, at))

    def last(self, names: Iterable[str]) -> dict[str, datetime]:
        return {name: self.calls[name] for name in names if name in self.calls}


class FakeWakeUpSink:
    """`before` runs ahead of each wish."""

    def __init__(self, before: Callable[[], object] = lambda: None) -> None:
        self.published: list[ServableWanted] = []
        self._before = before

    def __len__(self) -> int:
        return len(self.published)

    def publish(self, wanted: ServableWanted) -> None:
        self._before()
        self.published.append(wanted)
