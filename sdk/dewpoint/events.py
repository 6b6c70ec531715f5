"""The feed of changes: each once, in order, nothing missed as long as the platform keeps it (a week)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dewpoint.errors import TimedOut, Unavailable, Unreachable
from dewpoint.transport import Transport
from dewpoint.waiting import Patience

ROOT = "/api/v2/events"
OLDEST = "oldest"
LONGEST_WAIT = 20  # seconds
RECONNECT_TIMEOUT = 300.0  # seconds without an answer, after which following ends
NAMES = ("fullName", "name")


@dataclass(frozen=True)
class Event:
    """`id` is the cursor of who has seen it; `data` is the thing as it is shown, or the name of what was removed."""

    id: int
    type: str
    at: str
    data: Any
    raw: dict[str, Any]

    @property
    def name(self) -> str:
        if not isinstance(self.data, dict):
            return str(self.data)
        if "modelVersion" in self.data and "model" in self.data:
            return f"{self.data['model']['name']}:{self.data['modelVersion']}"
        return next((str(self.data[key]) for key in NAMES if key in self.data), "?")

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "Event":
        return cls(raw["id"], raw["type"], raw["at"], raw["data"], raw)


@dataclass(frozen=True)
class EventPage:
    """`next` is the cursor to go on from."""

    events: tuple[Event, ...]
    next: int


class Events:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def cursor(self) -> int:
        """Where the feed stands now."""
        return int(self._transport.get(ROOT)["next"])

    def read(self, after: int | str, limit: int = 100, wait: int = 0) -> EventPage:
        """At most `limit` events after a cursor, or from `"oldest"` on; waits up to `wait` seconds for the first.

        Raises Gone when what comes next is not kept any more: list anew, and go on from `cursor()`.
        """
        raw = self._transport.get(ROOT, {"after": str(after), "limit": str(limit), "wait": str(wait)})
        return EventPage(tuple(map(Event.from_json, raw["events"])), int(raw["next"]))

    def kept(self, after: int | str = OLDEST) -> Iterator[Event]:
        """All that the platform keeps, up to now. Raises Gone."""
        end = self.cursor()
        while (page := self.read(after, limit=1000)).events:
            yield from (event for event in page.events if event.id <= end)
            if page.next >= end:
                return
            after = page.next

    def follow(
        self, after: int | str | None = None, patience: Patience | None = None, wait: int = LONGEST_WAIT
    ) -> Iterator[Event]:
        """What happens from a cursor on (None: from now), without end; a platform that is away is asked again.

        Raises Gone, and TimedOut when nothing answers for as long as `patience` allows.
        """
        cursor = self.cursor() if after is None else after
        while True:
            page = self._patiently(cursor, wait, patience or Patience(RECONNECT_TIMEOUT))
            yield from page.events
            cursor = page.next

    def _patiently(self, cursor: int | str, wait: int, patience: Patience) -> EventPage:
        for _ in patience.looks("the feed of events"):
            try:
                return self.read(cursor, wait=wait)
            except (Unavailable, Unreachable, TimedOut):
                continue
        raise AssertionError("looks() ends only by raising")
