"""Aggregates: what was checked and with what result, batch by batch, or hour by hour, or day by day."""

from typing import Any

from functions.core.errors import InvalidRequest, Problem
from functions.core.ledger import Batch
from functions.core.request_log import Wanted
from functions.doors.http import Answer, Request
from functions.doors.pages import MAX_LIMIT, number_in
from functions.sonar import wiring
from functions.sonar.door import number, route
from functions.sonar.find_aggregates import BUCKETS, find_batches, find_buckets
from functions.sonar.read_wanted import check_parameters, read_times
from functions.sonar.views import batch_view, bucket_view, moment

DEFAULT = 90
LARGEST_OFFSET = 1_000_000


@route("GET", "/monitoring/checks/aggregates/{version_id}")
def get_aggregates(request: Request, version_id: str) -> Answer:
    """Newest first, in the reference system's form."""
    check_parameters(request, "limit", "offset", "from", "till", "bucket")
    limit = number_in(request, "limit", DEFAULT, 0, MAX_LIMIT)
    offset = number_in(request, "offset", 0, 0, LARGEST_OFFSET)
    since, until = read_times(request)
    when, bucket = Wanted(since=since, until=until), request.query.get("bucket")
    if bucket not in (None, *BUCKETS):
        raise InvalidRequest.of([Problem("/query/bucket", f"one of {', '.join(BUCKETS)}", repr(bucket)[:80])])
    ports = wiring.ports()
    version = ports.models.by_id(number(version_id, "model version"))
    if bucket is None:
        found = find_batches(ports, version.id, when, limit, offset)
    else:
        found = find_buckets(ports, version.id, when, bucket, limit, offset)
    return Answer(
        {
            "count": found.count,
            "minDate": _moment(found.earliest),
            "maxDate": _moment(found.latest),
            "results": [batch_view(one) if isinstance(one, Batch) else bucket_view(one) for one in found.page],
        }
    )


def _moment(seconds: float | None) -> Any:
    return None if seconds is None else moment(seconds)
