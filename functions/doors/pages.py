"""Lists in pages. A page is a JSON array as ever; the way to the next one is in the headers `x-next` and `Link`.

The token names the last thing of the page, not a position, so that what comes and goes meanwhile neither repeats nor
hides another.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from functions.core.errors import InvalidRequest, Problem
from functions.doors.http import Answer, Request

MAX_LIMIT = 1000
DEFAULT_LIMIT = MAX_LIMIT  # the reference system's clients read the first page alone
FULL = 3 * 1024 * 1024  # bytes; a page with more ends early, whatever the limit, because no answer may have 6 MB
NEXT = "x-next"

T = TypeVar("T")
K = TypeVar("K", str, int)


def paged(
    request: Request, things: Iterable[T], key: Callable[[T], K], view: Callable[[Sequence[T]], list[Any]]
) -> Answer:
    """The page that `request` asks for, of all `things` in the order of `key`, which is unique. `view` shapes them.

    Raises InvalidRequest for a limit or a token that cannot be.
    """
    limit = number_in(request, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT)
    ordered = sorted(things, key=key)
    last = token_in(request, lambda last: all(isinstance(last, type(key(thing))) for thing in ordered[:1]))
    if last is not None:
        ordered = [thing for thing in ordered if key(thing) > last]  # type: ignore[operator] # of one kind
    views = view(ordered[:limit])
    count = fitting(views)
    if count == len(ordered):
        return Answer(views)
    following = encode_token(request.path, key(ordered[count - 1]))
    query = urlencode({**request.query, "next": following})
    return Answer(views[:count], headers={NEXT: following, "Link": f'<?{query}>; rel="next"'})


def fitting(views: Sequence[Any]) -> int:
    """How many of `views` make a full answer: at least one, so that there is always a way on."""
    size = 0
    for count, view in enumerate(views):
        size += len(msgspec.json.encode(view))
        if size > FULL and count:
            return count
    return len(views)


def number_in(request: Request, name: str, default: int, low: int, high: int) -> int:
    """A whole number of the query. Raises InvalidRequest."""
    text = request.query.get(name)
    if text is None:
        return default
    if text.isdecimal() and text.isascii() and len(text) < 16 and low <= int(text) <= high:
        return int(text)
    raise InvalidRequest.of([Problem(f"/query/{name}", f"a number from {low} to {high}", repr(text)[:80])])


def encode_token(path: str, last: str | int) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode([path, last])).rstrip(b"=").decode()


def token_in(request: Request, fits: Callable[[str | int], bool]) -> str | int | None:
    """What `encode_token` put into the query's token; None without one.

    Raises InvalidRequest for a token of another list, or one that does not hold what `fits`.
    """
    token = request.query.get("next")
    if token is None:
        return None
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        made_for, last = msgspec.json.decode(raw, type=tuple[str, str | int])
        if made_for == request.path and fits(last):
            return last
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        pass
    raise InvalidRequest.of([Problem("/query/next", "a token as this list gave it in x-next", repr(token)[:80])])
