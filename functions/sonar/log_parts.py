"""Which segments a question needs: those of its hours, and of these the ones that can hold a row it asks for."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby

from functions.core.checks import Operator
from functions.core.ledger import Count, Segment
from functions.core.models import ModelVersion
from functions.core.request_log import Comparison, LogPart, Of, Wanted
from functions.sonar.plan_addition import hour_of
from functions.sonar.ports import Ports

# how far back each look goes, in hours: most questions are answered by the first, and no look returns all of a long log
LOOKS = (6, 48, 24 * 14)
HOUR = timedelta(hours=1)


def part_of(ports: Ports, version: ModelVersion, wanted: Wanted) -> LogPart:
    """All segments that can hold a wanted row."""
    since, until = hours_of(wanted)
    segments = ports.index.segments(version.id, since, until)
    return LogPart(version, tuple(segment for segment in segments if may_hold(segment, wanted)))


def hours_of(wanted: Wanted) -> tuple[str, str]:
    """The first and the last hour, empty for no bound."""
    ends = [wanted.until, wanted.before.moment if wanted.before else None]
    last = min((end for end in ends if end is not None), default=None)
    first = "" if wanted.since is None else hour_of(wanted.since / 1_000_000)
    return first, "" if last is None else hour_of(last / 1_000_000)


def newest_first(ports: Ports, version: ModelVersion, wanted: Wanted) -> Iterator[tuple[Segment, ...]]:
    """The segments of one hour after the other, the latest hour first, read as they are asked for."""
    first, last = hours_of(wanted)
    end = _beginning(last) if last else ports.clock.now()
    for look in (*LOOKS, None):
        since = first if look is None else max(first, f"{end - look * HOUR:%Y-%m-%dT%H}")
        if last and since > last:
            return
        found = ports.index.segments(version.id, since, last)
        hours = [tuple(of_hour) for _, of_hour in groupby(found, key=lambda segment: segment.hour)]
        yield from reversed(hours)
        if since == first:
            return
        last = f"{_beginning(since) - HOUR:%Y-%m-%dT%H}"


def _beginning(hour: str) -> datetime:
    return datetime.strptime(hour, "%Y-%m-%dT%H").replace(tzinfo=UTC)


def start_of(hour: str) -> int:
    """The microsecond in which an hour begins."""
    return round(_beginning(hour).timestamp()) * 1_000_000


def may_hold(segment: Segment, wanted: Wanted) -> bool:
    """False when what was counted says that no row of the segment is wanted."""
    tally = segment.tally
    since, until = round(segment.earliest * 1e6), round(segment.latest * 1e6)
    return not (
        (wanted.since is not None and until < wanted.since)
        or (wanted.until is not None and since > wanted.until)
        or (wanted.before is not None and since > wanted.before.moment)
        or (wanted.error is True and not tally.errors)
        or (wanted.error is False and tally.errors == tally.requests)
        or (wanted.failed is not None and not any(count.failed for count in _counts(segment, wanted.failed)))
        # an element whose one check failed and whose other errored is counted as failed
        or (wanted.errored is not None and not any(c.checked > c.passed for c in _counts(segment, wanted.errored)))
        or not all(_may_hold(segment, comparison) for comparison in wanted.comparisons)
    )


def _counts(segment: Segment, name: str) -> list[Count]:
    found = (segment.tally.fields.get(name), segment.tally.metrics.get(name))
    return [count for count in found if count is not None]


def _may_hold(segment: Segment, comparison: Comparison) -> bool:
    """Where no check failed every score is 1; no latency is above the greatest."""
    if comparison.of is Of.LATENCY and comparison.operator in (Operator.GREATER, Operator.GREATER_EQ):
        return comparison.operator.holds(segment.tally.latency_max, float(comparison.value))
    if comparison.of in (Of.SCORE, Of.OVERALL_SCORE):
        tally = segment.tally
        counts = (tally.fields if comparison.of is Of.SCORE else tally.metrics).values()
        return any(count.failed for count in counts) or comparison.operator.holds(1.0, float(comparison.value))
    return True
