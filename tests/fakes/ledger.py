"""The ledger, its index and its bulletins in memory: one lock in place of transactions."""

import threading
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile

from functions.core.bulletins import Bulletin
from functions.core.errors import Conflict, NotFound
from functions.core.ledger import Addition, Batch, Head, Segment, Standing, Ticket
from functions.core.log_keeping import Litter

PUBLISHED, ABORTED = "published", "aborted"


class FakeLedger:
    """The ledger, its index, and who keeps it.

    `now` tells seconds since the epoch; after `lease` seconds a worker that said nothing more is dead.
    """

    def __init__(self, now: Callable[[], float] = lambda: 0.0, lease: float = 180) -> None:
        self.commits: dict[str, str] = {}
        self._now = now
        self._lease = lease
        self._claims: dict[tuple[str, int, int], tuple[str, float]] = {}
        self._tickets: dict[tuple[str, int, int], Ticket] = {}
        self._litter: dict[tuple[int, str], Litter] = {}
        self._heads: dict[int, Head] = {}
        self._segments: dict[tuple[int, str, int, str], Segment] = {}
        self._batches: dict[tuple[int, int], Batch] = {}
        self.bulletins: dict[tuple[int, int], Bulletin] = {}
        self._lock = threading.RLock()

    def claim(self, tickets: Sequence[Ticket], commit: str, expires: int) -> Mapping[Ticket, Standing]:
        with self._lock:
            return {ticket: self._claim(ticket, commit) for ticket in tickets}

    def head(self, version_id: int) -> Head:
        return self._heads.get(version_id, Head(version_id=version_id))

    def publish(self, commit: str, additions: Sequence[Addition], expires: int) -> bool:
        with self._lock:
            if self.commits.get(commit) == ABORTED:
                raise Conflict("somebody else took over: this worker was too slow")
            if commit in self.commits:
                return True
            if any(self.head(addition.head.version_id) != addition.head for addition in additions):
                return False
            self.commits[commit] = PUBLISHED
            for addition in additions:
                self._heads[addition.next.version_id] = addition.next
                for segment in addition.segments:
                    self._segments[_key(segment)] = segment
                for batch in addition.batches:
                    self._batches[(batch.version_id, batch.number)] = batch
                if bulletin := addition.bulletin:
                    self.bulletins[(bulletin.version_id, bulletin.first)] = bulletin
            return True

    def abandon(self, commit: str, expires: int) -> None:
        with self._lock:
            self.commits.setdefault(commit, ABORTED)

    def segments(self, version_id: int, since: str = "", until: str = "") -> Sequence[Segment]:
        found = sorted(key for key in self._segments if key[0] == version_id)
        return [self._segments[key] for key in found if since <= key[1] and (not until or key[1] <= until)]

    def batches(self, version_id: int, before: int | None = None, limit: int = 100) -> Sequence[Batch]:
        numbers = sorted((number for version, number in self._batches if version == version_id), reverse=True)
        wanted = [number for number in numbers if before is None or number < before]
        return [self._batches[(version_id, number)] for number in wanted[:limit]]

    def batch(self, version_id: int, number: int) -> Batch:
        try:
            return self._batches[(version_id, number)]
        except KeyError:
            raise NotFound(f"model version {version_id} has no batch {number}") from None

    def oldest_batch(self, version_id: int) -> Batch | None:
        numbers = [number for version, number in self._batches if version == version_id]
        return self._batches[(version_id, min(numbers))] if numbers else None

    def tickets(self, request_id: str) -> Sequence[Ticket]:
        return [self._tickets[key] for key in sorted(self._tickets) if key[0] == request_id]

    def versions(self) -> list[int]:
        return sorted(self._heads)

    def replace(self, sources: Sequence[Segment], target: Segment | None, litter: Litter) -> bool:
        with self._lock:
            if any(_key(source) not in self._segments for source in sources):
                return False
            for source in sources:
                del self._segments[_key(source)]
            if target:
                self._segments[_key(target)] = target
            self._litter[(litter.version_id, litter.id)] = litter
            return True

    def litter(self, version_id: int) -> Sequence[Litter]:
        return [self._litter[key] for key in sorted(self._litter) if key[0] == version_id]

    def forget_litter(self, litter: Litter) -> None:
        self._litter.pop((litter.version_id, litter.id), None)

    def drop_batches(self, version_id: int, before: float, below: int) -> int:
        numbers = sorted(number for version, number in self._batches if version == version_id and number < below)
        old = list(takewhile(lambda number: self._batches[(version_id, number)].latest < before, numbers))
        for number in old:
            del self._batches[(version_id, number)]
        return len(old)

    def close_batch(self, version_id: int) -> None:
        head = self.head(version_id)
        if head.open:
            self._batches.pop((version_id, head.open.number), None)
            self._heads[version_id] = Head(version_id=version_id, rows=head.rows, batches=head.batches + 1)

    def forget(self, version_id: int, rows: int) -> None:
        with self._lock:
            if self.head(version_id).rows == rows:
                self._heads.pop(version_id, None)

    def after(self, version_id: int, row: int, limit: int = 100) -> Sequence[Bulletin]:
        found = sorted(key for key in self.bulletins if key[0] == version_id and key[1] >= row)
        return [self.bulletins[key] for key in found[:limit]]

    def rows(self) -> Mapping[int, int]:
        return {version: head.rows for version, head in self._heads.items()}

    def _claim(self, ticket: Ticket, commit: str) -> Standing:
        key = (ticket.request_id, ticket.moment, ticket.external)
        holder, since = self._claims.get(key, (commit, self._now()))
        if holder != commit:
            if self.commits.get(holder) == PUBLISHED:
                return Standing.DONE
            if self.commits.get(holder) != ABORTED:
                if self._now() - since < self._lease:
                    return Standing.BUSY
                self.commits[holder] = ABORTED
        self._claims[key] = (commit, self._now())
        self._tickets[key] = ticket
        return Standing.OURS


def _key(segment: Segment) -> tuple[int, str, int, str]:
    return (segment.version_id, segment.hour, segment.first, segment.id)
