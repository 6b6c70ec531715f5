"""The request log over HTTP: the reference system's routes, and its documents."""

import secrets
from collections.abc import Sequence
from urllib.parse import urlencode

from functions.core.errors import InvalidRequest, NotFound, Problem
from functions.core.models import ModelVersion
from functions.core.request_log import Spot
from functions.doors.http import Answer, Request
from functions.doors.pages import MAX_LIMIT, NEXT, encode_token, fitting, number_in, token_in
from functions.sonar import wiring
from functions.sonar.documents import Document, document_of, id_of, read_id
from functions.sonar.door import number, route
from functions.sonar.find_rows import Row, find_rows
from functions.sonar.locate_rows import row_called, rows_between, rows_of_batch, rows_of_request
from functions.sonar.read_wanted import FILTERS, check_parameters, read_wanted
from functions.sonar.sample_rows import sample_rows

DEFAULT = 100  # rows
LARGEST_OFFSET = 1_000_000  # rows are passed over slowly where there are filters; `next` has no such bound
SEED = "x-seed"


def version_called(text: str) -> ModelVersion:
    """Raises NotFound."""
    return wiring.ports().models.by_id(number(text, "model version"))


@route("GET", "/monitoring/checks/all/{version_id}")
def get_checks(request: Request, version_id: str) -> Answer:
    """Newest first, those that the filters want."""
    check_parameters(request, "limit", "offset", "next", *FILTERS)
    version = version_called(version_id)
    wanted = read_wanted(request, version.released_signature)
    limit = number_in(request, "limit", DEFAULT, 1, MAX_LIMIT)
    offset = number_in(request, "offset", 0, 0, LARGEST_OFFSET)
    if spot := _spot(request):
        wanted, offset = wanted.going_on(spot), 0
    found = find_rows(wiring.ports(), version, wanted, limit, offset)
    documents = [document_of(row, spot.number) for spot, row in found.rows]
    count = fitting(documents)
    rest = found.rest if count == len(documents) else found.rows[count - 1][0]
    return _page(request, documents[:count], f"{rest.moment}:{rest.number}" if rest else None)


@route("GET", "/monitoring/checks/subsample/{version_id}")
def get_subsample(request: Request, version_id: str) -> Answer:
    """A random sample; the header `x-seed` is the seed that gives it again."""
    check_parameters(request, "size", "seed", *FILTERS)
    version = version_called(version_id)
    wanted = read_wanted(request, version.released_signature)
    size = number_in(request, "size", DEFAULT, 1, MAX_LIMIT)
    seed = number_in(request, "seed", secrets.randbelow(2**32), 0, 2**53)
    rows = sample_rows(wiring.ports(), version, wanted, size, seed)
    return Answer(_whole(rows), headers={SEED: str(seed)})


@route("GET", "/monitoring/checks/{key}")
def get_check(request: Request, key: str) -> Answer:
    """With `from` and `to`: the rows of version `key` between the two; otherwise the row or request called so."""
    if "from" in request.query or "to" in request.query:
        return _between(request, key)
    check_parameters(request, "modelVersionId", "from", "to")
    version = number_in(request, "modelVersionId", 0, 1, 10**15) or None
    spot, row = row_called(wiring.ports(), key, version)
    return Answer(document_of(row, spot.number))


@route("GET", "/monitoring/requests/{request_id}")
def get_request(request: Request, request_id: str) -> Answer:
    """Every row of a request: its stages, and their shadows."""
    check_parameters(request)
    rows = rows_of_request(wiring.ports(), request_id)
    if not rows:
        raise NotFound(f"there is no request {request_id} in the log")
    return Answer(_whole(rows))


@route("GET", "/monitoring/slow/checks/{version_id}/{batch}")
def get_batch_checks(request: Request, version_id: str, batch: str) -> Answer:
    """The rows of a batch, by its number."""
    check_parameters(request)
    version = version_called(version_id)
    return Answer(_whole(rows_of_batch(wiring.ports(), version, number(batch, f"batch of version {version.id}"))))


def _between(request: Request, key: str) -> Answer:
    check_parameters(request, "from", "to", "limit", "next")
    missing = [name for name in ("from", "to") if name not in request.query]
    if missing:
        expected = "the id of a request or a row, as from and to have it together"
        raise InvalidRequest.of([Problem(f"/query/{name}", expected, "nothing") for name in missing])
    version = version_called(key)
    limit = number_in(request, "limit", MAX_LIMIT, 1, MAX_LIMIT)
    first = token_in(request, lambda last: read_id(str(last)) is not None) or request.query["from"]
    rows, following = rows_between(wiring.ports(), version, str(first), request.query["to"], limit)
    documents = [document_of(row, spot.number) for spot, row in rows]
    count = fitting(documents)
    if count < len(documents):
        following = rows[count][0].number
    return _page(request, documents[:count], None if following is None else id_of(version.id, following))


def _page(request: Request, documents: list[Document], token: str | None) -> Answer:
    if token is None:
        return Answer(documents)
    following = encode_token(request.path, token)
    query = urlencode({**request.query, "next": following})
    return Answer(documents, headers={NEXT: following, "Link": f'<?{query}>; rel="next"'})


def _spot(request: Request) -> Spot | None:
    """Raises InvalidRequest for a token that is none of ours."""
    token = token_in(request, lambda last: read_id(str(last)) is not None)
    pair = None if token is None else read_id(str(token))
    return Spot(*pair) if pair else None


def _whole(rows: Sequence[Row]) -> list[Document]:
    return [document_of(row, spot.number) for spot, row in rows]
