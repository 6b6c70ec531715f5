"""Bulletins in DynamoDB, as their readers see them (core/bulletins.py). They are written by ledger.py."""

from collections.abc import Mapping, Sequence

import msgspec

from functions.adapters.dynamo.alert_tables import BulletinRow
from functions.adapters.dynamo.tables import HeadRow, bind
from functions.core.bulletins import Bulletin


class DynamoBulletinBoard:
    def __init__(self, prefix: str) -> None:
        self._row = bind(BulletinRow, prefix)

    def after(self, version_id: int, row: int, limit: int = 100) -> Sequence[Bulletin]:
        found = self._row.query(version_id, self._row.first >= row, consistent_read=True, limit=limit)
        return [msgspec.json.decode(item.document, type=Bulletin) for item in found]


class DynamoLogEnds:
    def __init__(self, prefix: str) -> None:
        self._row = bind(HeadRow, prefix)

    def rows(self) -> Mapping[int, int]:
        found = self._row.scan(attributes_to_get=["version_id", "rows"])
        return {int(item.version_id): int(item.rows) for item in found}
