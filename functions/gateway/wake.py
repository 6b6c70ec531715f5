"""A servable that has no replica yet is waited for: the caller sees a slow answer instead of a failed one.

The request is held up to its deadline while the servable's record is read again, first after 100 ms, then ever more
seldom, at least twice a second. Only what is on its way is waited for: a servable that starts, or one that sleeps. The
sleeper is asked for (sleepers.py), and again when it sleeps on. One that failed is refused at once with its reason. How
many may wait is limited (waiting_room.py).
"""

from functions.core.errors import Unavailable
from functions.core.models import Servable, ServableStatus
from functions.gateway.ports import Ports

FIRST_PAUSE = 0.1  # seconds
LONGEST_PAUSE = 0.5
GROWTH = 1.5
MARGIN = 0.1  # seconds before the deadline: the reason must still reach a caller who set it


def awake(ports: Ports, servable: Servable, deadline: float) -> Servable:
    """`servable` as its record says once a replica serves, or once it is clear that none will.

    Raises Unavailable when `deadline` (by the ports' clock) is near, when the servable is removed meanwhile, and
    when too many wait already.
    """
    if servable.endpoints or not _is_coming(servable):
        return servable
    ports.sleepers.rouse([servable])
    with ports.waiting.place(f"servable {servable.name} is {servable.status}"):
        return _wait(ports, servable, deadline)


def _wait(ports: Ports, servable: Servable, deadline: float) -> Servable:
    pause, end = FIRST_PAUSE, deadline - MARGIN
    while (left := end - ports.clock()) > 0:
        ports.sleep(min(pause, left))
        if ports.clock() >= end:
            break
        latest = ports.servables.get_many([servable.name]).get(servable.name)
        if latest is None:
            raise Unavailable(f"servable {servable.name} was removed")
        if latest.endpoints or not _is_coming(latest):
            return latest
        ports.sleepers.rouse([latest])
        pause = min(pause * GROWTH, LONGEST_PAUSE)
    state = "asleep" if servable.is_asleep else servable.status
    raise Unavailable(f"servable {servable.name} is {state}: no replica served within the deadline")


def _is_coming(servable: Servable) -> bool:
    return servable.status is ServableStatus.STARTING or servable.is_asleep
