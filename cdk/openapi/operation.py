"""What can be said of an operation beyond its route."""

from typing import Any

import msgspec

JSON = "application/json"
BINARY = "application/octet-stream"
FORM = "multipart/form-data"
STREAM = "text/event-stream"


class Parameter(msgspec.Struct, frozen=True):
    """One that does not stand in the path. `place` is query or header."""

    name: str
    place: str
    description: str
    kind: Any = str


class Header(msgspec.Struct, frozen=True):
    """One of the answer; it may be missing."""

    name: str
    description: str
    kind: Any = str


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """`request` and `answer` are types; None: there is no body. `refusals` are the statuses besides 401, 403 and what
    follows from the route: 404 for one with a name in its path, 400 and 413 for one with a body."""

    summary: str
    request: Any = None
    optional: bool = False  # the request's body may be left out
    answer: Any = Any
    status: int = 200
    parameters: tuple[Parameter, ...] = ()
    headers: tuple[Header, ...] = ()
    refusals: tuple[int, ...] = ()
    unready: Any = None  # what 503 says instead of a problem
    elsewhere: Any = None  # what 303 says of an answer too large for HTTP
    tensors: bool = False  # bodies may carry raw tensors as well
    files: tuple[str, ...] = ()  # media types of a body that is a file, which is answered with 202 and `accepted`
    form: Any = None  # the body as a form, which is answered with 202 and `accepted`
    accepted: Any = None
    streams: bool = False  # a caller may ask for server-sent events


Operations = dict[tuple[str, str], Operation]
