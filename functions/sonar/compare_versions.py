"""Two versions on the same requests: a variant and its shadow, or any two that were asked under the same ids.

What is joined must fit into memory, so that the newest hours are compared, as many as that allows; the answer says
which. Pages of pairs go on with the hours before, as if they were asked for. A time holds for both sides: what is
compared does not depend on the files in which rows lie.
"""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from functions.core.dtypes import DType
from functions.core.errors import DeadlineExceeded, InvalidRequest, Problem
from functions.core.leaves import Leaf, leaves
from functions.core.ledger import Batch, Segment
from functions.core.models import ModelVersion
from functions.core.request_log import Agreement, LogPart, Spot, Wanted
from functions.sonar.find_rows import HIGHEST, Row, read_rows
from functions.sonar.locate_rows import rows_of_batch
from functions.sonar.log_parts import may_hold, newest_first, part_of, start_of
from functions.sonar.ports import Ports

MOST = 2_000_000  # rows of each log
PATIENCE = timedelta(seconds=20)


class Window(msgspec.Struct, frozen=True):
    """Parts of both logs. `since`: the microsecond before which nothing was looked at; None: everything was."""

    left: LogPart
    right: LogPart
    since: int | None


class ComparedPage(msgspec.Struct, frozen=True):
    """Pairs of rows, newest first, and the left spot to go on before; `until` ends the window of the rest."""

    pairs: list[tuple[Row, Row]]
    rest: Spot | None
    until: int | None


def window_of(ports: Ports, left: ModelVersion, right: ModelVersion, when: Wanted) -> Window:
    """`when` is a time. Raises InvalidRequest for an hour that is too much by itself, DeadlineExceeded."""
    ours, since = _newest(ports, left, when)
    bound = msgspec.structs.replace(when, since=since) if since is not None else when
    theirs, their_since = _newest(ports, right, bound)
    if their_since is not None:
        since = their_since
        ours = [segment for segment in ours if start_of(segment.hour) >= their_since]
    return Window(LogPart(left, tuple(ours)), LogPart(right, tuple(theirs)), since)


def agreement_of(ports: Ports, window: Window, when: Wanted) -> Agreement:
    """Over the outputs that both versions have, and that can be compared."""
    names = comparable(window.left.version, window.right.version)
    return ports.reader.agree(window.left, window.right, when, names)


def compared_page(ports: Ports, window: Window, when: Wanted, before: Spot | None, limit: int) -> ComparedPage:
    """`when` is the window's; `before` is where the page before it ended."""
    pairs = ports.reader.pairs(window.left, window.right, when if before is None else when.going_on(before), limit + 1)
    page = pairs[:limit]
    left = read_rows(ports, window.left, [pair.left for pair in page])
    right = read_rows(ports, window.right, [pair.right for pair in page])
    rows = list(zip(left, right, strict=True))
    if len(pairs) > limit or window.since is None:
        return ComparedPage(rows, page[-1].left if len(pairs) > limit else None, when.until)
    return ComparedPage(rows, Spot(window.since - 1, HIGHEST), window.since - 1)


def rows_of_the_other(ports: Ports, version: ModelVersion, number: int, other: ModelVersion) -> list[Row]:
    """The rows of `other` with the request ids and of the time of a batch of `version`. Raises NotFound."""
    batch = ports.index.batch(version.id, number)
    ids = frozenset(row.observation.request_id for _, row in rows_of_batch(ports, version, number))
    wanted = msgspec.structs.replace(_time_of(batch), request_ids=ids)
    part = part_of(ports, other, wanted)
    spots = ports.reader.find(part, wanted, 10 * len(ids))
    return sorted(read_rows(ports, part, spots), key=lambda row: row[0])


def comparable(left: ModelVersion, right: ModelVersion) -> list[str]:
    """Outputs of one name that are both text, both truth values or both numbers, and both scalars or both not."""
    ours, theirs = (
        {leaf.name: leaf for leaf in leaves(version.released_signature.outputs)} for version in (left, right)
    )
    return [name for name, leaf in ours.items() if name in theirs and _kind(leaf) == _kind(theirs[name])]


def _kind(leaf: Leaf) -> tuple[str, bool]:
    words = {DType.STRING: "text", DType.BOOL: "truth"}
    return words.get(leaf.dtype, "number"), leaf.dims == ()


def _newest(ports: Ports, version: ModelVersion, when: Wanted) -> tuple[Sequence[Segment], int | None]:
    """Segments of the newest hours, and where they begin when they are not all."""
    began, found, rows = ports.clock.now(), list[Segment](), 0
    for of_hour in newest_first(ports, version, when):
        wanted = [segment for segment in of_hour if may_hold(segment, when)]
        rows += sum(segment.rows for segment in wanted)
        if rows > MOST and found:
            return found, start_of(found[-1].hour)
        if rows > MOST:
            raise InvalidRequest.of(
                [Problem("/query/from", f"a time with at most {MOST:,} rows", f"{rows:,} in an hour")]
            )
        found += wanted
        if ports.clock.now() - began > PATIENCE:
            raise DeadlineExceeded("the logs are too long to compare at once: give from and till")
    return found, None


def _time_of(batch: Batch) -> Wanted:
    return Wanted(since=round(batch.earliest * 1_000_000), until=round(batch.latest * 1_000_000))
