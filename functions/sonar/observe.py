"""The use case behind the queue: predictions become rows of the request log, each exactly once.

What each step may leave behind when the worker dies, and who puts it right, is told in core/ledger.py.
"""

import random
import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta

from aws_lambda_powertools import Logger

from functions.core.errors import InProgress, Unavailable
from functions.core.ledger import Standing, Ticket
from functions.core.messages import PredictionMade
from functions.core.observations import EXTERNAL, Checked
from functions.core.signature import Signature
from functions.numerics.profiles.stored import profile_rows, to_bytes
from functions.sonar.await_servables import await_servables, sort_out
from functions.sonar.emit_metrics import emit_metrics
from functions.sonar.groups import Delivered, groups
from functions.sonar.investigate import investigate
from functions.sonar.plan_addition import SegmentFile, into_files, plan_addition
from functions.sonar.portions import portions
from functions.sonar.ports import Ports
from functions.sonar.report import with_bulletin
from functions.sonar.table import row_fields, table_of
from functions.sonar.watched import Watched

log = Logger(service="sonar", utc=True)

ATTEMPTS = 20  # to be the first who adds to a log
LONGEST_PAUSE = 0.25  # seconds between two
CHANCE = random.SystemRandom()
REDELIVERY = 29  # days: fourteen on the queue, fourteen among the dead letters
BUSY = InProgress("another worker is recording this prediction")


def observe(ports: Ports, bodies: Sequence[str], deliveries: Sequence[int] = ()) -> dict[int, Exception]:
    """Records the predictions in `bodies`; answers with those that must be delivered again, and why. `deliveries` says
    how often each has been delivered, this time included."""
    failures: dict[int, Exception] = {}
    for portion in portions(ports, bodies, deliveries or [1] * len(bodies), failures):
        failures |= _observe(ports, portion)
    return failures


def _observe(ports: Ports, delivered: Sequence[Delivered]) -> dict[int, Exception]:
    watched = Watched(ports, [one.made for one in delivered])
    ready, waiting = sort_out(ports, watched, delivered)
    failures = _record_all(ports, watched, ready)
    if waiting:
        there, postponed = await_servables(ports, watched, waiting)
        failures |= postponed | _record_all(ports, watched, there)
    return failures


def _record_all(ports: Ports, watched: Watched, delivered: Sequence[Delivered]) -> dict[int, Exception]:
    failures: dict[int, Exception] = {}
    for group in groups(delivered, watched):
        failures |= _record_group(ports, watched, group)
    return failures


def _record_group(ports: Ports, watched: Watched, group: Sequence[Delivered]) -> dict[int, Exception]:
    """What fails together fails again, in halves, when it was delivered before: so one that cannot be recorded is found
    and the others are."""
    try:
        busy = _record(ports, watched, [one.made for one in group])
    except Exception as error:  # noqa: BLE001 - a group fails alone
        if len(group) == 1 or all(one.deliveries == 1 for one in group):
            return dict.fromkeys((one.at for one in group), error)
        half = len(group) // 2
        return _record_group(ports, watched, group[:half]) | _record_group(ports, watched, group[half:])
    return {one.at: BUSY for one in group if ticket_of(watched, one.made) in busy}


def ticket_of(watched: Watched, made: PredictionMade) -> Ticket:
    external = next((call.model_version_id for call in made.calls if call.servable_name == EXTERNAL), 0)
    return Ticket(made.request_id, round(made.at * 1_000_000), watched.versions(made), external)


def _record(ports: Ports, watched: Watched, group: Iterable[PredictionMade]) -> set[Ticket]:
    """One commit. Answers with the predictions that somebody else is recording."""
    by_ticket = {ticket_of(watched, made): made for made in group}  # one delivery may hold a message twice
    commit = uuid.uuid4().hex
    # a claim is known for as long as its rows are kept, and as long as its message may come again
    days = max([REDELIVERY, *(watched.log_days(version) for ticket in by_ticket for version in ticket.versions)])
    expires = int((ports.clock.now() + timedelta(days=days)).timestamp())
    try:
        standing = ports.ledger.claim(list(by_ticket), commit, expires)
        ours = [made for ticket, made in by_ticket.items() if standing[ticket] is Standing.OURS]
        rows = investigate(ports, watched, ours)
        if rows:
            _publish(ports, watched, rows, commit, expires)
    except Exception:
        ports.ledger.abandon(commit, expires)
        raise
    return {ticket for ticket, told in standing.items() if told is Standing.BUSY}


def _publish(ports: Ports, watched: Watched, rows: Sequence[Checked], commit: str, expires: int) -> None:
    by_version: dict[int, list[Checked]] = {}
    for row in rows:
        by_version.setdefault(row.observation.model_version_id, []).append(row)
    files = {version: into_files(version, of_version, commit) for version, of_version in by_version.items()}
    for version, of_version in files.items():
        signature = watched.signature(version)
        for file in of_version:
            ports.files.write(file.key, signature, file.rows)
            ports.profiles.write(file.profile_key, profile_of(signature, file.rows))
    _add(ports, watched, files, commit, expires)
    _tell(ports, rows, sorted(files))


def _tell(ports: Ports, rows: Sequence[Checked], versions: Sequence[int]) -> None:
    """What is recorded is recorded: whether anybody hears of it at once does not matter."""
    try:
        emit_metrics(ports.rules.platform, rows, ports.clock.now().timestamp())
        ports.news.tell(versions)
    except Exception:
        log.exception("nobody was told of what was recorded", model_version_ids=versions)


def profile_of(signature: Signature, rows: Sequence[Checked]) -> bytes:
    """The profile of the rows' fields. Shadows are profiled as well: their versions would serve the same traffic."""
    table = table_of(signature, [row.observation for row in rows])
    return to_bytes(profile_rows(row_fields(signature), table.columns))


def _add(ports: Ports, watched: Watched, files: dict[int, list[SegmentFile]], commit: str, expires: int) -> None:
    """Plans anew for as long as others add to the same logs first. Raises Unavailable when they always do."""
    for attempt in range(ATTEMPTS):
        additions = [
            with_bulletin(
                plan_addition(ports.ledger.head(version), files[version], watched.batch_size(version), commit),
                [row for file in files[version] for row in file.rows],
                ports.clock.now().timestamp(),
            )
            for version in sorted(files)
        ]
        if ports.ledger.publish(commit, additions, expires):
            return
        ports.pause(CHANCE.uniform(0, min(0.01 * 2**attempt, LONGEST_PAUSE)))
    raise Unavailable("too many workers add to the same log at once")
