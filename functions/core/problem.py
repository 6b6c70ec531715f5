"""Errors as `application/problem+json` (RFC 9457), with OIP's `error` string beside, and the table of statuses."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from functions.core import errors

CONTENT_TYPE = "application/problem+json"
# One request may hold more mistakes, and a model say more, than an answer has room for
MOST_PROBLEMS = 512 * 1024  # bytes of JSON
LONGEST_DETAIL = 10_000  # characters

HTTP_STATUS: dict[type[errors.DewpointError], int] = {
    errors.InvalidRequest: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.PreconditionFailed: 412,
    errors.PayloadTooLarge: 413,
    errors.TooManyRequests: 429,
    errors.ModelFailed: 500,
    errors.Unavailable: 503,
    errors.DeadlineExceeded: 504,
}


def http_status(error: errors.DewpointError) -> int:
    """The status of the nearest class of the error tree that has one; 500 for what nobody foresaw."""
    return next((HTTP_STATUS[cls] for cls in type(error).__mro__ if cls in HTTP_STATUS), 500)


def to_problem(error: errors.DewpointError, instance: str, request_id: str) -> dict[str, Any]:
    """The problem document. `error` repeats the sentence for clients of the Open Inference Protocol; the sentence says
    how many problems there are, also when `errors` has no room for all of them."""
    status, detail = http_status(error), error.detail[:LONGEST_DETAIL]
    document: dict[str, Any] = {
        "type": f"urn:dewpoint:{kebab(type(error).__name__)}",
        "title": error.title,
        "status": status,
        "detail": detail,
        "instance": instance,
        "requestId": request_id,
        "error": detail,
    }
    if error.problems:
        document["errors"] = [msgspec.to_builtins(problem) for problem in _as_many_as_fit(error.problems)]
    return document


def _as_many_as_fit(problems: Iterable[errors.Problem]) -> Iterator[errors.Problem]:
    size = 0
    for problem in problems:
        size += len(msgspec.json.encode(problem))
        if size > MOST_PROBLEMS:
            return
        yield problem


def kebab(name: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")
