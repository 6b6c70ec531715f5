"""Tallies of rows: what the aggregates of batches and hours are sums of."""

from collections.abc import Iterable
from functools import reduce
from operator import add

from functions.core.ledger import Count, Tally
from functions.core.observations import Check, Checked, Verdict


def tally(rows: Iterable[Checked]) -> Tally:
    return reduce(add, map(_one, rows), Tally())


def _one(row: Checked) -> Tally:
    observation = row.observation
    return Tally(
        requests=1,
        errors=int(observation.error is not None),
        latency_sum=observation.latency_ms,
        latency_max=observation.latency_ms,
        fields=_fields([check for check in row.checks if check.field is not None]),
        metrics={check.name: _count([check]) for check in row.checks if check.field is None},
    )


def _fields(checks: list[Check]) -> dict[str, Count]:
    """All rules of one element together are one check of it: healthy when each of them passed."""
    by_field: dict[str, list[Check]] = {}
    for check in checks:
        by_field.setdefault(str(check.field), []).append(check)
    return {field: _count(of_field) for field, of_field in by_field.items()}


def _count(checks: list[Check]) -> Count:
    verdicts = {check.verdict for check in checks}
    failed = Verdict.FAILED in verdicts
    errored = Verdict.ERRORED in verdicts and not failed
    return Count(checked=1, passed=int(verdicts == {Verdict.PASSED}), errored=int(errored))
