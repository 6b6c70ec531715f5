"""The use case behind the queue: a version's log is read on from where it was read before, and who must know is told.

The watch of a version is one item, written under its revision together with the alerts that ended. It says up to which
row the log was read, so a bulletin counts once, in its place, whatever the queue does. Notices are part of it until
they are on their way: who dies in between leaves them to the next, who sends them under the same ids.
"""

from collections.abc import Sequence
from datetime import timedelta

import msgspec
from aws_lambda_powertools import Logger
from msgspec.structs import replace

from functions.alerts.announce import announce
from functions.alerts.dispatch import dispatch
from functions.alerts.judge import MOST_OVER, settle, take
from functions.alerts.ports import Ports
from functions.core.alerts import Alert, AlertRules, Watch, rules_of
from functions.core.bulletins import Bulletin
from functions.core.errors import NotFound, Unavailable
from functions.core.models import ModelVersion

ATTEMPTS = 200
AT_ONCE = 20  # bulletins in one step
KEPT = timedelta(days=90)  # how long an alert that is over is remembered

log = Logger(service="alerts", utc=True)


class Step(msgspec.Struct, frozen=True):
    """A watch as it will be, and the alerts that are over then."""

    watch: Watch
    over: tuple[Alert, ...] = ()


def keep_watch(ports: Ports, version_id: int) -> None:
    """Until there is nothing left to do. Raises Unavailable when others are always quicker, or the queue refuses."""
    version = _version(ports, version_id)
    for _ in range(ATTEMPTS):
        watch, revision = ports.watches.get(version_id)
        if watch.pending:
            dispatch(ports, watch.pending)
            step = Step(replace(watch, pending=()))
        else:
            step = _step(ports, version, watch)
        if step.watch == watch:
            return
        expires = int((ports.clock.now() + KEPT).timestamp())
        ports.watches.save(step.watch, revision, step.over, expires)
    raise Unavailable(f"the watch over version {version_id} could not be written: others write it all the time")


def _step(ports: Ports, version: ModelVersion | None, watch: Watch) -> Step:
    rules = _rules(version)
    bulletins = _next_bulletins(ports, watch)
    over: tuple[Alert, ...] = ()
    for bulletin in bulletins:
        now = max(watch.at, bulletin.at)
        watch, ended = settle(watch, rules, now)  # what was over before it came
        watch = announce(take(watch, rules, version, bulletin), rules, ended, now)
        over += ended
        if len(over) >= MOST_OVER:
            break
    if bulletins:
        return Step(watch, over)
    now = max(watch.at, ports.clock.now().timestamp())
    kept = tuple(silence for silence in watch.silences if silence.until > now)
    watch, over = settle(replace(watch, silences=kept), rules, now)
    return Step(announce(watch, rules, over, now), over)


def _next_bulletins(ports: Ports, watch: Watch) -> Sequence[Bulletin]:
    """Those that follow without a gap. A query may pass by a bulletin just before it is written and see the one behind
    it: asked again, it sees both. What is missing then has expired or was never there."""
    for _ in range(2):
        found = ports.board.after(watch.version_id, watch.rows, AT_ONCE)
        if run := _unbroken(found, watch.rows):
            return run
        if not found:
            return ()
    log.warning("rows without bulletins", version_id=watch.version_id, since=watch.rows, until=found[0].first)
    return _unbroken(found, found[0].first)


def _unbroken(found: Sequence[Bulletin], row: int) -> Sequence[Bulletin]:
    run: list[Bulletin] = []
    for bulletin in found:
        if bulletin.first != row:
            break
        run.append(bulletin)
        row = bulletin.end
    return run


def _version(ports: Ports, version_id: int) -> ModelVersion | None:
    try:
        return ports.models.by_id(version_id)
    except NotFound:
        return None


def _rules(version: ModelVersion | None) -> AlertRules:
    """What cannot be read was written before it was checked: it is told in the log, and the defaults hold."""
    try:
        return rules_of(version.monitoring if version else {})
    except msgspec.ValidationError as error:
        log.warning("alert rules of a version cannot be read", version_id=version and version.id, reason=str(error))
        return AlertRules()
