"""Keeping the request log in DynamoDB: what was merged or is too old, one transaction for each change."""

from collections.abc import Sequence
from itertools import takewhile

import msgspec
from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from functions.adapters.dynamo.journal import CANCELLED, LOST_RACES
from functions.adapters.dynamo.ledger import place_of
from functions.adapters.dynamo.refusal import refused
from functions.adapters.dynamo.tables import BatchRow, HeadRow, LitterRow, SegmentRow, bind, connection
from functions.core.ledger import Batch, Head, Segment
from functions.core.log_keeping import Litter
from functions.core.models import encode_entity


class DynamoLogKeeper:
    def __init__(self, prefix: str) -> None:
        self._heads = KeptHeads(prefix)
        self._segments = KeptSegments(prefix)
        self._litter = KeptLitter(prefix)
        self._batches = KeptBatches(prefix)

    def versions(self) -> list[int]:
        return self._heads.all()

    def replace(self, sources: Sequence[Segment], target: Segment | None, litter: Litter) -> bool:
        try:
            # The token makes a repetition after a lost answer the same transaction, not a second one.
            with TransactWrite(connection=connection(), client_request_token=litter.id) as transaction:
                self._segments.exchange(transaction, sources, target)
                self._litter.note(transaction, litter)
        except TransactWriteError as error:
            codes = {reason.code for reason in error.cancellation_reasons if reason and reason.code}
            if error.cause_response_code != CANCELLED or not codes <= LOST_RACES:
                raise
            return False
        return True

    def litter(self, version_id: int) -> Sequence[Litter]:
        return self._litter.of_version(version_id)

    def forget_litter(self, litter: Litter) -> None:
        self._litter.forget(litter)

    def drop_batches(self, version_id: int, before: float, below: int) -> int:
        return self._batches.drop(version_id, before, below)

    def close_batch(self, version_id: int) -> None:
        open_one = self._heads.close_batch(version_id)
        if open_one:
            self._batches.remove(open_one)

    def forget(self, version_id: int, rows: int) -> None:
        self._heads.forget(version_id, rows)


class KeptHeads:
    def __init__(self, prefix: str) -> None:
        self._heads = bind(HeadRow, prefix)

    def all(self) -> list[int]:
        return sorted(int(item.version_id) for item in self._heads.scan(consistent_read=True))

    def close_batch(self, version_id: int) -> Batch | None:
        """The batch that was open."""
        while True:
            try:
                item = self._heads.get(version_id, consistent_read=True)
            except self._heads.DoesNotExist:
                return None
            head = msgspec.json.decode(item.document, type=Head)
            if head.open is None:
                return None
            if self._write(Head(version_id=version_id, rows=head.rows, batches=head.batches + 1)):
                return head.open

    def forget(self, version_id: int, rows: int) -> None:
        refused(lambda: self._heads(version_id).delete(self._heads.rows == rows))

    def _write(self, head: Head) -> bool:
        """False when rows were added meanwhile."""
        item = self._heads(head.version_id, rows=head.rows, document=encode_entity(head))
        return not refused(lambda: item.save(self._heads.rows == head.rows))


class KeptSegments:
    def __init__(self, prefix: str) -> None:
        self._segments = bind(SegmentRow, prefix)

    def exchange(self, transaction: TransactWrite, sources: Sequence[Segment], target: Segment | None) -> None:
        row = self._segments
        for source in sources:
            transaction.delete(row(source.version_id, place_of(source)), condition=row.version_id.exists())
        if target:
            transaction.save(row(target.version_id, place_of(target), document=encode_entity(target)))


class KeptLitter:
    def __init__(self, prefix: str) -> None:
        self._litter = bind(LitterRow, prefix)

    def note(self, transaction: TransactWrite, litter: Litter) -> None:
        transaction.save(self._litter(litter.version_id, litter.id, document=encode_entity(litter)))

    def of_version(self, version_id: int) -> Sequence[Litter]:
        found = self._litter.query(version_id, consistent_read=True)
        return [msgspec.json.decode(item.document, type=Litter) for item in found]

    def forget(self, litter: Litter) -> None:
        self._litter(litter.version_id, litter.id).delete()


class KeptBatches:
    def __init__(self, prefix: str) -> None:
        self._batches = bind(BatchRow, prefix)

    def drop(self, version_id: int, before: float, below: int) -> int:
        found = self._batches.query(version_id, self._batches.number < below, consistent_read=True)
        old = list(takewhile(lambda item: msgspec.json.decode(item.document, type=Batch).latest < before, found))
        with self._batches.batch_write() as batch:
            list(map(batch.delete, old))  # 25 at a time
        return len(old)

    def remove(self, batch: Batch) -> None:
        with self._batches.batch_write() as together:
            list(map(together.delete, [self._batches(batch.version_id, batch.number)]))
