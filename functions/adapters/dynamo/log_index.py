"""Reading what the request log consists of (core/ledger.py)."""

from collections.abc import Sequence

import msgspec

from functions.adapters.dynamo.tables import BatchRow, RequestRow, SegmentRow, bind
from functions.core.errors import NotFound
from functions.core.ledger import Batch, Segment

FIRST, LAST = " ", "~"  # sort before and behind everything that a place is made of


class DynamoLogIndex:
    def __init__(self, prefix: str) -> None:
        self._requests = bind(RequestRow, prefix)
        self._segments = bind(SegmentRow, prefix)
        self._batches = bind(BatchRow, prefix)

    def segments(self, version_id: int, since: str = "", until: str = "") -> Sequence[Segment]:
        hours = self._segments.place.between(since or FIRST, until + LAST)
        found = self._segments.query(version_id, hours, consistent_read=True)
        return [msgspec.json.decode(item.document, type=Segment) for item in found]

    def batches(self, version_id: int, before: int | None = None, limit: int = 100) -> Sequence[Batch]:
        earlier = None if before is None else self._batches.number < before
        found = self._batches.query(version_id, earlier, consistent_read=True, scan_index_forward=False, limit=limit)
        return [msgspec.json.decode(item.document, type=Batch) for item in found]

    def batch(self, version_id: int, number: int) -> Batch:
        try:
            item = self._batches.get(version_id, number, consistent_read=True)
        except self._batches.DoesNotExist:
            raise NotFound(f"model version {version_id} has no batch {number}") from None
        return msgspec.json.decode(item.document, type=Batch)

    def moments(self, request_id: str) -> Sequence[int]:
        return [int(item.moment) for item in self._requests.query(request_id, consistent_read=True)]
