"""Reading the request log: which rows are wanted, where a row stands, and what two versions say of the same requests.

Only what the segments of the ledger name is in the log (core/ledger.py); a file that they do not name is not read.
"""

import enum
import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from functions.core.checks import Operator
from functions.core.ledger import Segment
from functions.core.models import ModelVersion
from functions.core.observations import Checked

Scalar = bool | int | float | str
PRIME = 2**31 - 1


class Spot(NamedTuple):
    """Where a row stands in time: the microsecond of its prediction, then its number. The newest is the greatest."""

    moment: int
    number: int


class Of(enum.StrEnum):
    """What a comparison is about."""

    INPUT = "input"
    OUTPUT = "output"
    SCORE = "score"
    OVERALL_SCORE = "overall_score"
    LATENCY = "latency"


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is the field of an INPUT or OUTPUT, `element` the place in one with elements, in row-major order.

    A row that has no such value matches no comparison.
    """

    of: Of
    operator: Operator
    value: Scalar
    name: str = ""
    element: int | None = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Rows from the microsecond `since` to `until`, both included, that match all that is said; None says nothing.

    `failed` and `errored` name an element or a metric whose check ended so. `before` leaves out that spot and newer
    ones.
    """

    since: int | None = None
    until: int | None = None
    before: Spot | None = None
    error: bool | None = None
    shadow: bool | None = None
    application: str | None = None
    failed: str | None = None
    errored: str | None = None
    request_ids: frozenset[str] | None = None
    comparisons: tuple[Comparison, ...] = ()

    @property
    def takes_all(self) -> bool:
        """Every row of its time is wanted."""
        return msgspec.structs.replace(self, since=None, until=None, before=None) == Wanted()

    def going_on(self, before: Spot) -> "Wanted":
        """The rest of them, older than `before`."""
        return msgspec.structs.replace(self, before=before)


class Shuffle(NamedTuple):
    """Puts rows into an order that is random, and the same wherever and whenever it is asked for: a polynomial of the
    row's number over a prime field, whose values for any four rows are independent (Carter, Wegman 1979)."""

    coefficients: tuple[int, int, int, int]

    @classmethod
    def of(cls, seed: int) -> "Shuffle":
        chance = random.Random(seed)  # noqa: S311 - a sample is no secret
        a, b, c, d = (chance.randrange(1, PRIME) for _ in range(4))
        return cls((a, b, c, d))

    def place(self, number: int) -> int:
        value = 0
        for coefficient in self.coefficients:
            value = (value * (number % PRIME) + coefficient) % PRIME
        return value


class LogPart(msgspec.Struct, frozen=True):
    """Segments of one version's log."""

    version: ModelVersion
    segments: tuple[Segment, ...]

    @property
    def rows(self) -> int:
        return sum(segment.rows for segment in self.segments)


class Pair(NamedTuple):
    """The same request in two logs."""

    left: Spot
    right: Spot


class FieldAgreement(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Over the pairs in which both sides have a value: how many are `equal`, and for numbers the mean of the absolute
    difference (of all elements); None where nothing can be subtracted."""

    compared: int
    equal: int
    mean_difference: float | None


class Sides(msgspec.Struct, frozen=True):
    """The mean on each side, over the pairs that have one; None when none has."""

    left: float | None
    right: float | None


class Agreement(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What two versions said of the same requests. Latencies in milliseconds."""

    pairs: int
    fields: Mapping[str, FieldAgreement]
    score: Sides
    overall_score: Sides
    latency: Sides
    errors: tuple[int, int]


class LogReader(Protocol):
    """Reads rows out of the files that segments name. Raises Gone when one of them is not kept any more."""

    def find(self, part: LogPart, wanted: Wanted, limit: int) -> list[Spot]:
        """The newest `limit` rows that are wanted, newest first."""

    def sample(self, part: LogPart, wanted: Wanted, size: int, shuffle: Shuffle) -> list[Spot]:
        """The `size` wanted rows that come first in that order (of two with one place the lower number), by number."""

    def read(self, part: LogPart, numbers: Sequence[int]) -> dict[int, Checked]:
        """Rows by their numbers; a number that is not in `part` is left out."""

    def pairs(self, left: LogPart, right: LogPart, wanted: Wanted, limit: int) -> list[Pair]:
        """The newest `limit` requests that both logs have among the `wanted` rows, newest first. Where an id was used
        several times, the first use on one side belongs to the first on the other, and so on. `before` is about the
        left row of a pair, and changes no other pair."""

    def agree(self, left: LogPart, right: LogPart, wanted: Wanted, fields: Sequence[str]) -> Agreement:
        """Over all such pairs, for outputs of these names."""

    def columns(self, version: ModelVersion) -> Mapping[str, str]:
        """The columns of the version's files and what is in them, in words."""
