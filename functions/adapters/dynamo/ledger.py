"""The ledger of the request log in DynamoDB. What it promises, and why that holds, is told in core/ledger.py."""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import msgspec
from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from functions.adapters.dynamo.alert_tables import BulletinRow
from functions.adapters.dynamo.journal import CANCELLED, LOST_RACES, REFUSED
from functions.adapters.dynamo.refusal import refused
from functions.adapters.dynamo.tables import (
    BatchRow,
    CommitRow,
    HeadRow,
    RequestRow,
    SegmentRow,
    bind,
    connection,
)
from functions.core.errors import Conflict
from functions.core.ledger import Addition, Head, Segment, Standing, Ticket
from functions.core.models import encode_entity

THREADS = 16
LEASE = 180  # seconds; longer than a worker can live
KEPT = 14 * 24 * 3600  # seconds that a bulletin waits to be read, as long as a message can
PUBLISHED, ABORTED = "published", "aborted"


class DynamoLedger:
    """`now` tells seconds since the epoch; after `lease` seconds a worker that said nothing more is dead."""

    def __init__(self, prefix: str, now: Callable[[], float] = time.time, lease: float = LEASE) -> None:
        self._requests = bind(RequestRow, prefix)
        self._commits = bind(CommitRow, prefix)
        self._heads = bind(HeadRow, prefix)
        self._parts = LogParts(prefix)
        self._now = now
        self._lease = lease

    def claim(self, tickets: Sequence[Ticket], commit: str, expires: int) -> Mapping[Ticket, Standing]:
        with ThreadPoolExecutor(THREADS, thread_name_prefix="claim") as pool:
            standings = list(pool.map(lambda ticket: self._claim(ticket, commit, expires), tickets))
        return dict(zip(tickets, standings, strict=True))

    def head(self, version_id: int) -> Head:
        try:
            item = self._heads.get(version_id, consistent_read=True)
        except self._heads.DoesNotExist:
            return Head(version_id=version_id)
        return msgspec.json.decode(item.document, type=Head)

    def publish(self, commit: str, additions: Sequence[Addition], expires: int) -> bool:
        try:
            # The token makes a repetition after a lost answer the same transaction, not a second one. Another plan of
            # the same commit needs another: DynamoDB refuses a token that comes with other items.
            with TransactWrite(connection=connection(), client_request_token=uuid.uuid4().hex) as transaction:
                item = self._commits(commit, status=PUBLISHED, expires=expires)
                transaction.save(item, condition=self._commits.commit.does_not_exist())
                for addition in additions:
                    self._add(transaction, addition)
        except TransactWriteError as error:
            codes = [reason.code if reason else "" for reason in error.cancellation_reasons]
            if error.cause_response_code != CANCELLED or not set(filter(None, codes)) <= LOST_RACES:
                raise
            return codes[0] == REFUSED and self._was_published(commit)
        return True

    def abandon(self, commit: str, expires: int) -> None:
        item = self._commits(commit, status=ABORTED, expires=expires)
        refused(lambda: item.save(self._commits.commit.does_not_exist()))

    def _claim(self, ticket: Ticket, commit: str, expires: int) -> Standing:
        row = self._requests
        item = row(
            ticket.request_id,
            place_in_time(ticket),
            commit=commit,
            claimed=int(self._now()),
            expires=expires,
            versions=",".join(map(str, ticket.versions)) or None,
        )
        if not refused(lambda: item.save(row.request_id.does_not_exist() | (row.commit == commit))):
            return Standing.OURS
        try:
            held = row.get(ticket.request_id, place_in_time(ticket), consistent_read=True)
        except row.DoesNotExist:  # forgotten at this very moment
            return Standing.BUSY
        standing = self._standing(held.commit)
        if standing == PUBLISHED:
            return Standing.DONE
        if standing != ABORTED and not self._outlived(held, expires):
            return Standing.BUSY
        return Standing.BUSY if refused(lambda: item.save(row.commit == held.commit)) else Standing.OURS

    def _outlived(self, held: RequestRow, expires: int) -> bool:
        """Ends the commit of a dead worker. False when it may be alive, or was published after all."""
        if self._now() - float(held.claimed) < self._lease:
            return False
        self.abandon(held.commit, expires)
        return self._standing(held.commit) == ABORTED

    def _standing(self, commit: str) -> str | None:
        try:
            return str(self._commits.get(commit, consistent_read=True).status)
        except self._commits.DoesNotExist:
            return None

    def _was_published(self, commit: str) -> bool:
        if self._standing(commit) == ABORTED:
            raise Conflict("somebody else took over: this worker was too slow")
        return True

    def _add(self, transaction: TransactWrite, addition: Addition) -> None:
        head, rows = addition.next, self._heads.rows
        unmoved = rows == addition.head.rows if addition.head.rows else self._heads.version_id.does_not_exist()
        item = self._heads(head.version_id, rows=head.rows, document=encode_entity(head))
        transaction.save(item, condition=unmoved)
        self._parts.save(transaction, addition)


class LogParts:
    """Segments, batches and bulletins are only written here: two functions need not have the rights of one another."""

    def __init__(self, prefix: str) -> None:
        self._bulletins = bind(BulletinRow, prefix)
        self._segments = bind(SegmentRow, prefix)
        self._batches = bind(BatchRow, prefix)

    def save(self, transaction: TransactWrite, addition: Addition) -> None:
        for segment in addition.segments:
            item = self._segments(segment.version_id, place_of(segment), document=encode_entity(segment))
            transaction.save(item)
        for batch in addition.batches:
            transaction.save(self._batches(batch.version_id, batch.number, document=encode_entity(batch)))
        if bulletin := addition.bulletin:
            expires, document = int(bulletin.at) + KEPT, encode_entity(bulletin)
            row = self._bulletins(bulletin.version_id, bulletin.first, document=document, expires=expires)
            transaction.save(row)


def place_in_time(ticket: Ticket) -> Decimal:
    """Sorts by the moment; the version of an external prediction stands behind the point."""
    return Decimal(f"{ticket.moment}.{ticket.external:015d}" if ticket.external else ticket.moment)


def place_of(segment: Segment) -> str:
    """Sorts by hour, then by the number of the first row."""
    return f"{segment.hour}#{segment.first:015d}#{segment.id}"
