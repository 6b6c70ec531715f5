"""The queue door: events about builds, tasks and calls, each handled alone, in any order, as often as they come."""

from typing import Any

from aws_lambda_powertools import Logger

from functions.core.reports import (
    BuildFinished,
    MinutePassed,
    ReplicaChanged,
    RolloutFailed,
    RolloutSettled,
    ServableCalled,
)
from functions.doors.queue import process_batch
from functions.manager import wiring
from functions.manager.finish_build import finish_build
from functions.manager.observe_servable import observe_failure, observe_replica, observe_settled
from functions.manager.patrol import patrol
from functions.manager.ports import Ports
from functions.manager.wake_servable import wake_servable

log = Logger(service="manager", utc=True)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    ports = wiring.ports()
    return process_batch(event, lambda body: handle_event(ports, body))


def handle_event(ports: Ports, body: str) -> None:
    """Raises for a malformed event, which then ends in the dead-letter queue; drops what says nothing here."""
    match ports.events.read(body):
        case BuildFinished(build_id=build_id):
            finish_build(ports, build_id)
        case ReplicaChanged() as report:
            observe_replica(ports, report)
        case RolloutFailed() as report:
            observe_failure(ports, report)
        case RolloutSettled() as report:
            observe_settled(ports, report)
        case ServableCalled(servable=name):
            wake_servable(ports, name)
        case MinutePassed():
            patrol(ports)
        case None:
            log.info("event dropped", body=body[:500])
