"""Aggregates of a log, newest first: by batch, as they were counted, and by hour or day, summed up from the segments.
No row is read for either."""

from itertools import groupby

import msgspec

from functions.core.ledger import Batch, Segment, Tally
from functions.core.request_log import Wanted
from functions.sonar.batches_of_time import batches_of_time
from functions.sonar.log_parts import hours_of, may_hold
from functions.sonar.ports import Ports

BUCKETS = {"hour": len("2026-01-31T05"), "day": len("2026-01-31")}


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted in one hour ("2026-01-31T05") or day ("2026-01-31") of predictions, UTC."""

    start: str
    earliest: float
    latest: float
    tally: Tally


class Aggregates(msgspec.Struct, frozen=True, kw_only=True):
    """`count` is of all there are, from `earliest` to `latest`; `page` holds some of them."""

    count: int
    earliest: float | None
    latest: float | None
    page: list[Batch] | list[Bucket]


def find_batches(ports: Ports, version_id: int, when: Wanted, limit: int, offset: int) -> Aggregates:
    """Those with predictions of that time. Raises InvalidRequest when they are too many."""
    if when.since is not None or when.until is not None:
        found = batches_of_time(ports, version_id, when)
        return _of(found, found[offset : offset + limit])
    oldest, newest = ports.index.oldest_batch(version_id), ports.index.batches(version_id, limit=1)
    if oldest is None or not newest:
        return _of([], [])
    page = ports.index.batches(version_id, newest[0].number + 1 - offset, limit) if limit else []
    ends = [*newest, oldest]
    return msgspec.structs.replace(_of(ends, list(page)), count=newest[0].number - oldest.number + 1)


def find_buckets(ports: Ports, version_id: int, when: Wanted, bucket: str, limit: int, offset: int) -> Aggregates:
    """Hours count as a whole. `bucket` is one of BUCKETS."""
    length = BUCKETS[bucket]
    since, until = hours_of(when)
    segments = [segment for segment in ports.index.segments(version_id, since, until) if may_hold(segment, when)]
    found = [
        _bucket(start, list(of_one)) for start, of_one in groupby(segments, key=lambda segment: segment.hour[:length])
    ]
    found.reverse()
    return _of(found, found[offset : offset + limit])


def _bucket(start: str, segments: list[Segment]) -> Bucket:
    return Bucket(
        start=start,
        earliest=min(segment.earliest for segment in segments),
        latest=max(segment.latest for segment in segments),
        tally=sum((segment.tally for segment in segments), start=Tally()),
    )


def _of(found: list[Batch] | list[Bucket], page: list[Batch] | list[Bucket]) -> Aggregates:
    return Aggregates(
        count=len(found),
        earliest=min((one.earliest for one in found), default=None),
        latest=max((one.latest for one in found), default=None),
        page=page,
    )
