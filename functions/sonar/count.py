"""Tallies of rows: what the aggregates of batches and hours are sums of."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import add

from functions.core.checks import Check, Verdict
from functions.core.ledger import Count, Tally
from functions.core.observations import Checked


def tally(rows: Iterable[Checked]) -> Tally:
    return reduce(add, map(_one, rows), Tally())


def _one(row: Checked) -> Tally:
    observation = row.observation
    return Tally(
        requests=1,
        errors=int(observation.error is not None),
        latency_sum=observation.latency_ms,
        latency_max=observation.latency_ms,
        fields={element: _count(checks) for element, checks in row.raw.items()},
        metrics={name: _count([check]) for name, check in row.metrics.items()},
    )


def _count(checks: Sequence[Check]) -> Count:
    """All rules of one element together are one check of it: healthy when each of them passed."""
    verdicts = {check.verdict for check in checks}
    failed = Verdict.FAILED in verdicts
    errored = Verdict.ERRORED in verdicts and not failed
    return Count(checked=1, passed=int(verdicts == {Verdict.PASSED}), errored=int(errored))
