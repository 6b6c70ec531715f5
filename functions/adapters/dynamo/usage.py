"""When servables were last called. Apart from their records: a note is no change of a servable, and no event."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial

from functions.adapters.dynamo.refusal import refused
from functions.adapters.dynamo.tables import UsageRow, bind
from functions.core.scaling import LONGEST_IDLE

KEPT = timedelta(seconds=2 * LONGEST_IDLE)


class DynamoUsageStore:
    def __init__(self, prefix: str) -> None:
        self._row = bind(UsageRow, prefix)

    def note(self, names: Iterable[str], at: datetime) -> None:
        for name in sorted(set(names)):
            refused(partial(self._note, name, at))

    def last(self, names: Iterable[str]) -> dict[str, datetime]:
        found = self._row.batch_get(set(names), consistent_read=True)
        return {item.servable: datetime.fromtimestamp(item.called, UTC) for item in found}

    def _note(self, name: str, at: datetime) -> None:
        row, seconds = self._row, at.timestamp()
        called, expires = row.called.set(seconds), row.expires.set(int((at + KEPT).timestamp()))
        row(name).update([called, expires], row.called.does_not_exist() | (row.called < seconds))
