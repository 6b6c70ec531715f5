"""The request log, read by Polars straight from S3: ranges of files, many at a time, only the columns asked for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice

import polars as pl

from functions.adapters.log_agreement import agreement, paired
from functions.adapters.log_queries import NUMBER, PLACE, LogScan, shuffled
from functions.adapters.log_rows import microsecond_of, to_checked
from functions.adapters.log_statistics import Tails, folder_tails
from functions.adapters.parquet import columns
from functions.core.errors import Gone, Unavailable
from functions.core.ledger import Segment
from functions.core.models import ModelVersion
from functions.core.observations import Checked
from functions.core.request_log import Agreement, LogPart, Pair, Shuffle, Spot, Wanted

NEAR = 1024  # rows between two wanted ones that are read along rather than asked for separately
AT_ONCE = 64  # stretches that are read side by side


class S3LogReader:
    """`root` is "s3://bucket", or a folder; `options` gives what the object store must know, fresh for each question:
    credentials expire. `tails` reads the ends of files; those of a folder unless it is given."""

    def __init__(self, root: str, options: Callable[[], Mapping[str, str]] = dict, tails: Tails | None = None) -> None:
        self._root = root
        self._options = options
        self._tails = tails or folder_tails(root)

    def find(self, part: LogPart, wanted: Wanted, limit: int) -> list[Spot]:
        if not part.segments:
            return []
        with _told():
            found = self._scan().part(part, wanted).top_k(limit, by=["at", NUMBER]).collect()
        newest_first = found.sort("at", NUMBER, descending=True)
        return [Spot(microsecond_of(at), number) for number, at in newest_first.rows()]

    def sample(self, part: LogPart, wanted: Wanted, size: int, shuffle: Shuffle) -> list[Spot]:
        if not part.segments:
            return []
        with _told():
            rows = self._scan().part(part, wanted).with_columns(shuffled(shuffle).alias(PLACE))
            found = rows.bottom_k(size, by=[PLACE, NUMBER]).collect()
        return [Spot(microsecond_of(at), number) for number, at in found.sort(NUMBER).select(NUMBER, "at").rows()]

    def read(self, part: LogPart, numbers: Sequence[int]) -> dict[int, Checked]:
        scan = self._scan()
        stretches = [
            scan.segment(segment)
            .slice(places[0][0], places[-1][0] - places[0][0] + 1)
            .join(pl.LazyFrame(places, {PLACE: pl.UInt32, NUMBER: pl.Int64}, orient="row"), on=PLACE)
            for segment in part.segments
            for places in _stretches(segment, numbers)
        ]
        found: dict[int, Checked] = {}
        waiting = iter(stretches)
        while batch := list(islice(waiting, AT_ONCE)):
            with _told():
                frames = pl.collect_all(batch)
            found |= {
                row[NUMBER]: to_checked(part.version, row) for frame in frames for row in frame.iter_rows(named=True)
            }
        return found

    def pairs(self, left: LogPart, right: LogPart, wanted: Wanted, limit: int) -> list[Pair]:
        if not (left.segments and right.segments):
            return []
        with _told():
            found = paired(self._scan(), left, right, wanted).top_k(limit, by=["at", NUMBER]).collect()
        rows = found.sort("at", NUMBER, descending=True).select("at", NUMBER, "at_right", f"{NUMBER}_right").rows()
        return [Pair(Spot(microsecond_of(a), m), Spot(microsecond_of(b), n)) for a, m, b, n in rows]

    def agree(self, left: LogPart, right: LogPart, wanted: Wanted, fields: Sequence[str]) -> Agreement:
        with _told():
            return agreement(self._scan(), left, right, wanted, fields)

    def columns(self, version: ModelVersion) -> Mapping[str, str]:
        return {name: _words(kind) for name, kind in columns(version.released_signature).items()}

    def _scan(self) -> LogScan:
        return LogScan(self._root, self._options(), self._tails)


def _stretches(segment: Segment, numbers: Sequence[int]) -> Iterator[list[tuple[int, int]]]:
    """Places and numbers of the wanted rows in the segment's file, those that are near one another together."""
    places: list[tuple[int, int]] = []
    begun = 0
    for run in segment.numbers:
        places += [(begun + n - run.first, n) for n in numbers if run.first <= n < run.first + run.rows]
        begun += run.rows
    stretch: list[tuple[int, int]] = []
    for place in sorted(set(places)):
        if stretch and place[0] - stretch[-1][0] > NEAR:
            yield stretch
            stretch = []
        stretch.append(place)
    if stretch:
        yield stretch


@contextmanager
def _told() -> Iterator[None]:
    """What Polars says of the store, in our words."""
    try:
        yield
    except FileNotFoundError as error:
        raise Gone("a part of this log was removed while it was read: ask again") from error
    except (OSError, pl.exceptions.ComputeError) as error:
        raise Unavailable("the files of the request log cannot be read at the moment") from error


def _words(kind: pl.DataType | type[pl.DataType]) -> str:
    return str(kind)
