"""What a servable's status is, from what its host reported about each replica: the same whatever the order.

Each replica is known by its latest report alone (the host numbers them), and the status is computed from the set. A
stopped replica is remembered for a while, so that a late report cannot bring it back.
"""

from msgspec.structs import replace

from functions.core.models import Replica, Servable, ServableStatus

MAX_STOPPED = 20
ASLEEP = "asleep: the next call wakes it"
WAKING = "waking"


def observe(servable: Servable, report: Replica, *, direct: bool = False) -> Servable:
    """`servable` after a report about one of its replicas. A `direct` report was asked for, and its health is newer
    than a pushed one of the same version."""
    known = {replica.task: replica for replica in servable.replicas}
    before = known.get(report.task)
    if before is not None and not _supersedes(report, before, direct=direct):
        return servable
    known[report.task] = report
    return settle(replace(servable, replicas=_trimmed(list(known.values()))))


def settle(servable: Servable) -> Servable:
    """`servable` with the status and message that follow from its replicas and its failure."""
    status, message = _status(servable)
    return replace(servable, status=status, message=message)


def _supersedes(report: Replica, before: Replica, *, direct: bool) -> bool:
    if before.stopped:
        return False
    return report.version > before.version or (direct and report.version == before.version)


def _trimmed(replicas: list[Replica]) -> tuple[Replica, ...]:
    live = [replica for replica in replicas if not replica.stopped]
    stopped = sorted((replica for replica in replicas if replica.stopped), key=_age)
    return tuple(sorted(live, key=lambda replica: replica.task) + stopped[-MAX_STOPPED:])


def _status(servable: Servable) -> tuple[ServableStatus, str]:
    if servable.is_asleep:
        return ServableStatus.SERVING, ASLEEP
    healthy = servable.healthy
    if healthy:
        short = healthy < servable.desired
        return ServableStatus.SERVING, f"{healthy} of {servable.desired} replicas serve" if short else ""
    stopped = [replica for replica in servable.replicas if replica.stopped and _counts(replica, servable)]
    failing = sorted(replica.reason for replica in servable.replicas if replica.reason and not replica.stopped)
    if servable.failure or (stopped and not failing):
        last = max(stopped, key=_age).reason if stopped else ""
        return ServableStatus.NOT_SERVING, last or servable.failure or "stopped"
    if failing:
        return ServableStatus.NOT_AVAILABLE, failing[0]
    return ServableStatus.STARTING, WAKING if servable.woken else ""


def _counts(stopped: Replica, servable: Servable) -> bool:
    """A stop that was asked for has no reason, and what ended before the last sleep says nothing about today."""
    earlier = servable.woken and stopped.since and stopped.since < servable.woken
    return bool(stopped.reason) and not earlier


def _age(replica: Replica) -> tuple[float, str]:
    return (replica.since.timestamp() if replica.since else 0.0, replica.task)
