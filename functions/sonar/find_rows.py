"""The rows of a log that are asked for, a page at a time, newest first.

A page goes on from the spot of the last row before it: what arrives meanwhile repeats none and hides none. Merging
files changes no spot.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import chain

import msgspec

from functions.core.ledger import Segment
from functions.core.models import ModelVersion
from functions.core.observations import Checked
from functions.core.request_log import LogPart, Spot, Wanted
from functions.sonar.log_parts import may_hold, newest_first, start_of
from functions.sonar.ports import Ports

FEWEST, MOST = 100_000, 20_000_000  # rows that are looked through in one go: few where rows are easily found, then more
PATIENCE = timedelta(seconds=12)  # a call over HTTP may take 29
HIGHEST = 10**15  # no row has so high a number

Row = tuple[Spot, Checked]
Hours = Iterator[tuple[Segment, ...]]


class Found(msgspec.Struct, frozen=True):
    """`rest` is the spot to go on before; None: there is nothing more."""

    rows: list[Row]
    rest: Spot | None


def find_rows(
    ports: Ports, version: ModelVersion, wanted: Wanted, limit: int, offset: int = 0, fewest: int = FEWEST
) -> Found:
    """At most `limit` rows after the first `offset`. There may be fewer, even none, and a `rest`, when looking through
    the log took too long."""
    began = ports.clock.now()
    hours, offset = _pass_over(newest_first(ports, version, wanted), wanted, offset)
    spots: list[Spot] = []
    sources: list[Segment] = []
    rest: Spot | None = None
    enough = offset + limit + 1  # one more says whether there is a rest
    for stretch in _stretches(hours, fewest):
        part = LogPart(version, tuple(segment for segment in stretch if may_hold(segment, wanted)))
        spots += ports.reader.find(part, wanted, enough - len(spots))
        sources += part.segments
        if len(spots) == enough:
            rest = spots[-2]
            break
        if ports.clock.now() - began > PATIENCE:
            rest = Spot(start_of(stretch[-1].hour) - 1, HIGHEST)  # everything behind it was looked at
            break
    return Found(read_rows(ports, LogPart(version, tuple(sources)), spots[offset : offset + limit]), rest)


def read_rows(ports: Ports, part: LogPart, spots: Sequence[Spot]) -> list[Row]:
    """The rows at `spots`, in their order."""
    rows = ports.reader.read(part, [spot.number for spot in spots]) if spots else {}
    return [(spot, rows[spot.number]) for spot in spots]


def _pass_over(hours: Hours, wanted: Wanted, offset: int) -> tuple[Hours, int]:
    """Without the hours that lie before the offset as a whole, and what is left of it: nobody has to read them."""
    for of_hour in hours:
        rows = sum(segment.rows for segment in of_hour)
        if rows > offset or not wanted.takes_all or not _is_whole(of_hour, wanted):
            return chain([of_hour], hours), offset
        offset -= rows
    return hours, offset


def _is_whole(of_hour: tuple[Segment, ...], wanted: Wanted) -> bool:
    first = min(round(segment.earliest * 1e6) for segment in of_hour)
    last = max(round(segment.latest * 1e6) for segment in of_hour)
    ends = [wanted.until, wanted.before and wanted.before.moment - 1]
    return first >= (wanted.since or first) and all(end is None or last <= end for end in ends)


def _stretches(hours: Hours, size: int) -> Iterator[list[Segment]]:
    """Whole hours together: at least `size` rows, then more and more."""
    stretch: list[Segment] = []
    for of_hour in hours:
        stretch += of_hour
        if sum(segment.rows for segment in stretch) >= size:
            yield stretch
            stretch, size = [], min(size * 8, MOST)
    if stretch:
        yield stretch
