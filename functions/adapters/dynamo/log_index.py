"""Reading what the request log consists of (core/ledger.py)."""

from collections.abc import Sequence

import msgspec

from functions.adapters.dynamo.tables import BatchRow, HeadRow, LitterRow, RequestRow, SegmentRow, bind
from functions.core.errors import NotFound, Unavailable
from functions.core.ledger import Batch, Head, Segment, Ticket

FIRST, LAST = " ", "~"  # sort before and behind everything that a place is made of
ATTEMPTS = 20


class DynamoLogIndex:
    def __init__(self, prefix: str) -> None:
        self._requests = bind(RequestRow, prefix)
        self._segments = SegmentIndex(prefix)
        self._batches = BatchIndex(prefix)
        self._heads = HeadIndex(prefix)

    def segments(self, version_id: int, since: str = "", until: str = "") -> Sequence[Segment]:
        return self._segments.between(version_id, since, until)

    def batches(self, version_id: int, before: int | None = None, limit: int = 100) -> Sequence[Batch]:
        return self._batches.newest(version_id, before, limit)

    def batch(self, version_id: int, number: int) -> Batch:
        return self._batches.numbered(version_id, number)

    def oldest_batch(self, version_id: int) -> Batch | None:
        return self._batches.oldest(version_id)

    def head(self, version_id: int) -> Head:
        return self._heads.of_version(version_id)

    def tickets(self, request_id: str) -> Sequence[Ticket]:
        found = self._requests.query(request_id, consistent_read=True)
        return [_ticket(item) for item in found]


class SegmentIndex:
    """A query may see half of a transaction: segments that were merged meanwhile beside the merged one, or neither. So
    it is asked again when something was merged or removed while it ran, which the litter tells: every such transaction
    leaves some, and it stays for hours."""

    def __init__(self, prefix: str) -> None:
        self._segments = bind(SegmentRow, prefix)
        self._litter = bind(LitterRow, prefix)

    def between(self, version_id: int, since: str, until: str) -> Sequence[Segment]:
        hours = self._segments.place.between(since or FIRST, until + LAST)
        before = self._changes(version_id)
        for _ in range(ATTEMPTS):
            items = list(self._segments.query(version_id, hours, consistent_read=True))
            after = self._changes(version_id)
            if before == after:
                return [msgspec.json.decode(item.document, type=Segment) for item in items]
            before = after
        raise Unavailable("the request log is being tidied up: try again")

    def _changes(self, version_id: int) -> list[str]:
        found = self._litter.query(version_id, consistent_read=True, attributes_to_get=["version_id", "id"])
        return [str(item.id) for item in found]


class BatchIndex:
    def __init__(self, prefix: str) -> None:
        self._batches = bind(BatchRow, prefix)

    def newest(self, version_id: int, before: int | None, limit: int) -> Sequence[Batch]:
        earlier = None if before is None else self._batches.number < before
        found = self._batches.query(version_id, earlier, consistent_read=True, scan_index_forward=False, limit=limit)
        return [msgspec.json.decode(item.document, type=Batch) for item in found]

    def numbered(self, version_id: int, number: int) -> Batch:
        for item in self._batches.query(version_id, self._batches.number == number, consistent_read=True):
            return msgspec.json.decode(item.document, type=Batch)
        raise NotFound(f"model version {version_id} has no batch {number}")

    def oldest(self, version_id: int) -> Batch | None:
        for item in self._batches.query(version_id, consistent_read=True, limit=1):
            return msgspec.json.decode(item.document, type=Batch)
        return None


class HeadIndex:
    def __init__(self, prefix: str) -> None:
        self._heads = bind(HeadRow, prefix)

    def of_version(self, version_id: int) -> Head:
        try:
            item = self._heads.get(version_id, consistent_read=True)
        except self._heads.DoesNotExist:
            return Head(version_id=version_id)
        return msgspec.json.decode(item.document, type=Head)


def _ticket(item: RequestRow) -> Ticket:
    versions = tuple(map(int, item.versions.split(","))) if item.versions else ()
    _, _, external = f"{item.place:f}".partition(".")
    return Ticket(item.request_id, int(item.place), versions, int(external.ljust(15, "0") or 0))
