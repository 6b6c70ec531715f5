"""Bulletins: what a commit says to whoever keeps watch over a version, published in the commit's own transaction.

The bulletins of a version are numbered by the rows that they tell of: each begins where the one before ended. Whoever
has read those up to row n asks for the one that begins there, and can neither miss one nor read one twice.
"""

import enum
from collections.abc import Mapping, Sequence
from typing import Protocol

from functions.core.models import Entity

MOST_EXAMPLES = 3  # request ids of one finding
MOST_FINDINGS = 250  # of one bulletin, the most frequent first: an item of DynamoDB holds 400 kB


class Trouble(enum.StrEnum):
    """What went wrong: a rule of a field, a metric, what could not be decided, or the prediction itself."""

    CHECK = "check"
    METRIC = "metric"
    ERRORED = "errored"
    PREDICTION = "prediction"


class Finding(Entity, frozen=True, kw_only=True):
    """One kind of trouble in the rows of a bulletin: `count` rows had it, `application`'s first.

    `field` is the element ("x", "x_3"), `name` the rule or metric; both are empty where there is none. `first_seen` and
    `last_seen` are the predictions' moments in seconds since the epoch. `value` and `threshold` are one row's, as JSON.
    """

    trouble: Trouble
    field: str = ""
    name: str = ""
    count: int
    first_seen: float
    last_seen: float
    description: str = ""
    value: str = ""
    threshold: str = ""
    reason: str = ""
    metric_spec_id: str | None = None
    application: str | None = None
    stage: int = 0
    examples: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What alerts are grouped by: `check:x_3/max`, `metric:drift`, `errored:drift`, `prediction`."""
        told = "/".join(part for part in (self.field, self.name) if part)
        return f"{self.trouble}:{told}" if told else str(self.trouble)


class Bulletin(Entity, frozen=True, kw_only=True):
    """Of rows `first` … `first + rows - 1`. `at` is when it was published, in seconds since the epoch."""

    version_id: int
    first: int
    rows: int
    at: float
    findings: tuple[Finding, ...] = ()

    @property
    def end(self) -> int:
        return self.first + self.rows


class BulletinBoard(Protocol):
    """The bulletins of all versions; each is kept for some days."""

    def after(self, version_id: int, row: int, limit: int = 100) -> Sequence[Bulletin]:
        """Those that begin at `row` or later, in their order."""


class LogEnds(Protocol):
    def rows(self) -> Mapping[int, int]:
        """How many rows each version's log has."""


class LogNews(Protocol):
    """Tells whoever keeps watch that logs became longer. It is a hint: the bulletins are the truth."""

    def tell(self, version_ids: Sequence[int]) -> None:
        """May raise anything."""
