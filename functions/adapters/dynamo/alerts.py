"""Watches and the alerts that are over, in DynamoDB."""

from collections.abc import Iterable, Sequence

import msgspec
from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from functions.adapters.dynamo.alert_tables import AlertRow, WatchRow
from functions.adapters.dynamo.journal import CANCELLED, LOST_RACES
from functions.adapters.dynamo.refusal import refused
from functions.adapters.dynamo.table import bind, connection
from functions.core.alerts import Alert, Watch
from functions.core.models import encode_entity


class DynamoWatchStore:
    """The watch's document has the alerts that go on in it: one item is read, and mostly one written."""

    def __init__(self, prefix: str) -> None:
        self._row = bind(WatchRow, prefix)
        self._over = AlertParts(prefix)

    def get(self, version_id: int) -> tuple[Watch, int]:
        try:
            item = self._row.get(version_id, consistent_read=True)
        except self._row.DoesNotExist:
            return Watch(version_id=version_id), 0
        return msgspec.json.decode(item.document, type=Watch), int(item.revision)

    def save(self, watch: Watch, expected: int, over: Sequence[Alert], expires: int) -> bool:
        item = self._row(watch.version_id, document=encode_entity(watch), revision=expected + 1)
        unchanged = self._row.revision == expected if expected else self._row.version_id.does_not_exist()
        if not over:
            return not refused(lambda: item.save(unchanged))
        try:
            with TransactWrite(connection=connection()) as transaction:
                transaction.save(item, condition=unchanged)
                self._over.save(transaction, over, expires)
        except TransactWriteError as error:
            codes = {reason.code for reason in error.cancellation_reasons if reason and reason.code}
            if error.cause_response_code != CANCELLED or not codes <= LOST_RACES:
                raise
            return False
        return True

    def all(self) -> Iterable[Watch]:
        return [msgspec.json.decode(item.document, type=Watch) for item in self._row.scan(consistent_read=True)]


class AlertParts:
    """Alerts are only written here: who lists them need not have the right."""

    def __init__(self, prefix: str) -> None:
        self._row = bind(AlertRow, prefix)

    def save(self, transaction: TransactWrite, over: Sequence[Alert], expires: int) -> None:
        for alert in over:
            item = self._row(alert.version_id, alert.number, document=encode_entity(alert), expires=expires)
            transaction.save(item)


class DynamoAlertArchive:
    def __init__(self, prefix: str) -> None:
        self._row = bind(AlertRow, prefix)

    def of_version(self, version_id: int) -> Sequence[Alert]:
        found = self._row.query(version_id, consistent_read=True, scan_index_forward=False)
        return [msgspec.json.decode(item.document, type=Alert) for item in found]
