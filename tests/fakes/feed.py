"""The feed in memory."""

import threading
from typing import Any

from functions.core.errors import Gone
from functions.core.feed import Change, Event, EventType
from tests.fakes.clock import FakeClock


class FakeEventFeed:
    """`forget` drops the oldest events, as time does."""

    def __init__(self, clock: FakeClock | None = None) -> None:
        self.events: list[Event] = []
        self._clock = clock or FakeClock()
        self._forgotten = 0
        self._lock = threading.Lock()

    def append(self, kind: EventType, name: str, entity: Any) -> None:
        with self._lock:
            number = self._forgotten + len(self.events) + 1
            self.events.append(Event(number, self._clock.now(), Change(kind, name, entity)))

    def forget(self, count: int) -> None:
        with self._lock:
            self.events = self.events[count:]
            self._forgotten += count

    def head(self) -> int:
        with self._lock:
            return self._forgotten + len(self.events)

    def oldest(self) -> int:
        return self._forgotten

    def after(self, cursor: int, limit: int) -> list[Event]:
        with self._lock:
            if not self._forgotten <= cursor <= self._forgotten + len(self.events):
                raise Gone(f"event {cursor + 1} is not kept")
            start = cursor - self._forgotten
            return self.events[start : start + limit]
