"""When a servable may sleep and must wake, decided from its record and from when it was last called.

A call is noted at most once in a while (`note_interval`), so a note may be that much older than the last call.
"""

from datetime import datetime

from msgspec.structs import replace

from functions.core.models import Servable, ServableStatus
from functions.core.replicas import settle
from functions.core.scaling import Scaling

LONGEST_INTERVAL = 60.0  # seconds


def note_interval(scaling: Scaling) -> float:
    """Seconds for which one note of a call speaks."""
    return min(LONGEST_INTERVAL, scaling.idle_seconds / 4)


def may_sleep(servable: Servable) -> bool:
    return servable.scaling is not None and servable.scaling.may_sleep


def is_idle(servable: Servable, called: datetime | None, now: datetime) -> bool:
    """Has nobody called for the servable's idle time? One that was made or woken lately is not idle."""
    scaling = servable.scaling or Scaling()
    last = max(moment for moment in (servable.created, servable.woken, called) if moment)
    return (now - last).total_seconds() > scaling.idle_seconds + note_interval(scaling)


def rest(current: Servable) -> Servable:
    """The servable asleep. Only one that serves is put to sleep: what failed must show that it did."""
    if not may_sleep(current) or current.failure or current.status is not ServableStatus.SERVING:
        return current
    return settle(replace(current, desired=0))


def wake(current: Servable, now: datetime) -> Servable:
    """The servable awake; one that is awake already stays as it is."""
    if not current.is_asleep:
        return current
    return settle(replace(current, desired=(current.scaling or Scaling()).least, woken=now))
