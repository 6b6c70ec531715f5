"""The feed of changes."""

from functions.core.errors import InvalidRequest, Problem
from functions.doors.http import Request
from functions.doors.pages import DEFAULT_LIMIT, MAX_LIMIT, fitting, number_in
from functions.manager import wiring
from functions.manager.door import route
from functions.manager.event_views import event_views
from functions.manager.ports import Ports
from functions.manager.read_events import read_events
from functions.manager.views import View

LONGEST_WAIT = 20  # seconds; API Gateway gives up after 29
OLDEST = "oldest"


@route("GET", "/api/v2/events")
def get_events(request: Request) -> View:
    """Without `after`, the cursor to begin with: a reader lists, then follows what happens from there on."""
    ports = wiring.ports()
    limit = number_in(request, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT)
    wait = number_in(request, "wait", 0, 0, LONGEST_WAIT)
    cursor = read_cursor(ports, request.query.get("after"))
    if cursor is None:
        return {"events": [], "next": ports.feed.head()}
    views = event_views(ports, read_events(ports, cursor, limit, wait))
    shown = views[: fitting(views)]
    return {"events": shown, "next": shown[-1]["id"] if shown else cursor}


def read_cursor(ports: Ports, after: str | None) -> int | None:
    """Raises InvalidRequest."""
    if after is None:
        return None
    if after == OLDEST:
        return ports.feed.oldest()
    if after.isdecimal() and after.isascii() and len(after) < 16:
        return int(after)
    expected = f"a cursor as `next` gave it, or {OLDEST!r}"
    raise InvalidRequest.of([Problem("/query/after", expected, repr(after)[:80])])
