"""From the query of a call to the rows that it asks for."""

from datetime import UTC, datetime, timedelta

from functions.core.errors import InvalidRequest, Problem
from functions.core.request_log import Wanted
from functions.core.signature import Signature
from functions.doors.http import Request
from functions.sonar.read_where import read_where

FILTERS = ("from", "till", "error", "shadow", "application", "failed", "errored", "where")
TRUTH = {"true": True, "false": False}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_wanted(request: Request, signature: Signature) -> Wanted:
    """What the parameters FILTERS say. Raises InvalidRequest."""
    since, until = read_times(request)
    return Wanted(
        since=since,
        until=until,
        error=_truth(request, "error"),
        shadow=_truth(request, "shadow"),
        application=request.query.get("application"),
        failed=request.query.get("failed"),
        errored=request.query.get("errored"),
        comparisons=read_where(request.query["where"], signature) if "where" in request.query else (),
    )


def read_times(request: Request) -> tuple[int | None, int | None]:
    """The microseconds `from` and `till`. Raises InvalidRequest."""
    since, until = _moment(request, "from"), _moment(request, "till")
    if since is not None and until is not None and since > until:
        received = f"{request.query['from']} and {request.query['till']}"
        raise InvalidRequest.of([Problem("/query/till", "a moment that is not before `from`", received[:80])])
    return since, until


def check_parameters(request: Request, *known: str) -> None:
    """Raises InvalidRequest for every parameter of the query that is not `known`: a filter that is misspelled must not
    be taken for none."""
    strangers = [name for name in request.query if name not in known]
    if strangers:
        expected = f"one of {', '.join(known)}" if known else "no parameter"
        raise InvalidRequest.of([Problem(f"/query/{name}", expected, "an unknown parameter") for name in strangers])


def _truth(request: Request, name: str) -> bool | None:
    text = request.query.get(name)
    if text is None:
        return None
    if text not in TRUTH:
        raise InvalidRequest.of([Problem(f"/query/{name}", "true or false", repr(text)[:80])])
    return TRUTH[text]


def _moment(request: Request, name: str) -> int | None:
    """ISO 8601 with its zone, or milliseconds since the epoch as `_hs_timestamp` has them. What is before the epoch is
    as good as the epoch: nothing was predicted then."""
    text = request.query.get(name)
    if text is None:
        return None
    if text.isdecimal() and text.isascii() and len(text) < 15:
        return int(text) * 1000
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))  # a plus sign that was not escaped
        if moment.tzinfo is not None:
            return max((moment - EPOCH) // timedelta(microseconds=1), 0)
    except (ValueError, OverflowError):
        pass
    expected = "ISO 8601 with its zone, such as 2026-01-31T05:00:00Z, or milliseconds since the epoch"
    raise InvalidRequest.of([Problem(f"/query/{name}", expected, repr(text)[:80])])
