"""The ledger, its index and its bulletins in memory: one lock in place of transactions."""

import threading
from collections.abc import Callable, Mapping, Sequence

from functions.core.bulletins import Bulletin
from functions.core.errors import Conflict, NotFound
from functions.core.ledger import Addition, Batch, Head, Segment, Standing, Ticket

PUBLISHED, ABORTED = "published", "aborted"


class FakeLedger:
    """`now` tells seconds since the epoch; after `lease` seconds a worker that said nothing more is dead."""

    def __init__(self, now: Callable[[], float] = lambda: 0.0, lease: float = 180) -> None:
        self.commits: dict[str, str] = {}
        self._now = now
        self._lease = lease
        self._claims: dict[Ticket, tuple[str, float]] = {}
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
                    self._segments[(segment.version_id, segment.hour, segment.first, segment.id)] = segment
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

    def after(self, version_id: int, row: int, limit: int = 100) -> Sequence[Bulletin]:
        found = sorted(key for key in self.bulletins if key[0] == version_id and key[1] >= row)
        return [self.bulletins[key] for key in found[:limit]]

    def rows(self) -> Mapping[int, int]:
        return {version: head.rows for version, head in self._heads.items()}

    def moments(self, request_id: str) -> Sequence[int]:
        return sorted(ticket.moment for ticket in self._claims if ticket.request_id == request_id)

    def _claim(self, ticket: Ticket, commit: str) -> Standing:
        holder, since = self._claims.get(ticket, (commit, self._now()))
        if holder != commit:
            if self.commits.get(holder) == PUBLISHED:
                return Standing.DONE
            if self.commits.get(holder) != ABORTED:
                if self._now() - since < self._lease:
                    return Standing.BUSY
                self.commits[holder] = ABORTED
        self._claims[ticket] = (commit, self._now())
        return Standing.OURS
