"""Checks summed over observations: per batch of requests, and per bucket of time.

A `Tally` is a sum: counts add up, the first and last observation are the earliest and the latest. An `Aggregate` keeps
the tallies of its contributions apart by their key, the observation's (request id and variant) in a batch, the batch's
in a bucket of time. Merging joins the keys: contributions that come twice, or in any order or grouping, leave the same
aggregate (a join semilattice; Shapiro, Preguiça, Baquero, Zawirski: Conflict-free Replicated Data Types, 2011).
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec

from functions.core.checks import Check, Verdict


class Counts(msgspec.Struct, frozen=True):
    """How many were checked, and what became of them: checked = passed + failed + errored."""

    checked: int = 0
    passed: int = 0
    errored: int = 0

    @property
    def failed(self) -> int:
        return self.checked - self.passed - self.errored


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """`fields` and `metrics` count observations by element and by metric: an element's checks of one observation count
    once, and pass together. `first` and `last` are (seconds since the epoch, request id)."""

    requests: int = 0
    errors: int = 0
    latency_ms: float = 0.0
    fields: dict[str, Counts] = {}
    metrics: dict[str, Counts] = {}
    first: tuple[float, str] | None = None
    last: tuple[float, str] | None = None


class Aggregate(msgspec.Struct, frozen=True):
    contributions: dict[str, Tally] = {}

    def total(self) -> Tally:
        """The sum, taken in the order of the keys: rounding too is the same whatever came first."""
        return add(*(tally for _, tally in sorted(self.contributions.items())))

    def merged(self, other: "Aggregate") -> "Aggregate":
        """With the contributions of both. Of one key's two versions the fuller one stays, then the later written."""
        joined = dict(self.contributions)
        for key, tally in other.contributions.items():
            mine = joined.get(key)
            joined[key] = tally if mine is None else max(mine, tally, key=_fullness)
        return Aggregate(joined)


def tally_of(
    request_id: str,
    at: float,
    raw: Mapping[str, Sequence[Check]],
    metrics: Mapping[str, Check],
    *,
    latency_ms: float = 0.0,
    failed: bool = False,
) -> Tally:
    """The tally of one observation; `failed` says that the prediction itself ended in an error."""
    return Tally(
        requests=1,
        errors=int(failed),
        latency_ms=latency_ms,
        fields={element: _counts(checks) for element, checks in raw.items()},
        metrics={name: _counts([check]) for name, check in metrics.items()},
        first=(at, request_id),
        last=(at, request_id),
    )


def add(*tallies: Tally) -> Tally:
    """The sum of tallies."""
    return Tally(
        requests=sum(tally.requests for tally in tallies),
        errors=sum(tally.errors for tally in tallies),
        latency_ms=sum(tally.latency_ms for tally in tallies),
        fields=_add_counts([tally.fields for tally in tallies]),
        metrics=_add_counts([tally.metrics for tally in tallies]),
        first=min((tally.first for tally in tallies if tally.first), default=None),
        last=max((tally.last for tally in tallies if tally.last), default=None),
    )


def bucket(at: float, seconds: int) -> int:
    """When the bucket of time begins that `at` falls into: a multiple of `seconds` since the epoch."""
    return int(at // seconds) * seconds


def view(tally: Tally) -> dict[str, Any]:
    """The aggregate by the reference system's names."""
    return {
        **{element: _counts_view(counts) for element, counts in tally.fields.items()},
        "_hs_metrics": {name: _counts_view(counts) for name, counts in tally.metrics.items()},
        "_hs_requests": tally.requests,
        "_hs_errors": tally.errors,
        "_hs_mean_latency": tally.latency_ms / tally.requests if tally.requests else None,
        "_hs_first_id": tally.first[1] if tally.first else None,
        "_hs_last_id": tally.last[1] if tally.last else None,
    }


def _counts(checks: Sequence[Check]) -> Counts:
    """One observation's: errored if a check was, else passed if all were."""
    verdicts = {check.verdict for check in checks}
    errored = Verdict.ERRORED in verdicts
    return Counts(int(bool(verdicts)), int(verdicts == {Verdict.PASSED}), int(errored))


def _add_counts(parts: Sequence[Mapping[str, Counts]]) -> dict[str, Counts]:
    names = sorted(set(chain.from_iterable(parts)))
    found = {name: [part[name] for part in parts if name in part] for name in names}
    return {
        name: Counts(sum(c.checked for c in some), sum(c.passed for c in some), sum(c.errored for c in some))
        for name, some in found.items()
    }


def _counts_view(counts: Counts) -> dict[str, int]:
    return {"checks": counts.checked, "passed": counts.passed, "errored": counts.errored}


def _fullness(tally: Tally) -> tuple[int, bytes]:
    return tally.requests, msgspec.msgpack.encode(tally, order="deterministic")
