"""What the host reports about a servable, written down, and carried on to the applications that use it.

A servable that is gone is nobody's concern: its last reports are dropped.
"""

from msgspec.structs import replace

from functions.core.models import Servable
from functions.core.ports import ServableChange
from functions.core.replicas import observe, settle
from functions.core.reports import ReplicaChanged, RolloutFailed, RolloutSettled
from functions.manager.ports import Ports
from functions.manager.refresh_applications import refresh_applications

LAST_LINES = 3


def observe_replica(ports: Ports, report: ReplicaChanged) -> None:
    """A replica started, fell ill or stopped."""
    replica = report.replica
    if replica.stopped:
        replica = replace(replica, reason=explain(ports, report))
    _write(ports, report.servable, lambda current: observe(current, replica))


def observe_settled(ports: Ports, report: RolloutSettled) -> None:
    """All replicas run: asks the host for their health."""
    found = ports.host.replicas(report.servable)

    def change(current: Servable) -> Servable:
        for replica in found:
            current = observe(current, replica, direct=True)
        return current

    _write(ports, report.servable, change)


def observe_failure(ports: Ports, report: RolloutFailed) -> None:
    """The host gave up: nothing but a new servable will help."""
    _write(ports, report.servable, lambda current: settle(replace(current, failure=report.reason)))


def explain(ports: Ports, report: ReplicaChanged) -> str:
    """The host's reason for a stop, then the last words of the replica itself."""
    said = [line.strip() for line in ports.host.tail(report.servable, report.replica.task) if line.strip()]
    return "\n".join([report.replica.reason, *said[-LAST_LINES:]])


def _write(ports: Ports, name: str, change: ServableChange) -> None:
    if ports.servables.update(name, change) is not None:
        refresh_applications(ports, name)
