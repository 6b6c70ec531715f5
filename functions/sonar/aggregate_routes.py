"""Aggregates: what was checked and with what result, batch by batch."""

from functions.doors.http import Answer, Request
from functions.doors.pages import NEXT, number_in
from functions.sonar import wiring
from functions.sonar.door import number, route
from functions.sonar.views import batch_view

LONGEST_PAGE = 1000


@route("GET", "/monitoring/checks/aggregates/{version_id}")
def get_aggregates(request: Request, version_id: str) -> Answer:
    """Newest first; `before` is the number of a batch, and `x-next` the one to go on before."""
    limit = number_in(request, "limit", 90, 1, LONGEST_PAGE)
    before = number_in(request, "before", 0, 0, 10**15) if "before" in request.query else None
    ports = wiring.ports()
    version = ports.models.by_id(number(version_id, "model version"))
    found = ports.index.batches(version.id, before, limit + 1)
    page = found[:limit]
    headers = {NEXT: str(page[-1].number)} if len(found) > limit else {}
    return Answer([batch_view(batch) for batch in page], headers=headers)
