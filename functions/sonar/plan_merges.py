"""Which segments of a log become one, as data. Pure.

An hour is ripe when it is over and quiet: nothing was written into it for QUIET seconds, so that no late row makes the
work anew. Its segments are merged in the order of their rows' numbers, as many as make a FULL file, the small ones
first of all: a file that is full enough is never read again.
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import groupby
from operator import add

from functions.core.ledger import Run, Segment
from functions.core.log_keeping import TOGETHER
from functions.sonar.log_parts import start_of

FULL = 262_144  # rows; some 250 MB while they are merged
FULL_SIZE = 128 * 1024 * 1024  # bytes of tensors; an image has a thousand times as many as a row of numbers
QUIET = 30 * 60.0  # seconds after the end of an hour; the queue hides a failed message for six minutes
MOST_RUNS = 500  # of one segment: its item must stay small


def plan_merges(segments: Sequence[Segment], now: float) -> Iterator[tuple[Segment, ...]]:
    """Groups of segments of one version (by hour and first row) that are to be merged, the oldest hour first."""
    for hour, of_hour in groupby(segments, key=lambda segment: segment.hour):
        if start_of(hour) / 1_000_000 + 3600 + QUIET <= now:
            yield from _groups([segment for segment in of_hour if _is_small(segment)])


def merged(sources: Sequence[Segment], id: str) -> Segment:  # noqa: A002 - the segment's word
    """The segment whose file holds the rows of `sources`, in their order; `id` is nobody else's."""
    first = sources[0]
    folder = first.key.rpartition("/")[0]
    runs = _joined([run for segment in sources for run in segment.numbers])
    return Segment(
        version_id=first.version_id,
        hour=first.hour,
        id=id,
        first=first.first,
        rows=sum(segment.rows for segment in sources),
        earliest=min(segment.earliest for segment in sources),
        latest=max(segment.latest for segment in sources),
        key=f"{folder}/{id}.parquet",
        profile_key=f"{folder}/{id}.profile",
        tally=reduce(add, (segment.tally for segment in sources)),
        runs=runs if len(runs) > 1 else (),
        size=sum(segment.size for segment in sources),
    )


def _is_small(segment: Segment) -> bool:
    return segment.rows < FULL // 2 and segment.size < FULL_SIZE // 2


def _groups(small: Sequence[Segment]) -> Iterator[tuple[Segment, ...]]:
    group: list[Segment] = []
    for segment in small:
        if len(group) == TOGETHER or not _fits([*group, segment]):
            if len(group) > 1:
                yield tuple(group)
            group = []
        group.append(segment)
    if len(group) > 1:
        yield tuple(group)


def _fits(group: Sequence[Segment]) -> bool:
    """Into one file, and into the memory of who merges it."""
    return (
        sum(segment.rows for segment in group) <= FULL
        and sum(segment.size for segment in group) <= FULL_SIZE
        and sum(len(segment.numbers) for segment in group) <= MOST_RUNS
    )


def _joined(runs: Sequence[Run]) -> tuple[Run, ...]:
    found: list[Run] = []
    for run in runs:
        if found and found[-1].first + found[-1].rows == run.first:
            found[-1] = Run(found[-1].first, found[-1].rows + run.rows)
        else:
            found.append(run)
    return tuple(found)
