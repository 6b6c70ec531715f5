"""A change and its event, written together or not at all.

One transaction holds the entity's item, the event, and the number of the newest event, which must still be the one
that was read. So changes queue up behind that number: the order of the numbers is the order of the changes, no number
is left out, and none shows before the one before it. Whoever loses the race reads the number again. The registry
changes some times a minute; what this costs is a few more milliseconds for each change.
"""

import random
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from functions.adapters.clock import SystemClock
from functions.adapters.dynamo.counters import DynamoCounters
from functions.adapters.dynamo.tables import CounterRow, EventRow, bind, connection
from functions.core.errors import Unavailable
from functions.core.feed import Change
from functions.core.models import encode_entity
from functions.core.ports import Clock

HEAD = "events"  # the counter that numbers the events
FEED = "registry"  # all events are one partition: a Query gives them in order
KEPT = timedelta(days=7)
ATTEMPTS = 40
LONGEST_PAUSE = 0.25  # seconds
CANCELLED = "TransactionCanceledException"
REFUSED = "ConditionalCheckFailed"
# The head is another by now, or somebody is writing one of the items at this very moment.
LOST_RACES = {REFUSED, "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}

Write = Callable[[TransactWrite], None]


class Journal:
    def __init__(self, prefix: str, clock: Clock | None = None, pause: Callable[[float], None] = time.sleep) -> None:
        self._counters = DynamoCounters(prefix)
        self._counter = bind(CounterRow, prefix)
        self._event = bind(EventRow, prefix)
        self._clock = clock or SystemClock()
        self._pause = pause
        self._chance = random.SystemRandom()

    def commit(self, write: Write, change: Change) -> bool:
        """Writes one item and the event of its change; False, and nothing is written, when the item's condition fails.

        Raises Unavailable when others were quicker too often.
        """
        for attempt in range(ATTEMPTS):
            codes = self._try(write, change)
            if not codes:
                return True
            if codes[0] == REFUSED:
                return False
            self._pause(self._chance.uniform(0, min(0.01 * 2**attempt, LONGEST_PAUSE)))
        raise Unavailable(f"{change.name} could not be written: the registry is being changed by too many at once")

    def _try(self, write: Write, change: Change) -> list[str]:
        """Why the transaction was cancelled, item by item, the entity's first; empty when it went through."""
        last = self._counters.find(HEAD)
        unmoved = self._counter.name.does_not_exist() if last is None else self._counter.value == last
        number = (last or 0) + 1
        try:
            # The token makes a repetition after a lost answer the same transaction, not a second one.
            with TransactWrite(connection=connection(), client_request_token=uuid.uuid4().hex) as transaction:
                write(transaction)
                transaction.save(self._counter(HEAD, value=number), condition=unmoved)
                transaction.save(self._row(number, self._clock.now(), change))
        except TransactWriteError as error:
            codes = [reason.code if reason else "" for reason in error.cancellation_reasons]
            if error.cause_response_code != CANCELLED or not set(filter(None, codes)) <= LOST_RACES:
                raise
            return codes
        return []

    def _row(self, number: int, at: datetime, change: Change) -> EventRow:
        return self._event(
            FEED,
            number,
            type=change.type.value,
            subject=change.name,
            at=at.isoformat(),
            expires=int((at + KEPT).timestamp()),
            document=encode_entity(change.entity) if change.entity else "",
        )
