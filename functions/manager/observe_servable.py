"""What the host reports about a servable, written down, and carried on to the applications that use it.

A servable that is gone is nobody's concern: its last reports are dropped. Reports may be lost as well: `observe_host`
asks the host itself.
"""

from datetime import timedelta

from msgspec.structs import replace

from functions.core.models import Servable
from functions.core.ports import ServableChange
from functions.core.replicas import observe, settle
from functions.core.reports import ReplicaChanged, RolloutFailed, RolloutSettled, Sighting
from functions.manager.ports import Ports
from functions.manager.refresh_applications import refresh_applications

LAST_LINES = 3
# What the host knows may lag behind what it reported, and what it was asked for
SETTLED_AFTER = timedelta(minutes=2)
LOST = "the host does not run it any more"


def observe_replica(ports: Ports, report: ReplicaChanged) -> None:
    """A replica started, fell ill or stopped."""
    replica = report.replica
    if replica.stopped and replica.reason:
        replica = replace(replica, reason=explain(ports, report))
    _write(ports, report.servable, lambda current: observe(current, replica))


def observe_settled(ports: Ports, report: RolloutSettled) -> None:
    """All replicas run: asks the host for their health."""
    observe_host(ports, report.servable)


def observe_host(ports: Ports, name: str) -> None:
    """What the host says of itself: health, the number of copies it chose, and what it does not have any more."""
    before = ports.servables.get_many([name]).get(name)
    if before is None:
        return
    seen = ports.host.look(name)
    known_since = ports.clock.now() - SETTLED_AFTER
    if seen is not None:
        gone = {r.task for r in before.replicas if not r.stopped and r.since and r.since < known_since}
        gone -= {replica.task for replica in seen.replicas}
        _write(ports, name, lambda current: _as_seen(current, seen, gone))
    elif before.created < known_since:
        _write(ports, name, lambda current: settle(replace(current, replicas=(), failure=current.failure or LOST)))


def observe_failure(ports: Ports, report: RolloutFailed) -> None:
    """The host gave up: nothing but a new servable will help."""
    _write(ports, report.servable, lambda current: settle(replace(current, failure=report.reason)))


def explain(ports: Ports, report: ReplicaChanged) -> str:
    """The host's reason for a stop, then the last words of the replica itself."""
    said = [line.strip() for line in ports.host.tail(report.servable, report.replica.task) if line.strip()]
    return "\n".join([report.replica.reason, *said[-LAST_LINES:]])


def _as_seen(current: Servable, seen: Sighting, gone: set[str]) -> Servable:
    """`gone` is dropped and not remembered as stopped: should the host be late, its next report brings it back."""
    left = tuple(replica for replica in current.replicas if replica.stopped or replica.task not in gone)
    current = replace(current, replicas=left, failure="" if current.failure == LOST else current.failure)
    for replica in seen.replicas:
        current = observe(current, replica, direct=True)
    elastic = current.scaling is not None and current.scaling.is_elastic
    if elastic and current.desired and seen.desired:
        current = replace(current, desired=seen.desired)
    return settle(current)


def _write(ports: Ports, name: str, change: ServableChange) -> None:
    if ports.servables.update(name, change) is not None:
        refresh_applications(ports, name)
