"""What the request log consists of, and how it becomes longer by each prediction exactly once.

The queue delivers at least once, workers die anywhere, and a file on S3 and an item in a table cannot be written
together. So a worker writes in three steps, and only the last one counts:

1. it claims each prediction for its *commit*, an id of its own that nobody else has;
2. it writes files that nothing refers to yet;
3. it publishes the commit: in one transaction the commit is marked as published, and its *segments* (the files, with
   what was counted in them) become part of the log.

A prediction belongs to the log when the commit that claimed it is published. Who finds it claimed by somebody else's
commit asks what became of that one: published, and the message is a repetition; still under way, and it comes back
later; silent for longer than a worker can live, and the commit is aborted, which cannot succeed once it is published,
as it cannot be published once it is aborted. What a dead worker left on S3 is swept up later.

Rows are numbered per version in the order in which they were published. Batch n of a version holds the rows
n * batch size … (n + 1) * batch size - 1.
"""

import enum
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from functions.core.bulletins import Bulletin
from functions.core.models import Entity


class Count(msgspec.Struct, frozen=True):
    """How often a rule was applied, and to what end; what neither passed nor errored failed."""

    checked: int = 0
    passed: int = 0
    errored: int = 0

    @property
    def failed(self) -> int:
        return self.checked - self.passed - self.errored

    def __add__(self, other: "Count") -> "Count":
        return Count(self.checked + other.checked, self.passed + other.passed, self.errored + other.errored)


class Tally(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What was counted over some rows; tallies of disjoint rows add up, in any order. Latencies in milliseconds."""

    requests: int = 0
    errors: int = 0
    latency_sum: float = 0.0
    latency_max: float = 0.0
    fields: dict[str, Count] = {}
    metrics: dict[str, Count] = {}

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            requests=self.requests + other.requests,
            errors=self.errors + other.errors,
            latency_sum=self.latency_sum + other.latency_sum,
            latency_max=max(self.latency_max, other.latency_max),
            fields=_sum_counts(self.fields, other.fields),
            metrics=_sum_counts(self.metrics, other.metrics),
        )


class Run(msgspec.Struct, frozen=True):
    """Rows `first` … `first + rows - 1`: numbers without a gap."""

    first: int
    rows: int


class Segment(Entity, frozen=True, kw_only=True):
    """Rows of one hour of a version's log: of one commit, or of several that were merged into one file.

    Their numbers are `first` … `first + rows - 1`, in the order of the file. Between merged ones there may be rows of
    other hours: then `runs` says which numbers the file's rows have, one run after the other.

    `hour` is that of the predictions, in UTC ("2026-01-31T05"); `earliest` and `latest` are theirs in seconds since
    the epoch. `key` is the Parquet file's; `profile_key` that of the profile of the same rows.
    """

    version_id: int
    hour: str
    id: str
    first: int
    rows: int
    earliest: float
    latest: float
    key: str
    profile_key: str
    tally: Tally
    runs: tuple[Run, ...] = ()

    @property
    def numbers(self) -> tuple[Run, ...]:
        """The numbers of the file's rows, in its order."""
        return self.runs or (Run(self.first, self.rows),)


class Batch(Entity, frozen=True, kw_only=True):
    """The aggregate of a batch of rows. It is complete when it has as many requests as the version's batch size."""

    version_id: int
    number: int
    first_row: int
    size: int
    first_id: str
    last_id: str
    earliest: float
    latest: float
    tally: Tally

    @property
    def is_complete(self) -> bool:
        return self.tally.requests == self.size


class Head(Entity, frozen=True, kw_only=True):
    """Where a version's log ends: the number of the next row, and the batch that is not complete yet."""

    version_id: int
    rows: int = 0
    batches: int = 0
    open: Batch | None = None


class Ticket(msgspec.Struct, frozen=True):
    """A prediction as the ledger knows it: the caller's request id and the microsecond in which it was made.

    The moment is part of it because callers choose request ids, and may choose one twice; a message that is delivered
    again says the same moment. `versions` are those that will have a row of it, shadows among them.

    `external` is the version that another system told of, 0 for what went through the gateway: such a system may tell
    of one request what several versions said, each under the moment of the request.
    """

    request_id: str
    moment: int
    versions: tuple[int, ...] = ()
    external: int = 0


class Standing(enum.Enum):
    """What a worker is told about a prediction that it claims."""

    OURS = "claimed for this commit"
    DONE = "in the log already"
    BUSY = "being worked on by somebody else"


class Addition(msgspec.Struct, frozen=True, kw_only=True):
    """What a commit adds to one version's log, worked out for the log that ends as `head`, and its bulletin."""

    head: Head
    segments: tuple[Segment, ...]
    batches: tuple[Batch, ...]
    next: Head
    bulletin: Bulletin | None = None


class Ledger(Protocol):
    def claim(self, tickets: Sequence[Ticket], commit: str, expires: int) -> Mapping[Ticket, Standing]:
        """Claims predictions for `commit`. `expires` (seconds since the epoch) is when they may be forgotten."""

    def head(self, version_id: int) -> Head:
        """Where the version's log ends; one that has no log ends at its beginning."""

    def publish(self, commit: str, additions: Sequence[Addition], expires: int) -> bool:
        """Adds everything or nothing; False, and nothing is added, when a head is not the stored one any more.

        Raises Conflict when the commit was aborted.
        """

    def abandon(self, commit: str, expires: int) -> None:
        """Aborts a commit of one's own, so that nobody has to wait until its worker must be dead. Changes nothing when
        it is published."""


class LogIndex(Protocol):
    """What the log consists of, to be read."""

    def segments(self, version_id: int, since: str = "", until: str = "") -> Sequence[Segment]:
        """Those of the hours `since` … `until` (both included, empty for no bound), by hour and first row."""

    def batches(self, version_id: int, before: int | None = None, limit: int = 100) -> Sequence[Batch]:
        """Newest first, from the one before number `before` on."""

    def batch(self, version_id: int, number: int) -> Batch:
        """Raises NotFound."""

    def tickets(self, request_id: str) -> Sequence[Ticket]:
        """The predictions of that id that were claimed, oldest first."""

    def head(self, version_id: int) -> Head:
        """As the ledger's."""

    def oldest_batch(self, version_id: int) -> Batch | None:
        """None for a version that has none, or none any more."""


def _sum_counts(first: Mapping[str, Count], second: Mapping[str, Count]) -> dict[str, Count]:
    names = [*first, *(name for name in second if name not in first)]
    return {name: first.get(name, Count()) + second.get(name, Count()) for name in names}
