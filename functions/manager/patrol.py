"""Every minute: who is idle goes to sleep, who was called wakes, and what the host did not report is asked for; every
quarter of an hour what was left half done is cleared (clear_leftovers.py).

A wish that was lost, a handler that died between writing a record and telling the host, a host's event that never came:
each is put right here, a minute late. What is to be done is decided first, from records alone; a servable that fails is
tried again next minute and keeps nobody else.
"""

import enum
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from aws_lambda_powertools import Logger

from functions.core.models import Servable, ServableStatus
from functions.core.sleep import is_idle, may_sleep
from functions.manager.bring_to_size import bring_to_size
from functions.manager.clear_leftovers import clear_leftovers
from functions.manager.observe_servable import observe_host
from functions.manager.ports import Ports
from functions.manager.rest_servable import rest_servable
from functions.manager.wake_servable import wake_servable

log = Logger(service="manager", utc=True)

ROUND = 15  # minutes in which every servable is looked at once
LEFTOVERS = ""  # their turn comes as that of a servable does
PATIENCE = timedelta(minutes=1)  # for a host to begin what it was told


class Step(enum.Enum):
    """What one servable needs."""

    REST = "rest"
    WAKE = "wake"
    RESIZE = "resize"
    LOOK = "look"


def patrol(ports: Ports) -> None:
    """Raises nothing about a single servable."""
    servables = ports.servables.list()
    sleepers = [servable.name for servable in servables if may_sleep(servable)]
    called = ports.usage.last(sleepers) if sleepers else {}
    for name, step in plan(servables, called, ports.clock.now()):
        try:
            take(ports, name, step)
        except Exception:
            log.exception("a servable could not be looked after", servable=name, step=step.value)
    if is_turn(LEFTOVERS, ports.clock.now()):
        clear_leftovers(ports)


def take(ports: Ports, name: str, step: Step) -> None:
    match step:
        case Step.REST:
            rest_servable(ports, name)
        case Step.WAKE:
            wake_servable(ports, name)
        case Step.RESIZE:
            bring_to_size(ports, name)
        case Step.LOOK:
            observe_host(ports, name)


def plan(servables: Sequence[Servable], called: Mapping[str, datetime], now: datetime) -> Iterator[tuple[str, Step]]:
    """Names and steps, in the order in which they are to be taken."""
    for servable in servables:
        for step in needs(servable, called.get(servable.name), now):
            yield servable.name, step


def needs(servable: Servable, called: datetime | None, now: datetime) -> Iterator[Step]:
    idle = is_idle(servable, called, now)
    living = any(not replica.stopped for replica in servable.replicas)
    if servable.is_asleep:
        if not idle:
            yield Step.WAKE
            return
        if living:  # the host never heard of it, or we not of its end
            yield Step.RESIZE
            yield Step.LOOK
    elif may_sleep(servable) and idle and servable.status is ServableStatus.SERVING:
        yield Step.REST
        return
    elif servable.woken and not living and now - servable.woken > PATIENCE and not servable.failure:
        yield Step.RESIZE
    unsettled = servable.status is not ServableStatus.SERVING and not servable.failure
    if unsettled or is_turn(servable.name, now):
        yield Step.LOOK


def is_turn(name: str, now: datetime) -> bool:
    minute = int(now.timestamp() // 60)
    return (zlib.crc32(name.encode()) + minute) % ROUND == 0
