"""Server-sent events from functions that answer once and cannot stream: a stream comes in pieces.

Whoever names text/event-stream in Accept gets a piece as soon as there is something in it, and comes back with
Last-Event-ID, as browsers do by themselves. The reference system's clients name nothing, ask without parameters, read
one answer to its end and do not come back: they are held, from redirect to redirect, until the answer is whole.
Everybody else gets JSON.
"""

import enum
import re
from collections.abc import Iterable
from urllib.parse import urlencode

import msgspec

from functions.doors.http import Answer, Request
from functions.doors.pages import number_in

STREAM = "text/event-stream"
JSON = "application/json"
RESUME = "last-event-id"
HOLD = "hold"
LONGEST_WAIT = 20  # seconds; API Gateway gives up after 29
RETRY = 1000  # milliseconds until a reader comes back
ROUNDS = 25  # clients follow 30 redirects at most
LINE_ENDS = re.compile(r"\r\n|\r|\n")


class Form(enum.Enum):
    """In which form a caller wants what goes on: pages of JSON, pieces of a stream, or the whole of it held."""

    PAGES = "pages"
    PIECES = "pieces"
    WHOLE = "whole"


class Sent(msgspec.Struct, frozen=True):
    """One event of a stream; a reader who comes back names the last `id` that it saw."""

    event: str
    data: str
    id: str | None = None


def form_of(request: Request, *paging: str) -> Form:
    """`paging` are the query's parameters that only pages have."""
    accept = request.headers.get("accept", JSON)
    if STREAM in accept:
        return Form.PIECES
    if JSON in accept or request.query.keys() & set(paging):
        return Form.PAGES
    return Form.WHOLE


def to_stream(events: Iterable[Sent], cursor: str | None = None) -> Answer:
    """A piece of a stream. `cursor` is where it ends: a reader knows where to go on also when there was no news."""
    lines = [f"retry: {RETRY}", ""]
    for each in events:
        lines += [f"event: {each.event}", *(f"data: {line}" for line in LINE_ENDS.split(each.data))]
        lines += [] if each.id is None else [f"id: {each.id}"]
        lines += [""]
    lines += [] if cursor is None else [f"id: {cursor}", ""]
    headers = {"Content-Type": f"{STREAM}; charset=utf-8", "Cache-Control": "no-store"}
    return Answer("\n".join([*lines, ""]).encode(), headers=headers)


def hold_on(request: Request) -> Answer | None:
    """Sends the caller round once more; None when it has been long enough."""
    rounds = number_in(request, HOLD, 0, 0, ROUNDS)
    if rounds == ROUNDS:
        return None
    return Answer(b"", 307, {"Location": f"?{urlencode({**request.query, HOLD: rounds + 1})}"})
