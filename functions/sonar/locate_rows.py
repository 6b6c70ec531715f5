"""Rows by what they are called: by request id, by their own id, by the batch they are in, by two ends."""

from collections.abc import Sequence

from functions.core.errors import InvalidRequest, NotFound, PayloadTooLarge, Problem
from functions.core.ledger import Batch, Ticket
from functions.core.models import ModelVersion
from functions.core.request_log import LogPart, Spot, Wanted
from functions.sonar.ask import at_once
from functions.sonar.documents import read_id
from functions.sonar.find_rows import Row
from functions.sonar.log_parts import part_of
from functions.sonar.ports import Ports

MOST_IN_BATCH = 10_000  # rows
MANY = 100_000  # rows of one request and version; nobody has so many


def rows_of_request(ports: Ports, request_id: str, version_id: int | None = None) -> list[Row]:
    """Every row of the request, of all versions or one: oldest first, each stage's shadows behind its answer."""

    def of_version(place: tuple[Ticket, int]) -> list[Row]:
        ticket, version = place
        try:
            return _of_ticket(ports, ports.models.by_id(version), ticket)
        except NotFound:
            return []  # the version is gone, and its log with it

    places = [
        (ticket, version)
        for ticket in ports.index.tickets(request_id)
        for version in ticket.versions
        if version_id in (None, version)
    ]
    found = [row for rows in at_once(of_version, places) for row in rows]
    return sorted(found, key=lambda row: (row[0].moment, row[1].observation.stage, row[1].observation.is_shadow))


def row_called(ports: Ports, name: str, version_id: int | None = None) -> Row:
    """The newest answer to the request `name`, or the row with that id. Raises NotFound."""
    rows = rows_of_request(ports, name, version_id)
    answers = [row for row in rows if not row[1].observation.is_shadow] or rows
    if answers:
        newest = max(row[0].moment for row in answers)
        return next(row for row in answers if row[0].moment == newest)
    place = read_id(name)
    if place and version_id in (None, place[0]):
        version = ports.models.by_id(place[0])
        for row in rows_numbered(ports, version, place[1], place[1]):
            return row
    raise NotFound(f"there is no request {name} in the log")


def rows_between(ports: Ports, version: ModelVersion, begin: str, end: str, limit: int) -> tuple[list[Row], int | None]:
    """Rows from the one called `begin` to the one called `end`, both included, by number; and the number that follows
    when there are more than `limit`. Raises InvalidRequest for a name that is not in the version's log."""
    first = min(_numbers(ports, version, "from", begin))
    last = max(_numbers(ports, version, "to", end))
    rows = rows_numbered(ports, version, first, min(last, first + limit - 1))
    return rows, first + limit if last >= first + limit else None


def rows_of_batch(ports: Ports, version: ModelVersion, number: int) -> list[Row]:
    """By number. Raises NotFound, PayloadTooLarge for more rows than any answer holds."""
    batch = ports.index.batch(version.id, number)
    if batch.tally.requests > MOST_IN_BATCH:
        told = f"batch {number} has {batch.tally.requests} rows, at most {MOST_IN_BATCH} are read at once"
        raise PayloadTooLarge(f"{told}: ask for those from its first request to its last, in pages")
    last = batch.first_row + batch.tally.requests - 1
    return rows_numbered(ports, version, batch.first_row, last, _time_of(batch))


def rows_numbered(ports: Ports, version: ModelVersion, first: int, last: int, when: Wanted | None = None) -> list[Row]:
    """Those numbers that are in the log, ascending; `when` tells their time, if it is known."""
    part = _holding(part_of(ports, version, when or Wanted()), first, last)
    found = ports.reader.read(part, range(first, last + 1))
    return [(Spot(round(row.observation.at * 1_000_000), number), row) for number, row in sorted(found.items())]


def _of_ticket(ports: Ports, version: ModelVersion, ticket: Ticket) -> list[Row]:
    near = Wanted(since=ticket.moment - 1, until=ticket.moment + 1, request_ids=frozenset([ticket.request_id]))
    part = part_of(ports, version, near)
    rows = ports.reader.read(part, [spot.number for spot in ports.reader.find(part, near, MANY)])
    return [(Spot(ticket.moment, number), row) for number, row in sorted(rows.items())]


def _holding(part: LogPart, first: int, last: int) -> LogPart:
    kept = [
        segment
        for segment in part.segments
        if any(run.first <= last and first < run.first + run.rows for run in segment.numbers)
    ]
    return LogPart(part.version, tuple(kept))


def _time_of(batch: Batch) -> Wanted:
    return Wanted(since=round(batch.earliest * 1_000_000), until=round(batch.latest * 1_000_000))


def _numbers(ports: Ports, version: ModelVersion, end: str, name: str) -> Sequence[int]:
    found = [spot.number for spot, _ in rows_of_request(ports, name, version.id)]
    place = read_id(name)
    if not found and place and place[0] == version.id:
        found = [place[1]]
    if not found:
        expected = f"the id of a request or a row in the log of model version {version.id}"
        raise InvalidRequest.of([Problem(f"/query/{end}", expected, repr(name)[:80])])
    return found
