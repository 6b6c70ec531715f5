"""What rows add to a version's log, as data: segments by the hour, batches by the number of the row, the new end.

Pure, and deterministic for given rows and a given head, so that a worker who lost the race for the head plans again
for the new one. Files do not depend on the head: they are written once.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby

import msgspec
from msgspec.structs import replace

from functions.core.ledger import Addition, Batch, Head, Segment, Tally
from functions.core.observations import Checked
from functions.sonar.count import tally


class SegmentFile(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of one version and hour, in the order in which they stand in the file `key`."""

    version_id: int
    hour: str
    key: str
    rows: tuple[Checked, ...]

    @property
    def profile_key(self) -> str:
        """Of the rows' profile, beside them."""
        return self.key.replace(".parquet", ".profile")


def hour_of(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H}"


def into_files(version_id: int, rows: Sequence[Checked], commit: str) -> list[SegmentFile]:
    """The rows in order of time, a file for each hour."""
    ordered = sorted(rows, key=_order)
    return [
        SegmentFile(version_id=version_id, hour=hour, key=_key(version_id, hour, commit), rows=tuple(of_hour))
        for hour, of_hour in groupby(ordered, key=lambda row: hour_of(row.observation.at))
    ]


def plan_addition(head: Head, files: Sequence[SegmentFile], batch_size: int, commit: str) -> Addition:
    """`files` are all of one version; their rows follow the head in the order of the files."""
    segments, first = [], head.rows
    for file in files:
        segments.append(_segment(file, first, commit))
        first += len(file.rows)
    rows = [row for file in files for row in file.rows]
    batches = _batches(head, rows, batch_size)
    last = batches[-1]
    complete = sum(batch.is_complete for batch in batches)
    following = Head(
        version_id=head.version_id,
        rows=first,
        batches=head.batches + complete,
        open=None if last.is_complete else last,
    )
    return Addition(head=head, segments=tuple(segments), batches=tuple(batches), next=following)


def _segment(file: SegmentFile, first: int, commit: str) -> Segment:
    moments = [row.observation.at for row in file.rows]
    return Segment(
        version_id=file.version_id,
        hour=file.hour,
        id=commit,
        first=first,
        rows=len(file.rows),
        earliest=min(moments),
        latest=max(moments),
        key=file.key,
        profile_key=file.profile_key,
        tally=tally(file.rows),
        size=sum(row.observation.size for row in file.rows),
    )


def _batches(head: Head, rows: Sequence[Checked], size: int) -> list[Batch]:
    """The open batch, filled up, and those that follow it."""
    found: list[Batch] = []
    batch, at = head.open or _empty(head, head.batches, size), 0
    while at < len(rows):
        taken = rows[at : at + batch.size - batch.tally.requests]
        batch = _filled(batch, taken)
        found.append(batch)
        at += len(taken)
        batch = _empty(head, batch.number + 1, size, batch.first_row + batch.size)
    return found


def _empty(head: Head, number: int, size: int, first_row: int | None = None) -> Batch:
    return Batch(
        version_id=head.version_id,
        number=number,
        first_row=head.rows if first_row is None else first_row,
        size=size,
        first_id="",
        last_id="",
        earliest=0.0,
        latest=0.0,
        tally=Tally(),
    )


def _filled(batch: Batch, rows: Sequence[Checked]) -> Batch:
    moments = [row.observation.at for row in rows]
    is_new = batch.tally.requests == 0
    return replace(
        batch,
        first_id=rows[0].observation.request_id if is_new else batch.first_id,
        last_id=rows[-1].observation.request_id,
        earliest=min(moments) if is_new else min(batch.earliest, *moments),
        latest=max(batch.latest, *moments),
        tally=batch.tally + tally(rows),
    )


def _key(version_id: int, hour: str, commit: str) -> str:
    """Partitioned as query engines expect it (Hive's form)."""
    day, of_day = hour.split("T")
    return f"log/version={version_id}/day={day}/hour={of_day}/{commit}.parquet"


def _order(row: Checked) -> tuple[float, str, int, str]:
    observation = row.observation
    return (observation.at, observation.request_id, observation.stage, observation.servable_name)
