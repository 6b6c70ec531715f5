"""Two versions on the same requests, over HTTP."""

from typing import Any
from urllib.parse import urlencode

import msgspec

from functions.core.leaves import leaves
from functions.core.request_log import Spot, Wanted
from functions.doors.http import Answer, Request
from functions.doors.pages import MAX_LIMIT, NEXT, encode_token, fitting, number_in, token_in
from functions.sonar import wiring
from functions.sonar.check_routes import version_called
from functions.sonar.compare_versions import (
    agreement_of,
    comparable,
    compared_page,
    rows_of_the_other,
    window_of,
)
from functions.sonar.documents import document_of, read_id
from functions.sonar.door import number, route
from functions.sonar.find_rows import Row
from functions.sonar.read_wanted import check_parameters, read_times
from functions.sonar.views import moment

DEFAULT = 100  # pairs


@route("GET", "/monitoring/comparison/{version_id}/{other_id}")
def get_agreement(request: Request, version_id: str, other_id: str) -> Answer:
    """How far the two agree."""
    check_parameters(request, "from", "till")
    ports, left, right = wiring.ports(), version_called(version_id), version_called(other_id)
    since, until = read_times(request)
    when = Wanted(since=since, until=until)
    window = window_of(ports, left, right, when)
    found = agreement_of(ports, window, when)
    names = comparable(left, right)
    told = msgspec.to_builtins(found)
    return Answer(
        {
            **told,
            "fields": {name: {**field, "share": _share(field)} for name, field in told["fields"].items()},
            "notCompared": sorted(
                {field.name for side in (left, right) for field in leaves(side.released_signature.outputs)} - set(names)
            ),
            "since": None if window.since is None else moment(window.since / 1_000_000),
        }
    )


@route("GET", "/monitoring/comparison/{version_id}/{other_id}/pairs")
def get_pairs(request: Request, version_id: str, other_id: str) -> Answer:
    """The requests that both have, newest first."""
    check_parameters(request, "from", "till", "limit", "next")
    ports, left, right = wiring.ports(), version_called(version_id), version_called(other_id)
    since, asked = read_times(request)
    limit = number_in(request, "limit", DEFAULT, 1, MAX_LIMIT)
    token = token_in(request, lambda last: _place(str(last)) is not None)
    before, end = (_place(str(token)) if token else None) or (None, None)
    when = Wanted(since=since, until=asked if end is None else end)
    page = compared_page(ports, window_of(ports, left, right, when), when, before, limit)
    views = [_pair(*pair) for pair in page.pairs]
    count = fitting(views)
    rest, until = (page.rest, page.until) if count == len(views) else (page.pairs[count - 1][0][0], when.until)
    if rest is None:
        return Answer(views)
    end_of_window = "" if until == asked else until
    following = encode_token(request.path, f"{rest.moment}:{rest.number}:{end_of_window}")
    query = urlencode({**request.query, "next": following})
    return Answer(views[:count], headers={NEXT: following, "Link": f'<?{query}>; rel="next"'})


@route("GET", "/monitoring/checks/comparision/{version_id}/{batch}/{other_id}")
def get_comparision(request: Request, version_id: str, batch: str, other_id: str) -> Answer:
    """The other version's rows of the requests of a batch; the reference system spells it so."""
    check_parameters(request)
    version, other = version_called(version_id), version_called(other_id)
    place = number(batch, f"batch of version {version.id}")
    rows = rows_of_the_other(wiring.ports(), version, place, other)
    return Answer([document_of(row, spot.number) for spot, row in rows])


def _place(token: str) -> tuple[Spot, int | None] | None:
    """The spot to go on before, and where its window ends unless as asked; None for what is no token of ours."""
    spot, _, end = token.rpartition(":")
    pair, fits = read_id(spot), end == "" or (end.isdecimal() and end.isascii() and len(end) < 17)
    return (Spot(*pair), int(end) if end else None) if pair and fits else None


def _pair(left: Row, right: Row) -> dict[str, Any]:
    return {
        "requestId": left[1].observation.request_id,
        "left": document_of(left[1], left[0].number),
        "right": document_of(right[1], right[0].number),
    }


def _share(field: dict[str, Any]) -> float | None:
    return field["equal"] / field["compared"] if field["compared"] else None
