"""Batches with predictions of some time. They are numbered as rows are, not by time, so the segments of that time say
which rows they are, and a binary search by the first row of each batch where these begin."""

from collections.abc import Iterable, Iterator

from functions.core.errors import InvalidRequest, Problem
from functions.core.ledger import Batch, Run
from functions.core.request_log import Wanted
from functions.sonar.log_parts import hours_of, may_hold
from functions.sonar.ports import Ports

AT_ONCE = 500
MOST_READ = 20_000  # batches of one question
NEAR = 50_000  # rows between two wanted ones whose batches are read along rather than searched for


def batches_of_time(ports: Ports, version_id: int, when: Wanted) -> list[Batch]:
    """Newest first. Raises InvalidRequest for a time with too many."""
    since, until = hours_of(when)
    segments = [segment for segment in ports.index.segments(version_id, since, until) if may_hold(segment, when)]
    found: list[Batch] = []
    read = 0
    for rows in _stretches(run for segment in segments for run in segment.numbers):
        for batches in _holding(ports, version_id, rows):
            found += [batch for batch in batches if _overlaps(batch, when)]
            read += AT_ONCE
            if read > MOST_READ:
                expected = f"a time with at most {MOST_READ:,} batches; with `bucket` any time can be asked for"
                raise InvalidRequest.of([Problem("/query/from", expected, "one with more")])
    return sorted({batch.number: batch for batch in found}.values(), key=lambda batch: -batch.number)


def _stretches(runs: Iterable[Run]) -> list[Run]:
    """The rows of all runs, and those between near ones; ascending."""
    found: list[Run] = []
    for run in sorted(runs, key=lambda run: run.first):
        last = found[-1] if found else None
        if last and run.first - (last.first + last.rows) <= NEAR:
            end = max(last.first + last.rows, run.first + run.rows)
            found[-1] = Run(last.first, end - last.first)
        else:
            found.append(run)
    return found


def _holding(ports: Ports, version_id: int, rows: Run) -> Iterator[list[Batch]]:
    """The batches that hold any of `rows`, newest first, some at a time."""
    before = _last_before(ports, version_id, rows.first + rows.rows) + 1
    while batches := ports.index.batches(version_id, before, AT_ONCE):
        yield [batch for batch in batches if batch.first_row + batch.tally.requests > rows.first]
        before = batches[-1].number
        if batches[-1].first_row <= rows.first:
            return


def _last_before(ports: Ports, version_id: int, row: int) -> int:
    """The number of the last batch that begins before `row`; -1 when none does. Numbers may have gaps."""
    newest = ports.index.batches(version_id, limit=1)
    low, high = -1, newest[0].number if newest else -1
    while low < high:
        middle = (low + high + 1) // 2
        found = ports.index.batches(version_id, middle + 1, 1)  # the last up to `middle`
        if found and found[0].first_row >= row:
            high = found[0].number - 1
        else:
            low = middle
    return low


def _overlaps(batch: Batch, when: Wanted) -> bool:
    earliest, latest = round(batch.earliest * 1_000_000), round(batch.latest * 1_000_000)
    return (when.since is None or latest >= when.since) and (when.until is None or earliest <= when.until)
