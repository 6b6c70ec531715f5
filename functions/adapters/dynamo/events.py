"""The feed in DynamoDB, as its readers see it. It is written by journal.py."""

from datetime import datetime

import msgspec

from functions.adapters.clock import SystemClock
from functions.adapters.dynamo.counters import DynamoCounters
from functions.adapters.dynamo.journal import FEED, HEAD
from functions.adapters.dynamo.tables import EventRow, bind
from functions.core.errors import Gone
from functions.core.feed import KINDS, Change, Event, EventType
from functions.core.ports import Clock


class DynamoEventFeed:
    def __init__(self, prefix: str, clock: Clock | None = None) -> None:
        self._counters = DynamoCounters(prefix)
        self._row = bind(EventRow, prefix)
        self._clock = clock or SystemClock()

    def head(self) -> int:
        return self._counters.find(HEAD) or 0

    def oldest(self) -> int:
        head = self.head()
        # DynamoDB removes what has expired in any order, so only what has not expired is certainly without a gap.
        kept = self._row.expires > int(self._clock.now().timestamp())
        for row in self._row.query(FEED, filter_condition=kept, consistent_read=True):
            return int(row.id) - 1
        return head

    def after(self, cursor: int, limit: int) -> list[Event]:
        head = self.head()
        if cursor == head:
            return []
        if not 0 <= cursor < head:
            raise Gone(f"there is no event {cursor}: the newest is {head}; list anew and read on from there")
        rows = self._row.query(FEED, self._row.id > cursor, limit=limit, consistent_read=True)
        events: list[Event] = []
        for row in rows:
            if row.id != cursor + len(events) + 1:
                break
            events.append(decode(row))
        if not events and not self._exists(cursor + 1):
            raise Gone(f"event {cursor + 1} is not kept any more; list anew and read on from {head}")
        return events

    def _exists(self, number: int) -> bool:
        """A Query may pass by an item just before it is written; asking for the item itself tells."""
        try:
            self._row.get(FEED, number, consistent_read=True)
        except self._row.DoesNotExist:
            return False
        return True


def decode(row: EventRow) -> Event:
    entity = msgspec.json.decode(row.document, type=KINDS[row.type]) if row.document else None
    return Event(int(row.id), datetime.fromisoformat(row.at), Change(EventType(row.type), row.subject, entity))
