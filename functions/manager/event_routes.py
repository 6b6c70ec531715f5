"""The feed of changes."""

from functions.core.errors import InvalidRequest, Problem
from functions.doors.http import Answer, Request
from functions.doors.pages import MAX_LIMIT, fitting, number_in
from functions.doors.streams import LONGEST_WAIT, RESUME, Form, form_of
from functions.manager import wiring
from functions.manager.door import route
from functions.manager.event_streams import next_piece, whole_stream
from functions.manager.event_views import event_views
from functions.manager.ports import Ports
from functions.manager.read_events import read_events
from functions.manager.views import View

DEFAULT_LIMIT = 100
OLDEST = "oldest"


@route("GET", "/api/v2/events")
def get_events(request: Request) -> Answer:
    """Without `after`, the cursor to begin with: a reader lists, then follows what happens from there on."""
    ports = wiring.ports()
    form = form_of(request, "after", "limit", "wait")
    if form is Form.WHOLE:
        return whole_stream(ports, request)
    cursor = read_cursor(ports, request.query.get("after"), "/query/after")
    if form is Form.PIECES:
        resumed = read_cursor(ports, request.headers.get(RESUME), f"/headers/{RESUME}")
        begin = next((known for known in (resumed, cursor) if known is not None), ports.feed.head())
        return next_piece(ports, begin)
    return Answer(_page(ports, request, cursor))


def _page(ports: Ports, request: Request, cursor: int | None) -> View:
    limit = number_in(request, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT)
    wait = number_in(request, "wait", 0, 0, LONGEST_WAIT)
    if cursor is None:
        return {"events": [], "next": ports.feed.head()}
    views = event_views(ports, read_events(ports, cursor, limit, wait))
    shown = views[: fitting(views)]
    return {"events": shown, "next": shown[-1]["id"] if shown else cursor}


def read_cursor(ports: Ports, after: str | None, pointer: str) -> int | None:
    """Raises InvalidRequest."""
    if after is None:
        return None
    if after == OLDEST:
        return ports.feed.oldest()
    if after.isdecimal() and after.isascii() and len(after) < 16:
        return int(after)
    expected = f"a cursor as `next` gave it, or {OLDEST!r}"
    raise InvalidRequest.of([Problem(pointer, expected, repr(after)[:80])])
