"""The one blueprint on which this slice's route files register, and what their handlers share of HTTP.

Every POST may be repeated safely when it carries an Idempotency-Key; use cases know nothing of it.
"""

import functools
from collections.abc import Callable

from chalice.app import Blueprint

from functions.core.errors import InvalidRequest, NotFound, Problem
from functions.doors.http import Answer, Door, Request, RouteFunction
from functions.manager import wiring
from functions.manager.answer_once import HEADER, answer_once


class ManagerDoor(Door):
    def __call__(self, method: str, path: str) -> Callable[[RouteFunction], RouteFunction]:
        register = super().__call__(method, path)
        return (lambda function: register(repeatable(function))) if method == "POST" else register


def repeatable(function: RouteFunction) -> RouteFunction:
    """`function`, carried out once for each key."""

    @functools.wraps(function)
    def once(request: Request, **parameters: str) -> Answer:
        def act() -> Answer:
            result = function(request, **parameters)
            return result if isinstance(result, Answer) else Answer(result)

        key = request.headers.get(HEADER)
        if key is None:
            return act()
        ports = wiring.ports()
        return answer_once(ports.answers, ports.clock, key, request, act)

    return once


routes = Blueprint("functions.manager.routes")
route = ManagerDoor(routes)


def number(text: str, noun: str) -> int:
    """A path's number. Raises NotFound: nothing is called by another word."""
    if not text.isdecimal() or not text.isascii() or len(text) > 15:
        raise NotFound(f"there is no {noun} {text}")
    return int(text)


def etag(revision: int) -> dict[str, str]:
    return {"ETag": f'"{revision}"'}


def expected_revision(if_match: str | None) -> int | None:
    """The revision in an If-Match header; None when any will do. Raises InvalidRequest."""
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isdecimal() or not text.isascii() or len(text) > 15:
        raise InvalidRequest.of([Problem("/headers/if-match", "a revision as the ETag gives it", repr(if_match)[:80])])
    return int(text)
