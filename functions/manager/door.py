"""The one blueprint on which this slice's route files register, and what their handlers share of HTTP."""

from chalice.app import Blueprint

from functions.core.errors import InvalidRequest, NotFound, Problem
from functions.doors.http import Door

routes = Blueprint("functions.manager.routes")
route = Door(routes)


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
